import Glibc
import Streams

/// What the file system allows, asked before SQLite, whose `unable to open database file` names no cause.
enum LedgerAccess {
  /// Whether the file is there and has content; throws what stands in the way of opening it.
  ///
  /// The file itself is never opened here: closing a descriptor would drop the locks that this process's own SQLite
  /// connections hold on it.
  static func check(_ path: String, mode: Ledger.Mode) throws(SluiceError) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0 else {
      let code = errno
      guard code == ENOENT else { throw SluiceError.system("open", path: path, errno: code) }
      if mode == .readOnly { throw LedgerFault.missing(file: path) }
      try require(W_OK | X_OK, directory(of: path))
      return false
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw LedgerFault.damaged("it is not a regular file", file: path)
    }
    try require(mode == .readWrite ? R_OK | W_OK : R_OK, path)
    // SQLite makes the -wal and -shm files there.
    if mode == .readWrite { try require(W_OK | X_OK, directory(of: path)) }
    return status.st_size > 0
  }

  private static func require(_ rights: Int32, _ path: String) throws(SluiceError) {
    if faccessat(AT_FDCWD, path, rights, AT_EACCESS) != 0 {
      throw SluiceError.system("open", path: path, errno: errno)
    }
  }

  private static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
