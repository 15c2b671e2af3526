import Intake
import Streams
import Tabular

/// What the beginning of one sample tells.
struct Sketch {
  /// How the sample is laid out.
  enum Layout {
    case table(Table)
    case xml(root: String, encoding: EncodingSniffer.Found?)
  }

  /// A table.
  struct Table {
    var dialect: CSVDialect
    var encoding: TextEncoding
    /// What the columns are called; by their numbers when nothing names them.
    var labels: [String]
    var guesses: [Guess]
  }

  var path: String
  var name: String
  var layout: Layout

  /// Looks at the beginning of the file at `path`. Throws what `SampleHead` throws, and `xml-not-well-formed`.
  init(path: String) throws(SluiceError) {
    let head = try SampleHead(path: path)
    self.path = path
    name = head.name
    layout = try head.isXML ? Self.xml(head) : Self.table(head)
  }

  /// What samples of one feed have in common beside their names.
  var signature: String {
    switch layout {
    case .table(let table):
      "\(table.dialect.delimiter) \(table.encoding.name) \(table.dialect.hasHeader)\u{0}"
        + (table.dialect.hasHeader ? table.labels.joined(separator: "\u{0}") : "\(table.labels.count)")
    case .xml(let root, _): root
    }
  }

  // MARK: - XML

  private static func xml(_ head: SampleHead) throws(SluiceError) -> Layout {
    let start = head.bytes.prefix(256)
    let declared = String(decoding: start.filter { $0 != 0 }, as: UTF8.self).prefix { $0 != ">" }.contains("encoding")
    var encoding: EncodingSniffer.Found?
    if !declared, ByteOrderMark.find(in: start) == nil, start.first != 0, start.first != 0x4C {
      let found = EncodingSniffer.guess(head.bytes, isWhole: head.isWhole)
      if found.encoding != .utf8 { encoding = found }
    }
    let outline = try XMLOutlineReader.read(BytesSource(head.bytes), encoding: encoding?.encoding)
    let root = outline.root.map { outline.nodes[$0].name.local } ?? ""
    return .xml(root: root, encoding: encoding)
  }

  // MARK: - Tables

  private static func table(_ head: SampleHead) throws(SluiceError) -> Layout {
    let encoding = EncodingSniffer.guess(head.bytes, isWhole: head.isWhole)
    let text = EncodingSniffer.utf8(head.bytes, encoding.encoding) ?? head.bytes
    let found = DialectSniffer(text, isWhole: head.isWhole).guess()
    var dialect = found.dialect
    var guesses = found.guesses
    let header = HeaderSniffer.guess(found.head.rows)
    dialect.hasHeader = header.value == "true"
    guesses.append(header)
    let first = found.head.rows.first ?? []
    guard first.count < HeadRows.widest else {
      throw SluiceError(
        .damaged, "too-many-columns", file: DisplayName.escape(head.path), position: Position(line: 1),
        cause: "the table has \(HeadRows.widest) columns or more", remedy: "check its delimiter and its line ends")
    }
    var labels = dialect.hasHeader ? first : first.indices.map { "column \($0 + 1)" }
    if dialect.hasHeader, let reason = unnameable(first, found.head.rows) {
      // Columns are named by their number then, and the header is passed over like other lines.
      dialect.hasHeader = false
      let end = found.head.lines.count > 1 ? found.head.lines[1] - 1 : dialect.skippedLines + 1
      dialect.skippedLines = end
      guesses.removeAll { $0.what == "skip_lines" || $0.what == "header" }
      guesses.append(Guess("header", "false", .likely, "\(reason), so columns go by their numbers"))
      guesses.append(Guess("skip_lines", "\(end)", .likely, "the header is one of these lines"))
      labels = first.enumerated().map { $1.isEmpty ? "column \($0 + 1)" : $1 }
    }
    guesses.append(encoding.guess)
    return .table(Table(dialect: dialect, encoding: encoding.encoding, labels: labels, guesses: guesses))
  }

  /// Why columns can not go by the names in the header; nil: they can.
  private static func unnameable(_ header: [String], _ rows: [[String]]) -> String? {
    var seen: Set<String> = []
    for name in header where !name.isEmpty && !seen.insert(name).inserted { return "two columns have one name" }
    for (column, name) in header.enumerated() where name.isEmpty {
      let hasValues = rows.dropFirst().contains { column < $0.count && !$0[column].isEmpty }
      if hasValues { return "a column without a name has values" }
    }
    return header.contains(where: { $0.contains("\u{FFFD}") }) ? "a name is no text" : nil
  }
}
