import Streams

/// A fast 64-bit hash of keys, secret numbers and all made anew for each run, so that nobody can prepare keys that
/// meet. Never stored.
///
/// Words of eight bytes, each folded by a 64×64→128-bit multiplication (the construction of the wyhash family).
struct KeyHash {
  private let first: UInt64
  private let second: UInt64
  private let third: UInt64

  /// A hash by three secret numbers.
  init(
    first: UInt64 = .random(in: 0...UInt64.max), second: UInt64 = .random(in: 0...UInt64.max),
    third: UInt64 = .random(in: 0...UInt64.max)
  ) {
    // Small numbers would leave the upper bits of short keys empty.
    self.first = first ^ 0xa076_1d64_78bd_642f
    self.second = second ^ 0xe703_7ed1_a0b4_28db
    self.third = third ^ 0x8ebc_6af0_9c88_c6e3
  }

  /// The hash of `key`. Only its own bytes are read.
  @inline(__always)
  func of(_ key: ByteView) -> UInt64 {
    let base = UnsafeRawPointer(key.base)
    var state = third ^ UInt64(truncatingIfNeeded: key.count)
    guard key.count >= 8 else {
      var word: UInt64 = 0
      for index in 0..<key.count { word = word << 8 | UInt64(key[index]) }
      return fold(fold(word ^ first, state ^ second) ^ first, state ^ third)
    }
    var offset = 0
    while offset &+ 8 < key.count {
      state = fold(word(base, offset) ^ first, state ^ second)
      offset &+= 8
    }
    // The last word may hold bytes of the one before once more.
    state = fold(word(base, key.count &- 8) ^ first, state ^ second)
    return fold(state ^ first, third)
  }

  @inline(__always)
  private func word(_ base: UnsafeRawPointer, _ offset: Int) -> UInt64 {
    UInt64(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  @inline(__always)
  private func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low
  }
}
