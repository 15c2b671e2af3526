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
    switch (mapping["csv"], mapping["fixed"], mapping["xml"]) {
    case (let csv?, nil, nil):
      guard let keys = KeyedMapping(csv, DefinitionKeys.csv, problems) else { break }
      return (.csv(dialect(keys)), encoding(keys["encoding"]), numbers(keys))
    case (nil, let fixed?, nil):
      guard let keys = KeyedMapping(fixed, DefinitionKeys.fixed, problems) else { break }
      return (fixedDialect(keys).map(SourceFormat.csv), encoding(keys["encoding"]), numbers(keys))
    case (nil, nil, let xml?):
      isXML = true
      guard let keys = KeyedMapping(xml, DefinitionKeys.xml, problems) else { break }
      return (layout(keys).map(SourceFormat.xml), encoding(keys["encoding"]), numbers(keys))
    default:
      problems.add(
        "wrong-type", at: node.position, cause: "format names one of csv, fixed and xml",
        remedy: "write format: { csv: { delimiter: ';' } }, format: { fixed: { columns: { SKU: 1-18 } } } or "
          + "format: { xml: { record: /ROOT/RECORD } }")
    }
    return (nil, nil, NumberNotation())
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
