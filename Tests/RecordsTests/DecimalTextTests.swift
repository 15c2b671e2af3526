import Foundation
import Records
import Streams
import Tabular
import Testing

@Suite struct DecimalTextTests {
  private func read(_ text: String, _ notation: NumberNotation = NumberNotation(), scale: UInt8) -> String {
    withText(text) { view in
      let reading = DecimalText.parse(view, notation: notation, scale: scale)
      return reading.fault.map { "\($0)" } ?? "\(reading.mantissa)"
    }
  }

  @Test(
    "a decimal is read at its scale",
    arguments: [
      ("3", 4, "30000"), ("3.0", 4, "30000"), ("-0.5", 2, "-50"), ("+7", 0, "7"), (".5", 2, "50"), ("-.5", 1, "-5"),
      ("12.50-", 2, "-1250"), ("0", 0, "0"), ("-0", 2, "0"), ("000000000000000000000012", 0, "12"),
      ("1.2300000000000000000000", 2, "123"), ("9223372036854775807", 0, "9223372036854775807"),
      ("-9223372036854775808", 0, "-9223372036854775808"), ("9.223372036854775807", 18, "9223372036854775807"),
    ])
  func accepted(text: String, scale: Int, mantissa: String) {
    #expect(read(text, scale: UInt8(scale)) == mantissa)
  }

  @Test(
    "what is no decimal of the scale is told apart by its fault",
    arguments: [
      ("", 2, "notANumber"), ("-", 2, "notANumber"), ("+", 2, "notANumber"), (".", 2, "notANumber"),
      ("5.", 2, "notANumber"), ("-12-", 2, "notANumber"), ("+12-", 2, "notANumber"), ("1e3", 2, "notANumber"),
      ("12a", 2, "notANumber"), ("1 2", 2, "notANumber"), ("1,000", 2, "notANumber"), ("1.2.3", 2, "notANumber"),
      ("--1", 2, "notANumber"), ("0x1F", 2, "notANumber"), ("NaN", 2, "notANumber"), ("١٢", 0, "notANumber"),
      ("12 -", 0, "notANumber"), ("99999999999999999999x", 0, "notANumber"), ("1.234x", 2, "notANumber"),
      ("1.234", 2, "tooPrecise"), ("0.001", 2, "tooPrecise"), ("1.5", 0, "tooPrecise"),
      ("9223372036854775808", 0, "overflow"), ("-9223372036854775809", 0, "overflow"), ("10", 18, "overflow"),
      ("99999999999999999999", 0, "overflow"), ("1.00", 19 - 1, "1000000000000000000"),
    ])
  func refused(text: String, scale: Int, fault: String) {
    #expect(read(text, scale: UInt8(scale)) == fault)
  }

  @Test(
    "thousands separators stand between groups of three alone",
    arguments: [
      ("1.234.567,89", "123456789"), ("1.234", "123400"), ("-1.000,5", "-100050"), ("1234,5", "123450"),
      ("12.345-", "-1234500"), ("12.50", "notANumber"), ("1234.567", "notANumber"), (".123", "notANumber"),
      ("1.", "notANumber"), ("1..234", "notANumber"), ("1.23.456", "notANumber"), ("0,1.000", "notANumber"),
      ("1.234.", "notANumber"), ("1.2345", "notANumber"),
    ])
  func thousands(text: String, result: String) {
    #expect(read(text, NumberNotation(decimal: 0x2C, thousands: 0x2E), scale: 2) == result)
  }

  @Test(
    "brackets make a number negative, and typeset blanks and apostrophes group it",
    arguments: [
      ("(12.50)", 0x27, "-1250"), ("(1'000)", 0x27, "-100000"), ("(5", 0x27, "notANumber"), ("5)", 0x27, "notANumber"),
      ("()", 0x27, "notANumber"), ("(-5)", 0x27, "notANumber"), ("(5-)", 0x27, "notANumber"),
      ("-(5)", 0x27, "notANumber"),
      ("1’234.56", 0x27, "123456"), ("1’23", 0x27, "notANumber"), ("1\u{A0}234.56", 0x20, "123456"),
      ("1\u{202F}234\u{202F}567", 0x20, "123456700"), ("1\u{A0}23", 0x20, "notANumber"),
      ("1\u{2009}234", 0x20, "notANumber"),
      ("1’234", 0x20, "notANumber"), ("1\u{A0}", 0x20, "notANumber"),
    ] as [(String, UInt8, String)])
  func typeset(text: String, thousands: UInt8, result: String) {
    #expect(read(text, NumberNotation(thousands: thousands), scale: 2) == result)
  }

