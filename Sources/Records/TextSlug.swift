import Streams

/// Texts as parts of URLs, the way Commerce makes a `url_key`: `Größe & Ärmel 1` becomes `grosse-armel-1`.
public enum TextSlug {
  /// U+00C0 to U+017F, two letters each: the base letter, a digraph, or a hyphen for what is no letter.
  private static let letters: StaticString = """
    a a a a a a aec e e e e i i i i d n o o o o o - o u u u u y p ss\
    a a a a a a aec e e e e i i i i d n o o o o o - o u u u u y p y \
    a a a a a a c c c c c c c c d d d d e e e e e e e e e e g g g g \
    g g g g h h h h i i i i i i i i i i ijijj j k k k l l l l l l l \
    l l l n n n n n n n n n o o o o o o oeoer r r r r r s s s s s s \
    s s t t t t t t u u u u u u u u u u u u w w y y y z z z z z z s 
    """

  /// Appends `text` as lower-case ASCII words joined by hyphens, none at either end.
  public static func append(_ text: ByteView, to arena: ByteArena) {
    let start = arena.count
    var position = 0
    var isBroken = false
    func put(_ letter: UInt8) {
      if isBroken, arena.count > start { arena.append(0x2D) }
      isBroken = false
      arena.append(letter)
    }
    while position < text.count {
      let scalar = UTF8Scan.scalar(text, &position)
      switch scalar {
      case 0x30...0x39, 0x61...0x7A: put(UInt8(truncatingIfNeeded: scalar))
      case 0x41...0x5A: put(UInt8(truncatingIfNeeded: scalar | 0x20))
      case 0xC0...0x17F:
        let (one, two) = base(scalar)
        if one == 0x2D {
          isBroken = true
        } else {
          put(one)
          if two != 0x20 { put(two) }
        }
      default: isBroken = true
      }
    }
  }

  @inline(__always)
  private static func base(_ scalar: UInt32) -> (UInt8, UInt8) {
    let table = ByteView(base: letters.utf8Start, count: letters.utf8CodeUnitCount)
    let index = Int(scalar - 0xC0) * 2
    return (table[index], table[index + 1])
  }
}
