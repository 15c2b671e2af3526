import TestSupport
import Testing

/// Drops that should go back into the inbox, where a newer file has their name by now.
@Suite("A drop that can not go back into the inbox")
struct ReturnTests {
  @Test("It goes to the quarantine when a newer file of its name has come, which is taken; nothing else is kept back")
  func nameTaken() throws {
    let project = try StockFeed().project()
    try project.drop("S_1.csv.gz", bytes: Array(try gzip(stock()).dropLast(12)))
    try project.killAfterClaim(1)
    try project.drop("S_1.csv.gz", bytes: try gzip(stock()))
    let (exit, drops) = try project.fates()
    #expect(exit == 1)
    #expect(drops == ["S_1.csv.gz quarantined inbox-name-taken", "S_1.csv.gz published -"])
    #expect(FileTree.files(below: project.path("quarantine")) == ["stock/00000001-S_1.csv.gz"])
    let message = try #require(try project.sqlite("SELECT message FROM drops WHERE drop_id = 1").first)
    #expect(message.contains("gzip-truncated"), "it says why the drop was to go back: \(message)")
    #expect(project.inbox == [] && project.leftovers == [])
    #expect(try project.fates() == (0, []))
  }

  @Test("A crash after its outcome was recorded changes nothing about that, and its marker does not stay behind")
  func nameTakenAfterCommit() throws {
    let project = try StockFeed(intake: "quiet: 0, marker: '{name}.ok'").project()
    let whole = try gzip(stock())
    try project.write("inbox/S_1.csv.gz.ok", "")
    try project.drop("S_1.csv.gz", bytes: Array(whole.dropLast(12)))
    let run = ["run"]
    let back = try project.call(run) { $0.contains(" rename") && $0.hasSuffix("/inbox/S_1.csv.gz") }
    let point = try CrashPoint(root: project.directory.path, fault: .kill(call: back))
    #expect(try project.sluice(run, environment: point.environment).signal == 9)
    #expect(try project.sqlite("SELECT status FROM drops") == ["waiting"])
    try project.drop("S_1.csv.gz", bytes: whole)
    try project.write("inbox/S_1.csv.gz.ok", "")
    let (exit, drops) = try project.fates()
    #expect(exit == 1)
    #expect(drops == ["S_1.csv.gz quarantined inbox-name-taken", "S_1.csv.gz published -"])
    #expect(try project.sqlite("SELECT status FROM drops ORDER BY drop_id") == ["quarantined", "published"])
    #expect(project.inbox == [] && project.leftovers == [])
  }

  @Test("An interrupted drop that can not be completed keeps back its own feed alone, until its cause is cured")
  func oneFeedOnly() throws {
    let project = try TestProject(feeds: ["stock": StockFeed().text, "warehouse": ReturnTests.other])
    try project.write("outbox/rejects/00000001-stock.csv", "of somebody else\n")
    let (first, held) = try project.take("S_1.csv", stock(first: "x"))
    #expect(first == 3)
    #expect(held["reason"] == "outbox-name-taken", "\(held)")
    try project.drop("S_2.csv", stock())
    try project.drop("W_1.xml", NameFeed.records + "</LIST>")
    let (exit, drops) = try project.fates()
    #expect(exit == 3)
    #expect(drops == ["S_1.csv failed outbox-name-taken", "W_1.xml published -"])
    #expect(project.inbox == ["S_2.csv"])
    let release = try project.sluice("release", "1", "--reason", "x")
    #expect(release.status == 3 && release.errors.contains("[outbox-name-taken]"), "\(release.errors)")
    FileTree.remove(project.path("outbox/rejects/00000001-stock.csv"))
    #expect(try project.fates().drops == ["S_2.csv published -"])
    #expect(
      try project.sqlite("SELECT status FROM drops ORDER BY drop_id") == ["superseded", "published", "published"])
    #expect(project.leftovers == [])
  }

  private static let other = NameFeed.text.replacing("feed: names", with: "feed: warehouse")
    .replacing("N_*.xml", with: "W_*.xml")
}
