import Streams
import Tabular

/// Decimals as text: an `Int64` mantissa at a scale of 0 to 18, read and written without floating point.
public enum DecimalText {
  /// The most digits after the point.
  public static let maximumScale: UInt8 = 18

  /// Why a text is no decimal of the wanted scale.
  public enum Fault: UInt8, Sendable {
    /// Empty, letters, two signs, an exponent, a lone sign, a group separator in the wrong place …
    case notANumber
    /// More decimals than the scale that are not zero.
    case tooPrecise
    /// The mantissa does not fit into 64 bits.
    case overflow
  }

  /// What `parse` found.
  public struct Reading {
    /// The mantissa at the wanted scale; 0 when there is a fault.
    public var mantissa: Int64
    /// Nil when the text is a decimal.
    public var fault: Fault?
  }

  /// Reads `text` (already trimmed) as a decimal with `scale` digits after the point.
  ///
  /// Allowed are a sign in front or a minus behind (`12.50-`, as SAP writes it), brackets around a negative number
  /// (`(12.50)`, as accounts do), and a whole part that is left out (`.5`). A blank as thousands separator may be an
  /// unbreakable one (U+00A0, U+202F), an apostrophe a typographic one (U+2019). A thousands separator must stand
  /// after one to three digits and before groups of exactly three: with `.` as
  /// separator `12.50` is no number rather than 1250. A decimal sign needs a digit behind it.
  public static func parse(_ text: ByteView, notation: NumberNotation, scale: UInt8) -> Reading {
    var scanner = DecimalScanner(text: text, scale: Int(scale))
    scanner.scanSign()
    scanner.scanWhole(thousands: notation.thousands)
    scanner.scanFraction(decimal: notation.decimal)
    return scanner.finish()
  }

  /// How many bytes of `text` at `place` are a blank at which no line breaks (U+00A0, U+202F); 0: none.
  @inline(__always)
  static func wideBlank(_ text: ByteView, at place: Int) -> Int {
    guard place &+ 1 < text.count else { return 0 }
    if text[place] == 0xC2, text[place &+ 1] == 0xA0 { return 2 }
    let isNarrow =
      place &+ 2 < text.count && text[place] == 0xE2 && text[place &+ 1] == 0x80 && text[place &+ 2] == 0xAF
    return isNarrow ? 3 : 0
  }

  /// How many bytes at `place` are what stands for the thousands separator in typeset text; 0: none.
  @inline(never)
  static func wideSeparator(_ text: ByteView, at place: Int, _ thousands: UInt8) -> Int {
    if thousands == 0x20 { return wideBlank(text, at: place) }
    guard thousands == 0x27, place &+ 2 < text.count else { return 0 }
    return text[place] == 0xE2 && text[place &+ 1] == 0x80 && text[place &+ 2] == 0x99 ? 3 : 0
  }

  /// Ten to the power of `exponent`, 0 to 19.
  @inline(__always)
  public static func power(_ exponent: Int) -> UInt64 {
    switch exponent {
    case 0: 1
    case 1: 10
    case 2: 100
    case 3: 1000
    case 4: 10000
    case 5: 100000
    case 6: 1_000_000
    case 7: 10_000_000
    case 8: 100_000_000
    case 9: 1_000_000_000
    case 10: 10_000_000_000
    case 11: 100_000_000_000
    case 12: 1_000_000_000_000
    case 13: 10_000_000_000_000
    case 14: 100_000_000_000_000
    case 15: 1_000_000_000_000_000
    case 16: 10_000_000_000_000_000
    case 17: 100_000_000_000_000_000
    case 18: 1_000_000_000_000_000_000
    default: 10_000_000_000_000_000_000
    }
  }

