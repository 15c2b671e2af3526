import Streams

/// Walks the entries of one segment in key order.
///
/// Invariants:
/// - `window` holds `held` bytes of the keys file from `windowOffset` on; whole blocks only;
/// - `next..<blockEnd` of the window are the entries of block `block` that were not visited yet;
/// - while `hasEntry`, `entry` is a whole entry inside the window, valid until the next step.
struct SegmentCursor: ~Copyable {
  private static let largestWindow = 256 << 10

  /// The segment.
  let segment: SnapshotSegment
  /// Bytes of digests an entry.
  let digestBytes: Int
  private var window: UnsafeMutablePointer<UInt8>
  private var capacity = SnapshotFormat.blockSize + SnapshotFormat.blockHeaderSize
  private var windowOffset = 0
  private var held = 0
  private var readAhead = 0
  private var block = -1
  private var next = 0
  private var blockEnd = 0
  private var entriesLeft: UInt32 = 0
  private var totalChecksum: UInt64 = 0
  private var visitedAllBlocks = true
  private var entry = ByteView()
  /// The cursor stands on an entry.
  private(set) var hasEntry = false
  /// The key of that entry.
  private(set) var key = ByteView()

  /// A cursor before the first entry.
  init(_ segment: SnapshotSegment) {
    self.segment = segment
    digestBytes = 16 * segment.digestCount
    window = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
  }

  deinit { window.deallocate() }

  /// The entry that the cursor stands on.
  @inline(__always)
  var current: SnapshotEntry { EntryLayout.decode(entry, digestBytes: digestBytes) }

  /// The flags of the entry that the cursor stands on.
  @inline(__always)
  var flags: UInt32 { UInt32(littleEndian: entry.load(at: 4, as: UInt32.self)) }

  /// The last digest of the entry that the cursor stands on, which must have one.
  @inline(__always)
  var lastDigest: Digest128 {
    let place = EntryLayout.headerSize &+ digestBytes &- 16
    return Digest128(first: entry.load(at: place, as: UInt64.self), second: entry.load(at: place &+ 8, as: UInt64.self))
  }

  /// Goes to the next entry; false at the end.
  @inline(__always)
  mutating func advance() throws(SluiceError) -> Bool {
    if next == blockEnd, try !loadBlock(block + 1) { return false }
    let rest = ByteView(base: window + next, count: blockEnd &- next)
    guard let size = EntryLayout.size(of: rest, digestBytes: digestBytes), entriesLeft > 0 else { throw damagedBlock() }
    entry = ByteView(base: rest.base, count: size)
    key = EntryLayout.key(of: entry, digestBytes: digestBytes)
    next &+= size
    entriesLeft &-= 1
    hasEntry = true
    return true
  }

  /// Goes to the first entry from the current one on whose key is `target` or above; false when there is none.
  mutating func seek(to target: ByteView) throws(SluiceError) -> Bool {
    if hasEntry, ByteView.compare(key, target) >= 0 { return true }
    let found = segment.block(for: target, from: block)
    if found > block, found < segment.footer.blocks, try !loadBlock(found) { return false }
    while try advance() {
      if ByteView.compare(key, target) >= 0 { return true }
    }
    return false
  }

  // MARK: - Blocks

  /// Makes `ordinal` the current block, before its first entry; false (and the end) when there is no such block.
  @inline(never)
  private mutating func loadBlock(_ ordinal: Int) throws(SluiceError) -> Bool {
    if next == blockEnd, entriesLeft != 0 { throw damagedBlock() }
    if ordinal != block + 1 {
      visitedAllBlocks = false
      readAhead = 0
    }
    guard ordinal < segment.footer.blocks else {
      hasEntry = false
      if visitedAllBlocks, totalChecksum != segment.footer.blockChecksums {
        throw SnapshotFormat.damaged(segment.keys.path, "the blocks of the snapshot are not those that were written")
      }
      return false
    }
    let start = segment.offset(ofBlock: ordinal)
    let end = segment.offset(ofBlock: ordinal + 1)
    if start < windowOffset || end > windowOffset + held { try fill(from: ordinal, start: start, end: end) }
    block = ordinal
    let bytes = ByteView(base: window + (start - windowOffset), count: end - start)
    try verify(bytes)
    next = start - windowOffset + SnapshotFormat.blockHeaderSize
    blockEnd = end - windowOffset
    return true
  }

  private mutating func verify(_ bytes: ByteView) throws(SluiceError) {
    let header = UnsafeRawPointer(bytes.base)
    let length = UInt32(littleEndian: header.loadUnaligned(as: UInt32.self))
    let entries = UInt32(littleEndian: header.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
    let checksum = UInt64(littleEndian: header.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    let payload = bytes.dropping(SnapshotFormat.blockHeaderSize)
    guard Int(length) == payload.count,
      SnapshotFormat.checksum(ofBlock: payload, ordinal: block, entries: entries) == checksum
    else { throw damagedBlock() }
    entriesLeft = entries
    totalChecksum = BlockChecksum.add(checksum, to: totalChecksum)
  }

  /// Reads whole blocks from `ordinal` on, more at a time the longer the walk goes on without a jump.
  private mutating func fill(from ordinal: Int, start: Int, end: Int) throws(SluiceError) {
    var stop = end
    var following = ordinal + 1
    while following < segment.footer.blocks {
      let further = segment.offset(ofBlock: following + 1)
      guard further - start <= readAhead else { break }
      stop = further
      following += 1
    }
    readAhead = min(max(2 * readAhead, 4 * SnapshotFormat.blockSize), SegmentCursor.largestWindow)
    if stop - start > capacity {
      window.deallocate()
      capacity = stop - start
      window = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    }
    held = 0
    windowOffset = start
    held = try segment.keys.read(into: window, count: stop - start, at: start)
    guard held == stop - start else {
      throw SnapshotFormat.damaged(segment.keys.path, "the snapshot is cut off")
    }
  }

  private func damagedBlock() -> SluiceError {
    SnapshotFormat.damaged(
      segment.keys.path, "block \(block + 1) of \(segment.footer.blocks) of the snapshot is damaged")
  }
}
