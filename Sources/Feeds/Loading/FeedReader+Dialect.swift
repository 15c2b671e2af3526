import Streams
import Tabular

/// How text in lines is laid out: `csv` and `fixed`.
extension FeedReader {
  private static let shortText = "a text of 1 to \(ShortText.maximumCount) bytes"

  /// The dialect of delimited text.
  func dialect(_ keys: KeyedMapping) -> CSVDialect {
    var dialect = CSVDialect()
    delimiter(keys["delimiter"], &dialect)
    if let scalar = problems.scalar(keys["quote"], what: "quote", takes: "one character or none") {
      dialect.quote = scalar.text == "none" ? nil : sign(scalar.text)
      let isFree = dialect.quote.map { !dialect.separator.contains($0) } ?? (scalar.text == "none")
      if !isFree {
        problems.wrongValue(scalar, what: "quote", takes: "one ASCII sign other than the delimiter, or none")
      }
    }
    if let scalar = problems.scalar(keys["escape"], what: "escape", takes: "one character or none") {
      dialect.escape = scalar.text == "none" ? nil : sign(scalar.text)
      let isFree = dialect.escape.map { !dialect.separator.contains($0) } ?? (scalar.text == "none")
      if !isFree {
        problems.wrongValue(scalar, what: "escape", takes: "one ASCII sign other than the delimiter, or none")
      } else if dialect.escape != nil, dialect.escape == dialect.quote {
        problems.wrongValue(
          scalar, what: "escape", takes: "another sign than quote", remedy: "drop it: doubled quotes are always read")
      }
    }
    lineEnd(keys["line_end"], &dialect)
    if let word = problems.word(keys["header"], what: "header", among: ["true", "false", "repeated"]) {
      dialect.hasHeader = word != "false"
      dialect.repeatsHeader = word == "repeated"
    }
    hasHeader = dialect.hasHeader
    dialect.blankLines =
      problems.word(keys["blank_lines"], what: "blank_lines", of: CSVDialect.BlankLines.self) ?? .skip
    lines(keys, &dialect)
    return dialect
  }

  /// The dialect of columns of fixed width; nil when they can not be known.
  func fixedDialect(_ keys: KeyedMapping) -> CSVDialect? {
    guard let node = keys["columns"], let entries = problems.mapping(node, what: "columns") else { return nil }
    let before = problems.all.count
    var columns: [FixedColumn] = []
    for entry in entries {
      guard let scalar = problems.scalar(entry.value, what: entry.key.text, takes: "its place, as in 1-18") else {
        continue
      }
      guard let (first, last) = Self.place(scalar.text) else {
        problems.wrongValue(
          scalar, what: entry.key.text, takes: "its first and last character in the line, from 1",
          remedy: "write 1-18, or 7 for a single character")
        continue
      }
      columns.append(FixedColumn(name: entry.key.text, start: first - 1, count: last - first + 1))
      if let other = columns.dropLast().first(where: { $0.start < last && first <= $0.start + $0.count }) {
        problems.wrongValue(
          scalar, what: entry.key.text, takes: "a place of its own; it overlaps \(other.name)",
          remedy: "read the whole as one column, and take its parts by computed fields")
      }
    }
    if entries.isEmpty { problems.wrongType(node, what: "columns", takes: "at least one column") }
    columns.sort { $0.start < $1.start }
    if problems.all.count == before { fixedColumns = columns.map(\.name) }
    var dialect = CSVDialect(fixed: columns)
    lineEnd(keys["line_end"], &dialect)
    lines(keys, &dialect)
    return problems.all.count == before ? dialect : nil
  }

