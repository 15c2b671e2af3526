import Glibc

/// Bytes that are appended and then read through views: scratch space for one row, an output buffer, a sorter's run.
///
/// Invariant: `ByteView`s of an arena are valid until `removeAll` or until it grows. An arena made with
/// `fixed: true` never moves its bytes; appending more than its capacity sets `overflowed` and drops the rest, so
/// that evaluating a row can go on and the row is rejected afterwards.
@usableFromInline
package final class ByteArena: @unchecked Sendable {
  // exclusivity(unchecked): no method lends one of these to code that could call back; the run-time check would cost
  // more than the appends themselves. Other modules read them through the computed properties below, because the
  // attribute does not reach across modules.
  @exclusivity(unchecked) @usableFromInline var storage: UnsafeMutablePointer<UInt8>
  @exclusivity(unchecked) @usableFromInline var room: Int
  @exclusivity(unchecked) @usableFromInline var used = 0
  @exclusivity(unchecked) @usableFromInline var hasOverflowed = false
  /// Bytes that fit before the arena grows (or overflows, when fixed).
  @inlinable @inline(__always)
  package var capacity: Int { room }
  /// Bytes in use.
  @inlinable @inline(__always)
  package var count: Int { used }
  /// True once an append did not fit into a fixed arena; cleared by `removeAll`.
  @inlinable @inline(__always)
  package var overflowed: Bool { hasOverflowed }
  private let isFixed: Bool

  /// An empty arena with room for `capacity` bytes.
  package init(capacity: Int, fixed: Bool = false) {
    room = max(capacity, 64)
    isFixed = fixed
    storage = UnsafeMutablePointer<UInt8>.allocate(capacity: room)
  }

  deinit { storage.deallocate() }

  /// Forgets the bytes, keeps the room.
  @inlinable @inline(__always)
  package func removeAll() {
    used = 0
    hasOverflowed = false
  }

  /// Takes the arena back to an earlier `count`.
  @inlinable @inline(__always)
  package func truncate(to count: Int) {
    assert(count <= used)
    used = count
  }

  /// Makes sure that `extra` more bytes fit; false when the arena is fixed and they do not.
  @inlinable @inline(__always)
  func reserve(_ extra: Int) -> Bool {
    if used &+ extra <= room { return true }
    return grow(extra)
  }

  @usableFromInline @inline(never)
  func grow(_ extra: Int) -> Bool {
    if isFixed {
      hasOverflowed = true
      return false
    }
    let larger = max(room * 2, used + extra)
    let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
    moved.update(from: storage, count: used)
    storage.deallocate()
    storage = moved
    room = larger
    return true
  }

  /// Appends one byte.
  @inlinable @inline(__always)
  package func append(_ byte: UInt8) {
    guard reserve(1) else { return }
    storage[used] = byte
    used &+= 1
  }

  /// Appends the bytes of a view (which must not be a view of this arena unless the arena is fixed).
  @inlinable @inline(__always)
  package func append(_ view: ByteView) {
    guard view.count > 0, reserve(view.count) else { return }
    memcpy(storage + used, view.base, view.count)
    used &+= view.count
  }

  /// Appends text as UTF-8.
  package func append(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      guard let base = bytes.baseAddress else { return }
      append(ByteView(base: base, count: bytes.count))
    }
  }

  /// Appends text of the program itself as UTF-8.
  @inlinable @inline(__always)
  package func append(_ text: StaticString) {
    append(ByteView(base: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Appends a trivial value's bytes in this machine's order.
  @inlinable @inline(__always)
  package func append<Value: BitwiseCopyable>(raw value: Value) {
    guard reserve(MemoryLayout<Value>.size) else { return }
    UnsafeMutableRawPointer(storage + used).storeBytes(of: value, as: Value.self)
    used &+= MemoryLayout<Value>.size
  }

  /// Overwrites a trivial value's bytes at `offset`, which must have been appended before.
  @inlinable @inline(__always)
  package func overwrite<Value: BitwiseCopyable>(raw value: Value, at offset: Int) {
    assert(offset + MemoryLayout<Value>.size <= used)
    UnsafeMutableRawPointer(storage + offset).storeBytes(of: value, as: Value.self)
  }

  /// Lends room for up to `extra` bytes to `body`, which returns how many it wrote.
  @inlinable @inline(__always)
  package func append(upTo extra: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Int) {
    guard reserve(extra) else { return }
    let written = body(storage + used)
    assert(written <= extra)
    used &+= written
  }

  /// Lends room like `append(upTo:_:)` to a body that may throw.
  @inlinable
  package func fill<Failure: Error>(
    upTo extra: Int, _ body: (UnsafeMutablePointer<UInt8>) throws(Failure) -> Int
  ) throws(Failure) {
    guard reserve(extra) else { return }
    used += try body(storage + used)
  }

  /// All bytes.
  @inlinable @inline(__always)
  package var view: ByteView { ByteView(base: storage, count: used) }

  /// The bytes from `start` to the end.
  @inlinable @inline(__always)
  package func view(from start: Int) -> ByteView { ByteView(base: storage + start, count: used - start) }

  /// `count` bytes from `start` on.
  @inlinable @inline(__always)
  package func view(from start: Int, count: Int) -> ByteView {
    assert(start + count <= used)
    return ByteView(base: storage + start, count: count)
  }
}
