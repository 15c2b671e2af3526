import Streams

/// UTF-8 by hand (RFC 3629): one character at a time, without a String. Readers pass on valid UTF-8 only; where a byte
/// is wrong all the same it counts as one U+FFFD, so that no text can lead outside its view.
public enum UTF8Scan {
  /// What stands for a byte that is no UTF-8.
  public static let replacement: UInt32 = 0xFFFD

  /// The character at `position`, which must lie inside `text`; moves `position` behind it.
  @inline(__always)
  public static func scalar(_ text: ByteView, _ position: inout Int) -> UInt32 {
    let lead = UInt32(text[position])
    position &+= 1
    if lead < 0x80 { return lead }
    return multibyte(text, lead, &position)
  }

  private static func multibyte(_ text: ByteView, _ lead: UInt32, _ position: inout Int) -> UInt32 {
    let length = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1
    guard lead >= 0xC2, lead <= 0xF4, position &+ length <= text.count else { return replacement }
    var scalar = lead & (0x3F >> UInt32(length))
    for offset in 0..<length {
      let next = UInt32(text[position &+ offset])
      guard next & 0xC0 == 0x80 else { return replacement }
      scalar = scalar << 6 | (next & 0x3F)
    }
    let least: UInt32 = length == 1 ? 0x80 : length == 2 ? 0x800 : 0x10000
    guard scalar >= least, scalar <= 0x10FFFF, scalar & 0xFFFF_F800 != 0xD800 else { return replacement }
    position &+= length
    return scalar
  }

  /// How many characters a text has: bytes that continue none.
  public static func count(_ text: ByteView) -> Int {
    var count = 0
    for index in 0..<text.count where text[index] & 0xC0 != 0x80 { count &+= 1 }
    return count
  }

  /// The longest beginning of `text` with at most `count` characters.
  public static func prefix(_ text: ByteView, count: Int) -> ByteView {
    guard text.count > count else { return text }
    var seen = 0
    for index in 0..<text.count where text[index] & 0xC0 != 0x80 {
      if seen == count { return text.slice(from: 0, count: index) }
      seen &+= 1
    }
    return text
  }

  /// Appends a character.
  @inline(__always)
  public static func append(_ scalar: UInt32, to arena: ByteArena) {
    func tail(_ shift: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: 0x80 | (scalar >> shift & 0x3F)) }
    if scalar < 0x80 {
      arena.append(UInt8(truncatingIfNeeded: scalar))
    } else if scalar < 0x800 {
      arena.append(UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6))
      arena.append(tail(0))
    } else if scalar < 0x10000 {
      arena.append(UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12))
      arena.append(tail(6))
      arena.append(tail(0))
    } else {
      arena.append(UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18))
      arena.append(tail(12))
      arena.append(tail(6))
      arena.append(tail(0))
    }
  }
}
