import Glibc
import Streams

/// What a snapshot holds of one key. The views belong to whoever made the entry.
public struct SnapshotEntry {
  /// Bit 0 of `flags`: the key is live, not a tombstone of the whole key. The other bits belong to the callers.
  public static let liveFlag: UInt32 = 1

  /// The (folded) key, at most 65,535 bytes; entries are ordered by it.
  public var key: ByteView
  /// The key as it was first spelled, at most 65,535 bytes; the key itself when that is the spelling.
  public var spelling: ByteView
  /// `liveFlag` and the callers' bits.
  public var flags: UInt32
  /// The publication that last changed the entry.
  public var publication: UInt32
  /// The line of that publication's drop.
  public var line: UInt32
  /// Where the image lies in the segment's rows file, below 2^40; 0: there is none.
  public var rowOffset: UInt64
  /// The drop that wrote the key's entry before this one; 0: none, `unknownPrevious`: one that is not known, such as
  /// one more than 16,777,214 drops ago.
  public var previous: UInt32
  /// The digests, 16 bytes each, as many as the segment says.
  public var digests: ByteView

  /// An entry; without a spelling the key is the spelling.
  @inline(__always)
  public init(
    key: ByteView, spelling: ByteView = ByteView(), flags: UInt32 = liveFlag, publication: UInt32 = 0,
    line: UInt32 = 0, rowOffset: UInt64 = 0, previous: UInt32 = 0, digests: ByteView = ByteView()
  ) {
    self.key = key
    self.spelling = spelling.isEmpty ? key : spelling
    self.flags = flags
    self.publication = publication
    self.line = line
    self.rowOffset = rowOffset
    self.previous = previous
    self.digests = digests
  }

  /// An entry whose row offset and previous drop are in one number, as `place` gives it.
  @inline(__always)
  public init(
    key: ByteView, spelling: ByteView, flags: UInt32, publication: UInt32, line: UInt32, place: UInt64,
    digests: ByteView
  ) {
    let age = UInt32(truncatingIfNeeded: place >> SnapshotEntry.offsetBits)
    let before = age == SnapshotEntry.unknownAge ? SnapshotEntry.unknownPrevious : publication &- age
    self.init(
      key: key, spelling: spelling, flags: flags, publication: publication, line: line,
      rowOffset: place & SnapshotEntry.offsetMask, previous: age == 0 ? 0 : before, digests: digests)
  }

  /// Stands for a drop before that is not known.
  public static let unknownPrevious = UInt32.max
  private static let unknownAge: UInt32 = 0xFF_FFFF
  private static let offsetBits: UInt64 = 40
  private static let offsetMask: UInt64 = (1 << offsetBits) - 1
  /// The first row offset that has no room in an entry.
  static let offsetLimit = 1 << Int(offsetBits)

  /// The row offset in the lower 40 bits and, above them, how many drops ago the previous entry was written (0: none).
  @inline(__always)
  public var place: UInt64 {
    guard previous != 0 else { return rowOffset }
    let isKnown = previous < publication && publication &- previous < SnapshotEntry.unknownAge
    let age = UInt64(isKnown ? publication &- previous : SnapshotEntry.unknownAge)
    return rowOffset | age << SnapshotEntry.offsetBits
  }

  /// The key is live.
  @inline(__always)
  public var isLive: Bool { flags & SnapshotEntry.liveFlag != 0 }

  /// The digest at `index`, 16 bytes.
  @inline(__always)
  public func digest(_ index: Int) -> ByteView { digests.slice(from: 16 &* index, count: 16) }
}

/// How an entry lies in a block: key length and spelling length (2 bytes each), flags, publication, line (4 each), row
/// offset and age of the previous entry (8), digests, key, spelling; numbers little endian.
///
/// Invariant: only bytes that `size(in:at:)` found to lie inside the block are read.
enum EntryLayout {
  /// Bytes before the digests.
  static let headerSize = 24

  /// Appends an entry, whose parts are known to fit, to a block.
  @inline(__always)
  static func encode(_ entry: SnapshotEntry, to block: ByteArena) {
    let respelled = !(entry.spelling == entry.key)
    let spelled = respelled ? entry.spelling.count : 0
    block.append(upTo: headerSize &+ entry.digests.count &+ entry.key.count &+ spelled) { base in
      let header = UnsafeMutableRawPointer(base)
      header.storeBytes(of: UInt16(truncatingIfNeeded: entry.key.count).littleEndian, as: UInt16.self)
      header.storeBytes(of: UInt16(truncatingIfNeeded: spelled).littleEndian, toByteOffset: 2, as: UInt16.self)
      header.storeBytes(of: entry.flags.littleEndian, toByteOffset: 4, as: UInt32.self)
      header.storeBytes(of: entry.publication.littleEndian, toByteOffset: 8, as: UInt32.self)
      header.storeBytes(of: entry.line.littleEndian, toByteOffset: 12, as: UInt32.self)
      header.storeBytes(of: entry.place.littleEndian, toByteOffset: 16, as: UInt64.self)
      var next = base + headerSize
      memcpy(next, entry.digests.base, entry.digests.count)
      next += entry.digests.count
      memcpy(next, entry.key.base, entry.key.count)
      next += entry.key.count
      if spelled > 0 { memcpy(next, entry.spelling.base, spelled) }
      return headerSize &+ entry.digests.count &+ entry.key.count &+ spelled
    }
  }

  /// The size of the entry that begins at the block's start, or nil when it does not fit into `block`.
  @inline(__always)
  static func size(of block: ByteView, digestBytes: Int) -> Int? {
    guard block.count >= headerSize &+ digestBytes else { return nil }
    let header = UnsafeRawPointer(block.base)
    let key = Int(UInt16(littleEndian: header.loadUnaligned(as: UInt16.self)))
    let spelling = Int(UInt16(littleEndian: header.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
    let size = headerSize &+ digestBytes &+ key &+ spelling
    return size <= block.count ? size : nil
  }

  /// The key of a whole entry.
  @inline(__always)
  static func key(of entry: ByteView, digestBytes: Int) -> ByteView {
    let count = Int(UInt16(littleEndian: UnsafeRawPointer(entry.base).loadUnaligned(as: UInt16.self)))
    return entry.slice(from: headerSize &+ digestBytes, count: count)
  }

  /// A whole entry's parts.
  @inline(__always)
  static func decode(_ entry: ByteView, digestBytes: Int) -> SnapshotEntry {
    let header = UnsafeRawPointer(entry.base)
    let key = key(of: entry, digestBytes: digestBytes)
    return SnapshotEntry(
      key: key, spelling: entry.dropping(headerSize &+ digestBytes &+ key.count),
      flags: UInt32(littleEndian: header.loadUnaligned(fromByteOffset: 4, as: UInt32.self)),
      publication: UInt32(littleEndian: header.loadUnaligned(fromByteOffset: 8, as: UInt32.self)),
      line: UInt32(littleEndian: header.loadUnaligned(fromByteOffset: 12, as: UInt32.self)),
      place: UInt64(littleEndian: header.loadUnaligned(fromByteOffset: 16, as: UInt64.self)),
      digests: entry.slice(from: headerSize, count: digestBytes))
  }
}
