import Streams
import Tabular

/// Values as canonical text, the form in which they stand in outputs, keys and snapshots, and back.
///
/// Numbers have exactly their scale's digits (`3.0000`), booleans are 1 and 0, dates `yyyy-MM-dd`, times
/// `yyyy-MM-dd HH:mm:ss`, texts and lists stand as they are; null and clear have no text.
public enum ValueText {
  /// Appends the text of `value`.
  @inline(__always)
  public static func append(_ value: Value, to arena: ByteArena) {
    if value.kind == .text {
      arena.append(value.bytes)
    } else {
      appendTyped(value, to: arena)
    }
  }

  /// Appends the text of a value that is not already text.
  private static func appendTyped(_ value: Value, to arena: ByteArena) {
    switch value.kind {
    case .null, .clear, .text: break
    case .number: DecimalText.append(value.number, scale: value.scale, to: arena)
    case .boolean: arena.append(value.number != 0 ? 0x31 : 0x30)
    case .date: DateText.append(days: value.number, to: arena)
    case .datetime: DateText.append(seconds: value.number, to: arena)
    }
  }

  /// Reads canonical text back. Empty text is null, and so is text that is not of the type (the type was changed
  /// since). A number with more decimals than `type` keeps its own scale. Text is borrowed from `text`.
  public static func parse(_ text: ByteView, type: ValueType) -> Value {
    guard !text.isEmpty else { return .null }
    switch type {
    case .text, .list: return .text(text)
    case .number(let scale): return number(text, scale: scale)
    case .boolean:
      guard text.count == 1, text[0] == 0x30 || text[0] == 0x31 else { return .null }
      return .boolean(text[0] == 0x31)
    case .date: return DateText.days(text).map { .date(days: $0) } ?? .null
    case .datetime: return DateText.seconds(text).map { .datetime(seconds: $0) } ?? .null
    }
  }

  private static func number(_ text: ByteView, scale: UInt8) -> Value {
    var scale = scale
    var reading = DecimalText.parse(text, notation: NumberNotation(), scale: scale)
    while reading.fault == .tooPrecise, scale < DecimalText.maximumScale {
      scale += 1
      reading = DecimalText.parse(text, notation: NumberNotation(), scale: scale)
    }
    return reading.fault == nil ? .number(reading.mantissa, scale: scale) : .null
  }
}
