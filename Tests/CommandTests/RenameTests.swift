import TestSupport
import Testing

/// `formerly`, and the snapshot of a feed that is gone (`semantics.md`, "Targets and changes").
@Suite("A feed that is renamed")
struct RenameTests {
  private func renamed(formerly: Bool) throws -> TestProject {
    let project = try StockFeed().project()
    #expect(try project.take("S_1.csv", stock()).drop["status"] == "published")
    for name in FileTree.names(in: project.path("feeds")) { FileTree.remove(project.path("feeds/\(name)")) }
    var feed = StockFeed()
    feed.name = "goods"
    let text = feed.text.replacing("source_code: goods", with: "source_code: stock")
    try project.write("feeds/goods.yaml", text + (formerly ? "\nformerly: stock\n" : ""))
    return project
  }

  @Test("Without a word of its former name it is refused, since it would send everything anew; nothing is touched")
  func refused() throws {
    let project = try renamed(formerly: false)
    let outbox = try project.outboxContents()
    try project.drop("S_2.csv", stock())
    let result = try project.sluice("run")
    #expect(result.status == 2)
    #expect(result.errors.contains("snapshot-without-feed"))
    #expect(result.errors.contains("formerly: stock"))
    #expect(project.inbox == ["S_2.csv"])
    #expect(try project.outboxContents() == outbox)
  }

  @Test("With it, the snapshot goes on under the new name")
  func keepsSnapshot() throws {
    let project = try renamed(formerly: true)
    let (status, drop) = try project.take("S_2.csv", stock())
    #expect(status == 0)
    #expect(drop["feed"] == "goods")
    #expect(drop["status"] == "unchanged", "\(drop)")
    #expect(drop["targets"][0]["new"] == 0)
  }

