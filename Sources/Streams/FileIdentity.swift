import Glibc

/// What tells one state of a file from another without reading it: a failed proof of completeness is tried again
/// only when one of these has changed.
public struct FileIdentity: Equatable, Hashable, Sendable, Codable {
  /// Length in bytes.
  public var size: Int64
  /// Inode number.
  public var inode: UInt64
  /// Time of the last modification, in nanoseconds since 1970-01-01 UTC.
  public var modified: Int64

  /// An identity.
  public init(size: Int64, inode: UInt64, modified: Int64) {
    self.size = size
    self.inode = inode
    self.modified = modified
  }

  init(_ status: stat) {
    self.init(
      size: Int64(status.st_size), inode: UInt64(status.st_ino),
      modified: Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec))
  }
}

/// What stands at a path, symbolic links not followed.
public struct FileStatus: Equatable, Sendable {
  /// The kinds of files that matter.
  public enum Kind: Sendable { case file, directory, link, other }
  /// The kind.
  public var kind: Kind
  /// Size, inode and time.
  public var identity: FileIdentity
  /// Number of the file system that it is on.
  public var device: UInt64

  init(_ status: stat) {
    device = UInt64(status.st_dev)
    kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .directory
      case S_IFLNK: .link
      default: .other
      }
    identity = FileIdentity(status)
  }
}

extension SluiceError {
  /// The refusal of anything but a regular file.
  static func notAFile(_ path: String, _ cause: String) -> SluiceError {
    SluiceError(
      .environment, "not-a-file", file: path, cause: cause,
      remedy: "put a regular file there; links, directories, pipes and devices are not read")
  }
}
