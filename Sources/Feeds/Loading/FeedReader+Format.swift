import Diff
import Intake
import Records
import Streams
import Tabular
import Targets

extension FeedReader {
  /// The layout, encoding and number notation of the drops; the layout is nil when it can not be known.
  func format(_ node: DefinitionNode?) -> (SourceFormat?, TextEncoding?, NumberNotation) {
    guard let node else { return (nil, nil, NumberNotation()) }
    if case .scalar = node {
      return problems.word(node, what: "format", among: ["csv"]) == nil
        ? (nil, nil, NumberNotation()) : (.csv(CSVDialect()), nil, NumberNotation())
    }
    guard let mapping = KeyedMapping(node, DefinitionKeys.format, problems) else { return (nil, nil, NumberNotation()) }
    switch (mapping["csv"], mapping["xml"]) {
    case (let csv?, nil):
      guard let keys = KeyedMapping(csv, DefinitionKeys.csv, problems) else { break }
      return (.csv(dialect(keys)), encoding(keys["encoding"]), numbers(keys))
    case (nil, let xml?):
      isXML = true
      guard let keys = KeyedMapping(xml, DefinitionKeys.xml, problems) else { break }
      return (layout(keys).map(SourceFormat.xml), encoding(keys["encoding"]), numbers(keys))
    default:
      problems.add(
        "wrong-type", at: node.position, cause: "format names one of csv and xml",
        remedy: "write format: { csv: { delimiter: ';' } } or format: { xml: { record: /ROOT/RECORD } }")
    }
    return (nil, nil, NumberNotation())
  }

  private func dialect(_ keys: KeyedMapping) -> CSVDialect {
    var dialect = CSVDialect()
    if let scalar = problems.scalar(keys["delimiter"], what: "delimiter", takes: "one character, as in ';'") {
      let words: [String: UInt8] = ["comma": 0x2C, "semicolon": 0x3B, "tab": 0x09, "\\t": 0x09, "pipe": 0x7C]
      if let byte = words[scalar.text] ?? sign(scalar.text) {
        dialect.delimiter = byte
      } else {
        problems.wrongValue(
          scalar, what: "delimiter", takes: "one ASCII sign, or comma, semicolon, tab or pipe")
      }
    }
    if let scalar = problems.scalar(keys["quote"], what: "quote", takes: "one character or none") {
      dialect.quote = scalar.text == "none" ? nil : sign(scalar.text)
      if scalar.text != "none", dialect.quote == nil || dialect.quote == dialect.delimiter {
        problems.wrongValue(scalar, what: "quote", takes: "one ASCII sign other than the delimiter, or none")
      }
    }
    dialect.hasHeader = problems.flag(keys["header"], what: "header") ?? true
    dialect.skippedLines = problems.whole(keys["skip_lines"], what: "skip_lines", most: 1_000_000) ?? 0
    hasHeader = dialect.hasHeader
    dialect.trailer = trailer(keys["trailer"])
    return dialect
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

  /// The byte of a one-character sign that can stand between or around cells.
  private func sign(_ text: String) -> UInt8? {
    guard text.utf8.count == 1, let byte = text.utf8.first, byte < 0x80 else { return nil }
    switch byte {
    case 0x09: return byte
    case 0..<0x20, 0x7F: return nil
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"):
      return nil
    default: return byte
    }
  }

  private func layout(_ keys: KeyedMapping) -> XMLLayout? {
    var namespaces: [String: String] = [:]
    if let node = keys["namespaces"], let entries = problems.mapping(node, what: "namespaces") {
      for entry in entries {
        guard let uri = problems.scalar(entry.value, what: "a namespace", takes: "its URI") else { continue }
        namespaces[entry.key.text] = uri.text
      }
    }
    prefixes = Set(namespaces.keys)
    guard let record = problems.scalar(keys["record"], what: "record", takes: "a path") else { return nil }
    guard record.text.hasPrefix("/"), !record.text.hasSuffix("/"), !record.text.contains("//") else {
      problems.wrongValue(
        record, what: "record", takes: "the whole path of the record element",
        remedy: "start at the root: /BMECAT/T_NEW_CATALOG/ARTICLE")
      return nil
    }
    guard checkPath(record) else { return nil }
    return XMLLayout(record: record.text, namespaces: namespaces)
  }

  /// Whether a path can be used: its prefixes are declared, and it is written as XML paths are. Reports what is wrong.
  func checkPath(_ path: DefinitionScalar) -> Bool {
    let before = problems.all.count
    checkPrefixes(path)
    guard problems.all.count == before else { return false }
    do throws(SluiceError) {
      _ = try XMLPath.parse(path.text, namespaces: Dictionary(prefixes.map { ($0, $0) }) { first, _ in first })
    } catch {
      problems.add(error.code, at: path.position, value: path.text, cause: error.cause, remedy: error.remedy)
    }
    return problems.all.count == before
  }

  /// Reports prefixes in a path that `namespaces` does not declare.
  private func checkPrefixes(_ path: DefinitionScalar) {
    guard !prefixes.isEmpty else { return }
    var isQuoted = false
    var word = ""
    for letter in path.text {
      if letter == "\"" { isQuoted.toggle() }
      if letter == ":", !isQuoted, !prefixes.contains(word) {
        problems.add(
          "unknown-prefix", at: path.position, cause: "the prefix \"\(word)\" is not declared",
          remedy: Suggestion.question(word, in: prefixes.sorted()) ?? "add it to namespaces with its URI")
      }
      word = letter.isLetter || letter.isNumber || letter == "_" || letter == "-" ? word + String(letter) : ""
    }
  }

  private func encoding(_ node: DefinitionNode?) -> TextEncoding? {
    guard let scalar = problems.scalar(node, what: "encoding") else { return nil }
    if let encoding = TextEncoding(named: scalar.text) { return encoding }
    problems.wrongValue(
      scalar, what: "encoding", takes: "a name that iconv knows, such as utf-8, windows-1252 or cp850",
      remedy: Suggestion.question(scalar.text, in: TextEncoding.usualNames))
    return nil
  }

  private func numbers(_ keys: KeyedMapping) -> NumberNotation {
    var notation = NumberNotation()
    if let word = problems.word(keys["decimal"], what: "decimal", among: [".", ","]) {
      notation.decimal = word == "," ? 0x2C : 0x2E
    }
    if let scalar = problems.scalar(keys["thousands"], what: "thousands", takes: "one character or none") {
      let signs: [String: UInt8] = [".": 0x2E, ",": 0x2C, "'": 0x27, " ": 0x20]
      notation.thousands = signs[scalar.text]
      if scalar.text != "none", notation.thousands == nil {
        problems.wrongValue(scalar, what: "thousands", takes: "'.', ',', \"'\", ' ' or none")
      } else if notation.thousands == notation.decimal {
        problems.wrongValue(
          scalar, what: "thousands", takes: "another sign than decimal", remedy: "set decimal to the decimal sign")
      }
    }
    return notation
  }
}
