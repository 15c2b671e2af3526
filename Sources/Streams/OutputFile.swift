import Glibc

/// A new file that is written once from start to end through a buffer.
///
/// It never replaces anything: creating fails when something has the name already. What is not finished stays on the
/// disk as it is; whoever stages files removes them.
public final class OutputFile {
  /// The path as it was created.
  public let path: String
  /// Bytes appended so far, those that are still buffered included.
  public var byteCount: Int { flushed + used }
  private var descriptor: Int32
  private let buffer: UnsafeMutablePointer<UInt8>
  private let capacity: Int
  private var used = 0
  private var flushed = 0
  private let hash: ContentHash?

  /// Creates `path` with the access rights 0640 less the process's mask.
  ///
  /// Throws `file-exists` when something has that name, `disk-full`, `permission-denied`, `file-missing` (the
  /// directory) or `io-error`.
  public init(path: String, bufferSize: Int = 64 << 10, hashing: Bool = false) throws(SluiceError) {
    self.path = path
    hash = hashing ? try ContentHash() : nil
    let opened = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o640)
    guard opened >= 0 else {
      let code = errno
      if code == EEXIST { throw FileSystem.alreadyThere(path) }
      throw .system("open", path: path, errno: code)
    }
    descriptor = opened
    capacity = max(bufferSize, 512)
    buffer = .allocate(capacity: capacity)
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    buffer.deallocate()
  }

  /// Appends bytes. Throws `disk-full` or `io-error`.
  @inline(__always)
  public func append(_ view: ByteView) throws(SluiceError) {
    if view.count <= capacity &- used {
      memcpy(buffer + used, view.base, view.count)
      used &+= view.count
    } else {
      try appendLarge(view)
    }
  }

  /// Appends all bytes of an arena.
  @inline(__always)
  public func append(_ arena: ByteArena) throws(SluiceError) { try append(arena.view) }

  /// Appends text as UTF-8.
  public func append(_ text: String) throws(SluiceError) {
    try Array(text.utf8).withView { (view) throws(SluiceError) in try append(view) }
  }

  @inline(never)
  private func appendLarge(_ view: ByteView) throws(SluiceError) {
    try flush()
    if view.count < capacity {
      memcpy(buffer, view.base, view.count)
      used = view.count
    } else {
      try write(view)
    }
  }

  /// Hands the buffered bytes to the system, without waiting for the disk.
  public func flush() throws(SluiceError) {
    guard used > 0 else { return }
    let pending = ByteView(base: buffer, count: used)
    try write(pending)
    used = 0
  }

  /// Writes out what is buffered, waits for the disk unless `durable` is false, and closes the file.
  ///
  /// The directory that names the file is not waited for: see `FileSystem.syncDirectory`.
  public func finish(durable: Bool = true) throws(SluiceError) {
    precondition(descriptor >= 0, "a file finished twice")
    try flush()
    if durable, fsync(descriptor) != 0 { throw .system("fsync", path: path, errno: errno) }
    let closing = descriptor
    descriptor = -1
    // After EINTR Linux has closed the descriptor all the same.
    if close(closing) != 0, errno != EINTR { throw .system("close", path: path, errno: errno) }
  }

  /// SHA-256 of all bytes in hexadecimal, once finished; nil when not hashing.
  public var sha256: String? {
    precondition(descriptor < 0, "the hash of a file that is not finished")
    return hash?.finish()
  }

  /// Closes and removes the file.
  public func abandon() throws(SluiceError) {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
    try FileSystem.remove(path)
  }

  private func write(_ view: ByteView) throws(SluiceError) {
    var done = 0
    while done < view.count {
      let written = Glibc.write(descriptor, view.base + done, view.count - done)
      if written >= 0 {
        done += written
      } else if errno != EINTR {
        throw .system("write", path: path, errno: errno)
      }
    }
    hash?.update(view)
    flushed += view.count
  }
}
