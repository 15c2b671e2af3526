import Glibc
import Streams

/// A two-column table that translates texts, immutable once loaded.
///
/// Open addressing with linear probing, at most half full; keys and values lie one after the other in one buffer, so
/// that a lookup touches the slot, the key and nothing else.
public final class LookupTable: Sendable, Equatable {
  /// Where an entry lies; `offset` -1 marks a free slot. The value follows the key.
  private struct Slot {
    var offset: Int
    var hash: UInt32
    var keyCount: UInt32
    var valueCount: UInt32
  }

  /// Path as written in the definition.
  public let path: String
  /// How many different keys there are.
  public let count: Int
  private let bytes: FixedBuffer<UInt8>
  private let slots: FixedBuffer<Slot>
  private let mask: Int

  /// A table of `entries`. Of entries with one key the first counts: whoever loads a table reports duplicates.
  public init(path: String, entries: [(key: [UInt8], value: [UInt8])]) {
    self.path = path
    var size = 4
    while size < entries.count * 2 { size *= 2 }
    mask = size - 1
    bytes = FixedBuffer(entries.flatMap { $0.key + $0.value })
    slots = FixedBuffer(repeating: Slot(offset: -1, hash: 0, keyCount: 0, valueCount: 0), count: size)
    var offset = 0
    var different = 0
    for entry in entries {
      let hash = entry.key.withView { Self.hash($0) }
      let view = ByteView(base: bytes.base + offset, count: entry.key.count)
      let slot = Self.find(view, hash: hash, slots: slots, bytes: bytes.base, mask: mask)
      if slots[slot].offset < 0 {
        slots[slot] = Slot(
          offset: offset, hash: hash, keyCount: UInt32(entry.key.count), valueCount: UInt32(entry.value.count))
        different += 1
      }
      offset += entry.key.count + entry.value.count
    }
    count = different
  }

  /// The translation of `key`, or nil. The view is valid as long as the table.
  public func value(of key: ByteView) -> ByteView? {
    let slot = slots[Self.find(key, hash: Self.hash(key), slots: slots, bytes: bytes.base, mask: mask)]
    guard slot.offset >= 0 else { return nil }
    return ByteView(base: bytes.base + slot.offset + Int(slot.keyCount), count: Int(slot.valueCount))
  }

  /// Whether `key` has an entry.
  @inline(__always)
  public func contains(_ key: ByteView) -> Bool { value(of: key) != nil }

  /// The slot that holds `key`, or the free one where it would stand.
  @inline(__always)
  private static func find(
    _ key: ByteView, hash: UInt32, slots: borrowing FixedBuffer<Slot>, bytes: UnsafePointer<UInt8>, mask: Int
  ) -> Int {
    var index = Int(hash) & mask
    while true {
      let slot = slots[index]
      if slot.offset < 0 { return index }
      if slot.hash == hash, ByteView(base: bytes + slot.offset, count: Int(slot.keyCount)) == key { return index }
      index = (index &+ 1) & mask
    }
  }

  /// A fast hash; collisions made on purpose only slow a table down that its own owner wrote.
  @inline(__always)
  private static func hash(_ key: ByteView) -> UInt32 {
    var hash = UInt64(truncatingIfNeeded: key.count) &* 0x9E37_79B9_7F4A_7C15
    for index in 0..<key.count {
      hash = (hash ^ UInt64(key[index])) &* 0xFF51_AFD7_ED55_8CCD
      hash ^= hash >> 29
    }
    return UInt32(truncatingIfNeeded: hash ^ (hash >> 32))
  }

  /// Tables are equal when they were written the same way: same path, same entries in the same order.
  public static func == (left: LookupTable, right: LookupTable) -> Bool {
    guard left.path == right.path, left.count == right.count, left.bytes.count == right.bytes.count else {
      return false
    }
    guard left.slots.count == right.slots.count else { return false }
    let sameSlots = (0..<left.slots.count).allSatisfy { index in
      let (one, other) = (left.slots[index], right.slots[index])
      return one.offset == other.offset && one.keyCount == other.keyCount && one.valueCount == other.valueCount
    }
    return sameSlots && memcmp(left.bytes.base, right.bytes.base, left.bytes.count) == 0
  }
}
