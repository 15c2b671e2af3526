import GRDB
import Streams

extension Ledger {
  /// The last entry's number and hash.
  package func head() throws(SluiceError) -> ChainHead {
    try read(Chain.head)
  }

  /// Entries after number `entry`, oldest first.
  package func entries(after entry: Int = 0, limit: Int = 1000) throws(SluiceError) -> [Entry] {
    try read { db in
      try Entry.fetchAll(
        db, sql: "SELECT \(Entry.columns) FROM entry WHERE id > ? ORDER BY id LIMIT ?", arguments: [entry, limit])
    }
  }

  /// The first entry that does not hold, nil when the whole chain does. Reads the whole file.
  ///
  /// Throws `ledger-damaged` when SQLite finds the file broken, and `ledger-altered` when the chain holds but a table,
  /// view or trigger of the ledger is not as it was made. A chain cut off at its end still holds: compare the head with
  /// the one that the latest manifest names.
  package func verifyChain() throws(SluiceError) -> ChainBreak? {
    try read { db in
      let integrity = try String.fetchOne(db, sql: "PRAGMA integrity_check(1)") ?? "no answer"
      guard integrity == "ok" else { throw LedgerFault.damaged("the file is broken: \(integrity)") }
      if let found = try Chain.firstBreak(db) { return found }
      if let name = try Self.alteredObject(db) {
        throw SluiceError(
          .environment, "ledger-altered", cause: "\(name) is not as Sluice made it",
          remedy: "find out who changed the ledger's schema; restore the ledger from a backup if rows are in doubt")
      }
      return nil
    }
  }

  /// The name of a table, view, index or trigger that is missing or differs from a new ledger's.
  private static func alteredObject(_ db: Database) throws -> String? {
    let sql = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
    let model = try DatabaseQueue()
    try LedgerSchema.migrator.migrate(model)
    let expected = try model.read { try Row.fetchAll($0, sql: sql) }
    let found = try Dictionary(
      Row.fetchAll(db, sql: sql).map { ($0["name"] as String, $0["sql"] as String) },
      uniquingKeysWith: { one, _ in one })
    return expected.first { found[$0["name"] as String] != ($0["sql"] as String) }?["name"]
  }
}
