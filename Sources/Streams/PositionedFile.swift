import Glibc

/// A regular file that is read at given places.
public final class PositionedFile: @unchecked Sendable {
  // Sendable: the descriptor never changes and pread keeps no position.
  /// The path as it was opened.
  public let path: String
  /// Size, inode and time at the moment of opening.
  public let identity: FileIdentity
  private let descriptor: Int32

  /// Opens `path`; throws as `InputFile` does.
  public init(path: String) throws(SluiceError) {
    self.path = path
    let opened = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    guard opened >= 0 else { throw .system("open", path: path, errno: errno) }
    var status = stat()
    guard fstat(opened, &status) == 0, FileStatus(status).kind == .file else {
      close(opened)
      throw .notAFile(path, "this is not a regular file")
    }
    identity = FileIdentity(status)
    descriptor = opened
  }

  deinit { close(descriptor) }

  /// Length in bytes at the moment of opening.
  public var size: Int { Int(identity.size) }

  /// Reads exactly `count` bytes from `offset` on.
  ///
  /// Throws `file-truncated` (environment) when the file ends before that.
  public func read(
    at offset: Int, into target: UnsafeMutablePointer<UInt8>, count: Int
  ) throws(SluiceError) {
    var filled = 0
    while filled < count {
      let got = pread(descriptor, target + filled, count - filled, offset + filled)
      if got > 0 {
        filled += got
      } else if got == 0 {
        throw SluiceError(
          .environment, "file-truncated", file: path,
          cause: "the file ends at byte \(offset + filled), \(count - filled) bytes too early",
          remedy: "restore the file from a backup or have it built again")
      } else if errno != EINTR {
        throw .system("pread", path: path, errno: errno)
      }
    }
  }
}
