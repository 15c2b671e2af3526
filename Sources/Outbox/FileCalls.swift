import Glibc
import Streams

/// The system calls on files that moving needs, with `EINTR` handled and failures as `SluiceError`.
enum FileCalls {
  /// What became of a move that never replaces.
  enum MoveOutcome: Equatable, Sendable {
    /// The file stands under the new name, and under that alone.
    case moved
    /// There is no file under the old name.
    case absent
    /// The new name is taken by something else; nothing was changed.
    case taken
  }

  /// The status of what `path` names, symbolic links not followed; nil when there is nothing.
  static func status(_ path: String) throws(SluiceError) -> stat? {
    var status = stat()
    if lstat(path, &status) == 0 { return status }
    if errno == ENOENT || errno == ENOTDIR { return nil }
    throw SluiceError.system("lstat", path: path, errno: errno)
  }

  /// True for the status of a regular file.
  static func isRegular(_ status: stat) -> Bool { status.st_mode & S_IFMT == S_IFREG }

  /// Opens `path` without following a symbolic link at its end; the descriptor is closed on exec.
  static func open(_ path: String, _ flags: Int32) throws(SluiceError) -> Int32 {
    while true {
      let descriptor = Glibc.open(path, flags | O_NOFOLLOW | O_CLOEXEC, 0o644)
      if descriptor >= 0 { return descriptor }
      if errno != EINTR { throw SluiceError.system("open", path: path, errno: errno) }
    }
  }

  /// Opens a directory; a link to one is followed, since the places of a project may be links.
  static func openDirectory(_ path: String) throws(SluiceError) -> Int32 {
    let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if descriptor < 0 { throw SluiceError.system("open", path: path, errno: errno) }
    return descriptor
  }

  /// Writes all of `bytes`, however few the system takes at once. `write` stands for write(2).
  static func writeAll(
    _ bytes: ByteView, to descriptor: Int32, path: String,
    write: (Int32, UnsafeRawPointer, Int) -> Int = { Glibc.write($0, $1, $2) }
  ) throws(SluiceError) {
    var rest = bytes
    while !rest.isEmpty {
      let written = write(descriptor, rest.base, rest.count)
      if written > 0 {
        rest = rest.dropping(written)
      } else if written == 0 || errno != EINTR {
        // A write that takes nothing and names no error would otherwise be tried for ever.
        throw SluiceError.system("write", path: path, errno: written == 0 ? EIO : errno)
      }
    }
  }

  /// Makes a directory and those above it; one that exists already is fine. When `durable`, a new one is synced into
  /// the one above it, so that nothing moved into it can vanish with it.
  static func makeDirectory(_ path: String, durable: Bool) throws(SluiceError) {
    if mkdir(path, 0o755) != 0 {
      if errno == EEXIST { return }
      let above = parent(path)
      guard errno == ENOENT, above.utf8.count < path.utf8.count, above != "." else {
        throw SluiceError.system("mkdir", path: path, errno: errno)
      }
      try makeDirectory(above, durable: durable)
      if mkdir(path, 0o755) != 0 && errno != EEXIST { throw SluiceError.system("mkdir", path: path, errno: errno) }
    }
    if durable { try syncDirectory(parent(path)) }
  }

  /// Makes the entries of a directory durable.
  static func syncDirectory(_ path: String) throws(SluiceError) {
    let descriptor = try openDirectory(path)
    defer { close(descriptor) }
    // Some file systems (FUSE, SMB) refuse to sync a directory; they have no better way to offer.
    if fsync(descriptor) != 0 && errno != EINVAL && errno != ENOTSUP {
      throw SluiceError.system("fsync", path: path, errno: errno)
    }
  }

  /// The directory part of a path.
  static func parent(_ path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Removes a file; one that is absent is fine.
  static func remove(_ path: String) throws(SluiceError) {
    if unlink(path) != 0 && errno != ENOENT { throw SluiceError.system("unlink", path: path, errno: errno) }
  }

  /// The names in a directory as bytes, `.` and `..` left out, in byte order; nil when there is no such directory.
  static func names(in path: String) throws(SluiceError) -> [[UInt8]]? {
    guard let directory = opendir(path) else {
      if errno == ENOENT { return nil }
      throw SluiceError.system("opendir", path: path, errno: errno)
    }
    defer { closedir(directory) }
    var names: [[UInt8]] = []
    while true {
      errno = 0
      guard let entry = readdir(directory) else { break }
      let name = EntryName.bytes(entry)
      if name != [0x2E] && name != [0x2E, 0x2E] { names.append(name) }
    }
    if errno != 0 { throw SluiceError.system("readdir", path: path, errno: errno) }
    return names.sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// True when both files hold the same bytes.
  static func haveSameBytes(_ left: String, _ right: String) throws(SluiceError) -> Bool {
    let first = try open(left, O_RDONLY)
    defer { close(first) }
    let second = try open(right, O_RDONLY)
    defer { close(second) }
    var one = [UInt8](repeating: 0, count: 1 << 16)
    var other = one
    while true {
      let count = try fill(&one, from: first, path: left)
      guard try fill(&other, from: second, path: right) == count else { return false }
      if count == 0 { return true }
      guard one[..<count] == other[..<count] else { return false }
    }
  }

  /// Copies a regular file to `target`, which must not exist yet, and syncs it. Bytes only: no owner, no times.
  static func copy(_ source: String, to target: String, durable: Bool) throws(SluiceError) {
    let input = try open(source, O_RDONLY)
    defer { close(input) }
    let output = try open(target, O_WRONLY | O_CREAT | O_EXCL)
    defer { close(output) }
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count = try fill(&buffer, from: input, path: source)
      if count == 0 { break }
      try buffer.withView { (bytes) throws(SluiceError) in
        try writeAll(bytes.slice(from: 0, count: count), to: output, path: target)
      }
    }
    if durable && fsync(output) != 0 { throw SluiceError.system("fsync", path: target, errno: errno) }
  }

  /// Reads until `buffer` is full or the file ends; returns how many bytes came.
  private static func fill(_ buffer: inout [UInt8], from descriptor: Int32, path: String) throws(SluiceError) -> Int {
    var filled = 0
    while filled < buffer.count {
      let offset = filled
      let count = buffer.withUnsafeMutableBytes { bytes in
        let room = UnsafeMutableRawBufferPointer(rebasing: bytes.dropFirst(offset))
        return read(descriptor, room.baseAddress, room.count)
      }
      if count == 0 { break }
      if count > 0 {
        filled += count
      } else if errno != EINTR {
        throw SluiceError.system("read", path: path, errno: errno)
      }
    }
    return filled
  }
}
