import Streams
import Tabular
import TestSupport
import Testing

@Suite("Reading CSV")
struct CSVReaderTests {
  /// All rows that the reader gives, or the damage that it reports.
  static func read(
    _ bytes: [UInt8], dialect: CSVDialect = CSVDialect(delimiter: 0x3B), chunk: Int = .max, capacity: Int = 4096,
    limits: ReadLimits = ReadLimits()
  ) throws -> (columns: [String], outcome: ReferenceSplitter.Outcome) {
    var columns: [String] = []
    var rows: [ReferenceSplitter.Row] = []
    do throws(SluiceError) {
      let reader = try DropReader(
        source: ChunkedSource(bytes, chunk: chunk), name: "t.csv", format: .csv(dialect), limits: limits)
      columns = reader.columns
      let batch = RowBatch(capacity: capacity)
      repeat {
        try reader.fill(batch)
        for index in 0..<batch.rowCount { rows.append(row(index, of: batch)) }
      } while !batch.isLast
    } catch {
      #expect(error.file == "t.csv")
      let position = error.position ?? Position(line: 0)
      return (columns, .damaged(error.code, line: position.line, column: position.column))
    }
    return (columns, .rows(rows))
  }

  private static func row(_ index: Int, of batch: RowBatch) -> ReferenceSplitter.Row {
    let head = batch.head(index)
    var row = ReferenceSplitter.Row(
      raw: batch.rawView(head).array, line: batch.firstLine + Int(head.lineOffset), defect: head.defect,
      defectField: Int(head.defectField))
    for field in 0..<Int(head.fieldCount) {
      let slice = batch.slice(Int(head.firstField) + field)
      row.fields.append(.init(bytes: batch.view(slice).array, flags: slice.flags.rawValue))
    }
    return row
  }

  private func rows(_ text: String, dialect: CSVDialect = CSVDialect(delimiter: 0x3B)) throws -> [[String]] {
    guard case .rows(let rows) = try CSVReaderTests.read(Array(text.utf8), dialect: dialect).outcome else { return [] }
    return rows.map { $0.fields.map { String(decoding: $0.bytes, as: UTF8.self) } }
  }

  private func damage(_ text: String, dialect: CSVDialect = CSVDialect(delimiter: 0x3B)) throws -> String {
    switch try CSVReaderTests.read(Array(text.utf8), dialect: dialect).outcome {
    case .rows: return "none"
    case .damaged(let code, let line, let column): return "\(code) \(line):\(column.map { String($0) } ?? "-")"
    }
  }

  // MARK: - The twins

  /// What goes wrong in real files, in as few bytes as possible.
  private static let table = [
    "1;2;3\n", "1;2;3", "1;2;3\r\n", "1;2;3\r", "\n\n1;2;3\n\n\r\n4;5;6\n", "1;2\n1;2;3;4\n;;\n", "\"1\";\"2\";\"3\"\n",
    "\"a;b\";\"c\"\"d\";\"e\nf\"\n1;2;3\n", "\"\";\"\"\"\";\"\"\r\n", "a\"b;\"c\"d;e\n", "\"a\" ;b;c\n", "\"a\"\r\n",
    "\"a\"\rb;c;d\n",
    "1;2;\"open\n4;5;6\n", "1;\"open", "\"", "\"\"", "\"\"\"", "1;2;\"x\"\r", "\r", "\r\r\n1;2;3\r\r\n",
    " ;\t;\u{A0}\n",
    "ä;ö;€\n", "1;2;a\0b\n", "\"a\r\n\r\nb\";2;3\r\n4;5;6\r\n", "1;2;3\n\"\n", ";;;;\n", ";\n",
    "\"a\"\"\n\"\"b\";2;3\n", "",
  ]

  private func compare(_ body: [UInt8], quote: UInt8? = 0x22, chunks: [Int], comment: String) throws {
    let bytes = Array("a;b;c\n".utf8) + body
    let dialect = CSVDialect(delimiter: 0x3B, quote: quote)
    for capacity in [66, 128, 4096] {
      let reference = ReferenceSplitter(delimiter: 0x3B, quote: quote, columnCount: 3, rowLimit: capacity - 2)
      let expected = reference.split(body, line: 2)
      for chunk in chunks {
        let found = try CSVReaderTests.read(bytes, dialect: dialect, chunk: chunk, capacity: capacity).outcome
        #expect(found == expected, "\(comment), chunks of \(chunk), batches of \(capacity)")
      }
    }
  }

  @Test("Both splitters agree on every case, for all chunk sizes and batch sizes")
  func casesAgree() throws {
    for text in CSVReaderTests.table {
      try compare(Array(text.utf8), chunks: chunkSizes, comment: text.debugDescription)
      try compare(Array(text.utf8), quote: nil, chunks: [1, 64], comment: text.debugDescription + " without quotes")
    }
    try compare(
      [0x31, 0x3B, 0xE4, 0x3B, 0x33, 0x0A, 0x34, 0x3B, 0x35, 0x3B, 0xFF], chunks: chunkSizes, comment: "bytes")
  }

  @Test("Both splitters agree on random bytes", arguments: [1, 2, 3, 4] as [UInt64])
  func randomAgree(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let alphabet: [UInt8] = [0x22, 0x22, 0x3B, 0x3B, 0x0A, 0x0A, 0x0D, 0x61, 0x61, 0x61, 0x20, 0xC3, 0xA4, 0x00, 0xFF]
    for round in 0..<150 {
      // The first letters only: no bad bytes, long rows; all of them: every kind of damage.
      let letters = random.chance(0.5) ? 11 : alphabet.count
      let body = (0..<random.below(240)).map { _ in alphabet[random.below(letters)] }
      let chunk = chunkSizes[random.below(chunkSizes.count)]
      try compare(body, chunks: [chunk], comment: "seed \(seed), round \(round), \(body)")
    }
  }

