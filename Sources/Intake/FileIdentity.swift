import Glibc

/// What tells one state of a file from another: the same identity means that nobody replaced or wrote it since.
package struct FileIdentity: Hashable, Sendable, Codable {
  /// Device of the file system.
  package var device: UInt64
  /// Number of the file on it.
  package var inode: UInt64
  /// Length in bytes.
  package var size: Int64
  /// Modification time in nanoseconds since 1970: compared for equality only, never for order.
  package var modified: Int64

  /// An identity.
  package init(device: UInt64, inode: UInt64, size: Int64, modified: Int64) {
    self.device = device
    self.inode = inode
    self.size = size
    self.modified = modified
  }

  init(_ status: stat) {
    self.init(
      device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int64(status.st_size),
      modified: Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec))
  }
}
