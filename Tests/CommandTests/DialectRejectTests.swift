import TestSupport
import Testing

/// A format, and how rows of two cells look in it.
struct DialectSample: Sendable, CustomTestStringConvertible {
  var format: String
  /// What stands before the rows, and behind them.
  var head = ""
  var foot = ""
  /// A row with `SKU` and `QTY` in place of its cells.
  var row = "SKU;QTY\n"
  /// Columns of the feed.
  var columns = ("SKU", "QTY")
  var testDescription: String { format }

  /// The text of a drop; quantities have two characters at most.
  func text(_ rows: [(String, String)]) -> String {
    let rows = rows.map { row.replacing("SKU", with: $0.0).replacing("QTY", with: $0.1) }
    return head + rows.joined() + foot.replacing("COUNT", with: "\(rows.count)")
  }
}

@Suite("Reject files of rare dialects")
struct DialectRejectTests {
  static let samples = [
    DialectSample(format: "csv: { delimiter: ';', comment: '#', skip_lines: 2 }", head: "one\ntwo\nSKU;QTY\n#\n"),
    DialectSample(
      format: "csv: { delimiter: ';', skip_to: DATA, footer: END }", head: "x\nDATA\nSKU;QTY\n", foot: "END"),
    DialectSample(format: "csv: { delimiter: ';', skip_footer: 2 }", head: "SKU;QTY\n", foot: "Total;\"\nof today\n"),
    DialectSample(format: "csv: { delimiter: ';', ragged: pad }", head: "SKU;QTY;NOTE\n"),
    DialectSample(format: "csv: { delimiter: ';', ragged: pad }", head: "SKU;QTY\n", row: "SKU;QTY;;\n"),
    DialectSample(
      format: "csv: { delimiter: ';', escape: '\\', quote: none }", head: "SKU;NOTE;QTY\n",
      row: "SKU;a\\;b\\\nc\\\\;QTY\n"),
    DialectSample(
      format: "csv: { delimiter: ';', escape: '^', quote: \"'\" }", head: "SKU;NOTE;QTY\n", row: "SKU;'a^'b;''';QTY\n"),
    DialectSample(
      format: "csv: { delimiter: '+|', line_end: '&|', quote: none }", head: "SKU+|NOTE+|QTY&|",
      row: "SKU+|one\ntwo+|QTY&|"),
    DialectSample(format: "csv: { delimiter: ';', quote: none }", head: "SKU;QTY\n"),
    DialectSample(format: "csv: { delimiter: ';', line_end: cr }", head: "SKU;QTY\r", row: "SKU;QTY\r"),
    DialectSample(format: "csv: { delimiter: ';', header: repeated, line_end: any }", head: "SKU;QTY\r\nSKU;QTY\r"),
    DialectSample(
      format: "csv: { delimiter: ';', header: false, records: { data: A, skip: H }, trailer: { starts: Z, rows: 2 } }",
      head: "H;1\n", foot: "Z;COUNT\n", row: "A;SKU;QTY\n", columns: ("'2'", "'3'")),
    DialectSample(
      format: "fixed: { columns: { SKU: 1-5, QTY: 7-8 }, skip_lines: 1 }", head: "report\n", row: "SKU  QTY\n"),
  ]

  @Test("The file of rejects, once corrected, comes back to the feed that wrote it", arguments: samples)
  func corrected(sample: DialectSample) throws {
    var feed = StockFeed(files: "files: 'F_*.csv'\nmode: full", format: sample.format, guards: "max_rejected: off")
    feed.sku = "{ from: \(sample.columns.0), required: true }"
    feed.quantity = "{ from: \(sample.columns.1), required: true, type: decimal(2) }"
    let project = try feed.project()
    let good = (100..<140).map { ("A\($0)", "12") }
    let first = try project.take("F_1.csv", sample.text(good + [("A200", "x1"), ("A201", "x2")])).drop
    #expect(first["status"] == "published" && first["rejected"] == 2, "\(first)")
    #expect(first["accepted"] == 40)
    let rejects = try project.text("outbox/rejects/00000001-stock.csv")
    #expect(rejects.contains("not-a-number"))
    let again = try project.take("00000001-stock.csv", rejects.replacing("x1", with: "31").replacing("x2", with: "32"))
      .drop
    #expect(again["status"] == "published" && again["rejected"] == 0, "\(again)\n\(rejects)")
    #expect(again["accepted"] == 2, "\(rejects)")
    let half = rejects.replacing("x1", with: "41")
    let kept = try project.take("00000001-stock.csv", half).drop
    #expect(kept["rejected"] == 1 && kept["accepted"] == 1, "\(kept)\n\(half)")
    let rest = try project.text(kept["rejects"].string ?? "-")
    #expect(rest.split(separator: "not-a-number").count == 2, "the reasons of last time go: \(rest)")
    let last = try project.take("00000003-stock.csv", rest.replacing("x2", with: "42")).drop
    #expect(last["rejected"] == 0 && last["accepted"] == 1, "\(last)\n\(rest)")
  }
}
