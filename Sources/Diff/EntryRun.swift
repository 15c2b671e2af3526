import Glibc
import Streams

/// One run of the sorter: entries in one block of memory, put into key order in place.
///
/// Invariants (all raw addresses of the sorter's memory stay in this file):
/// - entries lie one after the other from the block's start: lengths of key and payload (4 bytes each), key, payload;
/// - behind them there is always room for two `Item`s an entry and 16 bytes more, so reading 8 bytes from any place
///   inside an entry stays inside the block;
/// - views of entries are valid until `removeAll`, `append` or the end of the run.
final class EntryRun {
  /// What is moved while sorting: 8 bytes of the key (big endian, padded with zeros) and where the entry lies.
  private struct Item: BitwiseCopyable {
    var prefix: UInt64
    var offset: Int
  }

  private static let itemRoom = 2 * MemoryLayout<Item>.stride
  private static let slack = 64
  /// Groups of at most this many entries are sorted by insertion.
  private static let small = 16

  private var block: UnsafeMutableRawPointer
  private var capacity: Int
  private var used = 0
  private var last = 0
  private var isAscending = true
  private let counters = UnsafeMutablePointer<UInt32>.allocate(capacity: 1 << 12)
  /// Something that depends on the bytes that `touch` read, so that the reads are not dropped.
  private(set) var touched: UInt8 = 0
  /// Entries in the run.
  private(set) var count = 0
  /// Bytes that all keys of the run start with.
  private(set) var commonPrefix = 0

  /// An empty run in `memory` bytes.
  init(memory: Int) {
    capacity = max(memory, 1024)
    block = EntryRun.allocate(capacity)
  }

  deinit {
    block.deallocate()
    counters.deallocate()
  }

  /// Forgets the entries.
  func removeAll() {
    used = 0
    count = 0
    isAscending = true
  }

  /// Exchanges the entries, and the memory for them, with those of another run.
  func exchange(with other: EntryRun) {
    swap(&block, &other.block)
    swap(&capacity, &other.capacity)
    swap(&used, &other.used)
    swap(&last, &other.last)
    swap(&isAscending, &other.isAscending)
    swap(&count, &other.count)
    swap(&commonPrefix, &other.commonPrefix)
  }

  /// Adds an entry; false, and nothing happens, when it does not fit. An empty run takes every entry.
  @inline(__always)
  func append(key: ByteView, payload: ByteView) -> Bool {
    append(key: key, fixed: Nothing(), rest: payload)
  }

  /// No bytes before a payload.
  private struct Nothing: BitwiseCopyable {}

  /// Adds an entry whose payload are the bytes of `fixed` and then `rest`.
  @inline(__always)
  func append<Fixed: BitwiseCopyable>(key: ByteView, fixed: Fixed, rest payload: ByteView) -> Bool {
    let fixedSize = MemoryLayout<Fixed>.size
    let size = 8 &+ key.count &+ fixedSize &+ payload.count
    if used &+ size &+ EntryRun.itemRoom &* (count &+ 1) &+ EntryRun.slack > capacity {
      guard count == 0 else { return false }
      enlarge(size + EntryRun.itemRoom + EntryRun.slack)
    }
    let entry = block + used
    entry.storeBytes(of: UInt32(key.count), as: UInt32.self)
    entry.storeBytes(of: UInt32(fixedSize &+ payload.count), toByteOffset: 4, as: UInt32.self)
    memcpy(entry + 8, key.base, key.count)
    if fixedSize > 0 { (entry + 8 + key.count).storeBytes(of: fixed, as: Fixed.self) }
    memcpy(entry + 8 + key.count + fixedSize, payload.base, payload.count)
    if count == 0 {
      commonPrefix = key.count
    } else {
      if isAscending { isAscending = ByteView.compare(self.key(at: last), key) <= 0 }
      if commonPrefix > 0 { narrowPrefix(key) }
    }
    last = used
    used &+= size
    count &+= 1
    return true
  }

  private func enlarge(_ needed: Int) {
    block.deallocate()
    capacity = needed
    block = EntryRun.allocate(capacity)
  }

