import TestSupport
import Testing

@Suite("Replaying a past drop")
struct ReplayTests {
  private func replay(
    _ project: TestProject, _ drop: Int, into name: String? = nil
  ) throws -> (status: Int32, answer: JSONValue, errors: String) {
    let result = try project.sluice("replay", "\(drop)", "--into", name ?? "replays/\(drop)", "--json")
    return (result.status, try result.jsonLines().first ?? .null, result.errors)
  }

  /// Replays the drop and compares every file with the one in the outbox.
  private func expectSame(
    _ project: TestProject, _ drop: Int, files count: Int, location: SourceLocation = #_sourceLocation
  ) throws {
    let (status, answer, errors) = try replay(project, drop)
    #expect(status == 0, "\(errors)", sourceLocation: location)
    let files = try FileTree.contents(below: project.path("replays/\(drop)"))
    #expect(files.count == count && answer["files"].elements.count == count, "\(answer)", sourceLocation: location)
    for (path, bytes) in files {
      #expect(try FileTree.read(project.path("outbox/\(path)")) == bytes, "\(path)", sourceLocation: location)
    }
  }

  @Test(
    "Every file has the bytes and the name of its day, rejects and data packages included; the project is only read")
  func sameBytes() throws {
    let project = try CrashScenario.afterFirstDay()
    try CrashScenario.dropSecondDay(in: project, isShuffled: true)
    try CrashScenario.succeed(project.sluice(CrashScenario.secondRun))
    let before = try project.everything()
    let published = try project.sqlite("SELECT drop_id FROM drops WHERE status = 'published'").compactMap { Int($0) }
    #expect(published.count >= 4)
    for drop in published {
      let sql = "SELECT (SELECT count(*) FROM outputs WHERE drop_id = \(drop)) + (reject_file IS NOT NULL) FROM drops"
      let count = try project.sqlite("\(sql) WHERE drop_id = \(drop)").first.flatMap { Int($0) } ?? 0
      try expectSame(project, drop, files: count)
    }
    let after = try project.everything().filter { !$0.key.hasPrefix("replays/") }
    #expect(Set(after.keys) == Set(before.keys))
    for (path, bytes) in before where !path.hasPrefix("ledger.sqlite-") { #expect(after[path] == bytes, "\(path)") }
  }

  @Test("The definition and the look-up tables are those of the day, whatever they are now")
  func definitionOfDay() throws {
    let feed = StockFeed(sku: "{ from: SKU, required: true, lookup: lookups/skus.csv }")
    let project = try TestProject()
    let table = "key,value\n" + (101...140).map { "A\($0),B\($0)\n" }.joined()
    try project.write("lookups/skus.csv", table)
    try project.write("feeds/stock.yaml", feed.text)
    #expect(try project.take("S_1.csv", stock()).status == 0)
    #expect(try project.take("S_2.csv", stock(first: "6")).status == 0)
    try project.write("lookups/skus.csv", table.replacing(",B", with: ",C"))
    let renamed = StockFeed(name: "plants", more: "formerly: stock\nbi:\n  changes: { columns: [sku, qty] }")
    try project.write("feeds/stock.yaml", renamed.text)
    try expectSame(project, 2, files: 1)
    #expect(try project.text("replays/2/\(project.outbox("commerce")[1])").contains("B101"))
    try expectSame(project, 1, files: 1)
  }

  @Test("Released, adopted and unchanged drops are replayed as well, and those from before a rebuild")
  func decisions() throws {
    let project = try StockFeed(guards: "max_rejected: 50%").project()
    try project.write("exports/S_1.csv", stock())
    #expect(try project.sluice("adopt", "exports/S_1.csv").status == 0)
    #expect(try project.take("S_2.csv", stock(104...140) { $0 == 110 ? "x" : "5" }).drop["status"] == "held")
    #expect(try project.sluice("release", "2", "--reason", "closed").status == 0)
    #expect(try project.take("S_3.csv", stock(110...140)).drop["status"] == "held")
    #expect(try project.sluice("release", "3", "--without-removals", "--reason", "no").status == 0)
    FileTree.remove(project.path("snapshots"))
    #expect(try project.sluice("snapshot", "rebuild", "stock").status == 0)
    #expect(try project.take("S_4.csv", stock(first: "6")).status == 0)
    try expectSame(project, 1, files: 0)
    try expectSame(project, 2, files: 2)
    try expectSame(project, 4, files: 1)
    let unchanged = try replay(project, 3)
    #expect(unchanged.status == 0 && unchanged.answer["files"].elements.count == 0, "\(unchanged)")
  }

  @Test("Bytes that are not those of the day are refused, and none are left")
  func differs() throws {
    let project = try StockFeed().project()
    #expect(try project.take("S_1.csv", stock()).status == 0)
    #expect(try project.take("S_2.csv", stock(102...140)).status == 0)
    #expect(try project.take("S_3.csv", stock(first: "6")).status == 0)
    let changed = try project.copied()
    try changed.write("archive/stock/00000003-S_3.csv", stock(first: "7"))
    let altered = try replay(changed, 3)
    #expect(altered.status == 3 && altered.errors.contains("[archive-differs]"), "\(altered.errors)")
    FileTree.remove(project.path("archive/stock/00000001-S_1.csv"))
    try expectSame(project, 3, files: 1)
    FileTree.remove(project.path("archive/stock/00000002-S_2.csv"))
    let missing = try replay(project, 3, into: "replays/later")
    #expect(missing.status != 0, "\(missing.answer)")
    #expect(missing.errors.contains("[replay-differs]") || missing.errors.contains("[archive-incomplete]"))
    #expect(FileTree.files(below: project.path("replays/later")) == [])
    let gone = try replay(project, 2, into: "replays/gone")
    #expect(gone.status == 3 && gone.errors.contains("[archive-incomplete]"), "\(gone.errors)")
  }

  @Test("A drop that was not published, and a directory that is in use, are refused")
  func refusals() throws {
    let project = try StockFeed().project()
    #expect(try project.take("S_1.csv", stock()).status == 0)
    #expect(try project.take("S_2.csv", stock()).drop["status"] == "duplicate")
    let nothing = try replay(project, 2)
    #expect(nothing.status == 2 && nothing.errors.contains("[replay-nothing]"), "\(nothing.errors)")
    #expect(try replay(project, 9).errors.contains("[drop-unknown]"))
    for directory in ["outbox/again", "feeds", "sluice.yaml", project.path("work/x")] {
      let (status, _, errors) = try replay(project, 1, into: directory)
      #expect(status == 2 && errors.contains("[into-unfit]"), "\(directory): \(errors)")
    }
    #expect(try project.sluice("replay", "1").status == 2, "a directory has to be named")
    #expect(!FileTree.exists(project.path("outbox/again")))
  }
}
