import Streams

/// Walks a snapshot in key order, the entries of its segments merged: of equal keys the newest segment's entry counts.
///
/// Invariants:
/// - `cursors[0]` is the base; the higher the index, the newer the segment;
/// - no cursor stands below the current key, and those on it are `source` and segments older than it;
/// - `overlay` is the newest of the overlays that stand on the lowest key among them, -1 when all have ended.
public final class SnapshotCursor {
  private let cursors: UnsafeMutablePointer<SegmentCursor>
  private let count: Int
  private var overlay = -1
  private var source = -1
  private var baseIsTied = false
  private var hasStarted = false

  /// A cursor before the first entry.
  init(_ segments: [SnapshotSegment]) {
    count = segments.count
    cursors = UnsafeMutablePointer<SegmentCursor>.allocate(capacity: max(count, 1))
    for segment in 0..<count { (cursors + segment).initialize(to: SegmentCursor(segments[segment])) }
  }

  deinit {
    cursors.deinitialize(count: count)
    cursors.deallocate()
  }

  /// The segment that the current entry comes from, 0 for the base; -1 when there is no current entry.
  public var segment: Int { source }

  /// The key of the current entry; valid until the next step. There must be a current entry.
  @inline(__always)
  public var key: ByteView { cursors[source].key }

  /// The flags of the current entry. There must be a current entry.
  @inline(__always)
  public var flags: UInt32 { cursors[source].flags }

  /// The last of the current entry's digests. There must be a current entry with a digest.
  @inline(__always)
  public var lastDigest: Digest128 { cursors[source].lastDigest }

  /// The current entry; valid until the next step. There must be a current entry.
  @inline(__always)
  public var current: SnapshotEntry { cursors[source].current }

  /// Goes to the next key of the merged view; false at the end.
  public func advance() throws(SluiceError) -> Bool {
    if source == 0 {
      _ = try cursors[0].advance()
    } else if source > 0 {
      try advanceOverlays()
    } else if !hasStarted {
      try start()
    } else {
      return false
    }
    return choose()
  }

  /// Goes to the first entry, from the current one on, whose key is `key` or above; false when there is none.
  ///
  /// Blocks in between are neither read nor verified.
  public func seek(to key: ByteView) throws(SluiceError) -> Bool {
    if hasStarted {
      guard source >= 0 else { return false }
      if ByteView.compare(self.key, key) >= 0 { return true }
    }
    for segment in 0..<count where cursors[segment].hasEntry || !hasStarted {
      _ = try cursors[segment].seek(to: key)
    }
    hasStarted = true
    findOverlay()
    return choose()
  }

  // MARK: - Merging

  private func start() throws(SluiceError) {
    hasStarted = true
    for segment in 0..<count { _ = try cursors[segment].advance() }
    findOverlay()
  }

  /// Steps over the current key, which an overlay holds, in every segment that holds it.
  private func advanceOverlays() throws(SluiceError) {
    if baseIsTied { _ = try cursors[0].advance() }
    let key = cursors[source].key
    for older in 1..<source where cursors[older].hasEntry && cursors[older].key == key {
      _ = try cursors[older].advance()
    }
    _ = try cursors[source].advance()
    findOverlay()
  }

  private func findOverlay() {
    overlay = -1
    for segment in stride(from: count - 1, to: 0, by: -1) where cursors[segment].hasEntry {
      if overlay < 0 || ByteView.compare(cursors[segment].key, cursors[overlay].key) < 0 { overlay = segment }
    }
  }

  /// Makes the lower of base and overlays the current entry.
  @inline(__always)
  private func choose() -> Bool {
    baseIsTied = false
    if count > 0, cursors[0].hasEntry {
      source = 0
      if overlay >= 0 {
        let order = ByteView.compare(cursors[overlay].key, cursors[0].key)
        if order <= 0 { source = overlay }
        baseIsTied = order == 0
      }
    } else {
      source = overlay
    }
    return source >= 0
  }
}
