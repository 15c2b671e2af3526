import TestSupport
import Testing

@Suite("Reject files that come back corrected")
struct CorrectedRejectTests {
  /// Drops a full of two good rows and the bad rows given.
  private func project(_ feed: StockFeed, _ bad: String, name: String = "F_202611010200.csv") throws -> TestProject {
    let project = try feed.project()
    let (exit, drop) = try project.take(name, "SKU;QTY\nA1;1\nA2;2\n" + bad)
    #expect(exit == 0 && drop["status"] == "published", "\(drop)")
    return project
  }

  private var feed: StockFeed { StockFeed(files: StockFeed.timed, guards: "max_rejected: off, max_changed: off") }

  /// The reject file of `drop` with `old` replaced by `new`, dropped as it is called.
  private func correct(
    _ project: TestProject, _ old: String, _ new: String, name: String = "00000001-stock.csv"
  ) throws -> (status: Int32, drop: JSONValue) {
    let text = try project.text("outbox/rejects/" + name)
    #expect(text.contains(old), "\(text)")
    return try project.take(name, text.replacing(old, with: new))
  }

  /// The file published last for a consumer.
  private func last(_ consumer: String, of project: TestProject) throws -> String {
    try project.text("outbox/" + (try #require(project.outbox(consumer).last)))
  }

  @Test("A corrected row is published as a delta of its own, for the time of the drop that it was rejected from")
  func corrected() throws {
    let project = try project(feed, "A3;x\nA4;y\n")
    let (exit, drop) = try correct(project, "A3;x", "A3;3")
    #expect(exit == 0)
    #expect(drop["status"] == "published" && drop["mode"] == "delta" && drop["drop"] == 2)
    #expect(drop["read"] == 2 && drop["accepted"] == 1 && drop["rejected"] == 1)
    #expect(try last("commerce", of: project).hasSuffix("\nstock,A3,1,3.00\n"))
    // What is still wrong comes back once more, with the reasons of today and no others.
    let again = try project.text("outbox/rejects/00000002-stock.csv").split(separator: "\n").map(String.init)
    #expect(again.first == "SKU;QTY;_line;_column;_rule;_message")
    #expect(again.count == 2 && again[1].hasPrefix("A4;y;3;2;not-a-number;"), "\(again)")
    #expect(again[1].split(separator: ";").count == 7, "\(again)")
    let third = try correct(project, "A4;y", "A4;4", name: "00000002-stock.csv")
    #expect(third.drop["status"] == "published" && third.drop["accepted"] == 1 && third.drop["rejected"] == 0)
    let shown = try project.sluice("ledger", "show", "3").output
    #expect(
      shown.contains("corrected rejects of drop 2") && shown.contains("speaks for 2026-11-01T02:00:00Z"), "\(shown)")
    #expect(try project.sluice("ledger", "show", "2", "--json").output.contains("\"parent\":1"))
    #expect(try project.sluice("ledger", "verify").status == 0)
    // The night after, a full that says the same has nothing to send.
    let next = try project.take("F_202611020200.csv", "SKU;QTY\nA1;1\nA2;2\nA3;3\nA4;4\n").drop
    #expect(next["status"] == "unchanged", "\(next)")
  }

  @Test("A key that a later drop has spoken for keeps what that said, and the row is listed")
  func changedSince() throws {
    let project = try project(feed, "A1;x\nA3;x\nA5;x\n".replacing("A1;x\n", with: "A4;x\n"))
    #expect(try project.take("D_202611010300_1.csv", "SKU;QTY\nA3;30\nA9;9\n").drop["status"] == "published")
    let text = try project.text("outbox/rejects/00000001-stock.csv").replacing(";x;", with: ";7;")
    let drop = try project.take("00000001-stock.csv", text).drop
    #expect(drop["status"] == "published")
    #expect(drop["read"] == 3 && drop["superseded"] == 1 && drop["accepted"] == 2 && drop["rejected"] == 0)
    let listed = try project.text("outbox/rejects/00000003-stock.csv").split(separator: "\n").map(String.init)
    #expect(listed.count == 2 && listed[1].hasPrefix("A3;7;3;0;changed-since;"), "\(listed)")
    #expect(try last("commerce", of: project).hasSuffix("A4,1,7.00\nstock,A5,1,7.00\n"))
    #expect(try project.sqlite("SELECT rule FROM rejects WHERE drop_id = 3") == ["changed-since"])
  }

  @Test("Rows out of order are told apart in the same way", arguments: ["A5;x\nA3;x\nA4;x\n"])
  func changedSinceSorted(_ bad: String) throws {
    let project = try project(feed, bad)
    #expect(try project.take("D_202611010300_1.csv", "SKU;QTY\nA3;30\n").drop["status"] == "published")
    let text = try project.text("outbox/rejects/00000001-stock.csv").replacing(";x;", with: ";7;")
    let drop = try project.take("00000001-stock.csv", text).drop
    #expect(drop["superseded"] == 1 && drop["accepted"] == 2 && drop["rejected"] == 0, "\(drop)")
    #expect(try project.text("outbox/rejects/00000003-stock.csv").contains("\nA3;7;3;0;changed-since;"))
  }

  @Test("After a later full nothing of the rejects counts any more")
  func afterFull() throws {
    let project = try project(feed, "A3;x\n")
    #expect(try project.take("F_202611020200.csv", "SKU;QTY\nA1;1\nA2;3\n").drop["status"] == "published")
    let drop = try correct(project, ";x;", ";7;").drop
    #expect(drop["status"] == "unchanged" && drop["superseded"] == 1, "\(drop)")
  }

  @Test("A file without header, with lines before it and a trailer, comes back without them, in its own encoding")
  func dialects() throws {
    let format = "csv: { header: false, delimiter: '|', encoding: windows-1252, quote: none, skip_lines: 1 }"
    var feed = StockFeed(format: format, guards: "max_rejected: off")
    feed.sku = "{ from: 1, required: true, max_length: 20 }"
    feed.quantity = "{ from: 2, required: true, type: decimal(2), min: 0 }"
    let project = try feed.project()
    let bytes = Array("made by an ERP\nA1|1\nM".utf8) + [0xFC] + Array("sli|x\n".utf8)
    #expect(try project.take("S_1.csv", bytes: bytes).drop["rejected"] == 1)
    var rejects = try FileTree.read(project.path("outbox/rejects/00000001-stock.csv"))
    let place = try #require(rejects.firstIndex(of: UInt8(ascii: "x")))
    rejects[place] = UInt8(ascii: "5")
    let (exit, drop) = try project.take("00000001-stock.csv", bytes: rejects)
    #expect(exit == 0 && drop["accepted"] == 1 && drop["rejected"] == 0, "\(drop)")
    #expect(try last("commerce", of: project).hasSuffix("stock,Müsli,1,5.00\n"))
  }

  @Test("A key that a later drop of the same time has written keeps what that said")
  func sameTime() throws {
    let project = try project(feed, "A3;x\n")
    #expect(try project.take("D_202611010200_1.csv", "SKU;QTY\nA3;30\n").drop["status"] == "published")
    let drop = try correct(project, ";x;", ";7;").drop
    #expect(drop["superseded"] == 1 && drop["accepted"] == 0, "\(drop)")
  }

  @Test("A row with too many cells stays one, however often it comes back as it is")
  func longRows() throws {
    let project = try project(feed, "A3;1;50\n")
    let text = try project.text("outbox/rejects/00000001-stock.csv")
    #expect(try project.take("00000001-stock.csv", text).drop["rejected"] == 1)
    let again = try project.text("outbox/rejects/00000002-stock.csv")
    #expect(again.contains("\nA3;1;50;2;0;row-long;"), "\(again)")
    #expect(try project.take("00000002-stock.csv", again).drop["rejected"] == 1)
  }

  @Test("Names that a pattern of another feed matches are that feed's, unless rows with reasons are in the file")
  func otherFeeds() throws {
    let other = """
      feed: other
      files: '*-stock.csv'
      mode: full
      format: { csv: { delimiter: ';' } }
      intake: { quiet: 0 }
      fields: { sku: { from: SKU, required: true } }
      key: sku
      bi: { changes: { columns: [sku] } }

      """
    let project = try TestProject(feeds: ["stock": feed.text, "other": other])
    #expect(try project.take("F_202611010200.csv", "SKU;QTY\nA1;1\nA3;x\n").drop["feed"] == "stock")
    #expect(try project.take("00000001-stock.csv", "SKU;QTY\nA1;1\n").drop["feed"] == "other")
    let drop = try correct(project, ";x;", ";7;").drop
    #expect(drop["feed"] == "stock" && drop["mode"] == "delta" && drop["accepted"] == 1, "\(drop)")
    try project.drop("00000009-stock.csv.tmp", "")
    let status = try project.sluice("status").output
    #expect(!status.contains("parent-"), "\(status)")
  }

  @Test("Of a feed that wants markers, a file that is only called alike is given up without its own, and stops nothing")
  func markers() throws {
    var feed = StockFeed(files: "files: '{as_of:yyyyMMdd}-stock.csv'\nmode: full\nzone: UTC")
    feed.intake = "quiet: 0, marker: '{name}.ok', incomplete_after: 0"
    let project = try TestProject(feeds: ["stock": feed.text.replacing("mode: full", with: "mode: full")])
    try project.drop("20261103-stock.csv", "SKU;QTY\nA1;1\n")
    let fates = try project.fates()
    #expect(fates.status == 1 && fates.drops == ["20261103-stock.csv quarantined marker-missing"], "\(fates)")
  }

  @Test("Killed after the claim, the rows of a feed that wants markers are taken by the next command")
  func crashWithMarker() throws {
    var feed = feed
    feed.intake = "quiet: 0, marker: '{name}.ok'"
    let project = try feed.project()
    try project.drop("F_202611010200.csv.ok", "")
    #expect(try project.take("F_202611010200.csv", "SKU;QTY\nA1;1\nA3;x\n").drop["status"] == "published")
    let text = try project.text("outbox/rejects/00000001-stock.csv").replacing("x", with: "3")
    try project.drop("00000001-stock.csv", text)
    try project.killAfterClaim(2)
    #expect(try project.fates().drops == ["00000001-stock.csv published -"])
  }

  @Test("Captures of the name of the file that they were rejected from hold for them too")
  func captures() throws {
    var feed = StockFeed(
      files: "files: 'S_{plant}_*.csv'\nmode: full", guards: "max_rejected: off",
      more: "edm:\n  known: { columns: { sku: sku, plant: file.plant } }")
    feed.intake = "quiet: 0, marker: '{name}.ok'"
    let project = try feed.project()
    try project.drop("S_north_1.csv.ok", "")
    #expect(try project.take("S_north_1.csv", "SKU;QTY\nA1;1\nA3;x\n").drop["status"] == "published")
    let drop = try correct(project, ";x;", ";7;").drop
    #expect(drop["status"] == "published", "\(drop)")
    #expect(try last("edm", of: project).contains("A3,north"))
  }

  @Test("A name whose drop the ledger does not know, or which was not published, waits and says why")
  func parents() throws {
    let project = try project(feed, "")
    try project.drop("00000007-stock.csv", "SKU;QTY\nA1;1\n")
    try project.drop("00000001-stock.csv", "SKU;QTY\nA1;1\n")
    try project.drop("00000001-other.csv", "SKU;QTY\nA1;1\n")
    #expect(
      try project.fates().drops.sorted() == [
        "00000001-other.csv waiting no-feed", "00000001-stock.csv waiting parent-unknown",
        "00000007-stock.csv waiting parent-unknown",
      ])
    var strict = feed
    strict.guards = "max_rejected: 0"
    let held = try strict.project()
    #expect(try held.take("F_202611010200.csv", "SKU;QTY\nA1;1\nA2;x\n").drop["status"] == "held")
    let text = try held.text("outbox/rejects/00000001-stock.csv").replacing("x", with: "2")
    try held.drop("00000001-stock.csv", text)
    #expect(try held.fates().drops == ["00000001-stock.csv waiting behind-held"])
    #expect(try held.sluice("discard", "1", "--reason", "wrong file").status == 0)
    #expect(try held.fates().drops == ["00000001-stock.csv waiting parent-unpublished"])
  }

