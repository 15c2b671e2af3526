import GRDB
import GRDBSQLite
import Streams

/// The record of drops, decisions and outputs: one SQLite file, append-only and hash-chained from its first entry.
///
/// Every method is one transaction, is synchronous, may be called from any thread and throws `SluiceError`:
/// `ledger-locked` after ten seconds of another process's write transaction, `ledger-conflict` when the ledger is in
/// another state than the call supposes, `ledger-damaged`, `permission-denied`, `disk-full` or `io-error`. Readers are
/// never blocked by a writer and see the last commit.
package final class Ledger: Sendable {
  /// What a ledger is opened for.
  package enum Mode: Sendable {
    /// Made when missing, migrated when older.
    case readWrite
    /// Never changed; for commands that only look and for accounts that may only read.
    case readOnly
  }

  /// Where the file is.
  package let path: String
  private let reader: any DatabaseReader
  private let writer: DatabaseQueue?
  private let clock: @Sendable () -> Int64

  private init(
    path: String, reader: any DatabaseReader, writer: DatabaseQueue?, clock: @escaping @Sendable () -> Int64
  ) {
    self.path = path
    self.reader = reader
    self.writer = writer
    self.clock = clock
  }

  /// Opens the ledger at `path`.
  ///
  /// With `durable` false a commit does not wait for the disk, for trials. `busyTimeout` is in seconds; `clock` gives
  /// milliseconds since 1970. Throws `ledger-newer`, `ledger-missing` (only
  /// when reading), `ledger-damaged` for a file that is no ledger, and the errors of every method.
  package static func open(
    path: String, mode: Mode, durable: Bool = true, busyTimeout: Double = 10,
    clock: @escaping @Sendable () -> Int64 = Timestamp.now
  ) throws(SluiceError) -> Ledger {
    let isThere = try LedgerAccess.check(path, mode: mode)
    do {
      if isThere, mode == .readWrite { try rollBack(path, busyTimeout: busyTimeout) }
      let found = isThere ? try openForReading(path, busyTimeout: busyTimeout) : nil
      switch mode {
      case .readOnly:
        guard let found else { throw LedgerFault.missing(file: path) }
        guard try found.read(LedgerSchema.migrator.hasCompletedMigrations) else {
          throw LedgerFault.missing(file: path)
        }
        return Ledger(path: path, reader: found, writer: nil, clock: clock)
      case .readWrite:
        try found?.close()
        let queue = try openForWriting(path, durable: durable, busyTimeout: busyTimeout)
        return Ledger(path: path, reader: queue, writer: queue, clock: clock)
      }
    } catch {
      throw LedgerFault.translate(error, path: path)
    }
  }

  /// Closes the file; no method may be called afterwards. Without it the file closes with the last reference.
  package func close() throws(SluiceError) {
    do {
      try writer?.writeWithoutTransaction { db in
        // Moves the commits into the main file, for whoever copies only that; a reader in the way is no reason to wait.
        try db.execute(sql: "PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE)")
      }
      try reader.close()
    } catch { throw LedgerFault.translate(error, path: path) }
  }

  /// Milliseconds by which the system's clock is behind the last entry, 0 when it is not: a reason to warn.
  package func clockLag() throws(SluiceError) -> Int64 {
    let last = try read { db in try String.fetchOne(db, sql: "SELECT at FROM entry ORDER BY id DESC LIMIT 1") }
    guard let last, let time = Timestamp.milliseconds(last) else { return 0 }
    return max(0, time - clock())
  }

  /// Runs `body` on the last commit.
  func read<Value>(_ body: (Database) throws -> Value) throws(SluiceError) -> Value {
    do {
      guard let writer else { return try reader.read(body) }
      // On the connection that writes too: its statements are compiled and its pages read already.
      return try writer.inDatabase { db in
        var value: Value?
        try db.inTransaction(.deferred) {
          value = try body(db)
          return .commit
        }
        guard let value else { throw LedgerFault.damaged("a question was not answered") }
        return value
      }
    } catch { throw LedgerFault.translate(error, path: path) }
  }

  /// Copies the ledger into a new file at `path`, as it stands now.
  package func copy(to path: String) throws(SluiceError) {
    do { try reader.backup(to: DatabaseQueue(path: path)) } catch { throw LedgerFault.translate(error, path: path) }
  }

  /// Runs `body`, which also gets the clock, in an immediate write transaction; rolls back when it throws.
  func write<Value>(_ body: (Database, Int64) throws -> Value) throws(SluiceError) -> Value {
    guard let writer else { throw LedgerFault.denied(file: path, "the ledger was opened for reading only") }
    do { return try writer.write { db in try body(db, clock()) } } catch {
      throw LedgerFault.translate(error, path: path)
    }
  }
}

extension Ledger {
  private static func configuration(busyTimeout: Double) -> Configuration {
    var configuration = Configuration()
    configuration.busyMode = .timeout(busyTimeout)
    return configuration
  }

  /// Takes back what a process that was killed while it made the file has left half-done: until then nobody can read
  /// it.
  private static func rollBack(_ path: String, busyTimeout: Double) throws {
    guard try FileSystem.status(of: path + "-journal") != nil else { return }
    let queue = try DatabaseQueue(path: path, configuration: configuration(busyTimeout: busyTimeout))
    _ = try queue.read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") }
    try queue.close()
  }

  /// Opens an existing file without changing it and refuses what is not a ledger of this version or an earlier one.
  private static func openForReading(_ path: String, busyTimeout: Double) throws -> DatabaseQueue {
    var configuration = configuration(busyTimeout: busyTimeout)
    configuration.readonly = true
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    try queue.read { db in
      // Another process may be making the file right now: GRDB's own table comes before the first migration.
      let others = "SELECT count(*) FROM sqlite_master WHERE tbl_name <> 'grdb_migrations'"
      let isMarked = try Int.fetchOne(db, sql: "PRAGMA application_id") == LedgerSchema.applicationID
      if !isMarked, try Int.fetchOne(db, sql: others) != 0 {
        throw LedgerFault.damaged("the file is an SQLite database but not a ledger", file: path)
      }
      if try LedgerSchema.migrator.hasBeenSuperseded(db) { throw LedgerFault.newer(file: path) }
    }
    return queue
  }

  private static func openForWriting(_ path: String, durable: Bool, busyTimeout: Double) throws -> DatabaseQueue {
    var configuration = configuration(busyTimeout: busyTimeout)
    configuration.journalMode = .wal
    configuration.prepareDatabase { db in
      if !db.configuration.readonly { try keepWriteAheadLog(db) }
    }
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    // After opening, because GRDB sets NORMAL with WAL, and a commit must survive a power cut.
    try queue.writeWithoutTransaction { db in
      try db.execute(
        sql: "PRAGMA synchronous = \(durable ? "FULL" : "OFF"); PRAGMA journal_size_limit = 4194304")
    }
    do { try LedgerSchema.migrator.migrate(queue) } catch {
      // Two processes may have made the file at once; whoever came second finds it migrated.
      try LedgerSchema.migrator.migrate(queue)
    }
    return queue
  }

  /// Lets the -wal and -shm files stay when the last writer closes: an account without the right to make files in the
  /// directory could not open the ledger without them.
  private static func keepWriteAheadLog(_ db: Database) throws {
    var flag: CInt = 1
    let code = sqlite3_file_control(db.sqliteConnection, nil, SQLITE_FCNTL_PERSIST_WAL, &flag)
    if code != SQLITE_OK { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
  }
}
