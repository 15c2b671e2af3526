import Records
import Streams
import Tabular
import Testing

@Suite struct ValidatorTests {
  /// Validates one cell by one rule: the value, or the rule broken.
  private func cell(
    _ cell: Cell, _ rules: FieldRules, numbers: NumberNotation = NumberNotation(decimal: 0x2C, thousands: 0x2E)
  ) throws -> String {
    try row([cell], [rules], columns: ["A"], numbers: numbers)[0]
  }

  private func rules(_ notation: FieldRules.Notation, _ change: (inout FieldRules) -> Void = { _ in }) -> FieldRules {
    var rules = FieldRules(name: "a", source: .column("A"), notation: notation)
    change(&rules)
    return rules
  }

  /// Validates a row: each field's value, `-` where it is not readable, then the reject as `rule field column value`.
  private func row(
    _ cells: [Cell], _ fields: [FieldRules], columns: [String], defect: RowHead.Defect = .none, at column: Int = 0,
    captures: [String: String] = [:], numbers: NumberNotation = NumberNotation()
  ) throws -> [String] {
    let validator = try Validator(
      fields: fields, columns: columns, numbers: numbers, captures: captures, now: .datetime(seconds: 0))
    let record = Record(fieldCount: fields.count, scratchCapacity: 1 << 16)
    let batch = RowBatch.row(cells, defect: defect, field: column)
    let isGood = validator.validate(batch, row: 0, into: record)
    #expect(isGood == (record.reject == nil))
    guard let reject = record.reject else { return fields.indices.map { shown(record.values[$0]) } }
    let values = fields.indices.map { record.isReadable($0) ? shown(record.values[$0]) : "-" }
    let place = "\(reject.rule.rawValue) \(reject.field) \(reject.column) \(reject.value.text)"
    return fields.count == 1 ? [place] : values + [place]
  }

  @Test("A text that means nothing is an empty cell, whatever the notation")
  func nulls() throws {
    let nulls = rules(.date(pattern: "yyyyMMdd")) { $0.nulls = ["00000000", "NULL"] }
    #expect(try cell("00000000", nulls) == "null")
    #expect(try cell(" NULL ", nulls) == "null")
    #expect(try cell("20261101", nulls) == "2026-11-01")
    #expect(try cell("null", nulls).hasSuffix(" 0 1 null"), "they are compared exactly")
    #expect(try cell("NULL", rules(.number(scale: 0)) { ($0.nulls, $0.defaultText) = (["NULL"], "7") }) == "7")
    #expect(try cell("NULL", rules(.text) { ($0.nulls, $0.empty) = (["NULL"], .clear) }) == "clear")
    #expect(try cell("NULL", rules(.text) { ($0.nulls, $0.isRequired) = (["NULL"], true) }) == "required 0 1 ")
  }

  @Test(
    "cells become values by their notation",
    arguments: [
      (.text, "  a b\t", "a b"), (.number(scale: 4), " 1.234,5 ", "1234.5000"), (.number(scale: 0), "12-", "-12"),
      (.boolean(yes: ["J", "1"], no: ["N"]), "J", "1"), (.boolean(yes: ["J"], no: ["N"]), " N", "0"),
      (.date(pattern: "dd.MM.yyyy"), "23.11.2026", "2026-11-23"),
      (.datetime(pattern: "yyyyMMddHHmm"), "202611230215", "2026-11-23 02:15:00"),
      (.enumeration(["red", "green"]), "green", "green"), (.list(separator: "|"), " a | b||c ", "a\u{1F}b\u{1F}c"),
      (.list(separator: nil), "a|b\u{1F} c ", "a|b\u{1F}c"), (.list(separator: ", "), "a, b,c", "a\u{1F}b,c"),
      (.text, "", "null"), (.number(scale: 2), "  ", "null"), (.list(separator: "|"), " | ", "null"),
    ] as [(FieldRules.Notation, String, String)])
  func reading(notation: FieldRules.Notation, text: String, value: String) throws {
    #expect(try cell(Cell(text, []), rules(notation)) == value)
  }

