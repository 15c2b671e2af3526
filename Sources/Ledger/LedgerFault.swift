import GRDB
import Glibc
import Streams

/// The ledger's errors and how SQLite's become them.
enum LedgerFault {
  /// The file is damaged.
  static func damaged(_ cause: String, file: String? = nil) -> SluiceError {
    SluiceError(
      .environment, "ledger-damaged", file: file, cause: cause,
      remedy:
        "restore the ledger together with its -wal file from a backup; sqlite3's .recover shows what it still holds")
  }

  /// The ledger moved on, or is in another state than the caller believes.
  static func conflict(_ cause: String) -> SluiceError {
    SluiceError(
      .environment, "ledger-conflict", cause: cause,
      remedy: "see sluice status for what happened to the drop meanwhile, then run again")
  }

  /// The feed publishes nothing for now.
  static func paused(_ feed: String, _ pause: FeedPause) -> SluiceError {
    SluiceError(
      .definition, FeedPause.code, field: feed,
      cause: "the feed has been paused since \(pause.at) by \(pause.person): \(pause.reason)",
      remedy: "let it go on with `sluice resume \(feed) --reason TEXT` first")
  }

  /// A later version of Sluice wrote the file.
  static func newer(file: String) -> SluiceError {
    SluiceError(
      .environment, "ledger-newer", file: file, cause: "the ledger was written by a later version of Sluice",
      remedy: "install that version or a later one")
  }

  /// There is no ledger to read.
  static func missing(file: String) -> SluiceError {
    SluiceError(
      .environment, "ledger-missing", file: file, cause: "there is no ledger yet",
      remedy: "check --project, or process a first drop with sluice run")
  }

  /// No right to write.
  static func denied(file: String, _ cause: String) -> SluiceError {
    SluiceError(
      .environment, "permission-denied", file: file, cause: cause,
      remedy: "give the account that runs sluice the right to use \(file) and its directory")
  }

  /// The error that crosses layers for whatever an access to the ledger at `path` threw.
  static func translate(_ error: any Error, path: String) -> SluiceError {
    if let error = error as? SluiceError { return error.naming(path) }
    guard let error = error as? DatabaseError else {
      return damaged("reading the ledger failed: \(error)", file: path)
    }
    let text = error.message ?? "SQLite error \(error.extendedResultCode.rawValue)"
    switch error.resultCode {
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      return SluiceError(
        .environment, "ledger-locked", file: path, cause: "another process is writing to the ledger (\(text))",
        remedy: "let the other sluice finish, or close the SQLite client with an open transaction, then run again")
    case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH, .SQLITE_CANTOPEN:
      return denied(file: path, "the ledger cannot be opened or written: \(text)")
    case .SQLITE_FULL: return SluiceError.system("write", path: path, errno: ENOSPC)
    case .SQLITE_IOERR:
      return SluiceError(
        .environment, "io-error", file: path, cause: "the disk failed under the ledger: \(text)",
        remedy: "check the disk and the mount of \(path), then run again")
    case .SQLITE_CONSTRAINT: return conflict("the ledger refused the change: \(text)").naming(path)
    case .SQLITE_NOMEM:
      return SluiceError(
        .environment, "out-of-memory", file: path, cause: "SQLite ran out of memory",
        remedy: "free some memory and run again")
    case .SQLITE_ERROR where text.contains("WAL"), .SQLITE_PROTOCOL, .SQLITE_NOLFS:
      return SluiceError(
        .environment, "io-error", file: path, cause: "the file system cannot carry a ledger: \(text)",
        remedy: "put the ledger on a local file system; network file systems lack the shared memory that WAL needs")
    default: return damaged("SQLite cannot use the ledger: \(text)", file: path)
    }
  }
}
