import Foundation
import Testing

@testable import Ledger

@Suite("The ledger as an auditor reads it")
struct LedgerAuditTests {
  /// `docs/ledger.md`.
  private static func guide() throws -> String {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return try String(contentsOf: root.appendingPathComponent("docs/ledger.md"), encoding: .utf8)
  }

  /// A published drop with rejects, a released one and a claimed one.
  private static func filled() throws -> (LedgerFixture, Ledger) {
    let fixture = try LedgerFixture()
    let ledger = try fixture.open()
    let lookup = LookupContent(path: "plants.csv", hash: "l1", content: [0, 255, 10, 39])
    try ledger.recordDefinition(feed: "erp-inventory", hash: "d1", text: "é\n", lookups: [lookup], binaryVersion: "1")
    try LedgerFixture.publish(ledger)
    let held = try LedgerFixture.hold(ledger, "held.csv")
    var release = Outcome(drop: held, kind: .released, publication: 2)
    release.outputs = [LedgerOutput(target: "edm.back", path: "outbox/edm/2.csv", rows: 1, bytes: 9, sha256: "ee")]
    release.decision = LedgerFixture.decision
    try ledger.commit(release)
    _ = try ledger.claim(LedgerFixture.newClaim("third.csv"))
    return (fixture, ledger)
  }

  @Test("The views answer the real sqlite3 while the ledger is open")
  func views() throws {
    let (fixture, _) = try Self.filled()
    func ask(_ sql: String) throws -> String { try Command.sqlite(fixture.path, sql) }
    #expect(
      try ask("SELECT drop_id, feed, file, mode, status, reason, publication, read, rejected, seconds FROM drops")
        == """
        1|erp-inventory|INV_20261123.csv|full|published||1|100|2|1.934
        2|erp-inventory|held.csv|full|published||2|100|2|1.934
        3|erp-inventory|third.csv|full|claimed|||||
        """)
    #expect(
      try ask("SELECT publication, drop_id, feed, target, path, rows, bytes, sha256 FROM outputs") == """
        1|1|erp-inventory|commerce.stock_sources|outbox/commerce/00000001.csv|95|4000|bb
        2|2|erp-inventory|edm.back|outbox/edm/2.csv|1|9|ee
        """)
    #expect(
      try ask("SELECT drop_id, feed, file, line, column, field, rule, message FROM rejects") == """
        1|erp-inventory|INV_20261123.csv|3|2|qty|type-decimal|not a number: Zwölf "12"
        1|erp-inventory|INV_20261123.csv|9|||row-short|2 fields, wanted 4
        2|erp-inventory|held.csv|4|||row-short|held
        """)
    #expect(
      try ask("SELECT kind, drop_id, feed, person, reason, command_line FROM decisions")
        == "released|2|erp-inventory|ana|season end|sluice release 1 --reason 'season end'")
    #expect(try ask("SELECT key, feed, drop_id, publication FROM lineage") == "")
    #expect(try ask("SELECT max(id), count(*) FROM entries") == "9|9")
    #expect(try ask("SELECT julianday(published_at) IS NOT NULL FROM outputs") == "1\n1")
  }

  @Test("The guide names every column of every view")
  func documentedColumns() throws {
    let (fixture, _) = try Self.filled()
    let guide = try Self.guide()
    for view in ["drops", "outputs", "rejects", "decisions", "lineage", "entries"] {
      let start = try #require(guide.range(of: "### `\(view)`"), "no section on \(view)")
      let rest = guide[start.upperBound...]
      let section = rest[..<(rest.range(of: "\n##")?.lowerBound ?? rest.endIndex)]
      let columns = try Command.sqlite(fixture.path, "SELECT name FROM pragma_table_info('\(view)')")
      #expect(!columns.isEmpty)
      for column in columns.split(separator: "\n") {
        #expect(section.contains("`\(column)`"), "\(view).\(column) is not documented")
      }
    }
  }

  @Test("The questions in the guide run as written")
  func questions() throws {
    let (fixture, _) = try Self.filled()
    let sql = try #require(block("sql", in: try Self.guide()))
    #expect(try Command.sqlite(fixture.path, sql).contains("2|"))
    #expect(try !Command.sqlite(fixture.path, sql).lowercased().contains("error"))
  }

  @Test("The checker in the guide agrees with the ledger, and finds a changed row")
  func checker() throws {
    let (fixture, ledger) = try Self.filled()
    let script = fixture.directory + "/check.py"
    try #require(block("python", in: try Self.guide())).write(toFile: script, atomically: true, encoding: .utf8)
    let whole = try Command.run(["python3", script, fixture.path])
    #expect(whole.error == "")
    #expect(whole.output == "9 entries hold, the last hash is \(try ledger.head().hash)\n")
    _ = try Command.sqlite(
      fixture.path, "DROP TRIGGER reject_no_update; UPDATE reject SET line = 4 WHERE id = 1; SELECT 1")
    let changed = try Command.run(["python3", script, fixture.path])
    #expect(changed.status == 1)
    #expect(changed.error == "broken at entry 3\n")
    #expect(try ledger.verifyChain() == ChainBreak(entry: 3, cause: "its rows are not those that were committed"))
  }

  /// The first code block of a language.
  private func block(_ language: String, in text: String) -> String? {
    guard let start = text.range(of: "```\(language)\n"),
      let end = text.range(of: "\n```", range: start.upperBound..<text.endIndex)
    else { return nil }
    return String(text[start.upperBound..<end.lowerBound]) + "\n"
  }
}
