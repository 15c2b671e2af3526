import Streams

/// Finds delimiters and line feeds, 64 bytes at a time.
///
/// Unsafe, with these invariants: `bytes` is readable up to 64 bytes beyond `end` (a `RowBatch` keeps that much slack;
/// what stands there is masked out), and outlives the scanner. Vectors are compared with vectors only: the overloads
/// that take a scalar are not specialised by the compiler and forty times slower.
struct StructuralScanner {
  private let bytes: UnsafeRawPointer
  private let end: Int
  private let delimiters: SIMD64<UInt8>
  private let lineFeeds = SIMD64<UInt8>(repeating: 0x0A)
  /// First byte of the block that `mask` describes.
  private var block = 0
  /// A bit for each delimiter or line feed of the block that was not returned yet.
  private var mask: UInt64 = 0

  /// A scanner of the first `end` bytes.
  @inline(__always)
  init(bytes: UnsafePointer<UInt8>, end: Int, delimiter: UInt8) {
    self.bytes = UnsafeRawPointer(bytes)
    self.end = end
    delimiters = SIMD64(repeating: delimiter)
    if end > 0 { load(at: 0) }
  }

  /// The place of the next delimiter or line feed, or `end`.
  @inline(__always)
  mutating func next() -> Int {
    while mask == 0 {
      if block &+ 64 >= end { return end }
      load(at: block &+ 64)
    }
    let found = block &+ mask.trailingZeroBitCount
    mask &= mask &- 1
    return found
  }

  /// Goes on from `position`, which must not lie before what was returned last.
  @inline(__always)
  mutating func seek(_ position: Int) {
    let distance = position &- block
    if distance < 64 {
      mask &= ~0 << UInt64(distance)
    } else if position < end {
      load(at: position)
    } else {
      block = end
      mask = 0
    }
  }

  @inline(__always)
  private mutating func load(at position: Int) {
    let vector = bytes.loadUnaligned(fromByteOffset: position, as: SIMD64<UInt8>.self)
    let left = unsafeBitCast(vector .== delimiters, to: SIMD8<UInt64>.self)
    let right = unsafeBitCast(vector .== lineFeeds, to: SIMD8<UInt64>.self)
    let lanes = left | right
    var bits: UInt64 = 0
    for lane in 0..<8 { bits |= StructuralScanner.gather(lanes[lane]) << UInt64(lane &* 8) }
    if end &- position < 64 { bits &= (1 << UInt64(end &- position)) &- 1 }
    block = position
    mask = bits
  }

  /// The lowest bits of a word's eight bytes as one byte (the product moves each to the top byte).
  @inline(__always)
  private static func gather(_ word: UInt64) -> UInt64 {
    ((word & 0x0101_0101_0101_0101) &* 0x0102_0408_1020_4080) >> 56
  }
}
