import Streams

/// Upper and lower case by simple Unicode mapping (one character to one), which is how Commerce's database compares
/// SKUs: `ß` has no upper case here and `İ` becomes `i`.
public enum TextCase {
  /// Characters below this have their mappings in tables; those above are looked up in the standard library.
  private static let tabled: UInt32 = 0x600
  private static let lowerTable = CaseTable(tabled, computeLower)
  private static let upperTable = CaseTable(tabled, computeUpper)

  /// The lower-case form of a character.
  public static func lower(_ scalar: UInt32) -> UInt32 {
    scalar < tabled ? lowerTable.mapped[Int(scalar)] : computeLower(scalar)
  }

  /// The upper-case form of a character.
  public static func upper(_ scalar: UInt32) -> UInt32 {
    scalar < tabled ? upperTable.mapped[Int(scalar)] : computeUpper(scalar)
  }

  /// Appends `text` in lower case; true when that differs from `text`.
  @discardableResult
  public static func appendLower(_ text: ByteView, to arena: ByteArena) -> Bool {
    let start = arena.count
    let ascii = appendASCII(text, from: 0x41, to: arena)
    if ascii.count == text.count { return ascii.changed }
    arena.truncate(to: start)
    var position = 0
    var changed = false
    while position < text.count {
      let scalar = UTF8Scan.scalar(text, &position)
      let mapped = lower(scalar)
      if mapped != scalar { changed = true }
      UTF8Scan.append(mapped, to: arena)
    }
    return changed
  }

  /// Appends `text` in upper case.
  public static func appendUpper(_ text: ByteView, to arena: ByteArena) {
    let start = arena.count
    if appendASCII(text, from: 0x61, to: arena).count == text.count { return }
    arena.truncate(to: start)
    var position = 0
    while position < text.count { UTF8Scan.append(upper(UTF8Scan.scalar(text, &position)), to: arena) }
  }

  /// Appends the ASCII beginning of `text` with the 26 letters from `first` on in the other case.
  @inline(__always)
  private static func appendASCII(
    _ text: ByteView, from first: UInt8, to arena: ByteArena
  ) -> (count: Int, changed: Bool) {
    var done = 0
    var changed = false
    arena.append(upTo: text.count) { bytes in
      while done < text.count {
        let byte = text[done]
        if byte >= 0x80 { break }
        let isLetter = byte &- first < 26
        if isLetter { changed = true }
        bytes[done] = isLetter ? byte ^ 0x20 : byte
        done &+= 1
      }
      return done
    }
    return (done, changed)
  }

  private static func computeLower(_ value: UInt32) -> UInt32 {
    guard let scalar = Unicode.Scalar(value) else { return value }
    // The only character whose full lower case is longer than one character (SpecialCasing.txt).
    if value == 0x130 { return 0x69 }
    return single(scalar.properties.lowercaseMapping) ?? value
  }

  private static func computeUpper(_ value: UInt32) -> UInt32 {
    guard let scalar = Unicode.Scalar(value) else { return value }
    // Where the full upper case is longer (`ᾳ`), UnicodeData.txt gives the title case as the simple one.
    return single(scalar.properties.uppercaseMapping) ?? single(scalar.properties.titlecaseMapping) ?? value
  }

  private static func single(_ mapping: String) -> UInt32? {
    let scalars = mapping.unicodeScalars
    guard let first = scalars.first, scalars.dropFirst().isEmpty else { return nil }
    return first.value
  }
}

/// Mappings of the first characters, made once.
private final class CaseTable: Sendable {
  let mapped: FixedBuffer<UInt32>

  init(_ count: UInt32, _ mapping: (UInt32) -> UInt32) { mapped = FixedBuffer((0..<count).map(mapping)) }
}