  /// Appends the canonical text: `3.0000`, `-0.50`, and `3` at scale 0.
  public static func append(_ mantissa: Int64, scale: UInt8, to arena: ByteArena) {
    // 20 digits of the largest magnitude, a leading zero, the point and the sign fit into 24 bytes.
    let decimals = Int(scale)
    var magnitude = mantissa.magnitude
    var digits = 1
    while digits < 20, magnitude >= power(digits) { digits += 1 }
    digits = max(digits, decimals + 1)
    let length = digits + (decimals > 0 ? 1 : 0) + (mantissa < 0 ? 1 : 0)
    arena.append(upTo: length) { bytes in
      var position = length
      var written = 0
      while written < digits {
        if written == decimals, decimals > 0 {
          position -= 1
          bytes[position] = 0x2E
        }
        position -= 1
        bytes[position] = 0x30 + UInt8(truncatingIfNeeded: magnitude % 10)
        magnitude /= 10
        written += 1
      }
      if mantissa < 0 { bytes[0] = 0x2D }
      return length
    }
  }
}

/// One pass over the text of a decimal.
private struct DecimalScanner {
  let text: ByteView
  let scale: Int
  var position = 0
  var end: Int
  var magnitude: UInt64 = 0
  var digits = 0
  var fraction = 0
  var isNegative = false
  var isMalformed = false
  var isTooPrecise = false
  var overflows = false

  @inline(__always)
  init(text: ByteView, scale: Int) {
    self.text = text
    self.scale = scale
    end = text.count
  }

  @inline(__always)
  mutating func scanSign() {
    guard end > 0 else { return }
    let first = text[0]
    if first == 0x2D || first == 0x2B {
      isNegative = first == 0x2D
      position = 1
    } else {
      let last = text[end - 1]
      if last &- 0x30 > 9 { scanClosing(first, last) }
    }
  }

  /// A minus behind the number, or brackets around it.
  @inline(__always)
  mutating func scanClosing(_ first: UInt8, _ last: UInt8) {
    let isBracketed = first == 0x28 && last == 0x29
    guard last == 0x2D || isBracketed else { return }
    isNegative = true
    end -= 1
    if isBracketed { position = 1 }
  }

  @inline(__always)
  mutating func take(_ digit: UInt8) {
    let (product, first) = magnitude.multipliedReportingOverflow(by: 10)
    let (sum, second) = product.addingReportingOverflow(UInt64(digit))
    magnitude = sum
    if first || second { overflows = true }
  }

  @inline(__always)
  mutating func scanWhole(thousands: UInt8?) {
    var group = 0
    var grouped = false
    while position < end {
      let byte = text[position]
      let digit = byte &- 0x30
      if digit < 10 {
        take(digit)
        digits &+= 1
        group &+= 1
      } else if let thousands {
        if byte != thousands {
          let wide = byte < 0x80 ? 0 : DecimalText.wideSeparator(text, at: position, thousands)
          if wide == 0 { break }
          position &+= wide &- 1
        }
        if grouped ? group != 3 : (group < 1 || group > 3) { isMalformed = true }
        grouped = true
        group = 0
      } else {
        break
      }
      position &+= 1
    }
    if grouped, group != 3 { isMalformed = true }
  }

  @inline(__always)
  mutating func scanFraction(decimal: UInt8) {
    guard position < end else { return }
    guard text[position] == decimal, position &+ 1 < end else {
      isMalformed = true
      return
    }
    position &+= 1
    while position < end {
      let digit = text[position] &- 0x30
      guard digit < 10 else {
        isMalformed = true
        return
      }
      if fraction < scale {
        take(digit)
        fraction &+= 1
      } else if digit != 0 {
        isTooPrecise = true
      }
      digits &+= 1
      position &+= 1
    }
  }

  @inline(__always)
  mutating func finish() -> DecimalText.Reading {
    if isMalformed || digits == 0 { return DecimalText.Reading(mantissa: 0, fault: .notANumber) }
    let (scaled, overflow) = magnitude.multipliedReportingOverflow(by: DecimalText.power(scale - fraction))
    let limit = isNegative ? Int64.min.magnitude : Int64.max.magnitude
    if overflows || overflow || scaled > limit { return DecimalText.Reading(mantissa: 0, fault: .overflow) }
    if isTooPrecise { return DecimalText.Reading(mantissa: 0, fault: .tooPrecise) }
    let mantissa = isNegative ? Int64(truncatingIfNeeded: 0 &- scaled) : Int64(truncatingIfNeeded: scaled)
    return DecimalText.Reading(mantissa: mantissa, fault: nil)
  }
}
