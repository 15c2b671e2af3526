import Glibc

/// A borrowed run of bytes inside a buffer that somebody else owns.
///
/// This is the one way in which fields, keys and cells travel through the hot path. It copies nothing and counts no
/// references.
///
/// Invariants (this file and the owners of the buffers keep them; nobody else handles raw addresses):
/// - the bytes stay readable until the owner is refilled or freed: a `RowBatch` until it goes back to its reader, an
///   `ByteArena` until its next `removeAll`, a `SnapshotCursor` until its next step;
/// - a view is never stored beyond the row that it was made for; what must live longer is copied into an `Array`.
public struct ByteView: @unchecked Sendable {
  /// The first byte. Never dereferenced when `count` is 0.
  public let base: UnsafePointer<UInt8>
  /// Length in bytes.
  public let count: Int

  /// A view of no bytes.
  @inline(__always)
  public init() {
    base = ByteView.nowhere
    count = 0
  }

  /// A view of `count` bytes from `base` on; the caller vouches for the invariants above.
  @inline(__always)
  public init(base: UnsafePointer<UInt8>, count: Int) {
    self.base = base
    self.count = count
  }

  /// Some address that is not null: valid for zero bytes, never read.
  @inline(__always)
  private static var nowhere: UnsafePointer<UInt8> { UnsafePointer(bitPattern: 0x10).unsafelyUnwrapped }

  /// True for a view of no bytes.
  @inline(__always)
  public var isEmpty: Bool { count == 0 }

  /// The byte at `index`, which must lie in `0..<count`.
  @inline(__always)
  public subscript(index: Int) -> UInt8 {
    assert(index >= 0 && index < count)
    return base[index]
  }

  /// The part from `start` on, `count` bytes long; both must lie inside this view.
  @inline(__always)
  public func slice(from start: Int, count: Int) -> ByteView {
    assert(start >= 0 && count >= 0 && start + count <= self.count)
    return ByteView(base: base + start, count: count)
  }

  /// The part from `start` to the end.
  @inline(__always)
  public func dropping(_ start: Int) -> ByteView { slice(from: start, count: count - start) }

  /// Where `byte` first stands, or nil.
  @inline(__always)
  public func firstIndex(of byte: UInt8) -> Int? {
    guard count > 0, let found = memchr(base, Int32(byte), count) else { return nil }
    return UnsafeRawPointer(found) - UnsafeRawPointer(base)
  }

  /// True when both views hold the same bytes.
  @inline(__always)
  public static func == (left: ByteView, right: ByteView) -> Bool {
    left.count == right.count && memcmp(left.base, right.base, left.count) == 0
  }

  /// Byte order, a prefix before the longer: negative when `left` stands before `right`, 0 when equal.
  @inline(__always)
  public static func compare(_ left: ByteView, _ right: ByteView) -> Int {
    let shared = min(left.count, right.count)
    let order = shared >= 8 ? wordOrder(left, right, shared) : Int(memcmp(left.base, right.base, shared))
    return order != 0 ? order : left.count &- right.count
  }

  /// Order of the first `count` bytes, 8 or more, of both. Most keys are a few words long, for which a call of a
  /// function costs more than the comparison; the last word may overlap the one before it.
  @inline(__always)
  private static func wordOrder(_ left: ByteView, _ right: ByteView, _ count: Int) -> Int {
    var place = 0
    while true {
      let one = UInt64(bigEndian: left.load(at: place, as: UInt64.self))
      let two = UInt64(bigEndian: right.load(at: place, as: UInt64.self))
      if one != two { return one < two ? -1 : 1 }
      if place &+ 8 >= count { return 0 }
      place = min(place &+ 8, count &- 8)
    }
  }

  /// Without blanks (space, tab) at either end.
  @inline(__always)
  public var trimmed: ByteView {
    var start = 0
    var end = count
    while start < end, base[start] == 0x20 || base[start] == 0x09 { start += 1 }
    while end > start, base[end - 1] == 0x20 || base[end - 1] == 0x09 { end -= 1 }
    return slice(from: start, count: end - start)
  }

  /// A copy as text; bytes that are not UTF-8 become U+FFFD. For messages, never on the hot path.
  public var text: String { String(decoding: UnsafeBufferPointer(start: base, count: count), as: UTF8.self) }

  /// A copy of the bytes.
  public var array: [UInt8] { Array(UnsafeBufferPointer(start: base, count: count)) }

  /// The bytes as the standard library's buffer, for calls that take one.
  @inline(__always)
  public var buffer: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: base, count: count) }
}

extension Array where Element == UInt8 {
  /// Lends the bytes of this array to `body`.
  @inline(__always)
  public func withView<Result, Failure: Error>(
    _ body: (ByteView) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withUnsafeBufferPointer { (buffer) throws(Failure) -> Result in
      guard let base = buffer.baseAddress else { return try body(ByteView()) }
      return try body(ByteView(base: base, count: buffer.count))
    }
  }
}

extension ByteView {
  /// The trivial value whose bytes stand at `offset`, in this machine's order; they need not be aligned.
  @inline(__always)
  public func load<Value: BitwiseCopyable>(at offset: Int = 0, as type: Value.Type) -> Value {
    precondition(offset >= 0 && offset + MemoryLayout<Value>.size <= count)
    return UnsafeRawPointer(base + offset).loadUnaligned(as: type)
  }
}