  /// The first and last character of `1-18` or `7`.
  private static func place(_ text: String) -> (Int, Int)? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { String($0).trimmingBlanks }
    let numbers = parts.compactMap { $0.hasPrefix("+") ? nil : Int($0) }
    guard numbers.count == parts.count, (1...2).contains(numbers.count), numbers[0] >= 1,
      let last = numbers.last, last >= numbers[0], last <= 1_000_000
    else { return nil }
    return (numbers[0], last)
  }

  // MARK: What ends cells and rows

  private func delimiter(_ node: DefinitionNode?, _ dialect: inout CSVDialect) {
    guard let scalar = problems.scalar(node, what: "delimiter", takes: "a text, as in ';'") else { return }
    let words: [String: UInt8] = ["comma": 0x2C, "semicolon": 0x3B, "tab": 0x09, "\\t": 0x09, "pipe": 0x7C]
    if let byte = words[scalar.text] ?? sign(scalar.text) {
      dialect.delimiter = byte
    } else if let bytes = signs(scalar.text), bytes.count > 1 {
      dialect.separator = bytes
    } else {
      problems.wrongValue(
        scalar, what: "delimiter",
        takes: "one sign, several characters of at most 8 bytes, or comma, semicolon, tab or pipe")
    }
  }

  private func lineEnd(_ node: DefinitionNode?, _ dialect: inout CSVDialect) {
    guard let scalar = problems.scalar(node, what: "line_end", takes: "auto, cr, any or a text") else { return }
    switch scalar.text {
    case "auto": dialect.lineEnd = .automatic
    case "cr": dialect.lineEnd = .carriageReturn
    case "any": dialect.lineEnd = .any
    case "lf", "crlf", "\n", "\r\n", "\r":
      problems.wrongValue(
        scalar, what: "line_end", takes: "auto for LF and CR LF, cr, any, or another text",
        remedy: scalar.text == "\r" ? "write cr" : "drop it: LF and CR LF are read without it")
    default:
      let bytes = Array(scalar.text.utf8)
      guard (1...ShortText.maximumCount).contains(bytes.count), !bytes.contains(0) else {
        problems.wrongValue(scalar, what: "line_end", takes: "auto, cr, any, or \(Self.shortText)")
        return
      }
      dialect.lineEnd = .text(bytes)
      let isHidden = dialect.fixed == nil && dialect.separator.starts(with: bytes)
      if isHidden || dialect.quote.map(bytes.contains) == true || dialect.escape.map(bytes.contains) == true {
        problems.wrongValue(
          scalar, what: "line_end", takes: "another text than delimiter, quote and escape",
          remedy: "look at the end of a row of the file: it must differ from what stands between its cells")
      }
    }
  }

  // MARK: Lines

  /// Reads the keys that say which lines are rows.
  private func lines(_ keys: KeyedMapping, _ dialect: inout CSVDialect) {
    dialect.skippedLines = problems.whole(keys["skip_lines"], what: "skip_lines", most: 1_000_000) ?? 0
    if let text = problems.scalar(keys["skip_to"], what: "skip_to") {
      dialect.skippedTo = Array(text.text.utf8)
      if dialect.skippedTo.isEmpty || text.text.contains(where: \.isNewline) {
        problems.wrongValue(text, what: "skip_to", takes: "the beginning of a line")
      }
      if keys["skip_lines"] != nil {
        contradiction("skip_to", keys, "skip_lines says already where the table starts", "keep one of them")
      }
    }
    comment(keys["comment"], &dialect)
    dialect.isPadded = problems.word(keys["ragged"], what: "ragged", among: ["reject", "pad"]) == "pad"
    dialect.trailer = trailer(keys["trailer"])
    records(keys["records"], &dialect)
    dialect.footer = (problems.scalars(keys["footer"], what: "footer", takes: "a text or a list of texts") ?? [])
      .compactMap { text in
        if text.text.trimmingBlanks.isEmpty { problems.wrongValue(text, what: "footer", takes: "a text") }
        return text.text.trimmingBlanks
      }
    dialect.footerLines = problems.whole(keys["skip_footer"], what: "skip_footer", most: 1000) ?? 0
    if dialect.footerLines > 0, case .text = dialect.lineEnd {
      contradiction(
        "skip_footer", keys, "it counts lines that end in LF or CR, line_end says that rows do not",
        "name what the footer begins with: footer: Total")
    }
    if let starts = dialect.trailer?.starts, dialect.footer.contains(where: { starts.hasPrefix($0) }) {
      contradiction(
        "footer", keys, "the trailer begins like the footer, and would be passed over with it", "name more of its text")
    }
  }

  private func contradiction(_ key: String, _ keys: KeyedMapping, _ cause: String, _ remedy: String) {
    guard let position = keys.keyPosition(key) else { return }
    problems.add("key-unfit", at: position, cause: "\(key) does not fit: \(cause)", remedy: remedy)
  }

  private func comment(_ node: DefinitionNode?, _ dialect: inout CSVDialect) {
    guard let scalar = problems.scalar(node, what: "comment", takes: Self.shortText) else { return }
    let bytes = Array(scalar.text.utf8)
    guard (1...ShortText.maximumCount).contains(bytes.count), !scalar.text.contains(where: \.isNewline) else {
      problems.wrongValue(scalar, what: "comment", takes: Self.shortText)
      return
    }
    dialect.comment = bytes
    if bytes.first == dialect.quote || dialect.fixed == nil && bytes.starts(with: dialect.separator) {
      problems.wrongValue(
        scalar, what: "comment", takes: "a text that no row begins with",
        remedy: "rows begin with a quote or a delimiter too; name more of the comment, or use footer or records")
    }
  }

  private func records(_ node: DefinitionNode?, _ dialect: inout CSVDialect) {
    guard let node, let keys = KeyedMapping(node, DefinitionKeys.records, problems) else { return }
    let data = problems.scalars(keys["data"], what: "data") ?? []
    let skipped = problems.scalars(keys["skip"], what: "skip") ?? []
    let cell = problems.whole(keys["cell"], what: "cell", least: 1, most: 10_000) ?? 1
    dialect.records = RecordTypes(
      cell: cell, data: data.map(\.text.trimmingBlanks), skipped: skipped.map(\.text.trimmingBlanks))
    for code in skipped {
      if data.contains(where: { $0.text.trimmingBlanks == code.text.trimmingBlanks }) {
        problems.wrongValue(
          code, what: "skip", takes: "codes that data does not have", remedy: "drop it from one of them")
      } else if code.text.trimmingBlanks == dialect.trailer?.starts {
        problems.wrongValue(
          code, what: "skip", takes: "codes other than that of the trailer", remedy: "drop it: trailer takes that row")
      }
    }
  }

  private func trailer(_ node: DefinitionNode?) -> CSVTrailer? {
    guard let node, let keys = KeyedMapping(node, DefinitionKeys.trailer, problems),
      let starts = problems.scalar(keys["starts"], what: "starts")
    else { return nil }
    var trailer = CSVTrailer(starts: starts.text.trimmingBlanks)
    if trailer.starts.isEmpty {
      problems.wrongValue(starts, what: "starts", takes: "a text that no data row begins with")
    }
    trailer.rows = problems.whole(keys["rows"], what: "rows", least: 1, most: 10_000)
    trailer.alsoCounted = problems.whole(keys["also_counted"], what: "also_counted", most: 1000) ?? 0
    if let sums = keys["sums"] {
      for entry in problems.mapping(sums, what: "sums") ?? [] {
        guard let cell = problems.whole(entry.value, what: entry.key.text, least: 1, most: 10_000) else { continue }
        trailer.sums.append(CSVTrailer.Sum(column: entry.key.text, cell: cell))
      }
    }
    return trailer
  }

  // MARK: Signs

  /// The byte of a one-character sign that can stand between or around cells.
  private func sign(_ text: String) -> UInt8? {
    guard text.utf8.count == 1, let byte = text.utf8.first, byte < 0x80 else { return nil }
    switch byte {
    case 0, 0x0A, 0x0D, 0x7F: return nil
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"):
      return nil
    default: return byte
    }
  }

  /// The bytes of a delimiter of several: anything but line ends.
  private func signs(_ text: String) -> [UInt8]? {
    let bytes = Array(text.utf8)
    guard bytes.count <= ShortText.maximumCount, !bytes.contains(where: { [0, 0x0A, 0x0D].contains($0) }) else {
      return nil
    }
    return bytes
  }
}