  @Test(
    "canonical text has exactly the scale's digits",
    arguments: [
      (30000, 4, "3.0000"), (-50, 2, "-0.50"), (3, 0, "3"), (0, 0, "0"), (0, 3, "0.000"), (-7, 0, "-7"), (5, 1, "0.5"),
      (Int64.max, 0, "9223372036854775807"), (Int64.min, 0, "-9223372036854775808"),
      (Int64.min, 18, "-9.223372036854775808"), (1, 18, "0.000000000000000001"), (10, 0, "10"), (99, 0, "99"),
      (1_000_000_000_000_000_000, 0, "1000000000000000000"),
    ] as [(Int64, UInt8, String)])
  func canonical(mantissa: Int64, scale: UInt8, text: String) {
    #expect(written { DecimalText.append(mantissa, scale: scale, to: $0) } == text)
  }

  @Test("any text is read as the grammar and Foundation's decimals say")
  func grammar() throws {
    let signed = #"[+-]?(?:\d+|\d{1,3}(?:'\d{3})+)?(?:\.\d+)?"#
    let trailing = #"(?:\d+|\d{1,3}(?:'\d{3})+)?(?:\.\d+)?-"#
    let model = try NSRegularExpression(pattern: "^(?:\(signed)|\(trailing))$")
    let notation = NumberNotation(decimal: 0x2E, thousands: 0x27)
    let seed: UInt64 = 20_261_123
    var dice = Dice(seed: seed)
    var numbers = 0
    for round in 0..<20_000 {
      let text = dice.text(from: Array(round % 3 == 0 ? "012.'-+e " : "0123456789.5-"), longest: 9)
      let scale = UInt8(dice.below(5))
      let range = NSRange(text.startIndex..., in: text)
      let isNumber = model.firstMatch(in: text, range: range) != nil && text.contains(where: \.isNumber)
      var expected = "notANumber"
      if isNumber {
        numbers += 1
        var plain = text.filter { $0 != "'" && $0 != "+" }
        if plain.hasSuffix("-") { plain = "-" + plain.dropLast() }
        let scaled = (Decimal(string: plain) ?? .nan) * pow(Decimal(10), Int(scale))
        var whole = Decimal()
        var source = scaled
        NSDecimalRound(&whole, &source, 0, .down)
        expected = whole == scaled ? "\(whole)" : "tooPrecise"
      }
      #expect(read(text, notation, scale: scale) == expected, "seed \(seed), \"\(text)\" at scale \(scale)")
    }
    #expect(numbers > 1000)
  }

  @Test("canonical text reads back as the same mantissa")
  func roundTrip() {
    let seed: UInt64 = 7
    var dice = Dice(seed: seed)
    for _ in 0..<5000 {
      let mantissa = Int64(bitPattern: dice.next()) >> Int64(dice.below(63))
      let scale = UInt8(dice.below(19))
      let text = written { DecimalText.append(mantissa, scale: scale, to: $0) }
      #expect(read(text, scale: scale) == "\(mantissa)", "seed \(seed), \(text)")
    }
  }
}

@Suite struct DecimalMathTests {
  private typealias Number = DecimalMath.Decimal