  @Test("Rows of all lengths around the limit and the vector width agree")
  func lengthsAgree() throws {
    for length in 50...140 {
      let plain = [UInt8](repeating: 0x61, count: length)
      for end: [UInt8] in [[], [0x0A], [0x0D, 0x0A], [0x0D]] {
        try compare(plain + end, chunks: [4096], comment: "\(length) letters, then \(end)")
        try compare([0x22] + plain + [0x22] + end, chunks: [4096], comment: "\(length) quoted letters, then \(end)")
        try compare([0x22] + plain + end, chunks: [4096], comment: "\(length) letters after a quote, then \(end)")
        try compare([0x31, 0x0A] + plain + end, chunks: [4096], comment: "row and \(length) letters, then \(end)")
      }
    }
  }

  @Test("Batches end at the last whole row when rows or fields run out")
  func manyRows() throws {
    let body = String(repeating: "1\n2\n\n", count: 4000)
    guard case .rows(let rows) = try CSVReaderTests.read(Array(("h\n" + body).utf8), capacity: 1 << 16).outcome else {
      Issue.record("the rows are fine")
      return
    }
    #expect(rows.count == 8000)
    #expect(rows.last?.line == 12_000)
  }

  // MARK: - The header

  @Test("Names are trimmed and unquoted, and only columns without a name may repeat")
  func header() throws {
    func columns(_ text: String) throws -> [String] { try CSVReaderTests.read(Array(text.utf8)).columns }
    #expect(try columns("sku; qty ;\"na\"\"me\"\n") == ["sku", "qty", "na\"me"])
    #expect(try columns("\n\nsku;qty") == ["sku", "qty"])
    #expect(try columns("\u{FEFF}\"sku\";qty;;\r\n1") == ["sku", "qty", "", ""])
    #expect(try columns("\"two\nlines\";b\n1;2\n") == ["two\nlines", "b"])
    #expect(try damage("sku;qty;sku \n") == "header-duplicate 1:3")
    #expect(try damage("\"sku\"x;qty\n") == "csv-misplaced-quote 1:1")
    #expect(try damage("sku;q\0ty\n") == "bad-byte 1:2")
    #expect(try columns("a;b\"\n1;2\n") == ["a", "b\""], "a quote inside an unquoted name")
    #expect(try damage("a;\"b\nc;d\n") == "csv-unclosed-quote 1:2")
  }

  @Test("Lines before the header are passed over and counted")
  func skippedLines() throws {
    let dialect = CSVDialect(delimiter: 0x3B, skippedLines: 2)
    let text = "Report \"of today\nsecond line\nsku;qty\n1;2;3\n"
    for chunk in chunkSizes {
      let result = try CSVReaderTests.read(Array(text.utf8), dialect: dialect, chunk: chunk)
      #expect(result.columns == ["sku", "qty"])
      guard case .rows(let rows) = result.outcome else {
        Issue.record("a row is there")
        continue
      }
      #expect(rows.map(\.line) == [4])
      #expect(rows.map(\.defect) == [.long])
    }
    #expect(try damage("one\n", dialect: dialect) == "empty-file 0:-")
  }

  @Test("Without a header the first row counts the columns and is a row")
  func noHeader() throws {
    let dialect = CSVDialect(delimiter: 0x3B, hasHeader: false)
    let result = try CSVReaderTests.read(Array("\n1;2\n3;4\n5\n".utf8), dialect: dialect)
    #expect(result.columns == ["1", "2"])
    guard case .rows(let rows) = result.outcome else {
      Issue.record("rows are there")
      return
    }
    #expect(rows.map(\.line) == [2, 3, 4])
    #expect(rows.map(\.defect) == [.none, .none, .short])
  }

  @Test("What is no table is refused with a reason")
  func notTabular() throws {
    #expect(try damage("") == "empty-file 0:-")
    #expect(try damage("\n\r\n\n") == "empty-file 0:-")
    #expect(try damage("\n <!DOCTYPE HTML>\n<p>Error") == "not-tabular 1:-")
    #expect(try damage("<html><body>") == "not-tabular 1:-")
  }

  @Test("A header that is longer than 64 KiB is read, one over the limit is not")
  func longHeader() throws {
    let names = (0..<9000).map { "column\($0)" }.joined(separator: ";")
    #expect(try CSVReaderTests.read(Array((names + "\n").utf8)).columns.count == 9000)
    let limited = try CSVReaderTests.read(Array((names + "\n").utf8), limits: ReadLimits(rowBytes: 70_000)).outcome
    #expect(limited == .damaged("row-too-long", line: 1, column: nil))
  }

  @Test("An unclosed quote is reported where it opens, even when it swallows lines")
  func unclosedQuote() throws {
    let swallowing = "a;b\n1;2\n3;\"4\n" + String(repeating: "5;6\n", count: 40)
    #expect(try damage(swallowing) == "csv-unclosed-quote 3:2")
    #expect(try damage("a;b\n1;\"x\ny\";\"z\n") == "csv-unclosed-quote 3:3")
  }

  @Test("Values come out as written, doubled quotes still doubled")
  func values() throws {
    #expect(try rows("a;b\n\"x\"\"y\";\" z \"\n") == [["x\"\"y", " z "]])
    #expect(try rows("a,b\n1;2,3\n", dialect: CSVDialect()) == [["1;2", "3"]])
    #expect(try rows("a;b\n\"x;y\n", dialect: CSVDialect(delimiter: 0x3B, quote: nil)) == [["\"x", "y"]])
  }
}
