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

  /// Notes an encoded key.
  mutating func note(_ key: ByteView) {
    var part = 0
    var bits: UInt8 = 0
    var index = 0
    while index < key.count {
      // Digits and signs say nothing, eight at a time.
      while index &+ 8 <= key.count, Self.isSilent(key.load(at: index, as: UInt64.self)) { index &+= 8 }
      guard index < key.count else { break }
      let byte = key[index]
      index &+= 1
      if byte == 0 {
        parts[part] |= bits
        bits = 0
        part = min(part + 1, parts.count - 1)
      } else if byte >= 0x80 {
        bits |= Self.beyondASCII
      } else if byte &- 0x61 < 26 {
        bits |= Self.lower
      } else if byte &- 0x41 < 26 {
        bits |= Self.upper
      }
    }
    parts[part] |= bits
  }

  /// Whether none of these eight bytes is a letter, beyond ASCII, or zero; letters have the bit 0x40.
  private static func isSilent(_ word: UInt64) -> Bool {
    let zeros = (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
    return word & 0xC0C0_C0C0_C0C0_C0C0 == 0 && zeros == 0
  }

  /// Whether no two keys noted differ in the letters' case of these parts alone. Said of ASCII only: elsewhere several
  /// letters may have one lower case.
  func areApart(in parts: [Int]) -> Bool {
    parts.allSatisfy { self.parts[$0] != Self.lower | Self.upper && self.parts[$0] & Self.beyondASCII == 0 }
  }
}
