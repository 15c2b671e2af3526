import GRDB

/// A table whose rows belong to an entry and are covered by its `children` digest.
struct ChildTable {
  /// The table's name.
  let name: String
  /// All columns in the order in which the table declares them; the first two are `id` and `entry`.
  let columns: [String]

  private init(_ name: String, _ columns: String) {
    self.name = name
    self.columns = ["id", "entry"] + columns.split(separator: " ").map(String.init)
  }

  static let claim = ChildTable(
    "claim",
    "drop_id feed mode file pattern bytes inode mtime as_of as_of_captured sequence claimed_at now")
  static let result = ChildTable(
    "result",
    "drop_id status reason message publication sha256 content_sha256 content_bytes read rejected superseded accepted "
      + "milliseconds definition reject_file")
  static let count = ChildTable(
    "count",
    "drop_id target new changed returned unchanged newer withdrawn skipped parked removed rows_written fired")
  static let output = ChildTable("output", "publication drop_id target path rows bytes sha256")
  static let reject = ChildTable("reject", "drop_id line column field rule message")
  static let snapshot = ChildTable("snapshot", "feed publication segments metadata")
  static let plan = ChildTable("plan", "drop_id plan")
  static let definition = ChildTable("definition", "hash feed text")
  static let lookup = ChildTable("lookup", "hash path content")

  /// All child tables, in the order in which the canonical form takes them. New tables go to the end.
  static let all = [claim, result, count, output, reject, snapshot, plan, definition, lookup]
}

/// The numbered, immutable migrations of the ledger file.
///
/// The canonical form of the chain covers every column of a child table. Therefore a table that has shipped is never
/// altered: what comes later goes into new tables, whose absence of rows leaves the hashes of old entries as they are.
enum LedgerSchema {
  /// `SLUI`: marks the file as a ledger (SQLite's `application_id`, shown by file(1)).
  static let applicationID = 0x534C_5549

