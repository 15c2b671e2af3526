import Streams

/// One generation of a feed's snapshot: a base segment and sorted overlays over it, of which the newest wins.
///
/// Memory: the sparse indexes (about 25 bytes for each 32 KiB of keys), a small window for images a segment, and the
/// windows of the cursors. Use a reader and its cursors on one thread at a time.
public final class SnapshotReader {
  private let segments: [SnapshotSegment]
  private let images: [ImageReader]

  /// Opens the segments `NAME.keys` and `NAME.rows` in `directory`, base first, newest last, and verifies all but
  /// blocks and images, which are verified as they are read. Throws `snapshot-damaged`.
  public init(directory: String, segments names: [String]) throws(SluiceError) {
    var segments: [SnapshotSegment] = []
    for name in names { segments.append(try SnapshotSegment(directory: directory, name: name)) }
    self.segments = segments
    images = segments.map { ImageReader($0.rows) }
  }

  /// Segments, the base included.
  public var segmentCount: Int { segments.count }

  /// Whether segment `index` was written in a format whose entries name the drop before.
  public func knowsPrevious(_ index: Int) -> Bool { segments[index].version >= SnapshotFormat.firstWithPrevious }

  /// The metadata that segment `index` was written with; 0 is the base.
  public func metadata(of index: Int) -> [UInt8] { segments[index].metadata }

  /// Digests an entry of segment `index`.
  public func digestCount(of index: Int) -> Int { segments[index].digestCount }

  /// Entries of segment `index`, tombstones included.
  public func entryCount(of index: Int) -> Int { segments[index].footer.entries }

  /// Live keys of the merged view, as stated when the newest segment was finished.
  public var liveCount: Int { segments.last?.footer.mergedLive ?? 0 }

  /// Bytes of both files of segment `index`.
  public func bytes(of index: Int) -> Int {
    let footer = segments[index].footer
    return footer.indexOffset + footer.indexSize + SnapshotFooter.size + footer.rowsSize
  }

  /// A new cursor before the first key of the merged view.
  public func cursor() -> SnapshotCursor { SnapshotCursor(segments) }

  /// Appends the image at `rowOffset` of a segment to `arena`, verified; offset 0 appends nothing.
  public func image(segment: Int, rowOffset: UInt64, into arena: ByteArena) throws(SluiceError) {
    guard rowOffset != 0 else { return }
    arena.append(try images[segment].image(at: rowOffset))
  }
}

/// Reads images from a rows file through a window that grows while the records are read one after the other.
///
/// Invariant: the window's `held` bytes are those of the file from `windowOffset` on.
private final class ImageReader {
  private static let smallestRead = 4 << 10
  private static let largestRead = 256 << 10

  private let file: RunFile
  /// Size of the file, once it was asked for; snapshots never change.
  private var size: Int?
  private var window: UnsafeMutablePointer<UInt8>
  private var capacity = 0
  private var windowOffset = 0
  private var held = 0
  private var readAhead = smallestRead

  init(_ file: RunFile) {
    self.file = file
    window = UnsafeMutablePointer<UInt8>.allocate(capacity: 1)
  }

  deinit { window.deallocate() }

  /// The image whose record begins at `rowOffset`; valid until the next call.
  func image(at rowOffset: UInt64) throws(SluiceError) -> ByteView {
    guard let start = Int(exactly: rowOffset), start < 1 << 56 else { throw damaged(rowOffset) }
    let header = UnsafeRawPointer(try bytes(at: start, count: SnapshotFormat.recordHeaderSize).base)
    let count = Int(UInt32(littleEndian: header.loadUnaligned(as: UInt32.self)))
    let checksum = UInt32(littleEndian: header.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
    let image = try bytes(at: start + SnapshotFormat.recordHeaderSize, count: count)
    guard SnapshotFormat.checksum(ofImage: image, offset: rowOffset) == checksum else { throw damaged(rowOffset) }
    return image
  }

  @inline(__always)
  private func bytes(at offset: Int, count: Int) throws(SluiceError) -> ByteView {
    if offset < windowOffset || offset + count > windowOffset + held { try fill(from: offset, count: count) }
    return ByteView(base: window + (offset - windowOffset), count: count)
  }

  @inline(never)
  private func fill(from offset: Int, count: Int) throws(SluiceError) {
    let goesOn = offset >= windowOffset && offset <= windowOffset + held
    readAhead = goesOn ? min(2 * readAhead, ImageReader.largestRead) : ImageReader.smallestRead
    let size = if let size { size } else { try file.size() }
    self.size = size
    guard offset + count <= size else { throw damaged(UInt64(offset)) }
    let wanted = min(max(count, readAhead), size - offset)
    if wanted > capacity {
      window.deallocate()
      capacity = wanted
      window = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    }
    held = 0
    windowOffset = offset
    held = try file.read(into: window, count: wanted, at: offset)
    guard held >= count else { throw damaged(UInt64(offset)) }
  }

  private func damaged(_ offset: UInt64) -> SluiceError {
    SnapshotFormat.damaged(file.path, "the stored row at offset \(offset) of the snapshot is damaged")
  }
}
