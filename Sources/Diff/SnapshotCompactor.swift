import Streams

/// Makes one segment out of several of a snapshot: a new base out of all, or one overlay out of the newest.
public enum SnapshotCompactor {
  /// Overlays that a snapshot may have whatever their size.
  public static let mostOverlays = 16
  /// Bytes of a base that is written anew sooner than four overlays are read with it.
  static let smallBase = 1 << 20
  private static let mostOverlaysOfSmallBase = 4

  /// True when the overlays exceed a fifth of the base or are more than 16 (4 where the base is small), so that reading
  /// suffers.
  public static func shouldCompact(baseBytes: Int, overlayBytes: Int, overlays: Int) -> Bool {
    overlays > (baseBytes < smallBase ? mostOverlaysOfSmallBase : mostOverlays)
      || (overlays > 0 && overlayBytes > baseBytes / 5)
  }

  /// The first segment of those to be merged, which are all from there on: 0 when the overlays have outgrown the base
  /// or it is small, else the newest half of the overlays and what is not much larger, so that each byte is merged few
  /// times however many small deltas come. nil: nothing has to be merged. `sizes` are the segments' bytes, base first.
  public static func firstToMerge(sizes: [Int]) -> Int? {
    guard let base = sizes.first else { return nil }
    let overlays = sizes.count - 1
    let bytes = sizes.dropFirst().reduce(0, +)
    guard shouldCompact(baseBytes: base, overlayBytes: bytes, overlays: overlays) else { return nil }
    if bytes > base / 5 || base < smallBase { return 0 }
    var first = sizes.count - mostOverlays / 2
    var merged = sizes[first...].reduce(0, +)
    while first > 1, sizes[first - 1] <= 2 * merged {
      first -= 1
      merged += sizes[first]
    }
    return first
  }

  /// Writes a segment with every key of the merged view, tombstones included, and its images in key order.
  ///
  /// - Parameters:
  ///   - digestCount: digests an entry of the new segment.
  ///   - mergedLive: live keys of the whole snapshot when `reader` has only its newest segments; nil for a base.
  ///   - translate: gives an entry of the segment with that index as the new segment has it; the arena holds its image
  ///     (empty: it has none), which may be exchanged. What it gives back has to last until its next call.
  /// - Returns: the summary of the new segment. When it throws, no file is left behind.
  public static func compact(
    _ reader: SnapshotReader, directory: String, name: String, digestCount: Int, metadata: [UInt8], durable: Bool,
    mergedLive: Int? = nil,
    translate: (SnapshotEntry, Int, ByteArena) throws(SluiceError) -> SnapshotEntry
  ) throws(SluiceError) -> SegmentSummary {
    let writer = try SnapshotWriter(
      directory: directory, name: name, digestCount: digestCount, metadata: metadata, durable: durable)
    let cursor = reader.cursor()
    let image = ByteArena(capacity: 4096)
    while try cursor.advance() {
      let entry = cursor.current
      image.removeAll()
      if entry.rowOffset != 0 { try reader.image(segment: cursor.segment, rowOffset: entry.rowOffset, into: image) }
      var translated = try translate(entry, cursor.segment, image)
      if !reader.knowsPrevious(cursor.segment) { translated.previous = SnapshotEntry.unknownPrevious }
      if entry.rowOffset != 0 || image.count > 0 { translated.rowOffset = try writer.appendImage(image.view) }
      try writer.append(translated)
    }
    return try writer.finish(mergedLive: mergedLive)
  }
}
