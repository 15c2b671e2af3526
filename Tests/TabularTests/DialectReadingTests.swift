import Streams
import TestSupport
import Testing

@testable import Tabular

@Suite("Reading rare dialects")
struct DialectReadingTests {
  private func dialect(_ change: (inout CSVDialect) -> Void) -> CSVDialect {
    var dialect = CSVDialect(delimiter: 0x3B)
    change(&dialect)
    return dialect
  }

  /// Line, cells and defect of each row as one text, `|` between cells, or the damage.
  private func read(_ text: String, _ dialect: CSVDialect, chunk: Int = .max) throws -> [String] {
    switch try CSVReaderTests.read(Array(text.utf8), dialect: dialect, chunk: chunk).outcome {
    case .damaged(let code, let line, let column): return ["\(code) \(line):\(column ?? 0)"]
    case .rows(let rows):
      return rows.map { row in
        let cells = row.fields.map { field in
          field.flags == 4
            ? "-" : field.bytes.withView { dialect.cells.text($0, FieldSlice.Flags(rawValue: field.flags)) }
        }
        return "\(row.line) " + cells.joined(separator: "|") + (row.defect == .none ? "" : " \(row.defect)")
      }
    }
  }

  @Test("Comment lines are passed over everywhere, quotes in them included, and counted")
  func comments() throws {
    let dialect = dialect { $0.comment = [0x23] }
    for chunk in chunkSizes {
      let text = "# of today; \"open\na;b\n#\"x\n1;2\n#\n \n3;#4\n#5"
      #expect(try read(text, dialect, chunk: chunk) == ["4 1|2", "6   short", "7 3|#4"])
    }
    #expect(try read("# only\n", dialect) == ["empty-file 0:0"])
    let bad = try CSVReaderTests.read(Array("a;b\n#".utf8) + [0xFF] + Array("\n1;2\n".utf8), dialect: dialect).outcome
    guard case .rows(let rows) = bad else {
      Issue.record("a row is there")
      return
    }
    #expect(rows.map(\.defect) == [.none], "a bad byte in a comment is nobody's")
  }

