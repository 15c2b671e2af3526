/// A fast 64-bit checksum that finds damage in files of our own: not keyed, no protection against intent.
///
/// Two lanes of a folded 64 by 64 bit multiplication over words of eight bytes; the last words are filled with zeros
/// and the length is mixed in. The value is part of file formats and must not change.
public enum BlockChecksum {
  private static let keys: (UInt64, UInt64, UInt64, UInt64) = (
    0x9e37_79b9_7f4a_7c15, 0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb, 0xd6e8_feb8_6659_fd93
  )

  /// The checksum of `view`; the checksum of the block before may be given as `seed` to chain blocks.
  public static func checksum(_ view: ByteView, seed: UInt64 = 0) -> UInt64 {
    let bytes = UnsafeRawPointer(view.base)
    var left = seed ^ keys.0
    var right = seed ^ keys.1
    var offset = 0
    while view.count &- offset >= 32 {
      mix(bytes + offset, &left, &right)
      offset &+= 32
    }
    if offset < view.count {
      withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { tail in
        tail.initializeMemory(as: UInt8.self, repeating: 0)
        tail.copyMemory(from: UnsafeRawBufferPointer(start: bytes + offset, count: view.count - offset))
        if let base = tail.baseAddress { mix(UnsafeRawPointer(base), &left, &right) }
      }
    }
    return fold(left ^ keys.2 ^ UInt64(truncatingIfNeeded: view.count), right ^ keys.3)
  }

  @inline(__always)
  private static func mix(_ block: UnsafeRawPointer, _ left: inout UInt64, _ right: inout UInt64) {
    // The lane's old value is added once more, turned: a word that makes a factor zero must not erase the past.
    left = fold(word(block, 0) ^ keys.2, word(block, 8) ^ left) ^ (left << 29 | left >> 35)
    right = fold(word(block, 16) ^ keys.3, word(block, 24) ^ right) ^ (right << 31 | right >> 33)
  }

  @inline(__always)
  private static func word(_ block: UnsafeRawPointer, _ offset: Int) -> UInt64 {
    UInt64(littleEndian: block.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  @inline(__always)
  private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low
  }
}
