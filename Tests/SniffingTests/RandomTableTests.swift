import TestSupport
import Testing

@testable import Sniffing

@Suite("Tables of every kind")
struct RandomTableTests {
  /// How a random table is written.
  private struct Kind {
    var delimiter: Character
    var quotesAll: Bool
    var hasComma: Bool
    var dayForm: Int
  }

  @Test("Whatever a table is written like, its definition takes all of its rows", arguments: 0..<60)
  func tables(_ seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    let kind = Kind(
      delimiter: [",", ";", "\t", "|"].randomElement(using: &generator) ?? ",", quotesAll: .random(using: &generator),
      hasComma: .random(using: &generator), dayForm: .random(in: 0...2, using: &generator))
    var text = line(["SKU", "NAME", "PRICE", "DAY", "ACTIVE", "NOTE"], kind)
    let count = Int.random(in: 5...60, using: &generator)
    for row in 1...count { text += line(cells(row, kind, &generator), kind) }
    let report = try Samples().report(text)
    #expect(report.delimiter == String(kind.delimiter) && report.header == true, "\(text)")
    #expect(report.rejected == 0 && report.rows == count && report.key == ["sku"], "\(report.rejects)")
    #expect(report.fields[2].type == "decimal(2)" && report.decimal == (kind.hasComma ? "," : "."), "\(text)")
    #expect(report.fields[3].type.hasPrefix("date("), "\(report.fields[3].type)")
    #expect(report.fields[4].type == "boolean(Y/N)")
  }

  private func cells(_ row: Int, _ kind: Kind, _ generator: inout SeededGenerator) -> [String] {
    let cents = Int.random(in: 10...99, using: &generator)
    let price = "\(Int.random(in: 0...9999, using: &generator))\(kind.hasComma ? "," : ".")\(cents)"
    // The first day tells days from months.
    let day = row == 1 ? 28 : Int.random(in: 10...28, using: &generator)
    let month = Int.random(in: 10...12, using: &generator)
    let date = ["2026-\(month)-\(day)", "\(day).\(month).2026", "2026\(month)\(day)"][kind.dayForm]
    let words = ["one", "two \(kind.delimiter) three", "a \"b\" c", "line\nbreak", "", "x"]
    let note = words.randomElement(using: &generator) ?? ""
    return ["A-\(row)", "name \(row)", price, date, row % 2 == 0 ? "Y" : "N", note]
  }

  private func line(_ cells: [String], _ kind: Kind) -> String {
    let written = cells.map { cell in
      let needsQuotes = kind.quotesAll || cell.contains { $0 == kind.delimiter || $0 == "\"" || $0 == "\n" }
      return needsQuotes ? "\"" + cell.replacing("\"", with: "\"\"") + "\"" : cell
    }
    return written.joined(separator: String(kind.delimiter)) + "\n"
  }
}
