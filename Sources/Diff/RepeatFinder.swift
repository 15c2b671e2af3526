import Streams

/// Finds, without sorting, the rows of a drop that are those of last time, in whatever order they come.
///
/// The entries of the snapshot and the rows of the drop are parted by a hash of their keys; then one partition after
/// the other is joined in a table in memory. A row is a repetition when its key's hash and the digest of its bytes
/// (some 100 bits together) are those of an entry and no other row has that hash. All other rows are handed back: those
/// that differ, those without an entry, and every row of a key that stands more than once. A chance collision of two
/// keys hands back rows that need not be, and nothing else.
///
/// Entries and rows may be added by two threads at a time, one for each. The time is linear in both, the disk is used
/// sequentially, and memory is what the caller allows, the table of one partition and a bit an entry.
public final class RepeatFinder {
  /// Something that the caller knows a row by.
  public typealias Place = SIMD2<UInt64>

  /// Words of four bytes: every byte here is written and read once for each row.
  private struct Entry: BitwiseCopyable {
    var mark: RepeatTable.Mark
    var ordinal: UInt32
  }

  private typealias Words = (UInt32, UInt32, UInt32, UInt32)

  private struct Row: BitwiseCopyable {
    var mark: RepeatTable.Mark
    var place: Words
  }

  /// The most entries there may be.
  public static let maximumEntries = RepeatTable.maximumOrdinal
  /// Entries that a partition is made for: their table stays near the processor.
  private static let entriesPerPartition = 24 << 10
  private static let maximumPartitions = 1 << 12

  private let entries: PartitionedFile<Entry>
  private let rows: PartitionedFile<Row>
  private let shift: UInt64
  private let hash: KeyHash
  private let found: UnsafeMutablePointer<UInt64>
  private let words: Int

  /// A finder for about `entries` entries, whose ordinals are below that number, which spills into `directory` and
  /// buffers about `memory` bytes.
  public convenience init(directory: String, entries count: Int, memory: Int) {
    self.init(directory: directory, entries: count, memory: memory, hash: KeyHash())
  }

  init(directory: String, entries count: Int, memory: Int, hash: KeyHash) {
    self.hash = hash
    var partitions = 1
    while partitions * Self.entriesPerPartition < count, partitions < Self.maximumPartitions { partitions *= 2 }
    shift = UInt64(64 - partitions.trailingZeroBitCount)
    entries = PartitionedFile(directory: directory, partitions: partitions, memory: memory / 2)
    rows = PartitionedFile(directory: directory, partitions: partitions, memory: memory / 2)
    words = count / 64 + 1
    found = UnsafeMutablePointer<UInt64>.allocate(capacity: words)
    found.initialize(repeating: 0, count: words)
  }

  deinit { found.deallocate() }

  /// Adds the entry with number `ordinal`. A `spelling` that is not empty has to be the same too.
  @inline(__always)
  public func add(entry ordinal: Int, key: ByteView, spelling: ByteView, source: Digest128) throws(SluiceError) {
    let hash = hash.of(key)
    let mark = RepeatTable.Mark(hash: hash, source: bytes(spelling, source))
    try entries.append(Entry(mark: mark, ordinal: UInt32(truncatingIfNeeded: ordinal)), to: partition(hash))
  }

  /// Adds a row that is found again at `place`.
  @inline(__always)
  public func add(row place: Place, key: ByteView, spelling: ByteView, source: Digest128) throws(SluiceError) {
    let hash = hash.of(key)
    let mark = RepeatTable.Mark(hash: hash, source: bytes(spelling, source))
    try rows.append(Row(mark: mark, place: unsafeBitCast(place, to: Words.self)), to: partition(hash))
  }

  /// Whether a row repeats the entry with that number; after `match`.
  @inline(__always)
  public func isRepeated(_ ordinal: Int) -> Bool {
    assert(ordinal >= 0 && ordinal >> 6 < words)
    return found[ordinal &>> 6] & (1 &<< UInt64(truncatingIfNeeded: ordinal & 63)) != 0
  }

  /// Joins rows and entries; calls `other` with every row that is no repetition, in no particular order. Afterwards
  /// nothing can be added any more.
  public func match(_ other: (Place) throws(SluiceError) -> Void) throws(SluiceError) {
    defer {
      entries.close()
      rows.close()
    }
    let table = RepeatTable()
    for partition in 0..<entries.partitions {
      table.reset(for: entries.count(of: partition))
      try entries.forEachChunk(of: partition) { (chunk) throws(SluiceError) in
        for entry in chunk { table.insert(entry.mark, ordinal: entry.ordinal) }
      }
      try rows.forEachChunk(of: partition) { (chunk) throws(SluiceError) in
        for row in chunk {
          let place = unsafeBitCast(row.place, to: Place.self)
          switch table.take(row.mark, place: place) {
          case .kept: continue
          case .refused: try other(place)
          case .conflict(let first):
            try other(first)
            try other(place)
          }
        }
      }
      table.forEachKept { ordinal in found[ordinal &>> 6] |= 1 &<< UInt64(truncatingIfNeeded: ordinal & 63) }
    }
  }

  @inline(__always)
  private func bytes(_ spelling: ByteView, _ source: Digest128) -> UInt64 {
    spelling.isEmpty ? source.first : source.first ^ hash.of(spelling)
  }

  @inline(__always)
  private func partition(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash >> shift) }
}
