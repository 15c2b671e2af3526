import Streams

/// Which letters a feed's keys have been written with, for each part of the key: where it shows that no two of them can
/// differ in the letters' case alone, removals need not be checked against all other keys.
package struct KeyCases: Codable, Equatable, Sendable {
  private static let lower: UInt8 = 1
  private static let upper: UInt8 = 2
  private static let beyondASCII: UInt8 = 4

  /// Bits of each part; they are only ever set.
  private var parts: [UInt8]

  /// No keys yet, of `count` parts.
  init(count: Int) { parts = Array(repeating: 0, count: count) }

  /// Parts of a key.
  var count: Int { parts.count }

  /// Notes an encoded key, eight bytes at a time.
  mutating func note(_ key: ByteView) {
    var part = 0
    var bits: UInt8 = 0
    var index = 0
    while index < key.count {
      let rest = key.count &- index
      let word = Self.word(key, at: index)
      // The first zero byte ends a part. Only a zero borrows without having its top bit set.
      let zeros = (word &- Self.ones) & ~word & Self.tops
      let length = zeros == 0 ? 8 : zeros.trailingZeroBitCount &>> 3
      if length >= min(rest, 8) {
        bits |= Self.bits(of: word)
        index &+= 8
      } else {
        bits |= Self.bits(of: word & ((1 &<< UInt64(8 &* length)) &- 1))
        note(bits, part: part)
        bits = 0
        part = min(part &+ 1, parts.count &- 1)
        index &+= length &+ 1
      }
    }
    note(bits, part: part)
  }

  @inline(__always)
  private mutating func note(_ bits: UInt8, part: Int) {
    if parts[part] & bits != bits { parts[part] |= bits }
  }

  /// The eight bytes from `index` on, those beyond the end zero.
  @inline(__always)
  private static func word(_ key: ByteView, at index: Int) -> UInt64 {
    let rest = key.count &- index
    if rest >= 8 { return key.load(at: index, as: UInt64.self) }
    if key.count >= 8 { return key.load(at: key.count &- 8, as: UInt64.self) &>> UInt64(8 &* (8 &- rest)) }
    var word: UInt64 = 0
    for place in 0..<rest { word |= UInt64(key[index &+ place]) &<< UInt64(8 &* place) }
    return word
  }

  private static let ones: UInt64 = 0x0101_0101_0101_0101
  private static let tops: UInt64 = 0x8080_8080_8080_8080

  /// What the letters among eight bytes say; bytes of zero say nothing.
  @inline(__always)
  private static func bits(of word: UInt64) -> UInt8 {
    var bits: UInt8 = word & tops == 0 ? 0 : beyondASCII
    // Letters have the bit 0x40.
    guard word & (ones &* 0x40) != 0 else { return bits }
    if hasLetter(word, from: 0x61) { bits |= lower }
    if hasLetter(word, from: 0x41) { bits |= upper }
    return bits
  }

  /// Whether one of eight bytes is among the 26 from `first` on. Without top bits no sum runs over into the next byte.
  @inline(__always)
  private static func hasLetter(_ word: UInt64, from first: UInt64) -> Bool {
    let low = word & ~tops
    let isReached = low &+ ones &* (0x80 &- first)
    let isPassed = low &+ ones &* (0x80 &- first &- 26)
    return isReached & ~isPassed & ~word & tops != 0
  }

  /// Whether no two keys noted differ in the letters' case of these parts alone. Said of ASCII only: elsewhere several
  /// letters may have one lower case.
  func areApart(in parts: [Int]) -> Bool {
    parts.allSatisfy { self.parts[$0] != Self.lower | Self.upper && self.parts[$0] & Self.beyondASCII == 0 }
  }
}
