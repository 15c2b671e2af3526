import Streams

/// How the text of a cell is written beside what the type says: signs and units around it, zeros in front, a sign in
/// the last digit, decimals that are implied.
public struct TextShape: Equatable, Sendable {
  /// What becomes of zeros in front of a text of digits.
  public enum Zeros: Equatable, Sendable {
    /// They are taken off; a lone zero stays.
    case strip
    /// They are added until the text has so many digits.
    case pad(Int)
  }

  /// Texts that are taken off in front of and behind the value, and blanks with them: `EUR`, `%`, `'`.
  public var strip: [String] = []
  /// What becomes of zeros in front, of texts that hold digits alone; nil: they stay.
  public var zeros: Zeros?
  /// The last digit of a number carries its sign, as in zoned decimals: `{` and `A` to `I` plus, `}` and `J` to `R`
  /// minus.
  public var isZoned = false
  /// Digits of a number, 0 to 18, that stand behind a decimal sign which is not written; nil: it is written.
  public var implied: UInt8?

  /// Texts as they stand.
  public init() {}

  /// Whether texts are taken as they stand.
  public var isPlain: Bool { self == TextShape() }
}

/// A `TextShape` as the loop over a row's fields needs it.
struct CompiledShape: Sendable {
  private let strip: [[UInt8]]
  private let zeros: TextShape.Zeros?
  private let isZoned: Bool
  /// Decimals that are implied; nil: they are written.
  let implied: UInt8?

  /// Nil for a shape that changes nothing.
  init?(_ shape: TextShape) {
    if shape.isPlain { return nil }
    // The longest first: of `EUR` and `R` the whole.
    strip = shape.strip.map { Array($0.utf8) }.sorted { $0.count > $1.count }
    zeros = shape.zeros
    isZoned = shape.isZoned
    implied = shape.implied
  }

  /// The value's own text, which may stand in `scratch`.
  func text(_ given: ByteView, _ scratch: ByteArena) -> ByteView {
    var text = given
    for index in 0..<strip.count {
      let affix = strip[index]
      if text.count >= affix.count, stands(affix, in: text, at: 0) {
        text = CompiledShape.trimmed(text.dropping(affix.count))
      }
      if text.count >= affix.count, stands(affix, in: text, at: text.count - affix.count) {
        text = CompiledShape.trimmed(text.slice(from: 0, count: text.count - affix.count))
      }
    }
    if isZoned { text = signed(text, scratch) }
    if let zeros, !text.isEmpty, CompiledShape.isDigits(text) { text = zeroed(text, zeros, scratch) }
    return text
  }

  private func stands(_ affix: [UInt8], in text: ByteView, at place: Int) -> Bool {
    for index in 0..<affix.count where text[place + index] != affix[index] { return false }
    return true
  }

  private func zeroed(_ text: ByteView, _ zeros: TextShape.Zeros, _ scratch: ByteArena) -> ByteView {
    switch zeros {
    case .strip:
      var first = 0
      while first < text.count - 1, text[first] == 0x30 { first += 1 }
      return text.dropping(first)
    case .pad(let width):
      guard text.count < width else { return text }
      let start = scratch.count
      for _ in text.count..<width { scratch.append(0x30 as UInt8) }
      scratch.append(text)
      return scratch.view(from: start)
    }
  }

  /// The text with the sign of its last character in front. The German code pages of EBCDIC have `ä` for `{` and `ü`
  /// for `}`.
  private func signed(_ text: ByteView, _ scratch: ByteArena) -> ByteView {
    guard let last = text.isEmpty ? nil : text[text.count - 1] else { return text }
    var digits = text.count - 1
    let digit: UInt8
    let isNegative: Bool
    switch last {
    case 0x7B, 0x7D: (digit, isNegative) = (0, last == 0x7D)
    case 0x41...0x49: (digit, isNegative) = (last - 0x40, false)
    case 0x4A...0x52: (digit, isNegative) = (last - 0x49, true)
    case 0xA4, 0xBC:
      guard digits > 0, text[digits - 1] == 0xC3 else { return text }
      digits -= 1
      (digit, isNegative) = (0, last == 0xBC)
    default: return text
    }
    let start = scratch.count
    if isNegative { scratch.append(0x2D as UInt8) }
    scratch.append(text.slice(from: 0, count: digits))
    scratch.append(0x30 + digit)
    return scratch.view(from: start)
  }

  private static func isDigits(_ text: ByteView) -> Bool {
    for index in 0..<text.count where text[index] &- 0x30 > 9 { return false }
    return true
  }

  /// Without blanks at either end, the unbreakable ones that stand between a number and its unit included.
  private static func trimmed(_ text: ByteView) -> ByteView {
    var text = text.trimmed
    while true {
      let before = text.count
      text = text.dropping(DecimalText.wideBlank(text, at: 0)).trimmed
      for count in 2...3 where text.count >= count {
        guard DecimalText.wideBlank(text, at: text.count - count) == count else { continue }
        text = text.slice(from: 0, count: text.count - count).trimmed
      }
      if text.count == before { return text }
    }
  }
}