  @Test(
    "what breaks its notation is rejected with its place",
    arguments: [
      (.number(scale: 2), "1,234", "too-precise 0 1 1,234"), (.number(scale: 2), "abc", "not-a-number 0 1 abc"),
      (.number(scale: 18), "10", "overflow 0 1 10"), (.boolean(yes: ["J"], no: ["N"]), "j", "not-boolean 0 1 j"),
      (.date(pattern: "dd.MM.yyyy"), "30.02.2026", "not-a-date 0 1 30.02.2026"),
      (.datetime(pattern: "yyyyMMddHHmm"), "2026", "not-a-date 0 1 2026"),
      (.enumeration(["red"]), "blue", "not-in-enum 0 1 blue"), (.text, "a\u{1F}b", "several-values 0 1 a\u{1F}b"),
      (.number(scale: 1), "1.5\u{1F}2.5", "several-values 0 1 1.5\u{1F}2.5"),
      (.enumeration(["red"]), "red\u{1F}red", "several-values 0 1 red\u{1F}red"),
    ] as [(FieldRules.Notation, String, String)])
  func rejecting(notation: FieldRules.Notation, text: String, reject: String) throws {
    #expect(try cell(Cell(text, []), rules(notation)) == reject)
  }

  @Test("bounds hold at the field's scale, and include their ends")
  func bounds() throws {
    let bounded = rules(.number(scale: 2)) {
      $0.minimum = 0
      $0.maximum = 1050
    }
    #expect(try cell("0", bounded) == "0.00")
    #expect(try cell("10,5", bounded) == "10.50")
    #expect(try cell("-0,01", bounded) == "below-minimum 0 1 -0,01")
    #expect(try cell("10,51", bounded) == "above-maximum 0 1 10,51")
  }

  @Test("lengths count characters, patterns match the whole text, lists are checked part by part")
  func textRules() throws {
    let limited = rules(.text) {
      $0.minimumLength = 2
      $0.maximumLength = 3
    }
    #expect(try cell("üüü", limited) == "üüü")
    #expect(try cell("ü", limited) == "too-short 0 1 ü")
    #expect(try cell("üüüü", limited) == "too-long 0 1 üüüü")
    let pattern = try TextPattern("[A-Z]+")
    #expect(try cell("AB", rules(.text) { $0.pattern = pattern }) == "AB")
    #expect(try cell("ABc", rules(.text) { $0.pattern = pattern }) == "pattern 0 1 ABc")
    #expect(try cell("AB|C", rules(.list(separator: "|")) { $0.pattern = pattern }) == "AB\u{1F}C")
    #expect(try cell("AB|c", rules(.list(separator: "|")) { $0.pattern = pattern }) == "pattern 0 1 c")
    #expect(try cell("5", rules(.number(scale: 0)) { $0.minimumLength = 2 }) == "too-short 0 1 5")
  }

  @Test("absent, empty and clear are three things, and a default takes the place of the first two")
  func emptiness() throws {
    #expect(try cell(.absent, rules(.text) { $0.empty = .clear }) == "null")
    #expect(try cell(" ", rules(.text) { $0.empty = .clear }) == "clear")
    #expect(try cell(" ", rules(.text)) == "null")
    #expect(try cell(" | ", rules(.list(separator: "|")) { $0.empty = .clear }) == "clear")
    for cellGiven in [Cell.absent, " "] {
      #expect(try cell(cellGiven, rules(.text) { $0.isRequired = true }) == "required 0 1 ")
      #expect(try cell(cellGiven, rules(.number(scale: 1)) { $0.defaultText = "1,5" }) == "1.5")
      #expect(try cell(cellGiven, rules(.number(scale: 0)) { $0.defaultText = "x" }) == "not-a-number 0 1 x")
    }
    let required = rules(.text) {
      $0.empty = .clear
      $0.isRequired = true
    }
    #expect(try cell("", required) == "required 0 1 ")
  }

  @Test("a lookup translates before the text is read")
  func lookup() throws {
    let table = LookupTable(path: "t.csv", entries: [(Array("10".utf8), Array("7".utf8)), (Array("20".utf8), [])])
    let looked = rules(.number(scale: 0)) { $0.lookup = table }
    #expect(try cell(" 10", looked) == "7")
    #expect(try cell("20", looked) == "null")
    #expect(try cell("30", looked) == "lookup-missing 0 1 30")
    #expect(try cell("", looked) == "null")
  }

  @Test("a lookup translates each part of a list, and drops those it translates to nothing")
  func listLookup() throws {
    let entries = [("shoes", "Default/Shoes, new"), ("hats", "Default/Hats"), ("supplier", "")]
    let table = LookupTable(path: "t.csv", entries: entries.map { (Array($0.0.utf8), Array($0.1.utf8)) })
    let looked = rules(.list(separator: ",")) { $0.lookup = table }
    #expect(try cell("hats, supplier,shoes", looked) == "Default/Hats\u{1F}Default/Shoes, new")
    #expect(try cell("supplier", looked) == "null")
    #expect(try cell("hats,caps", looked) == "lookup-missing 0 1 caps")
    let repeated = rules(.list(separator: nil)) { $0.lookup = table }
    #expect(try cell("hats\u{1F}hats", repeated) == "Default/Hats\u{1F}Default/Hats")
  }

