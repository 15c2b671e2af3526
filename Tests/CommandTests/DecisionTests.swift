import TestSupport
import Testing

@Suite("Held drops and what a person decides")
struct DecisionTests {
  private static let files = "files:\n  - { match: 'F_*.csv', mode: full }\n  - { match: 'D_*.csv', mode: delta }"

  /// A project of which drop 1 is published and drop 2, which lost three keys, is held.
  private func held(_ feed: StockFeed = StockFeed(files: DecisionTests.files)) throws -> TestProject {
    let project = try feed.project()
    try #require(try project.take("F_1.csv", stock()).status == 0)
    try #require(try project.take("F_2.csv", stock(104...140)).drop["status"] == "held")
    return project
  }

  private func staged(_ project: TestProject) throws -> [[UInt8]] {
    let files = try FileTree.contents(below: project.path("work"))
    return files.filter { $0.key.contains("/held/") }.sorted { $0.key < $1.key }.map(\.value)
  }

  private func release(_ project: TestProject, _ drop: Int) throws -> (result: CommandResult, drop: JSONValue) {
    let result = try project.sluice("release", "\(drop)", "--reason", "seen by purchasing", "--json")
    return (result, try result.jsonLines().first ?? .null)
  }

  @Test("Later deltas wait behind a held drop; released, it publishes the staged bytes, and the deltas follow")
  func releases() throws {
    let project = try held()
    let bytes = try staged(project)
    #expect(bytes.count == 1)
    #expect(project.outbox("commerce").count == 1, "nothing of a held drop is visible")
    let (exit, delta) = try project.take("D_3.csv", "SKU;QTY\nA140;6\n")
    #expect(exit == 0)
    #expect(delta["status"] == "waiting" && delta["reason"] == "behind-held")
    #expect(project.inbox == ["D_3.csv"])

    let (result, drop) = try release(project, 2)
    #expect(result.status == 0, "\(result.errors)")
    #expect(drop["status"] == "published" && drop["publication"] == 2)
    #expect(drop["targets"][0]["removed"] == 3)
    let path = try #require(drop["targets"][0]["files"][0]["path"].string)
    #expect(try FileTree.read(project.path(path)) == bytes[0])
    #expect(project.leftovers == [])
    #expect(try project.fates().drops == ["D_3.csv published -"])
    let decisions = try project.sqlite("SELECT kind, drop_id, reason, command_line FROM decisions")
    #expect(decisions.count == 1 && decisions[0].hasPrefix("released|2|seen by purchasing|"), "\(decisions)")
    #expect(try project.sqlite("SELECT person = '' FROM decisions") == ["0"])
  }

  @Test("A held drop with nothing to send is released without a publication number, and has spoken all the same")
  func releaseWithoutOutputs() throws {
    let project = try StockFeed(files: StockFeed.timed).project()
    try #require(try project.take("F_202611020000.csv", stock()).status == 0)
    let outbox = project.outbox("commerce")
    let rows = stock { $0 > 138 ? "many" : "5" }
    let held = try project.take("F_202611030000.csv", rows).drop
    #expect(held["status"] == "held" && held["reason"] == "guard-rejected")
    let (result, drop) = try release(project, 2)
    #expect(result.status == 0, "\(result.errors)")
    #expect(drop["status"] == "unchanged" && drop["publication"] == nil, "\(drop)")
    #expect(project.outbox("commerce") == outbox && project.leftovers == [])
    #expect(FileTree.files(below: project.path("archive")).count == 2)
    #expect(try project.sqlite("SELECT kind, drop_id, reason FROM decisions") == ["unchanged|2|seen by purchasing"])
    #expect(try release(project, 2).result.status == 2, "it is not held any more")
    let late = try project.take("D_202611021200_1.csv", "SKU;QTY\nA101;9\n").drop
    #expect(late["targets"][0]["newer"] == 1, "the released full speaks for a later time: \(late)")
  }

