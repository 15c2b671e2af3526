import Glibc

/// Starts the writing of a growing file to the disk while it still grows, so that its fsync at the end finds little to
/// wait for.
///
/// A hint only: what became of it is not asked, and durability is still `fsync`'s business alone.
public struct Writeback: Sendable {
  /// Bytes after which the disk is set to work; large enough that it writes in long runs.
  public static let step = 8 << 20

  private let isOn: Bool
  private var started = 0

  /// For a file that is empty so far; `isOn` false does nothing, for files that are never synced.
  public init(isOn: Bool) { self.isOn = isOn }

  /// To be called after bytes were handed to the system: `end` is the length of the file, `descriptor` is open on it.
  @inline(__always)
  public mutating func grew(to end: Int, descriptor: Int32) {
    guard isOn, end &- started >= Self.step else { return }
    // Linux answers this advice by starting to write the dirty pages of the range without waiting for them; only
    // pages that are on the disk already leave memory, and nobody reads these files soon.
    posix_fadvise(descriptor, off_t(started), off_t(end - started), POSIX_FADV_DONTNEED)
    started = end
  }
}