  /// All migrations so far.
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("v1", foreignKeyChecks: .immediate) { db in
      try db.execute(sql: "PRAGMA application_id = \(applicationID)")
      for statement in tables + indexes + views { try db.execute(sql: statement) }
      for table in ["entry", "grdb_migrations"] + childTablesOfVersion1 { try forbidChanges(db, table) }
      try db.execute(sql: gaplessEntries)
      for table in childTablesOfVersion1 { try closeEntries(db, table) }
    }
    return migrator
  }

  private static let childTablesOfVersion1 = [
    "claim", "result", "count", "output", "reject", "snapshot", "plan", "definition", "lookup",
  ]

  private static func forbidChanges(_ db: Database, _ table: String) throws {
    for action in ["UPDATE", "DELETE"] {
      try db.execute(
        sql: """
          CREATE TRIGGER \(table)_no_\(action.lowercased()) BEFORE \(action) ON \(table) BEGIN
            SELECT RAISE(ABORT, 'the ledger is append-only: \(action) of \(table) is refused');
          END
          """)
    }
  }

  /// Child rows are inserted before their entry, which then closes over them: nothing can be slipped in later. `INSERT
  /// OR REPLACE` would delete without firing a delete trigger, so that an existing id is refused too.
  private static func closeEntries(_ db: Database, _ table: String) throws {
    try db.execute(
      sql: """
        CREATE TRIGGER \(table)_append BEFORE INSERT ON \(table)
        WHEN EXISTS (SELECT 1 FROM entry WHERE id = NEW.entry) OR EXISTS (SELECT 1 FROM \(table) WHERE id = NEW.id)
        BEGIN
          SELECT RAISE(ABORT, 'the ledger is append-only: the entry of this \(table) row is closed');
        END
        """)
  }

  private static let gaplessEntries = """
    CREATE TRIGGER entry_append BEFORE INSERT ON entry
    WHEN NEW.id <> (SELECT coalesce(max(id), 0) + 1 FROM entry)
    BEGIN
      SELECT RAISE(ABORT, 'the ledger is append-only: entries are numbered without gaps');
    END
    """

  private static let indexes =
    childTablesOfVersion1.map { "CREATE INDEX \($0)_entry ON \($0) (entry)" } + [
      "CREATE INDEX entry_drop ON entry (drop_id)",
      "CREATE INDEX entry_definition ON entry (feed) WHERE kind = 'definition'",
      "CREATE INDEX claim_file ON claim (feed, file)",
      "CREATE INDEX result_drop ON result (drop_id)",
      "CREATE INDEX result_content ON result (content_sha256)",
      "CREATE INDEX result_status ON result (status, drop_id)",
      "CREATE INDEX count_drop ON count (drop_id)",
      "CREATE INDEX output_drop ON output (drop_id)",
      "CREATE INDEX reject_drop ON reject (drop_id)",
      "CREATE INDEX snapshot_feed ON snapshot (feed)",
      "CREATE INDEX plan_drop ON plan (drop_id)",
    ]

  private static let entryReference = "REFERENCES entry (id) DEFERRABLE INITIALLY DEFERRED"

  private static let tables = [
    """
    CREATE TABLE entry (
      id INTEGER PRIMARY KEY, at TEXT NOT NULL, kind TEXT NOT NULL, drop_id INTEGER REFERENCES claim (drop_id),
      feed TEXT CHECK (feed <> '' AND instr(feed, char(10)) = 0), body TEXT NOT NULL, children TEXT NOT NULL,
      previous TEXT NOT NULL, hash TEXT NOT NULL UNIQUE) STRICT
    """,
    """
    CREATE TABLE claim (
      id INTEGER PRIMARY KEY, entry INTEGER NOT NULL \(entryReference), drop_id INTEGER NOT NULL UNIQUE,
      feed TEXT NOT NULL, mode TEXT NOT NULL, file TEXT NOT NULL, pattern INTEGER NOT NULL, bytes INTEGER NOT NULL,
      inode INTEGER NOT NULL, mtime INTEGER NOT NULL, as_of TEXT, as_of_captured INTEGER NOT NULL, sequence INTEGER,
      claimed_at TEXT NOT NULL, now TEXT) STRICT
    """,
    """
    CREATE TABLE result (
      id INTEGER PRIMARY KEY, entry INTEGER NOT NULL \(entryReference),
      drop_id INTEGER NOT NULL REFERENCES claim (drop_id), status TEXT NOT NULL, reason TEXT, message TEXT,
      publication INTEGER UNIQUE, sha256 TEXT, content_sha256 TEXT, content_bytes INTEGER, read INTEGER,
      rejected INTEGER, superseded INTEGER, accepted INTEGER, milliseconds INTEGER, definition TEXT,
      reject_file TEXT) STRICT
    """,
    """
    CREATE TABLE count (
      id INTEGER PRIMARY KEY, entry INTEGER NOT NULL \(entryReference),
      drop_id INTEGER NOT NULL REFERENCES claim (drop_id), target TEXT NOT NULL, new INTEGER NOT NULL,
      changed INTEGER NOT NULL, returned INTEGER NOT NULL, unchanged INTEGER NOT NULL, newer INTEGER NOT NULL,
      withdrawn INTEGER NOT NULL, skipped INTEGER NOT NULL, parked INTEGER NOT NULL, removed INTEGER NOT NULL,
      rows_written INTEGER NOT NULL, fired INTEGER NOT NULL) STRICT
    """,
    """
    CREATE TABLE output (
      id INTEGER PRIMARY KEY, entry INTEGER NOT NULL \(entryReference), publication INTEGER,
      drop_id INTEGER NOT NULL REFERENCES claim (drop_id), target TEXT NOT NULL, path TEXT NOT NULL,
      rows INTEGER NOT NULL, bytes INTEGER NOT NULL, sha256 TEXT NOT NULL) STRICT
    """,
    """
    CREATE TABLE reject (
      id INTEGER PRIMARY KEY, entry INTEGER NOT NULL \(entryReference),
      drop_id INTEGER NOT NULL REFERENCES claim (drop_id), line INTEGER NOT NULL, column INTEGER, field TEXT,
      rule TEXT NOT NULL, message TEXT NOT NULL) STRICT
    """,
    """
    CREATE TABLE snapshot (
      id INTEGER PRIMARY KEY, entry INTEGER NOT NULL \(entryReference), feed TEXT NOT NULL, publication INTEGER,
      segments TEXT NOT NULL, metadata TEXT NOT NULL) STRICT
    """,
    """
    CREATE TABLE plan (
      id INTEGER PRIMARY KEY, entry INTEGER NOT NULL \(entryReference),
      drop_id INTEGER NOT NULL REFERENCES claim (drop_id), plan TEXT NOT NULL) STRICT
    """,
    """
    CREATE TABLE definition (
      id INTEGER PRIMARY KEY, entry INTEGER NOT NULL \(entryReference), hash TEXT NOT NULL, feed TEXT NOT NULL,
      text TEXT NOT NULL, UNIQUE (feed, hash)) STRICT
    """,
    """
    CREATE TABLE lookup (
      id INTEGER PRIMARY KEY, entry INTEGER NOT NULL \(entryReference), hash TEXT NOT NULL, path TEXT NOT NULL,
      content BLOB NOT NULL, UNIQUE (path, hash)) STRICT
    """,
  ]
}
