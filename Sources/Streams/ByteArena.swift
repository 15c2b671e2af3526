import Glibc

/// Bytes that are appended and then read through views: scratch space for one row, an output buffer, a sorter's run.
///
/// Invariant: `ByteView`s of an arena are valid until `removeAll` or until it grows. An arena made with
/// `fixed: true` never moves its bytes; appending more than its capacity sets `overflowed` and drops the rest, so
/// that evaluating a row can go on and the row is rejected afterwards.
public final class ByteArena: @unchecked Sendable {
  private var storage: UnsafeMutablePointer<UInt8>
  /// Bytes that fit before the arena grows (or overflows, when fixed).
  public private(set) var capacity: Int
  /// Bytes in use.
  public private(set) var count = 0
  /// True once an append did not fit into a fixed arena; cleared by `removeAll`.
  public private(set) var overflowed = false
  private let isFixed: Bool

  /// An empty arena with room for `capacity` bytes.
  public init(capacity: Int, fixed: Bool = false) {
    self.capacity = max(capacity, 64)
    isFixed = fixed
    storage = UnsafeMutablePointer<UInt8>.allocate(capacity: self.capacity)
  }

  deinit { storage.deallocate() }

  /// Forgets the bytes, keeps the room.
  @inline(__always)
  public func removeAll() {
    count = 0
    overflowed = false
  }

  /// Exchanges the bytes, and the room for them, with those of another arena that grows as this one does.
  public func exchange(with other: ByteArena) {
    assert(isFixed == other.isFixed)
    swap(&storage, &other.storage)
    swap(&capacity, &other.capacity)
    swap(&count, &other.count)
    swap(&overflowed, &other.overflowed)
  }

  /// Takes the arena back to an earlier `count`.
  @inline(__always)
  public func truncate(to count: Int) {
    assert(count <= self.count)
    self.count = count
  }

  /// Makes sure that `extra` more bytes fit; false when the arena is fixed and they do not.
  @inline(__always)
  private func reserve(_ extra: Int) -> Bool {
    if count &+ extra <= capacity { return true }
    return grow(extra)
  }

  @inline(never)
  private func grow(_ extra: Int) -> Bool {
    if isFixed {
      overflowed = true
      return false
    }
    let larger = max(capacity * 2, count + extra)
    let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
    moved.update(from: storage, count: count)
    storage.deallocate()
    storage = moved
    capacity = larger
    return true
  }

  /// Appends one byte.
  @inline(__always)
  public func append(_ byte: UInt8) {
    guard reserve(1) else { return }
    storage[count] = byte
    count &+= 1
  }

  /// Appends the bytes of a view (which must not be a view of this arena unless the arena is fixed).
  @inline(__always)
  public func append(_ view: ByteView) {
    guard view.count > 0, reserve(view.count) else { return }
    ByteArena.copy(view.base, to: storage + count, count: view.count)
    count &+= view.count
  }

  /// Copies `count` bytes, 1 or more. Most fields have fewer than 33, for which two loads that may overlap are faster
  /// than the call of a function.
  @inline(__always)
  private static func copy(_ source: UnsafePointer<UInt8>, to target: UnsafeMutablePointer<UInt8>, count: Int) {
    let source = UnsafeRawPointer(source)
    let target = UnsafeMutableRawPointer(target)
    switch count {
    case 16...32: copyEnds(source, target, count, as: SIMD16<UInt8>.self)
    case 8..<16: copyEnds(source, target, count, as: UInt64.self)
    case 4..<8: copyEnds(source, target, count, as: UInt32.self)
    case 2..<4: copyEnds(source, target, count, as: UInt16.self)
    case 1: target.storeBytes(of: source.load(as: UInt8.self), as: UInt8.self)
    default: memcpy(target, source, count)
    }
  }

  /// Copies `count` bytes by their first and their last word; `count` is between one and two words.
  @inline(__always)
  private static func copyEnds<Word: BitwiseCopyable>(
    _ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer, _ count: Int, as word: Word.Type
  ) {
    let last = count &- MemoryLayout<Word>.size
    let (head, tail) = (source.loadUnaligned(as: Word.self), (source + last).loadUnaligned(as: Word.self))
    target.storeBytes(of: head, as: Word.self)
    (target + last).storeBytes(of: tail, as: Word.self)
  }

  /// Appends text as UTF-8.
  public func append(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      guard let base = bytes.baseAddress else { return }
      append(ByteView(base: base, count: bytes.count))
    }
  }

  /// Appends text of the program itself as UTF-8.
  @inline(__always)
  public func append(_ text: StaticString) {
    append(ByteView(base: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Appends a trivial value's bytes in this machine's order.
  @inline(__always)
  public func append<Value: BitwiseCopyable>(raw value: Value) {
    guard reserve(MemoryLayout<Value>.size) else { return }
    UnsafeMutableRawPointer(storage + count).storeBytes(of: value, as: Value.self)
    count &+= MemoryLayout<Value>.size
  }

  /// Overwrites a trivial value's bytes at `offset`, which must have been appended before.
  @inline(__always)
  public func overwrite<Value: BitwiseCopyable>(raw value: Value, at offset: Int) {
    assert(offset + MemoryLayout<Value>.size <= count)
    UnsafeMutableRawPointer(storage + offset).storeBytes(of: value, as: Value.self)
  }

  /// Lends room for up to `extra` bytes to `body`, which returns how many it wrote.
  @inline(__always)
  public func append(upTo extra: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Int) {
    guard reserve(extra) else { return }
    let written = body(storage + count)
    assert(written <= extra)
    count &+= written
  }

  /// Lends room like `append(upTo:_:)` to a body that may throw.
  public func fill<Failure: Error>(
    upTo extra: Int, _ body: (UnsafeMutablePointer<UInt8>) throws(Failure) -> Int
  ) throws(Failure) {
    guard reserve(extra) else { return }
    count += try body(storage + count)
  }

  /// All bytes.
  @inline(__always)
  public var view: ByteView { ByteView(base: storage, count: count) }

  /// The bytes from `start` to the end.
  @inline(__always)
  public func view(from start: Int) -> ByteView { ByteView(base: storage + start, count: count - start) }

  /// `count` bytes from `start` on.
  @inline(__always)
  public func view(from start: Int, count: Int) -> ByteView {
    assert(start + count <= self.count)
    return ByteView(base: storage + start, count: count)
  }
}
