import Streams

/// A fast 64-bit checksum that notices damage on disk; not a digest, and no protection against forgery.
///
/// Two lanes of 16 bytes, each folded by a 64×64→128-bit multiplication (the construction of the wyhash family).
/// The result is part of the snapshot's file format, so it must never change.
enum BlockChecksum {
  private static let first: UInt64 = 0xa076_1d64_78bd_642f
  private static let second: UInt64 = 0xe703_7ed1_a0b4_28db
  private static let third: UInt64 = 0x8ebc_6af0_9c88_c6e3

  @inline(__always)
  private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low
  }

  @inline(__always)
  private static func word(_ base: UnsafeRawPointer) -> UInt64 {
    UInt64(littleEndian: base.loadUnaligned(as: UInt64.self))
  }

  /// The checksum of `bytes`; another `seed` gives another checksum of the same bytes.
  static func of(_ bytes: ByteView, seed: UInt64) -> UInt64 {
    var base = UnsafeRawPointer(bytes.base)
    var left = bytes.count
    var one = seed ^ first
    var two = seed &+ second
    while left >= 32 {
      one = fold(word(base) ^ first, word(base + 8) ^ one)
      two = fold(word(base + 16) ^ second, word(base + 24) ^ two)
      base += 32
      left &-= 32
    }
    while left >= 8 {
      one = fold(word(base) ^ first, one ^ third)
      base += 8
      left &-= 8
    }
    var tail: UInt64 = 0
    while left > 0 {
      left &-= 1
      tail = tail << 8 | UInt64(base.load(fromByteOffset: left, as: UInt8.self))
    }
    one = fold(tail ^ second, one ^ first)
    return fold(one ^ UInt64(bytes.count) ^ third, two ^ second)
  }

  /// Adds one checksum to a running total whose value depends on the order.
  @inline(__always)
  static func add(_ checksum: UInt64, to total: UInt64) -> UInt64 {
    fold(total ^ first, checksum ^ second) &+ third
  }
}