  /// Entries are read all over a large block, so it asks for huge pages: TLB misses would cost more than sorting.
  private static func allocate(_ size: Int) -> UnsafeMutableRawPointer {
    let hugePage = 2 << 20
    guard size >= 2 * hugePage else { return UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 32) }
    let block = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: hugePage)
    madvise(block, size, Int32(MADV_HUGEPAGE))
    return block
  }

  @inline(__always)
  private func narrowPrefix(_ key: ByteView) {
    if key.count >= commonPrefix, memcmp(block + 8, key.base, commonPrefix) == 0 { return }
    commonPrefix = EntryRun.sharedPrefix(self.key(at: 0), key, limit: commonPrefix)
  }

  /// How many bytes both start with, at most `limit`.
  static func sharedPrefix(_ left: ByteView, _ right: ByteView, limit: Int) -> Int {
    let limit = min(limit, left.count, right.count)
    var shared = 0
    while shared < limit, left[shared] == right[shared] { shared += 1 }
    return shared
  }

  @inline(__always)
  private func key(at offset: Int) -> ByteView {
    let length = Int((block + offset).loadUnaligned(as: UInt32.self))
    return ByteView(base: UnsafePointer((block + offset + 8).assumingMemoryBound(to: UInt8.self)), count: length)
  }

  @inline(__always)
  private func size(at offset: Int) -> Int {
    let entry = block + offset
    return 8 &+ Int(entry.loadUnaligned(as: UInt32.self))
      &+ Int(entry.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
  }

  @inline(__always)
  private var items: UnsafeMutablePointer<Item> {
    (block + ((used &+ 15) & ~15)).assumingMemoryBound(to: Item.self)
  }

  /// The whole entry at `ordinal` in key order, with its lengths, as it is spilled; only after `sort`.
  @inline(__always)
  func entry(_ ordinal: Int) -> ByteView {
    let offset = items[ordinal].offset
    return ByteView(
      base: UnsafePointer((block + offset).assumingMemoryBound(to: UInt8.self)), count: size(at: offset))
  }

  /// The key at `ordinal` in key order; only after `sort`.
  @inline(__always)
  func key(_ ordinal: Int) -> ByteView { key(at: items[ordinal].offset) }

  /// The payload at `ordinal` in key order; only after `sort`.
  @inline(__always)
  func payload(_ ordinal: Int) -> ByteView {
    let entry = entry(ordinal)
    return entry.dropping(8 + key(ordinal).count)
  }

  /// Entries that `touch` looks at.
  static let batch = 32

  /// Fetches the next `batch` entries from `ordinal` on into the cache. Loads that do not wait for each other go on at
  /// the same time; met one by one, each entry would cost a whole miss.
  func touch(from ordinal: Int) {
    touch(items + ordinal, count: min(EntryRun.batch, count - ordinal))
  }

  @inline(__always)
  private func touch(_ items: UnsafeMutablePointer<Item>, count: Int) {
    var seen: UInt8 = 0
    for ordinal in 0..<count {
      let entry = block + items[ordinal].offset
      seen ^= entry.load(as: UInt8.self) ^ entry.load(fromByteOffset: EntryRun.slack - 1, as: UInt8.self)
    }
    touched = seen
  }

  /// The first key that was appended; the run must not be empty.
  var firstKey: ByteView { key(at: 0) }

  /// Puts the entries into key order, equal keys in the order of their arrival.
  func sort() {
    let items = items
    var offset = 0
    for ordinal in 0..<count {
      items[ordinal].offset = offset
      offset &+= size(at: offset)
    }
    if isAscending || count < 2 { return }
    sort(items, items + count, count: count, depth: commonPrefix)
  }

  // MARK: - Sorting

  /// Sorts items whose keys share `depth` bytes: 8 bytes at a time by radix, groups that are equal there by the rest.
  private func sort(
    _ items: UnsafeMutablePointer<Item>, _ scratch: UnsafeMutablePointer<Item>, count: Int, depth: Int
  ) {
    for ordinal in 0..<count { items[ordinal].prefix = prefix(at: items[ordinal].offset, depth: depth) }
    sortByPrefix(items, scratch, count: count)
    var start = 0
    var fetched = 0
    while start < count {
      let prefix = items[start].prefix
      var end = start &+ 1
      while end < count, items[end].prefix == prefix { end &+= 1 }
      if end &- start > EntryRun.small {
        sortRest(items + start, scratch + start, count: end - start, depth: depth)
      } else if end &- start > 1 {
        if end > fetched {
          touch(items + start, count: min(EntryRun.batch, count - start))
          fetched = start &+ EntryRun.batch
        }
        insertionSort(items + start, count: end - start, depth: depth)
      }
      start = end
    }
  }

  /// Sorts a large group whose keys are equal in the (padded) 8 bytes from `depth` on.
  private func sortRest(
    _ items: UnsafeMutablePointer<Item>, _ scratch: UnsafeMutablePointer<Item>, count: Int, depth: Int
  ) {
    // Keys that end here stand before all that go on, the shorter first: nine lengths and "longer".
    let end = depth + 8
    for ordinal in 0..<count {
      items[ordinal].prefix = UInt64(min(key(at: items[ordinal].offset).count - depth, 9))
    }
    scatter(items, scratch, count: count, shift: 0, mask: 15)
    items.update(from: scratch, count: count)
    var longer = 0
    while longer < count, items[longer].prefix < 9 { longer += 1 }
    guard count - longer > 1 else { return }
    let first = key(at: items[longer].offset)
    var shared = first.count
    for ordinal in longer + 1..<count where shared > end {
      shared =
        end
        + EntryRun.sharedPrefix(
          first.dropping(end), key(at: items[ordinal].offset).dropping(end), limit: shared - end)
    }
    sort(items + longer, scratch + longer, count: count - longer, depth: shared)
  }

  @inline(__always)
  private func prefix(at offset: Int, depth: Int) -> UInt64 {
    let length = Int((block + offset).loadUnaligned(as: UInt32.self)) &- depth
    if length <= 0 { return 0 }
    let word = UInt64(bigEndian: (block + (offset &+ 8 &+ depth)).loadUnaligned(as: UInt64.self))
    return length >= 8 ? word : word & (UInt64.max << UInt64(truncatingIfNeeded: 8 &* (8 &- length)))
  }

  private func insertionSort(_ items: UnsafeMutablePointer<Item>, count: Int, depth: Int) {
    for ordinal in 1..<count {
      let item = items[ordinal]
      let key = key(at: item.offset).dropping(depth)
      var place = ordinal
      while place > 0, ByteView.compare(self.key(at: items[place - 1].offset).dropping(depth), key) > 0 {
        items[place] = items[place - 1]
        place -= 1
      }
      items[place] = item
    }
  }

  /// Stable radix sort by the bits of the prefixes that vary, from the lowest digit on.
  private func sortByPrefix(
    _ items: UnsafeMutablePointer<Item>, _ scratch: UnsafeMutablePointer<Item>, count: Int
  ) {
    var varying: UInt64 = 0
    let first = items[0].prefix
    for ordinal in 1..<count { varying |= items[ordinal].prefix ^ first }
    var from = items
    var to = scratch
    while varying != 0 {
      // A digit is up to 12 bits wide but holds at most 8 bits that vary: decimal digits go two at a time.
      let shift = UInt64(varying.trailingZeroBitCount)
      var width: UInt64 = 12
      while (varying >> shift & ((1 << width) - 1)).nonzeroBitCount > 8 { width -= 1 }
      let mask: UInt64 = (1 << width) - 1
      varying &= ~(mask << shift)
      scatter(from, to, count: count, shift: shift, mask: mask)
      swap(&from, &to)
    }
    if from != items { items.update(from: from, count: count) }
  }

  @inline(__always)
  private func scatter(
    _ from: UnsafeMutablePointer<Item>, _ to: UnsafeMutablePointer<Item>, count: Int, shift: UInt64, mask: UInt64
  ) {
    let counters = counters
    counters.update(repeating: 0, count: Int(mask) + 1)
    for ordinal in 0..<count { counters[Int(truncatingIfNeeded: from[ordinal].prefix &>> shift & mask)] &+= 1 }
    var total: UInt32 = 0
    for digit in 0...Int(mask) {
      let own = counters[digit]
      counters[digit] = total
      total &+= own
    }
    for ordinal in 0..<count {
      let item = from[ordinal]
      let digit = Int(truncatingIfNeeded: item.prefix &>> shift & mask)
      to[Int(counters[digit])] = item
      counters[digit] &+= 1
    }
  }
}
