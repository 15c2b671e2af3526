import TestSupport
import Testing

@Suite("Rows that are rejected")
struct RejectTests {
  @Test("A bad byte, a short and a long row and a broken rule are rejects: the rest is published, each has its place")
  func publishedWithRejects() throws {
    let project = try StockFeed(guards: "max_rejected: off").project()
    var bytes = Array("SKU;QTY\nA1;1\nA2;one\nA3\nA4;4;four\nA".utf8)
    bytes += [0xFF] + Array(";5\nA6;-6\n;7\nA8;8\n".utf8)
    let (exit, drop) = try project.take("S_1.csv", bytes: bytes)
    #expect(exit == 0)
    #expect(drop["status"] == "published")
    #expect(drop["read"] == 8)
    #expect(drop["rejected"] == 6)
    #expect(drop["accepted"] == 2)
    #expect(drop["rejects"] == "outbox/rejects/00000001-stock.csv")
    #expect(FileTree.files(below: project.path("archive")) == ["stock/00000001-S_1.csv"])

    let lines = try project.text("outbox/rejects/00000001-stock.csv").split(separator: "\n").map(String.init)
    #expect(lines.first == "SKU;QTY;_line;_column;_rule;_message")
    let starts = [
      "A2;one;3;2;not-a-number;", "A3;;4;0;row-short;", "A4;4;four;5;0;row-long;", "", "A6;-6;7;2;below-minimum;",
      ";7;8;1;required;",
    ]
    #expect(lines.count == 7)
    for (line, start) in zip(lines.dropFirst(), starts) { #expect(line.hasPrefix(start), "\(line)") }
    #expect(lines.count > 4 && lines[4].contains(";6;1;bad-byte;"), "\(lines)")
    for line in lines.dropFirst() { #expect(line.contains("; "), "a remedy follows the cause: \(line)") }
    #expect(lines.count > 1 && lines[1].contains("(value \"\"one\"\")"), "\(lines)")

    let rows = try project.sqlite("SELECT line, column, field, rule FROM rejects ORDER BY line")
    #expect(
      rows == [
        "3|2|qty|not-a-number", "4|0||row-short", "5|0||row-long", "6|1|sku|bad-byte", "7|2|qty|below-minimum",
        "8|1|sku|required",
      ])
  }

  @Test("The reject file is in the drop's own dialect and encoding, so that it can be corrected and dropped again")
  func dialect() throws {
    let format = "csv: { delimiter: '|', encoding: windows-1252, decimal: ',' }"
    let project = try StockFeed(format: format, guards: "max_rejected: off").project()
    let bytes = Array("SKU|QTY\nM".utf8) + [0xFC] + Array("sli|x\nA1|1\n".utf8)
    #expect(try project.take("S_1.csv", bytes: bytes).drop["rejected"] == 1)
    let rejects = try FileTree.read(project.path("outbox/rejects/00000001-stock.csv"))
    #expect(Array(rejects.split(separator: 0x0A)[1].prefix(8)) == Array("M".utf8) + [0xFC] + Array("sli|x|".utf8))
  }

  @Test("Every row of a key that stands twice is rejected when the feed says so, else one of them is superseded")
  func duplicates() throws {
    let twice = "SKU;QTY\nA1;1\nA2;2\nA1;3\n"
    let strict = try StockFeed(guards: "max_rejected: off", more: "duplicates: reject").project()
    let rejected = try strict.take("S_1.csv", twice).drop
    #expect(rejected["rejected"] == 2 && rejected["superseded"] == 0 && rejected["accepted"] == 1)
    let last = try StockFeed(more: "duplicates: last").project()
    let chosen = try last.take("S_1.csv", twice).drop
    #expect(chosen["rejected"] == 0 && chosen["superseded"] == 1 && chosen["accepted"] == 2)
    #expect(try last.text("outbox/\(last.outbox("commerce")[0])").contains("stock,A1,1,3.00\n"))
  }

  @Test("Values of sensitive fields are in no output of the command and nowhere in the ledger")
  func sensitive() throws {
    let project = try StockFeed(
      guards: "max_rejected: off", sku: "{ from: SKU, required: true, max_length: 12, sensitive: true }",
      quantity: "{ from: QTY, required: true, type: decimal(2), min: 0, sensitive: true }"
    ).project()
    let rows =
      "SECRET-TOO-LONG-A-KEY;1\nA2;SECRET-NUMBER\nSECRET-1;SECRET-2;SECRET-3\nSECRET-4\nSECRET-5;5\nSECRET-5;6\n"
    try project.drop("S_1.csv", "SKU;QTY\nA1;1\n" + rows)
    let (result, drops) = try project.run("--verbose")
    #expect(drops.first?["rejected"] == 6, "\(result.output)")
    try project.drop("S_2.csv", "SECRET-COLUMN;SECRET\nA1;1\n")
    let second = try project.sluice("run")
    let texts = [
      result.output, result.errors,
      second.output.replacing("SECRET-COLUMN", with: "").replacing("\"SECRET\"", with: ""),
      second.errors, try project.sluice("ledger", "show", "1").output,
      try project.sluice("ledger", "show", "1", "--json").output,
      try project.sluice("status").output,
      try project.sqlite("SELECT message FROM rejects").joined(),
    ]
    for text in texts { #expect(!text.contains("SECRET"), "\(text)") }
    for name in ["ledger.sqlite", "ledger.sqlite-wal"] {
      let bytes = String(decoding: try FileTree.read(project.path(name)), as: UTF8.self)
      #expect(!bytes.contains("SECRET-1") && !bytes.contains("SECRET-N") && !bytes.contains("SECRET-T"), "\(name)")
      #expect(!bytes.contains("SECRET-5") && !bytes.contains("SECRET-4"), "\(name)")
    }
    let messages = try project.text("outbox/rejects/00000001-stock.csv").split(separator: "\n").dropFirst()
    for line in messages { #expect(!(line.split(separator: "\"").last ?? "").contains("SECRET"), "\(line)") }
  }
}
