import Glibc

/// Steps on files and directories that the run's safety rests on. Nothing here follows a link or replaces a file.
public enum FileSystem {
  /// The names in a directory.
  public struct Listing: Equatable, Sendable {
    /// Names that are UTF-8, in byte order, `.` and `..` left out.
    public var names: [String] = []
    /// Names that are not UTF-8, in byte order, the wrong bytes written as `\xNN`: such files can only be reported.
    public var unreadable: [String] = []
  }

  /// Waits until the directory's entries (new names, renames) are on the disk.
  public static func syncDirectory(_ path: String) throws(SluiceError) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system("open", path: path, errno: errno) }
    defer { close(descriptor) }
    // Some network file systems refuse to sync a directory (EINVAL): there is nothing more to wait for then.
    if fsync(descriptor) != 0, errno != EINVAL { throw .system("fsync", path: path, errno: errno) }
  }

  /// Makes a directory and those above it that are missing (access rights 0750 less the mask); fine if it exists.
  public static func makeDirectories(_ path: String) throws(SluiceError) {
    // Mostly it is there, or only its last part is missing.
    if mkdir(path, 0o750) == 0 { return }
    var there = stat()
    if stat(path, &there) == 0, there.st_mode & S_IFMT == S_IFDIR { return }
    var made = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      made += made.isEmpty || made == "/" ? String(part) : "/" + part
      if mkdir(made, 0o750) == 0 { continue }
      let code = errno
      var status = stat()
      // A directory that is there already may also be reported as EROFS, EACCES or EPERM.
      if stat(made, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { continue }
      throw .system("mkdir", path: made, errno: code)
    }
  }

  /// Renames `source` to `destination` on the same file system.
  ///
  /// Throws `file-exists` when `destination` is taken; it is never replaced. When the file system knows no such
  /// rename, a second name is made and the first removed; a crash between the two leaves both names of one file,
  /// which the same call repairs.
  public static func moveWithoutReplacing(_ source: String, to destination: String) throws(SluiceError) {
    switch renameWithoutReplacing(source, destination) {
    case 0: return
    case EEXIST:
      guard try isSameFile(source, destination) else { throw alreadyThere(destination) }
      try remove(source)
    case ENOSYS, EINVAL, ENOTSUP: try linkAndUnlink(source, to: destination)
    case let code: throw .system("rename to \(destination)", path: source, errno: code)
    }
  }

  /// Removes a file or a link; fine if there is none.
  public static func remove(_ path: String) throws(SluiceError) {
    if unlink(path) != 0, errno != ENOENT { throw .system("unlink", path: path, errno: errno) }
  }

  /// What stands at `path`; nil when nothing does.
  public static func status(of path: String) throws(SluiceError) -> FileStatus? {
    var status = stat()
    if lstat(path, &status) == 0 { return FileStatus(status) }
    if errno == ENOENT || errno == ENOTDIR { return nil }
    throw .system("lstat", path: path, errno: errno)
  }

  /// The names in a directory.
  public static func list(_ path: String) throws(SluiceError) -> Listing {
    guard let directory = opendir(path) else { throw .system("opendir", path: path, errno: errno) }
    defer { closedir(directory) }
    var readable: [[UInt8]] = []
    var unreadable: [[UInt8]] = []
    while true {
      errno = 0
      guard let entry = readdir(directory) else {
        if errno != 0 { throw .system("readdir", path: path, errno: errno) }
        break
      }
      let name = nameBytes(entry)
      if name == [0x2E] || name == [0x2E, 0x2E] { continue }
      if String(validating: name, as: UTF8.self) == nil { unreadable.append(name) } else { readable.append(name) }
    }
    readable.sort { $0.lexicographicallyPrecedes($1) }
    unreadable.sort { $0.lexicographicallyPrecedes($1) }
    return Listing(names: readable.map { String(decoding: $0, as: UTF8.self) }, unreadable: unreadable.map(escaped))
  }

  static func alreadyThere(_ path: String) -> SluiceError {
    SluiceError(
      .environment, "file-exists", file: path, cause: "something has this name already",
      remedy: "move it away; nothing is ever replaced")
  }

  // MARK: - Renaming

  private typealias Rename = @convention(c) (Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32) -> Int32

  /// `renameat2`, which Swift's view of the C library leaves out; nil where the C library has none.
  private static let renameAt2: Rename? = {
    guard let symbol = dlsym(nil, "renameat2") else { return nil }
    return unsafeBitCast(symbol, to: Rename.self)
  }()

  /// 0 or the errno.
  private static func renameWithoutReplacing(_ source: String, _ destination: String) -> Int32 {
    guard let renameAt2 else { return ENOSYS }
    let noReplace: UInt32 = 1
    return renameAt2(AT_FDCWD, source, AT_FDCWD, destination, noReplace) == 0 ? 0 : errno
  }

  /// The way round for file systems without a rename that replaces nothing.
  static func linkAndUnlink(_ source: String, to destination: String) throws(SluiceError) {
    if link(source, destination) != 0 {
      let code = errno
      guard code == EEXIST else { throw .system("link to \(destination)", path: source, errno: code) }
      guard try isSameFile(source, destination) else { throw alreadyThere(destination) }
    }
    try remove(source)
  }

  private static func isSameFile(_ left: String, _ right: String) throws(SluiceError) -> Bool {
    var first = stat()
    var second = stat()
    guard lstat(left, &first) == 0, lstat(right, &second) == 0 else { return false }
    return first.st_ino == second.st_ino && first.st_dev == second.st_dev && left != right
  }

  // MARK: - Names

  private static func nameBytes(_ entry: UnsafeMutablePointer<dirent>) -> [UInt8] {
    // The record may be shorter than the struct, so its address is taken, never its value.
    let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
    let start = UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: UInt8.self)
    return Array(UnsafeBufferPointer(start: start, count: strlen(UnsafePointer<CChar>(OpaquePointer(start)))))
  }

  private static func escaped(_ name: [UInt8]) -> String {
    var text = ""
    var index = 0
    name.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return }
      while index < bytes.count {
        let length = UTF8Check.sequenceLength(base + index, available: bytes.count - index)
        if length == 0 {
          text += "\\x" + ContentHash.hexadecimal([bytes[index]]).uppercased()
          index += 1
        } else {
          text += String(decoding: bytes[index..<index + length], as: UTF8.self)
          index += length
        }
      }
    }
    return text
  }
}
