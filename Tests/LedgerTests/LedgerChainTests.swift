import Foundation
import GRDB
import Synchronization
import Testing

@testable import Ledger

@Suite("The hash chain")
struct LedgerChainTests {
  /// A ledger with rows in every table.
  private static func filled() throws -> (LedgerFixture, Ledger) {
    let fixture = try LedgerFixture()
    let ledger = try fixture.open()
    let lookup = LookupContent(path: "lookups/plants.csv", hash: "l1", content: [0, 255, 10])
    try ledger.recordDefinition(
      feed: "erp-inventory", hash: "d1", text: "feed: erp-inventory\n", lookups: [lookup], binaryVersion: "1.0")
    try LedgerFixture.publish(ledger)
    let held = try LedgerFixture.hold(ledger, "held.csv")
    var release = Outcome(drop: held, kind: .released, publication: 2)
    release.decision = LedgerFixture.decision
    try ledger.commit(release)
    return (fixture, ledger)
  }

  @Test("Entries are linked from 64 zeros on and numbered without gaps")
  func links() throws {
    let (_, ledger) = try Self.filled()
    let entries = try ledger.entries()
    #expect(entries.map(\.id) == Array(1...entries.count))
    #expect(entries.first?.previous == String(repeating: "0", count: 64))
    for (one, next) in zip(entries, entries.dropFirst()) { #expect(next.previous == one.hash) }
    #expect(
      entries.map(\.kind.rawValue) == [
        "definition", "claimed", "published", "finished", "claimed", "held",
        "finished", "released",
      ])
    #expect(try ledger.head() == ChainHead(entry: 8, hash: try #require(entries.last?.hash)))
    #expect(try ledger.entries(after: 6, limit: 1).map(\.id) == [7])
    #expect(try ledger.verifyChain() == nil)
  }

  @Test("Bodies are canonical JSON and the hash is that of the documented form")
  func canonicalForm() throws {
    let (_, ledger) = try Self.filled()
    let entries = try ledger.entries()
    #expect(entries[0].body == #"{"binary":"1.0","hash":"d1","lookups":[{"hash":"l1","path":"lookups/plants.csv"}]}"#)
    #expect(entries[1].body == #"{"file":"INV_20261123.csv","mode":"full"}"#)
    #expect(entries[2].body == #"{"message":"it's out","publication":1,"status":"published"}"#)
    #expect(entries[3].body == "{}")
    #expect(entries[3].children == "")
    let released =
      #"{"decision":{"command_line":"sluice release 1 --reason 'season end'","person":"ana","reason":"season end"},"#
      + #""publication":2,"status":"published"}"#
    #expect(entries[7].body == released)
    let last = entries[3]
    let form = "4\n\(last.at)\nfinished\n1\nerp-inventory\n{}\n\n\(last.previous)"
    #expect(last.hash == (try SHA256Digest.hex(Array(form.utf8))))
  }

