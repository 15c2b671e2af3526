import Glibc
import Streams

/// rename(2) that never replaces, by the calls that the file system at hand has for it.
///
/// Invariant: the address that `dlsym` gives for `renameat2` is called with that function's signature, here alone.
enum ExclusiveRename {
  /// What became of it.
  enum Outcome: Equatable, Sendable {
    case renamed, absent, taken, otherDevice
  }

  private typealias Call =
    @convention(c) (Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32) -> Int32

  /// The C library hides renameat2 from Swift behind `_GNU_SOURCE`.
  private static let renameat2: Call? = dlsym(nil, "renameat2").map { unsafeBitCast($0, to: Call.self) }

  /// `RENAME_NOREPLACE` of linux/fs.h.
  private static let noReplace: UInt32 = 1

  /// Renames `source` to `target` unless `target` exists.
  static func rename(_ source: String, to target: String) throws(SluiceError) -> Outcome {
    if let renameat2 {
      if renameat2(AT_FDCWD, source, AT_FDCWD, target, noReplace) == 0 { return .renamed }
      if errno != EINVAL && errno != ENOSYS { return try outcome(errno, "rename", source, target) }
    }
    return try link(source, to: target)
  }

  /// The same with a second name that the file bears for a moment: NFS and others know no exclusive rename.
  static func link(_ source: String, to target: String) throws(SluiceError) -> Outcome {
    if Glibc.link(source, target) != 0 { return try outcome(errno, "link", source, target) }
    if unlink(source) != 0 { throw SluiceError.system("unlink", path: source, errno: errno) }
    return .renamed
  }

  private static func outcome(
    _ code: Int32, _ call: String, _ source: String, _ target: String
  ) throws(SluiceError) -> Outcome {
    switch code {
    case EEXIST, ENOTEMPTY: return .taken
    case EXDEV: return .otherDevice
    // ENOENT also says that the target's directory is missing, which is no answer about the source.
    case ENOENT where try FileCalls.status(source) == nil: return .absent
    case ENOENT: throw SluiceError.system(call, path: target, errno: code)
    default: throw SluiceError.system(call, path: source, errno: code)
    }
  }
}

/// The name in a directory entry.
///
/// Invariant: `readdir` ends `d_name` with a zero byte and keeps the entry until the next call on the same directory.
enum EntryName {
  /// A copy of the name's bytes.
  static func bytes(_ entry: UnsafeMutablePointer<dirent>) -> [UInt8] {
    guard let offset = MemoryLayout<dirent>.offset(of: \dirent.d_name) else { return [] }
    let start = UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: UInt8.self)
    let count = strlen(UnsafeRawPointer(start).assumingMemoryBound(to: CChar.self))
    return Array(UnsafeBufferPointer(start: start, count: count))
  }
}
