import Streams

/// Makes one base segment out of all segments of a snapshot.
public enum SnapshotCompactor {
  /// Overlays that a snapshot may have whatever their size.
  public static let mostOverlays = 16

  /// True when the overlays exceed a fifth of the base or are more than 16, so that reading suffers.
  public static func shouldCompact(baseBytes: Int, overlayBytes: Int, overlays: Int) -> Bool {
    overlays > mostOverlays || (overlays > 0 && overlayBytes > baseBytes / 5)
  }

  /// Writes a base segment with every key of the merged view, tombstones included, and its images in key order.
  ///
  /// - Parameters:
  ///   - digestCount: digests an entry of the new segment.
  ///   - remap: may append other digests, 16 bytes each, to the (empty) arena and returns whether it did. Its first
  ///     two arguments are the entry and the index of its segment.
  /// - Returns: the summary of the new segment. When it throws, no file is left behind.
  public static func compact(
    _ reader: SnapshotReader, directory: String, name: String, digestCount: Int, metadata: [UInt8], durable: Bool,
    remap: (SnapshotEntry, Int, ByteArena) throws(SluiceError) -> Bool
  ) throws(SluiceError) -> SegmentSummary {
    let writer = try SnapshotWriter(
      directory: directory, name: name, digestCount: digestCount, metadata: metadata, durable: durable)
    let cursor = reader.cursor()
    let image = ByteArena(capacity: 4096)
    let digests = ByteArena(capacity: 16 * digestCount)
    while try cursor.advance() {
      var entry = cursor.current
      if entry.rowOffset != 0 {
        image.removeAll()
        try reader.image(segment: cursor.segment, rowOffset: entry.rowOffset, into: image)
        entry.rowOffset = try writer.appendImage(image.view)
      }
      digests.removeAll()
      if try remap(entry, cursor.segment, digests) { entry.digests = digests.view }
      try writer.append(entry)
    }
    return try writer.finish()
  }
}
