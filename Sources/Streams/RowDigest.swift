/// A 128-bit digest of a row.
public struct Digest128: Hashable, BitwiseCopyable, Sendable {
  /// The first eight bytes of the digest, little endian.
  public var first: UInt64
  /// The last eight bytes of the digest, little endian.
  public var second: UInt64

  /// A digest of two halves.
  @inline(__always)
  public init(first: UInt64, second: UInt64) {
    self.first = first
    self.second = second
  }

  /// Stands where there is no digest; as likely to be one as any other of 2^128 values.
  public static let none = Digest128(first: .max, second: .max)
}

/// The key of a row digest, one per snapshot, so that nobody can prepare two rows that look the same.
public struct DigestKey: Equatable, Hashable, BitwiseCopyable, Sendable {
  /// The first eight bytes of the key, little endian.
  public var first: UInt64
  /// The last eight bytes of the key, little endian.
  public var second: UInt64

  /// A key of two halves.
  public init(first: UInt64, second: UInt64) {
    self.first = first
    self.second = second
  }

  /// A key from the system's random numbers (`getrandom`).
  public static func random() -> DigestKey {
    var system = SystemRandomNumberGenerator()
    return DigestKey(first: system.next(), second: system.next())
  }
}

/// Digest of rows: SipHash-1-3 with 128 bits of output (Aumasson and Bernstein, "SipHash: a fast short-input PRF";
/// 128-bit output as in the authors' reference code).
public enum RowDigest {
  /// The digest of `view` under `key`.
  public static func digest(_ view: ByteView, key: DigestKey) -> Digest128 {
    sipHash(view, key: key, compressionRounds: 1, finalisationRounds: 3)
  }

  /// SipHash-c-d-128; the rounds are parameters so that the published vectors of 2-4 can be checked.
  @inline(__always)
  static func sipHash(
    _ view: ByteView, key: DigestKey, compressionRounds: Int, finalisationRounds: Int
  ) -> Digest128 {
    var state = SipState(key: key)
    let bytes = UnsafeRawPointer(view.base)
    let whole = view.count & ~7
    var offset = 0
    while offset < whole {
      let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      state.compress(word, rounds: compressionRounds)
      offset &+= 8
    }
    var last = UInt64(truncatingIfNeeded: view.count) << 56
    var shift: UInt64 = 0
    while offset < view.count {
      last |= UInt64(view.base[offset]) << shift
      shift &+= 8
      offset &+= 1
    }
    state.compress(last, rounds: compressionRounds)
    return state.finish(rounds: finalisationRounds)
  }
}

/// The four words of SipHash.
private struct SipState {
  var v0: UInt64
  var v1: UInt64
  var v2: UInt64
  var v3: UInt64

  @inline(__always)
  init(key: DigestKey) {
    v0 = key.first ^ 0x736f_6d65_7073_6575
    v1 = key.second ^ 0x646f_7261_6e64_6f6d ^ 0xee
    v2 = key.first ^ 0x6c79_6765_6e65_7261
    v3 = key.second ^ 0x7465_6462_7974_6573
  }

  @inline(__always)
  private static func rotate(_ word: UInt64, _ bits: UInt64) -> UInt64 { word << bits | word >> (64 &- bits) }

  @inline(__always)
  private mutating func round() {
    v0 = v0 &+ v1
    v2 = v2 &+ v3
    v1 = SipState.rotate(v1, 13) ^ v0
    v3 = SipState.rotate(v3, 16) ^ v2
    v0 = SipState.rotate(v0, 32)
    v2 = v2 &+ v1
    v0 = v0 &+ v3
    v1 = SipState.rotate(v1, 17) ^ v2
    v3 = SipState.rotate(v3, 21) ^ v0
    v2 = SipState.rotate(v2, 32)
  }

  @inline(__always)
  mutating func compress(_ word: UInt64, rounds: Int) {
    v3 ^= word
    for _ in 0..<rounds { round() }
    v0 ^= word
  }

  @inline(__always)
  mutating func finish(rounds: Int) -> Digest128 {
    v2 ^= 0xee
    for _ in 0..<rounds { round() }
    let first = v0 ^ v1 ^ v2 ^ v3
    v1 ^= 0xdd
    for _ in 0..<rounds { round() }
    return Digest128(first: first, second: v0 ^ v1 ^ v2 ^ v3)
  }
}