  @Test("Blank lines are passed over, with delimiters too, or kept as rows")
  func blankLines() throws {
    let text = "\na;b\n\n1;2\n;\n ; \n\"\";\n"
    #expect(try read(text, dialect { $0.comment = [0x23] }) == ["4 1|2", "5 |", "6  | ", "7 |"])
    #expect(try read(text, dialect { $0.blankLines = .skipDelimiters }) == ["4 1|2", "7 |"])
    #expect(
      try read(text, dialect { $0.blankLines = .keep }) == ["3  short", "4 1|2", "5 |", "6  | ", "7 |"])
  }

  @Test("Ragged rows are filled up, and lose empty cells at their end, but nothing else")
  func ragged() throws {
    let dialect = dialect { $0.isPadded = true }
    #expect(
      try read("a;b;c\n1\n1;2;3; ;\n1;2;3;4\n\"1\";\"2\"\n;\n1;2;3;;x\n", dialect)
        == ["2 1|-|-", "3 1|2|3", "4 1|2|3|4 long", "5 1|2|-", "6 ||-", "7 1|2|3||x long"])
  }

  @Test("Escapes keep delimiters, quotes and line ends in a cell")
  func escapes() throws {
    let dialect = dialect { $0.escape = 0x5C }
    #expect(
      try read("a;b\n1\\;2;\"say \\\"hi\\\"\"\n\\\"x;y\\\nz\n\"a\"\"b\";c\"\"d\\\\\n", dialect)
        == ["2 1;2|say \"hi\"", "3 \"x|y\nz", "5 a\"b|c\"\"d\\"])
    #expect(try read("a;b\n\\N;one\\ntwo\\tthree\\x\n", dialect) == ["2 \\N|one\ntwo\tthreex"])
    #expect(try read("a;b\nA;\"c:\\\"\n", dialect) == ["csv-unclosed-quote 2:2"])
    #expect(try read("a;b\n1;2\n3;4\\", dialect) == ["csv-dangling-escape 3:0"])
    #expect(try read("a;b\r\n1;2\\\r\n3\r\n", dialect) == ["2 1|2\r\n3"])
    let caret = self.dialect { $0.escape = 0x5E }
    #expect(try read("a;b\n^n^;;^^\n", caret) == ["2 n;|^"])
  }

  @Test("A delimiter may have several bytes, and one character of UTF-8 may be several")
  func delimiters() throws {
    let bars = dialect { $0.separator = Array("||".utf8) }
    #expect(try read("a||b||c\nA||x|y||1\n\"p||q\"||||\"r\"\n", bars) == ["2 A|x|y|1", "3 p||q||r"])
    #expect(try read("a||b\n\"x\"|y||z\n", bars) == ["2 \"x\"|y|z misplacedQuote"])
    let section = dialect { $0.separator = Array("§".utf8) }
    #expect(try read("a§b\nä§ö\n", section) == ["2 ä|ö"])
  }

  @Test("Lines end in CR where nothing else ends them, in anything, or in a text")
  func lineEnds() throws {
    let plain = dialect { _ in }
    #expect(try read("a;b\r1;2\r\"3\r4\";5", plain) == ["2 1|2", "3 3\r4|5"])
    #expect(try read("a;b\r", plain) == [])
    #expect(try read("a;b\r\r1;2\r3;\"x\ry", plain) == ["csv-unclosed-quote 4:2"])
    #expect(try read("a;b\r1;2\n3\r", dialect { $0.lineEnd = .carriageReturn }) == ["2 1|2\n3"])
    let any = dialect { $0.lineEnd = .any }
    for chunk in chunkSizes {
      #expect(
        try read("a;b\r\n1;2\n3;4\r5;6\r\n\r7;\"8\r9\"", any, chunk: chunk) == ["2 1|2", "3 3|4", "4 5|6", "6 7|8\r9"])
    }
    let text = dialect {
      $0.separator = Array("+|".utf8)
      $0.lineEnd = .text(Array("&|".utf8))
      $0.quote = nil
    }
    #expect(try read("a+|b&|1+|2\nx&|&|3+|4", text) == ["2 1|2\nx", "4 3|4"])
  }

  @Test("The table starts behind a line, and ends before its footer")
  func around() throws {
    let frame = dialect {
      $0.skippedTo = Array("DATA".utf8)
      $0.footer = ["ENDOFDATA"]
    }
    for chunk in chunkSizes {
      #expect(
        try read("CIF \"x\nFIELDS: a\nDATA\r\na;b\n1;2\nENDOFDATA\nnot;a;row\n", frame, chunk: chunk) == ["5 1|2"])
    }
    #expect(try read("DAT\na;b\n1;2\n", frame) == ["skip-to-missing 0:0"])
    let many = "DATA\na;b\n1;2\nENDOFDATA 1\n" + String(repeating: "3;4\n", count: 120)
    #expect(try read(many, frame) == ["footer-too-long 4:0"])
    let total = dialect { $0.footer = ["Summe", "Total"] }
    #expect(try read("a;b\n1;2\n Total;3\n", total) == ["2 1|2"])
    #expect(try read("a;b\n1;2\n\"Summe aller\";3\n\n;\n", total) == ["2 1|2"])
  }

  @Test("The last lines are passed over, whatever they hold")
  func lastLines() throws {
    for count in 1...3 {
      let dialect = dialect { $0.footerLines = count }
      for chunk in chunkSizes {
        let footer = ["rows: \"3\n", "\"of today\r\n", "end"].suffix(count).joined()
        #expect(try read("a;b\n1;2\n3;4\n" + footer, dialect, chunk: chunk) == ["2 1|2", "3 3|4"], "\(count) lines")
        #expect(try read("a;b\n1;2\n3;4\n" + footer + "\n\n \n\u{1A}", dialect, chunk: chunk) == ["2 1|2", "3 3|4"])
      }
    }
    #expect(try read("a;b\n1;2\n", dialect { $0.footerLines = 2 }) == ["empty-file 0:0"])
    let long = "a;b\n" + String(repeating: "x", count: 3 << 20)
    #expect(try read(long + "\n", dialect { $0.footerLines = 1 }) == ["footer-too-long 0:0"])
  }

  @Test("What is kept back of a long text is exactly its last lines", arguments: [1, 2, 5])
  func keptBack(lines: Int) throws {
    var random = SeededGenerator(seed: UInt64(lines))
    for _ in 0..<20 {
      let rows = (0..<3000 + random.below(3000)).map { _ in
        String(repeating: "x", count: random.below(60)) + ["\n", "\r\n", "\n\n", "\n \n"][random.below(4)]
      }
      let text = Array(rows.joined().utf8)
      let source = FooterSource(ChunkedSource(text, chunk: 1 + random.below(70_000)), lines: lines)
      let found = ByteArena(capacity: text.count)
      try found.fill(upTo: text.count) { (target) throws(SluiceError) in try source.fill(target, upTo: text.count) }
      let rest = String(decoding: text.dropFirst(found.count), as: UTF8.self)
      let kept = rest.split(whereSeparator: \.isNewline).filter { $0.contains("x") }
      #expect(kept.count == lines)
      #expect(text.starts(with: found.view.array))
      #expect(rest.first == "x")
    }
  }

  @Test("Rows are data by their type; others are passed over or rejected")
  func records() throws {
    let typed = dialect {
      $0.hasHeader = false
      $0.records = RecordTypes(data: ["A", "P"], skipped: ["V", "B"])
      $0.trailer = CSVTrailer(starts: "Z", rows: 2)
    }
    #expect(
      try read("V;1\nQ;1;2;3\nA;1;2\n B ;9;9;9\nP;3;4\n;;\nZ;2\n", typed)
        == ["2 Q|1|2|3 recordType", "3 A|1|2", "5 P|3|4", "6 || recordType"])
    #expect(try read("V;1\nB;2\n", typed) == ["records-missing 0:0"])
    let second = dialect { $0.records = RecordTypes(cell: 2, data: ["D"], skipped: ["H"]) }
    #expect(try read("1;H\na;type\n1;D\n2\n", second) == ["3 1|D", "4 2 recordType"])
  }

  @Test("A header that is repeated in the middle is no row")
  func repeatedHeader() throws {
    let dialect = dialect { $0.repeatsHeader = true }
    #expect(try read("a;b\n1;2\na;b\n3;4\n\"a\";b\n", dialect) == ["2 1|2", "4 3|4", "5 a|b"])
  }

  @Test("The mark with which DOS ends a text is no row")
  func endMark() throws {
    let plain = dialect { _ in }
    for chunk in chunkSizes {
      #expect(try read("a;b\n1;2\r\n\u{1A}", plain, chunk: chunk) == ["2 1|2"])
      #expect(try read("a;b\n1;2\u{1A}\u{1A}", plain, chunk: chunk) == ["2 1|2"])
      #expect(try read("a;b\n1;\u{1A}2\n", plain, chunk: chunk) == ["2 1|\u{1A}2"])
    }
  }

  @Test("What is written in a dialect is read as it was", arguments: 0..<6)
  func written(number: Int) throws {
    let dialect = [
      dialect { _ in }, dialect { $0.quote = 0x27 }, dialect { $0.escape = 0x5C },
      dialect {
        $0.quote = nil
        $0.escape = 0x5C
        $0.comment = [0x23]
      },
      dialect {
        $0.separator = Array("||".utf8)
        $0.comment = Array("--".utf8)
      },
      dialect {
        $0.lineEnd = .text(Array("&|".utf8))
        $0.escape = 0x5E
      },
    ][number]
    let letters = Array("ab;|\"'\\^#-& \n\r").map { String($0) }
    var random = SeededGenerator(seed: UInt64(number))
    let writer = CellWriter(dialect)
    for round in 0..<300 {
      let cells = (0..<2).map { _ in
        "x" + (0..<random.below(8)).map { _ in letters[random.below(letters.count)] }.joined()
      }
      let line = ByteArena(capacity: 64)
      for cell in cells {
        if line.count > 0 { writer.appendDelimiter(to: line) }
        Array(cell.utf8).withView { writer.append($0, to: line) }
      }
      writer.appendLineEnd(to: line)
      let header = "a" + String(decoding: dialect.separator, as: UTF8.self) + "b"
      let end = String(decoding: dialect.writtenLineEnd, as: UTF8.self)
      let text = header + end + line.view.text
      // A carriage return before a line feed is a part of the line end outside quotes.
      let wanted = cells.joined(separator: "|")
      #expect(try read(text, dialect) == ["2 " + wanted], "round \(round): \(text.debugDescription)")
    }
  }
}