  @Test("A later full is judged against what is published; it supersedes the held drop when it publishes")
  func supersedes() throws {
    let project = try held()
    #expect(try project.take("F_3.csv", stock(105...140)).drop["status"] == "held", "as short as the one before")
    let (exit, drop) = try project.take("F_4.csv", stock(102...140))
    #expect(exit == 0)
    #expect(drop["status"] == "published")
    #expect(drop["targets"][0]["removed"] == 1)
    #expect(
      try project.sqlite("SELECT status FROM drops ORDER BY drop_id") == [
        "published", "superseded", "superseded", "published",
      ])
    #expect(project.leftovers == [])
    #expect(FileTree.files(below: project.path("archive")).count == 4)
    #expect(try release(project, 2).result.status == 2)
  }

  @Test("A release after the snapshot has moved publishes nothing and shows new counts; released again it publishes")
  func snapshotMoved() throws {
    let project = try held()
    #expect(try project.take("F_3.csv", stock(105...140)).drop["targets"][0]["removed"] == 4)
    #expect(try release(project, 2).result.status == 0)
    let outbox = try project.outboxContents()
    let (result, drop) = try release(project, 3)
    #expect(result.status == 1, "\(result.errors)")
    #expect(drop["status"] == "held" && drop["reason"] == "snapshot-moved")
    #expect(drop["publication"] == nil)
    #expect(drop["targets"][0]["removed"] == 1)
    #expect(try project.outboxContents() == outbox)
    #expect(try project.sqlite("SELECT status, reason FROM drops WHERE drop_id = 3") == ["held|snapshot-moved"])
    let again = try release(project, 3)
    #expect(again.result.status == 0, "\(again.result.errors)")
    #expect(again.drop["publication"] == 3)
    #expect(try project.text("outbox/\(project.outbox("commerce")[2])").split(separator: "\n").count == 2)
    #expect(project.leftovers == [])
  }

  @Test("A full that repeats what is published supersedes the held fulls before it: none of them can be released")
  func supersededByRepetition() throws {
    let project = try StockFeed(files: StockFeed.timed).project()
    #expect(try project.take("F_202611010000.csv", stock()).status == 0)
    #expect(try project.take("F_202611020000.csv", stock(104...140)).drop["status"] == "held")
    #expect(try project.take("F_202611030000.csv", stock()).drop["status"] == "duplicate")
    let outbox = try project.outboxContents()
    let (result, _) = try release(project, 2)
    #expect(result.status == 2 && result.errors.contains("[drop-not-held]"), "\(result.errors)\(result.output)")
    #expect(try project.outboxContents() == outbox)
    #expect(
      try project.sqlite("SELECT status FROM drops ORDER BY drop_id") == ["published", "superseded", "duplicate"])
    #expect(FileTree.files(below: project.path("archive")).count == 3 && project.leftovers == [])
  }

  @Test("A repetition that speaks for an earlier time than a held full leaves it held")
  func notSupersededByEarlierRepetition() throws {
    let project = try StockFeed(files: StockFeed.timed).project()
    #expect(try project.take("F_202611010000.csv", stock()).status == 0)
    #expect(try project.take("F_202611050000.csv", stock(104...140)).drop["status"] == "held")
    #expect(try project.take("F_202611030000.csv", stock()).drop["status"] == "duplicate")
    #expect(try project.sqlite("SELECT status FROM drops WHERE drop_id = 2") == ["held"])
  }

  @Test("A release after the feed has spoken without sending anything stages anew, and takes nothing back of that")
  func spokenMeanwhile() throws {
    let project = try StockFeed(files: StockFeed.timed).project()
    #expect(try project.take("F_202611010000.csv", stock()).status == 0)
    let rows = stock(101...130) { $0 == 101 ? "6" : $0 == 102 ? "x" : "5" }
    #expect(try project.take("D_202611040000_1.csv", rows).drop["status"] == "held")
    #expect(try project.take("F_202611030000.csv", stock()).drop["status"] == "duplicate")
    let moved = try release(project, 2)
    #expect(moved.result.status == 1, "\(moved.result.errors)")
    #expect(moved.drop["status"] == "held" && moved.drop["reason"] == "snapshot-moved", "\(moved.drop)")
    #expect(try release(project, 2).drop["status"] == "published")
    let late = try project.take("D_202611020000_2.csv", "SKU;QTY\nA103;9\n").drop
    #expect(late["targets"][0]["newer"] == 1, "the full of the 3rd has spoken for it: \(late)")
  }

  @Test("Rejects of a drop that is held anew get a file of their own, which the release names too")
  func rejectsOfSecondHold() throws {
    let project = try held()
    let rows = stock(105...138) + "A139;x\nA140;-1\n"
    #expect(try project.take("F_3.csv", rows).drop["rejects"] == "outbox/rejects/00000003-stock.csv")
    #expect(try release(project, 2).result.status == 0)
    let looser = StockFeed(
      files: DecisionTests.files, quantity: "{ from: QTY, required: true, type: decimal(2) }")
    try project.write("feeds/stock.yaml", looser.text)
    let moved = try release(project, 3)
    #expect(moved.result.status == 1, "\(moved.result.errors)")
    #expect(moved.drop["reason"] == "snapshot-moved")
    #expect(moved.drop["rejects"] == "outbox/rejects/00000003-stock-2.csv")
    #expect(project.outbox("rejects") == ["rejects/00000003-stock-2.csv", "rejects/00000003-stock.csv"])
    #expect(try project.text("outbox/rejects/00000003-stock-2.csv").split(separator: "\n").count == 2)
    #expect(try project.fates() == (0, []))
    let again = try release(project, 3)
    #expect(again.result.status == 0, "\(again.result.errors)")
    #expect(again.drop["rejects"] == "outbox/rejects/00000003-stock-2.csv")
    #expect(project.leftovers == [])
  }

  @Test("Discarded, a held drop goes to the archive and nothing of it is published")
  func discards() throws {
    let project = try held()
    let outbox = try project.outboxContents()
    let result = try project.sluice("discard", "2", "--reason", "cut off, sent again", "--json")
    #expect(result.status == 0, "\(result.errors)")
    #expect(try result.jsonLines().first?["status"] == "discarded")
    #expect(try project.outboxContents() == outbox)
    #expect(FileTree.files(below: project.path("archive")) == ["stock/00000001-F_1.csv", "stock/00000002-F_2.csv"])
    #expect(project.leftovers == [])
    #expect(FileTree.files(below: project.path("snapshots")).allSatisfy { $0.contains("00000001") })
    #expect(try project.sqlite("SELECT status FROM drops WHERE drop_id = 2") == ["discarded"])
    #expect(try project.sqlite("SELECT kind, reason FROM decisions") == ["discarded|cut off, sent again"])
    #expect(try project.take("D_3.csv", "SKU;QTY\nA140;6\n").drop["status"] == "published")
  }

  @Test("A decision needs a held drop and a reason")
  func refusals() throws {
    let project = try held()
    #expect(try project.sluice("release", "1", "--reason", "x").errors.contains("[drop-not-held]"))
    let unknown = try project.sluice("discard", "99", "--reason", "x")
    #expect(unknown.status == 2 && unknown.errors.contains("[drop-unknown]"))
    #expect(try project.sluice("release", "2").status == 2)
    #expect(try project.sluice("release", "2", "--reason", " ").status == 2)
    #expect(try project.sqlite("SELECT status FROM drops WHERE drop_id = 2") == ["held"])
  }

  @Test("A held drop is released as the definition of its hold had it, whatever the definition is now")
  func releasesOldDefinition() throws {
    let project = try held()
    let bytes = try staged(project)
    let changed = StockFeed(files: DecisionTests.files, more: "bi:\n  changes: { columns: [sku, qty] }")
    try project.write("feeds/stock.yaml", changed.text)
    let (result, drop) = try release(project, 2)
    #expect(result.status == 0, "\(result.errors)")
    #expect(drop["targets"].elements.count == 1)
    let path = try #require(drop["targets"][0]["files"][0]["path"].string)
    #expect(try FileTree.read(project.path(path)) == bytes[0])
    let definitions = try project.sqlite("SELECT count(DISTINCT definition) FROM drops")
    #expect(definitions == ["1"], "the ledger names the definition that made the bytes")
  }

  @Test("Other feeds go on while one is held")
  func otherFeeds() throws {
    let project = try held()
    try project.write("feeds/names.yaml", NameFeed.text)
    let (exit, drop) = try project.take("N_1.xml", NameFeed.records + "</LIST>")
    #expect(exit == 0)
    #expect(drop["status"] == "published")
  }

  @Test("status names the held drop with its reason, and what waits behind it")
  func status() throws {
    let project = try held()
    #expect(try project.take("D_3.csv", "SKU;QTY\nA140;6\n").status == 0)
    let line = try #require(try project.sluice("status", "--json").jsonLines().first)
    #expect(line["feed"] == "stock")
    #expect(line["publication"] == 1)
    #expect(line["keys"] == 40)
    #expect(line["backlog"] == 1)
    #expect(line["held"][0]["drop"] == 2 && line["held"][0]["reason"] == "guard-removed")
    #expect(line["held"][0]["file"] == "F_2.csv")
    let text = try project.sluice("status").output
    #expect(text.contains("held: drop 2 F_2.csv [stock]") && text.contains("guard-removed"), "\(text)")
  }
}
