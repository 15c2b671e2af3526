import Records
import Streams
import Tabular
import Testing

@Suite struct KeyEncoderTests {
  private let fields = [
    FieldRules(name: "sku", source: .column("SKU")), FieldRules(name: "source", source: .column("SOURCE")),
    FieldRules(name: "tier", source: .column("TIER"), notation: .number(scale: 2)),
  ]

  /// The key and the spelling, or the rule broken.
  private func encode(_ cells: [Cell], _ parts: [(field: Int, isFolded: Bool)]) throws -> [String] {
    let validator = try Validator(fields: fields, columns: ["SKU", "SOURCE", "TIER"])
    let record = Record(fieldCount: 3, scratchCapacity: 1024)
    let batch = RowBatch.row(cells)
    _ = validator.validate(batch, row: 0, into: record)
    let (key, spelling) = (ByteArena(capacity: 64), ByteArena(capacity: 64))
    key.append("before")
    guard KeyEncoder(parts: parts).encode(record, into: key, spelling: spelling) else {
      #expect(key.view.text == "before" && spelling.view.isEmpty)
      return [record.reject.map { "\($0.rule.rawValue) \($0.field)" } ?? "no reject"]
    }
    return [String(key.view.text.dropFirst(6)), spelling.view.text]
  }

  @Test("parts are joined by NUL in their canonical form")
  func composite() throws {
    #expect(try encode(["A1", "main", "3"], [(0, false)]) == ["A1", ""])
    #expect(try encode(["A1", "main", "3"], [(0, false), (1, false), (2, true)]) == ["A1\0main\u{0}3.00", ""])
    #expect(try encode(["A1", "main", "3"], [(2, false), (0, false)]) == ["3.00\0A1", ""])
  }

  @Test("folded parts are in lower case, and the spelling is kept where it differs")
  func folding() throws {
    #expect(try encode(["ÄB-1", "Main", "3"], [(0, true), (1, false)]) == ["äb-1\0Main", "ÄB-1\0Main"])
    #expect(try encode(["äb-1", "Main", "3"], [(0, true), (1, false)]) == ["äb-1\0Main", ""])
    #expect(try encode(["İX", "m", "3"], [(0, true)]) == ["ix", "İX"])
  }

  @Test("a key of more than 65,535 bytes rejects the row, folded or not")
  func tooLong() throws {
    let long = String(repeating: "x", count: 65_531)
    #expect(try encode([Cell(stringLiteral: long), "main", "3"], [(0, false), (1, false)]) == ["key-too-long 0"])
    #expect(try encode([Cell(stringLiteral: long), "m", "3"], [(0, true)]) == [long, ""])
    let folding = String(repeating: "İ", count: 33_000)
    #expect(try encode([Cell(stringLiteral: folding), "m", "3"], [(0, true)]) == ["key-too-long 0"])
  }

  @Test("a key without a value, with a bad one or with NUL in it rejects the row")
  func unusable() throws {
    #expect(try encode(["", "main", "3"], [(0, true), (1, false)]) == ["key-empty 0"])
    #expect(try encode(["A\0B", "main", "3"], [(1, false), (0, true)]) == ["key-control-byte 0"])
    #expect(try encode(["A", "main", "x"], [(0, false), (2, false)]) == ["not-a-number 2"])
    #expect(try encode(["A", "main", "x"], [(0, false)]) == ["A", ""])
  }
}
