import Streams
import TestSupport
import Testing

@testable import Tabular

@Suite("Columns of fixed width")
struct FixedWidthTests {
  private static let columns = [
    FixedColumn(name: "sku", start: 0, count: 4), FixedColumn(name: "name", start: 5, count: 6),
    FixedColumn(name: "qty", start: 11, count: 3),
  ]

  private func read(
    _ text: String, _ change: (inout CSVDialect) -> Void = { _ in }, chunk: Int = .max
  ) throws -> [String] {
    var dialect = CSVDialect(fixed: Self.columns)
    change(&dialect)
    let result = try CSVReaderTests.read(Array(text.utf8), dialect: dialect, chunk: chunk, capacity: 128)
    switch result.outcome {
    case .damaged(let code, let line, _): return ["\(code) \(line)"]
    case .rows(let rows):
      #expect(result.columns == ["sku", "name", "qty"])
      return rows.map { row in
        "\(row.line) " + row.fields.map { String(decoding: $0.bytes, as: UTF8.self) }.joined(separator: "|")
          + (row.defect == .none ? "" : " \(row.defect)")
      }
    }
  }

  @Test("Cells stand in their columns, counted in characters; what lies between and behind is not looked at")
  func cells() throws {
    let text = "A1  -Stück  12\r\nB2  -€€€€€€003 and more\n\n    \nC3  -x       1"
    for chunk in chunkSizes {
      #expect(try read(text, chunk: chunk) == ["1 A1  |Stück | 12", "2 B2  |€€€€€€|003", "5 C3  |x     |  1"])
    }
  }

  @Test("A line that ends before its last column is rejected unless rows are filled up")
  func short() throws {
    #expect(try read("A1  -x\nB2  -y      \n") == ["1 A1  |x| short", "2 B2  |y     |  short"])
    #expect(try read("A1  -x\nB2  -y      1\n") { $0.isPadded = true } == ["1 A1  |x|", "2 B2  |y     | 1"])
  }

  @Test("Comments, types of records, footers and other line ends go with it")
  func lines() throws {
    let text = "*report\rA1  -x       1\rH   -header\rQ   -x       2\rEND of it\r"
    let rows = try read(text) {
      $0.comment = [0x2A]
      $0.records = RecordTypes(data: ["A1"], skipped: ["H"])
      $0.footer = ["END"]
    }
    #expect(rows == ["2 A1  |x     |  1", "4 Q   |x     |  2 recordType"])
    #expect(try read("") == ["empty-file 0"])
    #expect(try read("\n  \n") == ["empty-file 0"])
    #expect(try read("A1  -x       1\n" + String(repeating: "x", count: 200)) == ["row-too-long 2"])
  }

  @Test("Any text is cut as its characters are", arguments: [1, 2, 3] as [UInt64])
  func model(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let letters = ["a", "b", " ", "ä", "€", "\u{1F600}", "\u{301}"]
    for round in 0..<100 {
      let lines = (0..<random.below(20)).map { _ in
        "x" + (0..<random.below(18)).map { _ in letters[random.below(letters.count)] }.joined()
      }
      let expected = lines.enumerated().map { index, line in
        let scalars = Array(line.unicodeScalars)
        let cells = Self.columns.map { column in
          var text = String.UnicodeScalarView()
          text.append(contentsOf: scalars.dropFirst(column.start).prefix(column.count))
          return String(text)
        }
        return "\(index + 1) " + cells.joined(separator: "|") + (scalars.count < 14 ? " short" : "")
      }
      let found = try read(lines.map { $0 + "\n" }.joined(), chunk: chunkSizes[random.below(chunkSizes.count)])
      #expect(found == (expected.isEmpty ? ["empty-file 0"] : expected), "round \(round)")
    }
  }
}
