import Glibc

/// A regular file that is read once from start to end.
///
/// Links are not followed and nothing but a regular file is opened, so that a hostile name in the inbox can neither
/// lead elsewhere nor block the reader (a pipe without a writer).
public final class InputFile: ByteSource {
  /// The path as it was opened.
  public let path: String
  /// Size, inode and time at the moment of opening.
  public let identity: FileIdentity
  private let descriptor: Int32

  /// Opens `path`.
  ///
  /// Throws `not-a-file` for a link or anything else that is not a regular file, `file-missing`, `permission-denied`
  /// or `io-error`.
  public init(path: String) throws(SluiceError) {
    self.path = path
    // O_NONBLOCK has no effect on regular files, and lets the opening of a pipe return so that it can be refused.
    let opened = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    guard opened >= 0 else {
      let code = errno
      if code == ELOOP || code == ENXIO { throw .notAFile(path, "this is a link or a device, not a regular file") }
      throw .system("open", path: path, errno: code)
    }
    var status = stat()
    guard fstat(opened, &status) == 0 else {
      let code = errno
      close(opened)
      throw .system("fstat", path: path, errno: code)
    }
    guard FileStatus(status).kind == .file else {
      close(opened)
      throw .notAFile(path, "this is not a regular file")
    }
    identity = FileIdentity(status)
    descriptor = opened
    // Advice only: a file system that does not take it changes nothing.
    _ = posix_fadvise(opened, 0, 0, POSIX_FADV_SEQUENTIAL)
  }

  deinit { close(descriptor) }

  /// The bytes of the file at `path`, which is a small one; nil when it has more than `limit`.
  public static func contents(of path: String, limit: Int) throws(SluiceError) -> [UInt8]? {
    let file = try InputFile(path: path)
    let content = ByteArena(capacity: 4096)
    while content.count <= limit {
      let before = content.count
      try content.fill(upTo: 1 << 16) { (room) throws(SluiceError) in try file.read(into: room, upTo: 1 << 16) }
      if content.count == before { return content.view.array }
    }
    return nil
  }

  /// Reads on from where the last read ended; `ByteSource` says how. Throws `io-error`.
  public func read(into target: UnsafeMutablePointer<UInt8>, upTo count: Int) throws(SluiceError) -> Int {
    while true {
      let got = Glibc.read(descriptor, target, count)
      if got >= 0 { return got }
      let code = errno
      if code != EINTR { throw .system("read", path: path, errno: code) }
    }
  }

  /// Size, inode and time now; differs from `identity` when somebody has written since.
  public func currentIdentity() throws(SluiceError) -> FileIdentity {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .system("fstat", path: path, errno: errno) }
    return FileIdentity(status)
  }
}
