import Streams

/// The entries of one partition of a `RepeatFinder`, by the hash of their keys: open addressing, linear probing.
///
/// Invariants: the number of slots is a power of two and greater than the number of entries, so that every search ends;
/// `places[n]` is set while slot n is `kept`.
final class RepeatTable {
  /// What becomes of a row.
  enum Outcome {
    /// It repeats an entry, as far as is known.
    case kept
    /// It does not.
    case refused
    /// Neither it nor the row that was kept before may count: they have one key.
    case conflict(first: RepeatFinder.Place)
  }

  /// The hash of a key and what stands for the bytes of its row. The table's partition has the hash's upper bits.
  struct Mark: BitwiseCopyable {
    fileprivate var hash: UInt32
    private var low: UInt32
    private var high: UInt32

    @inline(__always)
    init(hash: UInt64, source: UInt64) {
      self.hash = UInt32(truncatingIfNeeded: hash)
      low = UInt32(truncatingIfNeeded: source)
      high = UInt32(truncatingIfNeeded: source >> 32)
    }

    @inline(__always)
    fileprivate func isSame(_ other: Mark) -> Bool { hash == other.hash && low == other.low && high == other.high }
  }

  /// The greatest number of an entry.
  static let maximumOrdinal = 1 << 30 - 1

  private enum State: UInt32 {
    case empty, open, kept, closed
  }

  private struct Slot: BitwiseCopyable {
    var mark: Mark
    /// The entry's number above two bits of state.
    var word: UInt32

    @inline(__always)
    var state: State { State(rawValue: word & 3) ?? .empty }
    @inline(__always)
    mutating func set(_ state: State) { word = word & ~3 | state.rawValue }
  }

  private var slots = UnsafeMutablePointer<Slot>.allocate(capacity: 1)
  private var places = UnsafeMutablePointer<RepeatFinder.Place>.allocate(capacity: 1)
  private var capacity = 1
  private var mask = 0

  deinit {
    slots.deallocate()
    places.deallocate()
  }

  /// Forgets everything and makes room for `count` entries.
  func reset(for count: Int) {
    var wanted = 16
    while wanted < count + count / 2 { wanted *= 2 }
    if wanted > capacity {
      slots.deallocate()
      places.deallocate()
      slots = UnsafeMutablePointer<Slot>.allocate(capacity: wanted)
      places = UnsafeMutablePointer<RepeatFinder.Place>.allocate(capacity: wanted)
      capacity = wanted
    }
    mask = wanted - 1
    slots.initialize(repeating: Slot(mark: Mark(hash: 0, source: 0), word: 0), count: wanted)
  }

  /// Adds an entry. Two entries with one hash can not be told apart: no row repeats either of them.
  @inline(__always)
  func insert(_ mark: Mark, ordinal: UInt32) {
    var index = Int(truncatingIfNeeded: mark.hash) & mask
    while slots[index].state != .empty {
      if slots[index].mark.hash == mark.hash { return slots[index].set(.closed) }
      index = (index &+ 1) & mask
    }
    slots[index] = Slot(mark: mark, word: ordinal << 2 | State.open.rawValue)
  }

  /// Looks a row up.
  @inline(__always)
  func take(_ mark: Mark, place: RepeatFinder.Place) -> Outcome {
    var index = Int(truncatingIfNeeded: mark.hash) & mask
    while true {
      let slot = slots[index]
      if slot.state == .empty { return .refused }
      if slot.mark.hash == mark.hash { break }
      index = (index &+ 1) & mask
    }
    switch slots[index].state {
    case .open where slots[index].mark.isSame(mark):
      slots[index].set(.kept)
      places[index] = place
      return .kept
    case .kept:
      slots[index].set(.closed)
      return .conflict(first: places[index])
    case .open:
      slots[index].set(.closed)
      return .refused
    case .closed, .empty: return .refused
    }
  }

  /// Calls `body` with the numbers of the entries that exactly one row was kept for.
  func forEachKept(_ body: (Int) -> Void) {
    for index in 0...mask where slots[index].state == .kept { body(Int(slots[index].word >> 2)) }
  }
}
