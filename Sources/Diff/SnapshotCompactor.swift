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
  ///   - translate: gives an entry of the segment with that index as the new segment has it; the arena holds its image
  ///     (empty: it has none), which may be exchanged. What it gives back has to last until its next call.
  /// - Returns: the summary of the new segment. When it throws, no file is left behind.
  public static func compact(
    _ reader: SnapshotReader, directory: String, name: String, digestCount: Int, metadata: [UInt8], durable: Bool,
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
      if entry.rowOffset != 0 || image.count > 0 { translated.rowOffset = try writer.appendImage(image.view) }
      try writer.append(translated)
    }
    return try writer.finish()
  }
}