  @Test("SHA-256 agrees with the examples of FIPS 180-4")
  func digest() throws {
    #expect(
      try SHA256Digest.hex([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    var digest = try SHA256Digest()
    digest.update(Array("a".utf8))
    digest.update(Array("bc".utf8))
    #expect(digest.finish() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }

  @Test("A change of any column of any row is found at its entry")
  func anyColumn() throws {
    let (fixture, ledger) = try Self.filled()
    try ledger.close()
    let script = try Command.sqlite(
      fixture.path, "SELECT 'DROP TRIGGER ' || name || ';' FROM sqlite_master WHERE type = 'trigger'")
    _ = try Command.sqlite(fixture.path, script)
    // Without foreign keys and immediate transactions: what somebody with the file at hand could do.
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    let queue = try DatabaseQueue(path: fixture.path, configuration: configuration)
    try queue.inDatabase { db in
      for table in ["entry"] + ChildTable.all.map(\.name) {
        for column in try Row.fetchAll(db, sql: "SELECT name, type FROM pragma_table_info('\(table)')") {
          let (name, type): (String, String) = (column["name"], column["type"])
          let value =
            switch type {
            case "INTEGER": "coalesce(\(name), 0) + 1000"
            case "BLOB": "CAST(\(name) || x'00' AS BLOB)"
            default: "coalesce(\(name), '') || char(0)"
            }
          try db.inTransaction(.immediate) {
            let owner = table == "entry" ? "id" : "entry"
            let last = "SELECT max(id) FROM \(table)"
            let entry = try #require(try Int.fetchOne(db, sql: "SELECT \(owner) FROM \(table) WHERE id = (\(last))"))
            try db.execute(sql: "UPDATE \(table) SET \(name) = \(value) WHERE id = (\(last))")
            let found = try Chain.firstBreak(db)
            // A renumbered last entry leaves its own number missing or its rows without an owner.
            #expect(found?.entry == entry, "\(table).\(name): \(String(describing: found))")
            return .rollback
          }
        }
      }
      #expect(try Chain.firstBreak(db) == nil)
    }
  }

  @Test("Rows and entries taken away, added or swapped are found")
  func missingRows() throws {
    let (fixture, ledger) = try Self.filled()
    try ledger.close()
    let drop = try Command.sqlite(
      fixture.path, "SELECT 'DROP TRIGGER ' || name || ';' FROM sqlite_master WHERE type = 'trigger'")
    _ = try Command.sqlite(fixture.path, drop)
    let attacks: [(String, Int)] = [
      ("DELETE FROM reject WHERE id = 2", 3),
      ("INSERT INTO reject SELECT 99, entry, drop_id, line, column, field, rule, message FROM reject WHERE id = 1", 3),
      ("UPDATE reject SET entry = 6 WHERE id = 2", 3),
      ("INSERT INTO plan VALUES (99, 500, 1, '{}')", 500),
      ("DELETE FROM entry WHERE id = 4", 4),
      ("UPDATE entry SET previous = hash WHERE id = 5", 5),
      ("UPDATE entry SET at = '2000-01-01T00:00:00.000Z' WHERE id = 5", 5),
    ]
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    let queue = try DatabaseQueue(path: fixture.path, configuration: configuration)
    try queue.inDatabase { db in
      for (sql, entry) in attacks {
        try db.inTransaction(.immediate) {
          try db.execute(sql: sql)
          #expect(try Chain.firstBreak(db)?.entry == entry, "\(sql)")
          return .rollback
        }
      }
    }
    try queue.close()
    #expect(code { _ = try fixture.open().verifyChain() } == "ledger-altered")
  }

  @Test("No table takes UPDATE, DELETE, REPLACE or a late row, whoever asks")
  func appendOnly() throws {
    let (fixture, _) = try Self.filled()
    let tables = try Command.sqlite(fixture.path, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
      .split(separator: "\n").map(String.init)
    #expect(Set(tables) == Set(["entry", "grdb_migrations"] + ChildTable.all.map(\.name)))
    for table in tables {
      let before = try Command.sqlite(fixture.path, "SELECT * FROM \(table)")
      #expect(!before.isEmpty, "\(table) has no row to protect")
      let key = table == "grdb_migrations" ? "identifier" : "id"
      for sql in ["UPDATE \(table) SET \(key) = \(key)", "DELETE FROM \(table)"] {
        #expect(try Command.sqlite(fixture.path, sql).contains("append-only"), "\(sql)")
      }
      if table != "grdb_migrations" {
        let replace = "REPLACE INTO \(table) SELECT * FROM \(table) LIMIT 1"
        #expect(try Command.sqlite(fixture.path, replace).contains("append-only"), "\(replace)")
      }
      #expect(try Command.sqlite(fixture.path, "SELECT * FROM \(table)") == before)
    }
    let late = "INSERT INTO reject VALUES (NULL, 3, 1, 5, NULL, NULL, 'r', 'm')"
    #expect(try Command.sqlite(fixture.path, late).contains("closed"))
    let gap = "INSERT INTO entry VALUES (100, '', 'finished', NULL, 'f', '{}', '', '', '')"
    #expect(try Command.sqlite(fixture.path, gap).contains("without gaps"))
  }

  @Test("The columns that the code knows are the columns of the tables")
  func columns() throws {
    let (fixture, _) = try Self.filled()
    for table in ChildTable.all {
      let found = try Command.sqlite(fixture.path, "SELECT name FROM pragma_table_info('\(table.name)')")
      #expect(found == table.columns.joined(separator: "\n"))
    }
  }

  @Test("When the clock goes backwards, entries do not, and the lag is told")
  func clock() throws {
    let fixture = try LedgerFixture()
    let ledger = try fixture.open()
    let first = try ledger.claim(LedgerFixture.newClaim())
    #expect(try ledger.clockLag() == 0)
    fixture.milliseconds.withLock { $0 -= 3_600_000 }
    let second = try ledger.claim(LedgerFixture.newClaim("b.csv"))
    #expect(second.claimedAt == first.claimedAt)
    #expect(try ledger.clockLag() > 3_590_000)
    #expect(try ledger.verifyChain() == nil)
  }

  @Test(
    "Times are ISO 8601 in UTC with milliseconds",
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"), (951_782_400_007, "2000-02-29T00:00:00.007Z"),
      (1_795_400_100_999, "2026-11-23T02:15:00.999Z"),
    ] as [(Int64, String)])
  func times(milliseconds: Int64, text: String) {
    #expect(Timestamp.text(milliseconds) == text)
    #expect(Timestamp.milliseconds(text) == milliseconds)
    #expect(Timestamp.milliseconds(text + "x") == nil)
    #expect(Timestamp.milliseconds("not-a-time-but-24-chars!") == nil)
  }
}
