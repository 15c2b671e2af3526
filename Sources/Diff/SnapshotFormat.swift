import Streams

/// The files of a snapshot segment. All numbers are little endian.
///
/// `NAME.keys`:
/// - header: magic `SLUICEK1`, format version (UInt32, 2; in version 1 entries do not know the one before), digests an
///   entry (UInt32), length of the metadata (UInt32), reserved (UInt32, 0), metadata, checksum of all that (UInt64);
/// - blocks: payload length (UInt32), entries (UInt32), checksum (UInt64, seeded with the block's ordinal, the length
///   and the number of entries), payload. A payload has at most 32 KiB unless one entry alone is larger. Entries
///   (`EntryLayout`) ascend strictly by key over the whole file;
/// - index: for each block its offset (UInt64), length of its first key (UInt16), first key;
/// - footer: `SnapshotFooter`, then the checksum of index and footer (UInt64), then the magic `SLUICEKE`.
///
/// `NAME.rows`: magic `SLUICER1`, then records: length (UInt32), checksum (UInt32, seeded with the record's offset),
/// bytes. A record is addressed by its offset, so offset 0 addresses none.
///
/// Every byte is covered by a checksum or compared with what it must be, and the footer knows the size of both files.
enum SnapshotFormat {
  /// First bytes of a keys file.
  static let keysMagic = Array("SLUICEK1".utf8)
  /// Last bytes of a keys file.
  static let endMagic = Array("SLUICEKE".utf8)
  /// First bytes of a rows file.
  static let rowsMagic = Array("SLUICER1".utf8)
  /// The format version that is written.
  static let version: UInt32 = 2
  /// The first in which entries name the drop before.
  static let firstWithPrevious: UInt32 = 2
  /// Those that are read.
  static let versions: ClosedRange<UInt32> = 1...2
  /// Bytes of the header before the metadata.
  static let headerSize = 24
  /// Bytes of a block before its payload.
  static let blockHeaderSize = 16
  /// Bytes that a block's payload has at most, unless one entry alone is larger.
  static let blockSize = 32 << 10
  /// Bytes of a record before its image.
  static let recordHeaderSize = 8
  /// Bytes of an index record before its key.
  static let indexHeaderSize = 10
  private static let headerSeed: UInt64 = 1
  private static let footerSeed: UInt64 = 2
  private static let recordSeed: UInt64 = 3

  /// The paths of a segment's two files.
  static func paths(directory: String, name: String) -> (keys: String, rows: String) {
    (directory + "/" + name + ".keys", directory + "/" + name + ".rows")
  }

  /// The header with its checksum.
  static func header(digestCount: Int, metadata: [UInt8]) -> [UInt8] {
    var bytes = keysMagic
    bytes.appendNumber(version)
    bytes.appendNumber(UInt32(digestCount))
    bytes.appendNumber(UInt32(metadata.count))
    bytes.appendNumber(UInt32(0))
    bytes += metadata
    bytes.appendNumber(checksum(ofHeader: bytes))
    return bytes
  }

  /// The checksum of a header.
  static func checksum(ofHeader bytes: [UInt8]) -> UInt64 {
    bytes.withView { BlockChecksum.of($0, seed: headerSeed) }
  }

  /// The checksum of index and footer.
  static func checksum(ofFooter bytes: [UInt8]) -> UInt64 {
    bytes.withView { BlockChecksum.of($0, seed: footerSeed) }
  }

  /// The checksum of a block.
  @inline(__always)
  static func checksum(ofBlock payload: ByteView, ordinal: Int, entries: UInt32) -> UInt64 {
    let seed = UInt64(ordinal) << 32 ^ UInt64(entries)
    return BlockChecksum.of(payload, seed: seed)
  }

  /// The checksum of an image whose record begins at `offset`.
  @inline(__always)
  static func checksum(ofImage image: ByteView, offset: UInt64) -> UInt32 {
    let checksum = BlockChecksum.of(image, seed: offset << 8 ^ recordSeed)
    return UInt32(truncatingIfNeeded: checksum ^ checksum >> 32)
  }

  /// The error for a snapshot that cannot be trusted.
  static func damaged(_ path: String, _ cause: String) -> SluiceError {
    SluiceError(
      .environment, "snapshot-damaged", file: path, cause: cause,
      remedy: "rebuild the snapshot from the archive with `sluice snapshot rebuild FEED`")
  }
}

/// The fixed part at the end of a keys file; see `SnapshotFormat`.
struct SnapshotFooter: Equatable {
  /// Bytes of the footer with its checksum and the closing magic.
  static let size = 80

  /// Where the index begins, which is where the blocks end.
  var indexOffset = 0
  /// Bytes of the index.
  var indexSize = 0
  /// Blocks.
  var blocks = 0
  /// Entries, tombstones included.
  var entries = 0
  /// Entries that are live.
  var live = 0
  /// Live keys of the merged view whose newest segment this one is.
  var mergedLive = 0
  /// Size of the rows file.
  var rowsSize = 0
  /// All block checksums, folded in order.
  var blockChecksums: UInt64 = 0

  /// The eight numbers, without checksum and magic.
  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    for number in [indexOffset, indexSize, blocks, entries, live, mergedLive, rowsSize] {
      bytes.appendNumber(UInt64(number))
    }
    bytes.appendNumber(blockChecksums)
    return bytes
  }

  /// An empty footer.
  init() {}

  /// Reads the eight numbers; nil when one of them is impossible.
  init?(_ bytes: [UInt8]) {
    guard bytes.count >= 64 else { return nil }
    var numbers: [Int] = []
    for field in 0..<7 {
      guard let number = Int(exactly: bytes.number(at: 8 * field, as: UInt64.self)), number < 1 << 56 else {
        return nil
      }
      numbers.append(number)
    }
    (indexOffset, indexSize, blocks, entries) = (numbers[0], numbers[1], numbers[2], numbers[3])
    (live, mergedLive, rowsSize) = (numbers[4], numbers[5], numbers[6])
    blockChecksums = bytes.number(at: 56, as: UInt64.self)
  }
}

extension Array where Element == UInt8 {
  /// Appends a number, little endian.
  mutating func appendNumber<Number: FixedWidthInteger>(_ number: Number) {
    Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
  }

  /// The little endian number at `offset`, which must lie inside the array with all its bytes.
  func number<Number: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: Number.Type) -> Number {
    precondition(offset >= 0 && offset + MemoryLayout<Number>.size <= count)
    return withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Number.self)) }
  }
}
