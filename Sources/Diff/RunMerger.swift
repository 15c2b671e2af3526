import Glibc
import Streams

/// Reads the entries of one spilled run in order, through a buffer that holds at least one whole entry.
///
/// Invariant: `start..<end` of the buffer holds bytes of the file that lie before `offset`; the current entry begins
/// at `start` and is whole. The buffer has 8 bytes more than it ever holds, so reading 8 bytes of a key is always safe.
private struct RunReader: ~Copyable {
  private let file: RunFile
  private var buffer: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private var start = 0
  private var end = 0
  private var offset = 0
  private var size = 0

  init(_ file: RunFile, room: Int) {
    self.file = file
    capacity = room
    buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: room + 8)
    buffer.initialize(repeating: 0, count: room + 8)
  }

  deinit { buffer.deallocate() }

  /// Goes to the next entry; false at the end.
  @inline(__always)
  mutating func advance() throws(SluiceError) -> Bool {
    start &+= size
    size = 0
    if end &- start < 8 {
      try refill(8)
      if end == start { return false }
    }
    let needed = 8 &+ keyCount &+ payloadCount
    if end &- start < needed { try refill(needed) }
    size = needed
    return true
  }

  @inline(never)
  private mutating func refill(_ needed: Int) throws(SluiceError) {
    let kept = end - start
    if needed > capacity {
      let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: needed + 8)
      larger.initialize(repeating: 0, count: needed + 8)
      larger.update(from: buffer + start, count: kept)
      buffer.deallocate()
      buffer = larger
      capacity = needed
    } else {
      memmove(buffer, buffer + start, kept)
    }
    start = 0
    let got = try file.read(into: buffer + kept, count: capacity - kept, at: offset)
    offset += got
    end = kept + got
    guard end >= needed || end == 0 else {
      throw SluiceError(
        .environment, "io-error", file: file.path, cause: "a sorted run ended early",
        remedy: "check the disk that holds the work directory, then run again")
    }
  }

  @inline(__always)
  private var keyCount: Int { Int(UnsafeRawPointer(buffer + start).loadUnaligned(as: UInt32.self)) }

  @inline(__always)
  private var payloadCount: Int {
    Int(UnsafeRawPointer(buffer + start).loadUnaligned(fromByteOffset: 4, as: UInt32.self))
  }

  /// The current key.
  @inline(__always)
  var key: ByteView { ByteView(base: buffer + (start &+ 8), count: keyCount) }

  /// The current payload.
  @inline(__always)
  var payload: ByteView { ByteView(base: buffer + (start &+ 8 &+ keyCount), count: payloadCount) }

  /// The current entry as it lies in the file.
  @inline(__always)
  var entry: ByteView { ByteView(base: buffer + start, count: size) }

  /// 8 bytes of the key behind the first `depth`, big endian, padded with zeros.
  @inline(__always)
  func prefix(depth: Int) -> UInt64 {
    let length = keyCount &- depth
    if length <= 0 { return 0 }
    let word = UInt64(bigEndian: UnsafeRawPointer(buffer + (start &+ 8 &+ depth)).loadUnaligned(as: UInt64.self))
    return length >= 8 ? word : word & (UInt64.max << UInt64(truncatingIfNeeded: 8 &* (8 &- length)))
  }
}

/// Merges sorted runs with a tree of losers; among equal keys the older run comes first.
///
/// Invariants: `tree[0]` is the run that holds the current entry, `tree[1..<count]` the losers of the matches above;
/// `prefixes[run]` is the prefix of that run's current key, or all ones once the run has ended.
final class RunMerger {
  private let readers: UnsafeMutablePointer<RunReader>
  private let prefixes: UnsafeMutablePointer<UInt64>
  private let ended: UnsafeMutablePointer<Bool>
  private let tree: UnsafeMutablePointer<Int>
  private let count: Int
  private let depth: Int
  private var running: Int
  private var hasStarted = false

  /// Merges `runs`, oldest first, of which all keys share `commonPrefix` bytes, with `room` bytes of buffer each.
  init(_ runs: [RunFile], commonPrefix: Int, room: Int) throws(SluiceError) {
    count = runs.count
    depth = commonPrefix
    running = runs.count
    readers = UnsafeMutablePointer<RunReader>.allocate(capacity: count)
    prefixes = UnsafeMutablePointer<UInt64>.allocate(capacity: count)
    ended = UnsafeMutablePointer<Bool>.allocate(capacity: count)
    tree = UnsafeMutablePointer<Int>.allocate(capacity: count)
    for run in 0..<count {
      (readers + run).initialize(to: RunReader(runs[run], room: max(room, 64)))
      prefixes[run] = .max
      ended[run] = false
      tree[run] = 0
    }
    for run in 0..<count { try step(run) }
    var winners = [Int](repeating: 0, count: 2 * count)
    for run in 0..<count { winners[count + run] = run }
    for node in stride(from: count - 1, to: 0, by: -1) {
      let left = winners[2 * node]
      let right = winners[2 * node + 1]
      let leftWins = beats(left, right)
      winners[node] = leftWins ? left : right
      tree[node] = leftWins ? right : left
    }
    tree[0] = count == 1 ? 0 : winners[1]
  }

  deinit {
    readers.deinitialize(count: count)
    readers.deallocate()
    prefixes.deallocate()
    ended.deallocate()
    tree.deallocate()
  }

  /// Goes to the next entry; false at the end.
  @inline(__always)
  func next() throws(SluiceError) -> Bool {
    if hasStarted {
      if running == 0 { return false }
      try step(tree[0])
      replay()
    }
    hasStarted = true
    return running > 0
  }

  /// The current key.
  @inline(__always)
  var key: ByteView { readers[tree[0]].key }

  /// The current payload.
  @inline(__always)
  var payload: ByteView { readers[tree[0]].payload }

  /// The current entry as it lies in the files.
  @inline(__always)
  var entry: ByteView { readers[tree[0]].entry }

  @inline(__always)
  private func step(_ run: Int) throws(SluiceError) {
    if try readers[run].advance() {
      prefixes[run] = readers[run].prefix(depth: depth)
    } else {
      prefixes[run] = .max
      ended[run] = true
      running &-= 1
    }
  }

  @inline(__always)
  private func replay() {
    var winner = tree[0]
    var node = (winner &+ count) &>> 1
    while node > 0 {
      let other = tree[node]
      if beats(other, winner) {
        tree[node] = winner
        winner = other
      }
      node &>>= 1
    }
    tree[0] = winner
  }

  /// True when the entry of run `left` comes before that of run `right`.
  @inline(__always)
  private func beats(_ left: Int, _ right: Int) -> Bool {
    let one = prefixes[left]
    let two = prefixes[right]
    return one != two ? one < two : beatsFully(left, right)
  }

  @inline(never)
  private func beatsFully(_ left: Int, _ right: Int) -> Bool {
    if ended[left] { return false }
    if ended[right] { return true }
    let order = ByteView.compare(readers[left].key.dropping(depth), readers[right].key.dropping(depth))
    return order != 0 ? order < 0 : left < right
  }
}
