import Streams

/// A typed value of one field or expression, trivially copyable; text is borrowed.
public struct Value: Sendable {
  /// What a value is. Absent, empty and clear are three different things (`product.md`).
  public enum Kind: UInt8, Sendable {
    /// Absent or empty: compares as false, stays null in arithmetic, writes nothing.
    case null
    /// An explicit wish to clear what the receiver has; Commerce gets its empty-attribute constant.
    case clear
    /// UTF-8 text. Several values of a list are joined by U+001F.
    case text
    /// A decimal: `number` times ten to the minus `scale`.
    case number
    /// `number` is 0 or 1.
    case boolean
    /// Calendar day: `number` is days since 1970-01-01.
    case date
    /// Wall-clock time in the feed's zone: `number` is seconds since 1970-01-01 00:00:00 of that zone.
    case datetime
  }

  /// What the value is.
  public var kind: Kind
  /// Digits after the decimal point, 0 to 18; only for numbers.
  public var scale: UInt8
  /// Mantissa, truth, days or seconds.
  public var number: Int64
  /// Text; empty for the other kinds.
  public var bytes: ByteView

  @inline(__always)
  private init(kind: Kind, scale: UInt8 = 0, number: Int64 = 0, bytes: ByteView = ByteView()) {
    self.kind = kind
    self.scale = scale
    self.number = number
    self.bytes = bytes
  }

  /// No value.
  @inline(__always)
  public static var null: Value { Value(kind: .null) }
  /// An explicit wish to clear.
  @inline(__always)
  public static var clear: Value { Value(kind: .clear) }
  /// Text.
  @inline(__always)
  public static func text(_ bytes: ByteView) -> Value { Value(kind: .text, bytes: bytes) }
  /// A decimal.
  @inline(__always)
  public static func number(_ mantissa: Int64, scale: UInt8) -> Value {
    Value(kind: .number, scale: scale, number: mantissa)
  }
  /// A truth value.
  @inline(__always)
  public static func boolean(_ truth: Bool) -> Value { Value(kind: .boolean, number: truth ? 1 : 0) }
  /// A day.
  @inline(__always)
  public static func date(days: Int64) -> Value { Value(kind: .date, number: days) }
  /// A wall-clock time.
  @inline(__always)
  public static func datetime(seconds: Int64) -> Value { Value(kind: .datetime, number: seconds) }

  /// Null, clear and text of no bytes are not present.
  @inline(__always)
  public var isPresent: Bool {
    switch kind {
    case .null, .clear: false
    case .text: !bytes.isEmpty
    default: true
    }
  }

  /// True only for the boolean true.
  @inline(__always)
  public var isTrue: Bool { kind == .boolean && number != 0 }
}

/// The byte that joins the values of a list inside one text.
public let listSeparator: UInt8 = 0x1F