  @Test("doubled quotes are undone in cells that hold some")
  func quotes() throws {
    #expect(try cell(Cell(#"27"" "wide"""#, [.quoted, .escaped]), rules(.text)) == #"27" "wide""#)
    #expect(try cell(Cell(#"27"""#, [.quoted]), rules(.text)) == #"27"""#)
  }

  private let three = [
    FieldRules(name: "sku", source: .column("SKU"), isRequired: true),
    FieldRules(name: "qty", source: .column("QTY"), notation: .number(scale: 2)),
    FieldRules(name: "note", source: .column("NOTE")),
  ]
  private let header = ["SKU", "NOTE", "QTY"]

  @Test("a rejected row gives every field that is readable, and the first reason in the order of the fields")
  func partial() throws {
    #expect(try row(["A1", "n", "3"], three, columns: header) == ["A1", "3.00", "n"])
    #expect(try row(["A1", "n", "x"], three, columns: header) == ["A1", "-", "n", "not-a-number 1 3 x"])
    #expect(try row(["", "n", "x"], three, columns: header) == ["-", "-", "n", "required 0 1 "])
    #expect(try row(["A1"], three, columns: header, defect: .short) == ["A1", "-", "-", "row-short -1 0 "])
    #expect(try row(["A1"], three, columns: header) == ["A1", "-", "-", "row-short -1 0 "])
    let long = try row(["A1", "n", "3", "z"], three, columns: header, defect: .long)
    #expect(long == ["A1", "3.00", "n", "row-long -1 0 "])
    let bad = try row(["A1", "\u{FFFD}", "3"], three, columns: header, defect: .badByte, at: 1)
    #expect(bad == ["A1", "3.00", "-", "bad-byte 2 2 \u{FFFD}"])
    let quote = try row(["A1", "n", "3"], three, columns: header, defect: .misplacedQuote, at: 0)
    #expect(quote == ["-", "3.00", "n", "misplaced-quote 0 1 A1"])
    #expect(try row(["A1"], three, columns: header, defect: .tooLong) == ["A1", "-", "-", "row-too-long -1 0 "])
  }

  @Test("a record forgets the row before")
  func reuse() throws {
    let validator = try Validator(fields: three, columns: header)
    let record = Record(fieldCount: 3, scratchCapacity: 1024)
    #expect(!validator.validate(.row(["", "n"], defect: .short), row: 0, into: record))
    #expect(!record.isReadable(0))
    let batch = RowBatch.row(["A", "", "1"])
    #expect(validator.validate(batch, row: 0, into: record))
    #expect(record.reject == nil)
    #expect((0..<3).allSatisfy { record.isReadable($0) })
  }

  @Test("captures and computed fields are read like columns")
  func sources() throws {
    let ratio = Program(
      instructions: [.field(0), .field(1), .divide(scale: 2)], type: .number(scale: 2), source: "round(a / b, 2)")
    let fields = [
      FieldRules(name: "a", source: .column("A"), notation: .number(scale: 0)),
      FieldRules(name: "b", source: .capture("sequence"), notation: .number(scale: 0)),
      FieldRules(name: "c", source: .computed(ratio), minimum: 50),
      FieldRules(name: "d", source: .capture("none"), defaultText: "x"),
    ]
    func run(_ cell: Cell, sequence: String) throws -> [String] {
      try row([cell], fields, columns: ["A"], captures: ["sequence": sequence])
    }
    #expect(try run("10", sequence: "003") == ["10", "3", "3.33", "x"])
    #expect(try run("10", sequence: "0") == ["10", "0", "-", "x", "division-by-zero 2 0 "])
    #expect(try run("1", sequence: "3") == ["1", "3", "-", "x", "below-minimum 2 0 0.33"])
    #expect(try run("z", sequence: "3") == ["-", "3", "-", "x", "not-a-number 0 1 z"])
    #expect(try run("", sequence: "3") == ["null", "3", "null", "x"])
  }