  @Test(
    "rounding is half away from zero",
    arguments: [
      (125, 2, 1, 13), (-125, 2, 1, -13), (124, 2, 1, 12), (-124, 2, 1, -12), (5, 1, 0, 1), (-5, 1, 0, -1),
      (4, 1, 0, 0),
      (7, 0, 3, 7000), (Int64.max, 18, 0, 9), (Int64.min, 18, 0, -9), (950_000_000_000_000_000, 18, 0, 1),
      (499_999_999_999_999_999, 18, 0, 0),
    ] as [(Int64, UInt8, UInt8, Int64)])
  func rounding(mantissa: Int64, from: UInt8, to: UInt8, result: Int64) {
    #expect(DecimalMath.rescale(mantissa, from: from, to: to) == result)
  }

  @Test("what passes 64 bits is no number")
  func overflow() {
    #expect(DecimalMath.rescale(Int64.max, from: 0, to: 1) == nil)
    #expect(DecimalMath.add(Number(Int64.max, scale: 0), Number(1, scale: 0)) == nil)
    #expect(DecimalMath.subtract(Number(Int64.min, scale: 0), Number(1, scale: 0)) == nil)
    #expect(DecimalMath.multiply(Number(Int64.max, scale: 0), Number(Int64.max, scale: 0)) == nil)
    #expect(DecimalMath.divide(Number(Int64.max, scale: 0), by: Number(1, scale: 18), scale: 18) == nil)
    #expect(DecimalMath.divide(Number(Int64.min, scale: 0), by: Number(-1, scale: 0), scale: 0) == nil)
  }

  @Test("zeros at the end of a product or sum are given up rather than overflow")
  func exactness() {
    let million = Number(1_000_000_000_000, scale: 6)
    #expect(DecimalMath.multiply(million, million) == Number(1_000_000_000_000_000_000, scale: 6))
    #expect(DecimalMath.multiply(Number(3, scale: 18), Number(10, scale: 1)) == Number(3, scale: 18))
    #expect(DecimalMath.multiply(Number(3, scale: 18), Number(1, scale: 1)) == nil)
    #expect(DecimalMath.add(Number(10, scale: 0), Number(0, scale: 18)) == Number(1_000_000_000_000_000_000, scale: 17))
  }

  @Test("sum, difference, product, quotient and order agree with Foundation's decimals")
  func agreement() {
    let seed: UInt64 = 99
    var dice = Dice(seed: seed)
    for _ in 0..<5000 {
      let left = Number(Int64(dice.below(2_000_001) - 1_000_000), scale: UInt8(dice.below(5)))
      let right = Number(Int64(dice.below(2001) - 1000), scale: UInt8(dice.below(5)))
      let (one, other) = (decimal(left), decimal(right))
      #expect(DecimalMath.add(left, right).map(decimal) == one + other, "seed \(seed): \(left) \(right)")
      #expect(DecimalMath.subtract(left, right).map(decimal) == one - other, "seed \(seed): \(left) \(right)")
      #expect(DecimalMath.multiply(left, right).map(decimal) == one * other, "seed \(seed): \(left) \(right)")
      let order = one < other ? -1 : one == other ? 0 : 1
      #expect(DecimalMath.compare(left, right) == order, "seed \(seed): \(left) \(right)")
      guard right.mantissa != 0 else { continue }
      let scale = UInt8(dice.below(5))
      var (rounded, exact) = (Decimal(), one / other)
      NSDecimalRound(&rounded, &exact, Int(scale), .plain)
      let quotient = DecimalMath.divide(left, by: right, scale: scale)
      #expect(quotient.map(decimal) == rounded, "seed \(seed): \(left) / \(right) at \(scale)")
    }
  }

  @Test("quotients round half away from zero whatever the signs")
  func halves() {
    for (left, right, result) in [
      (1, 2, 1), (-1, 2, -1), (1, -2, -1), (-1, -2, 1), (5, 10, 1), (4, 10, 0), (-4, 10, 0),
    ] {
      let quotient = DecimalMath.divide(Number(Int64(left), scale: 0), by: Number(Int64(right), scale: 0), scale: 0)
      #expect(quotient?.mantissa == Int64(result), "\(left) / \(right)")
    }
  }

  private func decimal(_ number: Number) -> Decimal {
    Decimal(number.mantissa) / pow(Decimal(10), Int(number.scale))
  }
}
