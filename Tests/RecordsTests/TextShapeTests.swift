import Records
import Streams
import Tabular
import Testing

@Suite("How values are written")
struct TextShapeTests {
  /// The value of a cell, or the rule broken.
  private func read(
    _ text: String, _ notation: FieldRules.Notation, numbers: NumberNotation = NumberNotation(decimal: 0x2C),
    _ change: (inout FieldRules) -> Void = { _ in }
  ) throws -> String {
    var rules = FieldRules(name: "a", source: .column("A"), notation: notation)
    change(&rules)
    let validator = try Validator(fields: [rules], columns: ["A"], numbers: numbers)
    let record = Record(fieldCount: 1, scratchCapacity: 1 << 16)
    let batch = RowBatch(capacity: 1 << 12)
    #expect(batch.setRow([text], line: 1))
    _ = validator.validate(batch, row: 0, into: record)
    return record.reject?.rule.rawValue ?? shown(record.values[0])
  }

  @Test(
    "Signs and units around a value are taken off, with the blanks between",
    arguments: [
      ("5,00 EUR", "5.00"), ("EUR 5,00", "5.00"), ("€5,00", "5.00"), ("5,00\u{A0}€", "5.00"),
      ("5,00\u{202F}€", "5.00"), ("19 %", "19.00"), ("5,00", "5.00"), ("EUR", "null"), ("-5,00 €", "-5.00"),
      ("5,00 USD", "not-a-number"), ("5,00 EUR EUR", "not-a-number"), ("", "null"),
    ])
  func strip(text: String, value: String) throws {
    let found = try read(text, .number(scale: 2)) { $0.shape.strip = ["EUR", "€", "%"] }
    #expect(found == value)
  }

  @Test("Texts lose what is taken off as well, before lookup, default and pattern")
  func stripTexts() throws {
    #expect(try read("'00491701", .text) { $0.shape.strip = ["'"] } == "00491701")
    #expect(try read("' '", .text) { ($0.shape.strip, $0.defaultText) = (["'"], "none") } == "none")
    let table = LookupTable(path: "t", entries: [(Array("10".utf8), Array("main".utf8))])
    #expect(try read("W 10", .text) { ($0.shape.strip, $0.lookup) = (["W"], table) } == "main")
    #expect(try read("NULL", .text) { ($0.shape.strip, $0.nulls) = (["N"], ["NULL"]) } == "null")
    #expect(try read("am 3.1.2026", .date(pattern: "d.M.yyyy")) { $0.shape.strip = ["am"] } == "2026-01-03")
  }

  @Test(
    "Zeros in front of digits are taken off or added, and stay before anything else",
    arguments: [
      ("000100207", "100207", "000000000000100207"), ("100207", "100207", "000000000000100207"),
      ("0", "0", "000000000000000000"),
      ("000", "0", "000000000000000000"), ("A0010", "A0010", "A0010"), ("00-10", "00-10", "00-10"),
      ("1234567890123456789", "1234567890123456789", "1234567890123456789"), ("", "null", "null"),
    ])
  func zeros(text: String, stripped: String, padded: String) throws {
    #expect(try read(text, .text) { $0.shape.zeros = .strip } == stripped)
    #expect(try read(text, .text) { $0.shape.zeros = .pad(18) } == padded)
  }

  @Test(
    "Implied decimals stand behind a sign that is not written",
    arguments: [
      ("12345", 2, 2, "123.45"), ("12345", 2, 4, "123.4500"), ("5-", 2, 2, "-0.05"), ("100", 2, 0, "1"),
      ("150", 2, 0, "too-precise"), ("1,50", 2, 2, "not-a-number"), ("1.234", 0, 2, "1234.00"), ("7", 0, 2, "7.00"),
      ("9223372036854775807", 0, 2, "overflow"), ("9223372036854775807", 18, 18, "9.223372036854775807"),
      ("", 2, 2, "null"),
    ] as [(String, UInt8, UInt8, String)])
  func implied(text: String, implied: UInt8, scale: UInt8, value: String) throws {
    let numbers = NumberNotation(decimal: 0x2C, thousands: 0x2E)
    #expect(try read(text, .number(scale: scale), numbers: numbers) { $0.shape.implied = implied } == value)
  }

  @Test(
    "The last digit of a zoned number says its sign",
    arguments: [
      ("0000369F", "3696"), ("0000369O", "-3696"), ("12{", "120"), ("12}", "-120"), ("12ä", "120"), ("12ü", "-120"),
      ("A", "1"), ("R", "-9"), ("123", "123"), ("ü", "0"), ("12Z", "not-a-number"), ("1A2", "not-a-number"),
    ])
  func zoned(text: String, value: String) throws {
    #expect(try read(text, .number(scale: 0)) { $0.shape.isZoned = true } == value)
    #expect(try read("0000369R", .number(scale: 2)) { ($0.shape.isZoned, $0.shape.implied) = (true, 2) } == "-36.99")
  }

  @Test("Every digit and sign of zoned numbers is read")
  func allZoned() throws {
    let plus = Array("{ABCDEFGHI")
    let minus = Array("}JKLMNOPQR")
    for digit in 0..<10 {
      #expect(try read("1\(plus[digit])", .number(scale: 0)) { $0.shape.isZoned = true } == "1\(digit)")
      #expect(try read("1\(minus[digit])", .number(scale: 0)) { $0.shape.isZoned = true } == "-1\(digit)")
    }
  }

  @Test("An empty cell is true or false where one of the words is empty, and absent is neither")
  func emptyWords() throws {
    let sap = FieldRules.Notation.boolean(yes: ["X"], no: [""])
    #expect(try read("X", sap) == "1")
    #expect(try read("", sap) == "0")
    #expect(try read("  ", sap) { $0.isRequired = true } == "0")
    #expect(try read("-", sap) == "not-boolean")
    #expect(try read("", sap) { $0.defaultText = "X" } == "1")
    #expect(try read("NULL", sap) { $0.nulls = ["NULL"] } == "null", "what means nothing is not empty")
    #expect(try read("", .boolean(yes: ["X"], no: ["-"])) == "null")
    let validator = try Validator(
      fields: [FieldRules(name: "a", source: .column("A"), notation: sap)], columns: ["A"])
    let batch = RowBatch(capacity: 1 << 12)
    let record = Record(fieldCount: 1, scratchCapacity: 64)
    #expect(batch.setRow([nil], line: 1) && validator.validate(batch, row: 0, into: record))
    #expect(shown(record.values[0]) == "null")
  }

  @Test("Key fields with a shape take the long way")
  func keys() throws {
    var rules = FieldRules(name: "a", source: .column("A"))
    rules.shape.zeros = .strip
    let validator = try Validator(fields: [rules], columns: ["A"])
    #expect(KeyReader(validator, parts: [(field: 0, isFolded: false)]) == nil)
  }
}