  /// Renames the only feed of the project.
  private func rename(_ project: TestProject, to name: String, formerly: String?) throws {
    let old = try #require(FileTree.names(in: project.path("feeds")).first)
    let text = try project.text("feeds/\(old)")
    var lines = text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("formerly:") }
    lines[0] = "feed: \(name)"
    if let formerly { lines.append("formerly: \(formerly)") }
    FileTree.remove(project.path("feeds/\(old)"))
    try project.write("feeds/\(name).yaml", lines.joined(separator: "\n") + "\n")
  }

  @Test("Once it was published under its new name, the former one can go, and it can be renamed again and back")
  func renamedAgain() throws {
    let project = try StockFeed().project()
    #expect(try project.take("S_1.csv", stock()).drop["status"] == "published")
    let chain: [(name: String, formerly: String?)] = [
      ("goods", "stock"), ("goods", nil), ("wares", "goods"), ("wares", nil), ("stock", "wares"), ("stock", nil),
    ]
    for (index, step) in chain.enumerated() {
      try rename(project, to: step.name, formerly: step.formerly)
      let (status, drop) = try project.take("S_\(index + 2).csv", stock(first: "\(index + 10)"))
      #expect(status == 0)
      #expect(drop["feed"].string == step.name)
      #expect(drop["targets"][0]["new"] == 0 && drop["targets"][0]["changed"] == 1, "\(step): \(drop)")
    }
    #expect(FileTree.names(in: project.path("snapshots")) == ["stock"], "the directory keeps its first name")
  }

  @Test("A new feed under the former name begins anew, beside the snapshot that goes on under another")
  func nameTakenAnew() throws {
    let project = try renamed(formerly: true)
    #expect(try project.take("S_2.csv", stock()).drop["status"] == "unchanged")
    try rename(project, to: "goods", formerly: nil)
    let other = StockFeed(files: "files: 'OTHER_*.csv'\nmode: full").text
      .replacing("source_code: stock", with: "source_code: other")
    try project.write("feeds/stock.yaml", "store: elsewhere\n" + other)
    let first = try project.take("OTHER_1.csv", stock()).drop
    #expect(first["feed"] == "stock")
    #expect(first["targets"][0]["new"] == 40, "\(first)")
    #expect(try project.take("S_3.csv", stock(first: "6")).drop["targets"][0]["changed"] == 1)
    #expect(try project.take("OTHER_2.csv", stock(first: "7")).drop["targets"][0]["changed"] == 1)
    FileTree.remove(project.path("feeds/goods.yaml"))
    let result = try project.sluice("run")
    #expect(result.status == 2)
    #expect(result.errors.contains("formerly: goods"), "the name it went by last: \(result.errors)")
  }

  /// Drop 1 is published and drop 2 held under the name stock, then the feed becomes goods.
  private func heldBeforeRename() throws -> TestProject {
    let project = try StockFeed(
      files: "files:\n  - { match: 'S_*.csv', mode: full }\n  - { match: 'D_*.csv', mode: delta }"
    ).project()
    #expect(try project.take("S_1.csv", stock()).drop["status"] == "published")
    #expect(try project.take("S_2.csv", stock(104...140)).drop["status"] == "held")
    try rename(project, to: "goods", formerly: "stock")
    return project
  }

  @Test("A drop that was held under the former name shows in status, and the feed's deltas wait behind it")
  func heldUnderFormerName() throws {
    let project = try heldBeforeRename()
    let line = try #require(try project.sluice("status", "--json").jsonLines().first)
    #expect(line["feed"] == "goods")
    #expect(line["publication"] == 1 && line["held"][0]["drop"] == 2, "\(line)")
    #expect(try project.take("D_3.csv", "SKU;QTY\nA140;6\n").drop["reason"] == "behind-held")
  }

  @Test("It can be discarded")
  func discardsUnderFormerName() throws {
    let project = try heldBeforeRename()
    let result = try project.sluice("discard", "2", "--reason", "cut off")
    #expect(result.status == 0, "\(result.errors)")
    #expect(project.leftovers == [])
    #expect(try project.take("D_3.csv", "SKU;QTY\nA140;6\n").drop["status"] == "published")
  }

  @Test("It can be released, and the snapshot goes on from it under the new name")
  func releasesUnderFormerName() throws {
    let project = try heldBeforeRename()
    let result = try project.sluice("release", "2", "--reason", "seen", "--json")
    #expect(result.status == 0, "\(result.errors)")
    #expect(try result.jsonLines().first?["targets"][0]["removed"] == 3)
    let next = try project.take("S_3.csv", stock(104...140) { $0 == 104 ? "6" : "5" }).drop
    #expect(next["targets"][0]["changed"] == 1 && next["targets"][0]["removed"] == 0, "\(next)")
    #expect(project.leftovers == [])
  }

  @Test("Published under the new name in between, it is staged anew, and its segments were kept until then")
  func releasesUnderFormerNameLater() throws {
    let project = try heldBeforeRename()
    #expect(try project.sluice("release", "2", "--reason", "seen").status == 0)
    #expect(try project.take("S_3.csv", stock(110...140)).drop["status"] == "held")
    try rename(project, to: "wares", formerly: "goods")
    let later = try project.sluice("release", "3", "--reason", "seen", "--json")
    #expect(later.status == 0, "\(later.errors)\(later.output)")
    #expect(try project.take("S_4.csv", stock(109...140)).drop["targets"][0]["returned"] == 1)
    #expect(FileTree.names(in: project.path("snapshots")) == ["stock"])
  }

  @Test("A later full under the new name supersedes it")
  func supersedesUnderFormerName() throws {
    let project = try heldBeforeRename()
    #expect(try project.take("S_3.csv", stock(102...140)).drop["status"] == "published")
    #expect(
      try project.sqlite("SELECT status FROM drops ORDER BY drop_id") == ["published", "superseded", "published"])
    #expect(project.leftovers == [])
  }

  @Test("A continuous sequence goes on across the rename")
  func sequenceAcrossRename() throws {
    let project = try StockFeed(files: StockFeed.timed, intake: "quiet: 0, sequence: continuous").project()
    #expect(try project.take("F_202611010000.csv", stock()).status == 0)
    #expect(try project.take("D_202611010100_1.csv", "SKU;QTY\nA101;6\n").status == 0)
    try rename(project, to: "goods", formerly: "stock")
    #expect(try project.take("D_202611010300_3.csv", "SKU;QTY\nA101;8\n").drop["reason"] == "sequence-gap")
  }

  @Test("A drop that was interrupted under the former name is completed under the new one")
  func interruptedUnderFormerName() throws {
    let project = try StockFeed().project()
    #expect(try project.take("S_1.csv", stock()).status == 0)
    try project.drop("S_2.csv", stock(first: "6"))
    try project.killAfterClaim(2)
    try rename(project, to: "goods", formerly: "stock")
    #expect(try project.fates() == (0, ["S_2.csv published -"]))
    #expect(try project.take("S_3.csv", stock(first: "7")).drop["targets"][0]["changed"] == 1)
  }
}
