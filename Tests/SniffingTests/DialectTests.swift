import TestSupport
import Testing

@testable import Sniffing

@Suite("How a table is written")
struct DialectTests {
  private let samples: Samples

  init() throws { samples = try Samples() }

  @Test(
    "Delimiter, quote, header and lines before it are told from the rows",
    arguments: [
      ("SKU,NAME,QTY\nA1,one,1\nA2,two,2\n", ",", "\"", true, 0),
      ("SKU;PRICE\nA1;1,50\nA2;2,75\nA3;10,00\n", ";", "\"", true, 0),
      ("SKU\tNAME\nA1\tone, two\nA2\tthree\n", "\t", "\"", true, 0),
      ("SKU|NAME\nA1|'one|two'\nA2|'three'\n", "|", "'", true, 0),
      ("SKU;NAME\nA1;5\" pipe\nA2;\"6\" pipe\nA3;7\n", ";", nil, true, 0),
      ("1;2,5\n2;3,5\n3;4,5\n", ";", "\"", false, 0),
      ("Stock list\nof Monday\n\nSKU;QTY;BIN\nA1;1;x\nA2;2;y\n", ";", "\"", true, 3),
      ("sep=;\nSKU;QTY\nA1;1\nA2;2\n", ";", "\"", true, 1),
      ("TIME\n12:30:00\n12:31:00\n12:32:00\n", ",", "\"", true, 0),
      ("A1,,5\nA2,,6\nA3,,7\n", ",", "\"", false, 0),
      ("SKU,TEXT\nA1,\"one, two\nthree\"\nA2,\"a \"\"b\"\"\"\n", ",", "\"", true, 0),
    ] as [(String, String, String?, Bool, Int)])
  func dialects(_ text: String, _ delimiter: String, _ quote: String?, _ header: Bool, _ skipped: Int) throws {
    let report = try samples.report(text)
    #expect(report.delimiter == delimiter && report.quote == quote)
    #expect(report.header == header && report.skipLines == skipped)
    #expect(report.rejected == 0, "\(report.rejects)")
  }

  @Test("Columns of one name, and columns without a name that hold values, go by their numbers")
  func unnameable() throws {
    let twice = try samples.report("SKU;TEXT;TEXT\nA1;a;b\nA2;c;d\n")
    #expect(twice.header == false && twice.skipLines == 1 && twice.rejected == 0)
    #expect(twice.fields.map(\.name) == ["sku", "text", "text_2"] && twice.fields.map(\.from) == ["1", "2", "3"])
    let blank = try samples.report("SKU;;QTY\nA1;a;1\nA2;b;2\n")
    #expect(blank.fields.map(\.name) == ["sku", "column_2", "qty"] && blank.rejected == 0)
    let trailing = try samples.report("SKU;QTY;\nA1;1;\nA2;2;\n")
    #expect(trailing.header == true && trailing.fields.map(\.name) == ["sku", "qty"])
  }

  @Test("A last row that counts the others is their trailer")
  func trailer() throws {
    let feed = try samples.feed("s.csv", "SKU;QTY\nA1;1\nA2;2\nA3;3\nTRL;3\n")
    #expect(feed.text.contains("trailer: { starts: TRL, rows: 2 }") && feed.report.rows == 3, "\(feed.text)")
    let other = try samples.feed("t.csv", "SKU;QTY\nA1;1\nA2;2\nA3;3\nEOF;5;x\n")
    #expect(other.text.contains("trailer: { starts: EOF, rows: 2, also_counted: 2 }"), "\(other.text)")
    #expect(other.report.rejected == 0)
  }

  @Test("Rows that are ragged all the same are counted, with the line of the first")
  func ragged() throws {
    let report = try samples.report("SKU;QTY\nA1;1\nA2\nA3;3\nA4;4\n")
    #expect(report.rejected == 1 && report.rejects.first?.line == 3 && report.rejects.first?.rule == "row-short")
  }

  @Test("An encoding is told from its mark, from being right in UTF-8, or from letters that make sense")
  func encodings() throws {
    func encoding(_ name: String, _ bytes: [UInt8]) throws -> Guess? {
      let path = try samples.write(name, bytes: bytes)
      let report = try Sniffer.feed(samples: [path], name: "x", now: 0).report
      #expect(report.rejected == 0 && report.fields.map(\.name) == ["sku", "name"])
      return report.guess("encoding")
    }
    let text = "SKU;NAME\nA1;Größe\nA2;Äpfel für Köln\nA3;Straße\n"
    #expect(try encoding("a.csv", Array("SKU;NAME\nA1;one\nA2;two\n".utf8))?.value == "utf-8")
    let utf8 = try encoding("b.csv", Array(text.utf8))
    #expect(utf8?.value == "utf-8" && utf8?.certainty == .certain)
    #expect(try encoding("c.csv", [0xEF, 0xBB, 0xBF] + Array(text.utf8))?.value == "utf-8")
    let utf16 = text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    #expect(try encoding("d.csv", [0xFF, 0xFE] + utf16)?.value == "utf-16")
    #expect(try encoding("e.csv", utf16)?.value == "utf-16le")
    let latin = text.unicodeScalars.map { UInt8($0.value) }
    let western = try encoding("f.csv", latin)
    #expect(western?.value == "windows-1252" && western?.others.contains("iso-8859-1") == true)
    let dos: [Unicode.Scalar: UInt8] = ["ö": 0x94, "ß": 0xE1, "Ä": 0x8E, "ü": 0x81]
    #expect(try encoding("g.csv", text.unicodeScalars.map { dos[$0] ?? UInt8($0.value) })?.value == "cp850")
  }

  @Test("Bytes that are no UTF-8 far behind the beginning change the encoding")
  func lateBytes() throws {
    let rows = (1...80_000).map { "A\($0);plain text number \($0)\n" }.joined()
    var bytes = Array(("SKU;NAME\n" + rows).utf8)
    #expect(bytes.count > SampleHead.limit)
    bytes += Array("B1;Gr".utf8) + [0xF6, 0xDF] + Array("e\n".utf8)
    let path = try samples.write("late.csv", bytes: bytes)
    let report = try Sniffer.feed(samples: [path], name: "late", now: 0).report
    #expect(report.encoding == "windows-1252" && report.rejected == 0 && report.rows == 80_001)
  }
}