  @Test("A file that is only called like a reject file is taken by the pattern that matches it")
  func onlyCalledAlike() throws {
    let project = try StockFeed(files: "files: '*-stock.csv'\nmode: full", guards: "max_rejected: off").project()
    #expect(try project.take("00000001-stock.csv", "SKU;QTY\nA1;1\nA2;x\n").drop["mode"] == "full")
    #expect(try project.take("00000002-stock.csv", "SKU;QTY\nA1;1\nA2;2\n").drop["mode"] == "full")
    // It has the columns of a delivery, so that it is one, although there are rejects of drop 1.
    #expect(try project.take("00000001-stock.csv", "SKU;QTY\nA1;1\nA2;3\n").drop["mode"] == "full")
    #expect(try correct(project, ";x;", ";4;").drop["mode"] == "delta")
  }

  @Test("Of columns of fixed width, which have no header, the name alone tells rejects from a delivery")
  func fixedWidth() throws {
    var feed = StockFeed(
      files: "files: '*.csv'\nmode: full", format: "fixed: { columns: { SKU: 1-4, QTY: 6-7 } }",
      guards: "max_rejected: off")
    feed.quantity = "{ from: QTY, required: true, type: decimal(2) }"
    let project = try feed.project()
    #expect(try project.take("S.csv", "A001 12\nA002 xx\n").drop["rejected"] == 1)
    let drop = try correct(project, "A002 xx", "A002 13").drop
    #expect(drop["mode"] == "delta" && drop["accepted"] == 1, "\(drop)")
  }

  @Test("The reject file of a document is a table, which its feed can not read: it belongs to no feed")
  func documents() throws {
    let project = try TestProject(feeds: ["names": NameFeed.text])
    try project.drop("00000001-names.csv", "ID\n1\n")
    #expect(try project.fates().drops == ["00000001-names.csv waiting no-feed"])
  }

  @Test("A crash after the claim changes nothing: the rows are taken once, linked to their drop")
  func crash() throws {
    let project = try project(feed, "A3;x\n")
    let text = try project.text("outbox/rejects/00000001-stock.csv").replacing("x", with: "3")
    try project.drop("00000001-stock.csv", text)
    try project.killAfterClaim(2)
    let fates = try project.fates()
    #expect(fates.drops == ["00000001-stock.csv published -"], "\(fates)")
    #expect(try project.sluice("ledger", "show", "2").output.contains("corrected rejects of drop 1"))
    #expect(try last("commerce", of: project).hasSuffix("stock,A3,1,3.00\n"))
  }
}