  @Test("texts that pass the scratch space reject the row")
  func overflow() throws {
    let twice = Program(instructions: [.field(0), .field(0), .concatenate(2)], type: .text, source: "a + a")
    let fields = [rules(.text), FieldRules(name: "b", source: .computed(twice))]
    let validator = try Validator(fields: fields, columns: ["A"])
    let record = Record(fieldCount: 2, scratchCapacity: 100)
    let batch = RowBatch.row([Cell(String(repeating: "x", count: 90), [])])
    #expect(!validator.validate(batch, row: 0, into: record))
    #expect(record.reject?.rule == .rowTooLong)
    let small = RowBatch.row(["x"])
    #expect(validator.validate(small, row: 0, into: record))
    #expect(shown(record.values[1]) == "xx")
  }

  @Test("a declared column that the header lacks is an error that names the nearest")
  func missingColumn() {
    #expect {
      _ = try Validator(fields: three, columns: ["SKU", "NOTES", "QTY"])
    } throws: { error in
      guard let error = error as? SluiceError else { return false }
      return error.code == "column-missing" && error.kind == .damaged && error.remedy.contains("\"NOTES\"")
        && error.cause.contains("\"SKU\", \"NOTES\", \"QTY\"") && error.field == "note"
    }
    #expect {
      _ = try Validator(fields: three, columns: ["SKU", "NOTE", "QTY", "NOTE"])
    } throws: { ($0 as? SluiceError)?.code == "column-ambiguous" }
    #expect {
      _ = try ColumnFinder.index(of: "SKU", in: ["a\u{1B}b\n" + String(repeating: "x", count: 9000)], field: "sku")
    } throws: { error in
      guard let cause = (error as? SluiceError)?.cause else { return false }
      return cause.contains("\"a\\u{1b}b\\u{a}x") && cause.contains("x…\"") && cause.count < 200
    }
    #expect(ColumnFinder.nearest(to: "ARTICLE", among: ["PLANT", "Artikle", "ONHAND"]) == "Artikle")
    #expect(ColumnFinder.nearest(to: "ARTICLE", among: ["PLANT", "ONHAND"]) == nil)
    #expect(ColumnFinder.nearest(to: "A", among: []) == nil)
  }

  @Test("date patterns of fields must name a whole day")
  func partialDate() {
    let field = FieldRules(name: "d", source: .column("A"), notation: .date(pattern: "MM.yyyy"))
    #expect {
      _ = try Validator(fields: [field], columns: ["A"])
    } throws: { ($0 as? SluiceError)?.code == "date-pattern" }
  }
}

@Suite struct RejectMessageTests {
  private let fields = [
    FieldRules(name: "qty", source: .column("ONHAND"), notation: .number(scale: 2), minimum: 0),
    FieldRules(name: "email", source: .column("MAIL"), isSensitive: true),
  ]

  private func message(_ rule: RowReject.Rule, field: Int, column: Int, value: String) -> RejectMessage {
    withText(value) {
      RowReject(rule: rule, field: field, column: column, value: $0).message(
        fields: fields, columns: ["ONHAND", "MAIL"])
    }
  }

  @Test("a message names field, column, value, cause and remedy")
  func words() {
    let message = message(.belowMinimum, field: 0, column: 1, value: "-1\n")
    #expect(message.rule == "below-minimum")
    #expect(message.field == "qty")
    #expect(message.column == "ONHAND")
    #expect(message.value == "-1\\u{a}")
    #expect(
      message.text == "qty is below its minimum of 0.00 (value \"-1\\u{a}\"); correct the source, or lower \"min\"")
  }

  @Test("every rule has words of its own")
  func complete() {
    let causes = RowReject.Rule.allCases.map { message($0, field: 0, column: 1, value: "x").cause }
    #expect(Set(causes).count == RowReject.Rule.allCases.count)
    #expect(causes.allSatisfy { !$0.hasSuffix(".") })
  }

  @Test("sensitive values are masked, and so are values of unknown fields beside them")
  func masking() {
    #expect(message(.pattern, field: 1, column: 2, value: "a@b.c").value == "•••")
    #expect(message(.badByte, field: -1, column: 7, value: "a@b.c").value == "•••")
    #expect(message(.notANumber, field: 0, column: 1, value: "a@b.c").value == "a@b.c")
    #expect(message(.required, field: 1, column: 2, value: "").value == nil)
  }

  @Test("long values are cut at a character")
  func cutting() {
    let value = message(.notANumber, field: 0, column: 1, value: String(repeating: "ü", count: 100)).value
    #expect(value == String(repeating: "ü", count: 60) + "…")
  }
}
