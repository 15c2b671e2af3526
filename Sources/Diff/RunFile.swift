import Glibc
import Streams

/// An open file of the sorter or of a snapshot; closed when it is released.
///
/// Invariant: the descriptor is open for as long as the object lives. All positions are given explicitly except for
/// `append`, which only the one `RunOutput` of the file uses (or the thread behind it), so a file that is read may be
/// shared between threads.
final class RunFile: Sendable {
  /// Where it was opened; for messages.
  let path: String
  private let descriptor: Int32

  private init(path: String, descriptor: Int32) {
    self.path = path
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Opens an existing file for reading; nil when there is none.
  static func open(_ path: String) throws(SluiceError) -> RunFile? {
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    if descriptor >= 0 { return RunFile(path: path, descriptor: descriptor) }
    if errno == ENOENT { return nil }
    throw SluiceError.system("open", path: path, errno: errno)
  }

  /// Creates a file that must not exist yet.
  static func create(_ path: String) throws(SluiceError) -> RunFile {
    let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
    guard descriptor >= 0 else { throw SluiceError.system("open", path: path, errno: errno) }
    return RunFile(path: path, descriptor: descriptor)
  }

  /// Creates a file without a name, which vanishes with the object or with the process.
  static func temporary(in directory: String) throws(SluiceError) -> RunFile {
    while true {
      let path = directory + "/.sluice-run-" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
      let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      if descriptor >= 0 {
        unlink(path)
        return RunFile(path: directory, descriptor: descriptor)
      }
      if errno != EEXIST { throw SluiceError.system("open", path: directory, errno: errno) }
    }
  }

  /// Size in bytes.
  func size() throws(SluiceError) -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw SluiceError.system("fstat", path: path, errno: errno) }
    return Int(status.st_size)
  }

  /// Reads up to `count` bytes at `offset`; fewer only at the end of the file.
  func read(into base: UnsafeMutablePointer<UInt8>, count: Int, at offset: Int) throws(SluiceError) -> Int {
    var done = 0
    while done < count {
      let got = pread(descriptor, base + done, count - done, off_t(offset + done))
      if got == 0 { break }
      if got < 0 {
        if errno == EINTR { continue }
        throw SluiceError.system("pread", path: path, errno: errno)
      }
      done += got
    }
    return done
  }

  /// Reads `count` bytes at `offset` as an array; fewer only at the end of the file. For headers and footers.
  func read(count: Int, at offset: Int) throws(SluiceError) -> [UInt8] {
    let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: max(count, 1))
    defer { buffer.deallocate() }
    let got = try read(into: buffer, count: count, at: offset)
    return Array(UnsafeBufferPointer(start: buffer, count: got))
  }

  /// Writes all bytes at the end of what was appended before.
  func append(_ bytes: ByteView) throws(SluiceError) {
    var done = 0
    while done < bytes.count {
      let put = Glibc.write(descriptor, bytes.base + done, bytes.count - done)
      if put < 0 {
        if errno == EINTR { continue }
        throw SluiceError.system("write", path: path, errno: errno)
      }
      done += put
    }
  }

  /// Writes all `count` bytes at `offset`.
  func write(_ base: UnsafeRawPointer, count: Int, at offset: Int) throws(SluiceError) {
    var done = 0
    while done < count {
      let put = pwrite(descriptor, base + done, count - done, off_t(offset + done))
      if put < 0 {
        if errno == EINTR { continue }
        throw SluiceError.system("write", path: path, errno: errno)
      }
      done += put
    }
  }

  /// Tells the disk that the file has grown to `end` bytes.
  func grew(to end: Int, _ writeback: inout Writeback) {
    writeback.grew(to: end, descriptor: descriptor)
  }

  /// Makes the contents survive a power failure.
  func sync() throws(SluiceError) {
    guard fsync(descriptor) == 0 else { throw SluiceError.system("fsync", path: path, errno: errno) }
  }

  /// Makes the names in a directory survive a power failure.
  static func syncDirectory(_ path: String) throws(SluiceError) {
    let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SluiceError.system("open", path: path, errno: errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw SluiceError.system("fsync", path: path, errno: errno) }
  }

  /// Removes a file if it is there; used only to clean up, so failures are not reported.
  static func remove(_ path: String) {
    unlink(path)
  }
}
