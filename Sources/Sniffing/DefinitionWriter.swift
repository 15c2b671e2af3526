import Streams
import Tabular

/// Writes a draft as a feed definition with comments.
struct DefinitionWriter {
  private static let width = 110
  private let draft: FeedDraft
  private var lines: [String] = []

  /// The definition's text.
  static func text(_ draft: FeedDraft) -> String {
    var writer = DefinitionWriter(draft: draft)
    writer.head()
    writer.files()
    writer.format()
    writer.fields()
    writer.key()
    writer.targets()
    return writer.lines.joined(separator: "\n") + "\n"
  }

  private init(draft: FeedDraft) { self.draft = draft }

  // MARK: - Parts

  private mutating func head() {
    let names = draft.sampleNames.prefix(5).map(Self.visible).joined(separator: ", ")
    let more = draft.sampleNames.count > 5 ? " and \(draft.sampleNames.count - 5) more" : ""
    comment("Made by `sluice init` from \(names)\(more) (\(draft.rows) rows).")
    comment(
      "Each guess says how sure it is (certain, likely, unsure) and what else it could be. Correct what is wrong,")
    comment("then run `sluice check`, and `sluice preview FILE` to see what becomes of the rows.")
    if let known = draft.known { comment("The layout is that of \(Self.visible(known)).") }
    for remark in draft.remarks { comment(Self.visible(remark)) }
    lines.append("feed: \(draft.name)")
    lines.append("")
    comment("The zone of times in the files, which no sample tells: write Europe/Berlin or the like.")
    lines.append("zone: UTC")
  }

  private mutating func files() {
    lines += ["", "files:"]
    for file in draft.files {
      for guess in file.guesses { comment("\(guess.what): \(guess.words)", indent: 2) }
      let at = file.at.map { ", at: '\($0)'" } ?? ""
      lines.append("  - { match: \(Self.quoted(file.match)), mode: \(file.mode.rawValue)\(at) }")
    }
  }

  private mutating func format() {
    lines += ["", "format:", draft.isXML ? "  xml:" : "  csv:"]
    func add(_ key: String, _ value: String) {
      for guess in draft.formatGuesses where guess.what == key { comment(guess.words, indent: 4) }
      lines.append("    \(key): \(value)")
    }
    switch draft.format {
    case .csv(let dialect):
      add("delimiter", dialect.delimiter == 0x09 ? "tab" : Self.quoted(String(UnicodeScalar(dialect.delimiter))))
      add("quote", dialect.quote.map { Self.quoted(String(UnicodeScalar($0))) } ?? "none")
      add("header", "\(dialect.hasHeader)")
      if dialect.skippedLines > 0 { add("skip_lines", "\(dialect.skippedLines)") }
      if let trailer = dialect.trailer { add("trailer", Self.flow(trailer)) }
      if let encoding = draft.encoding { add("encoding", encoding.name) }
    case .xml(let layout):
      add("record", Self.quoted(layout.record))
      if !layout.namespaces.isEmpty {
        comment("needed: elements of one name stand side by side in different namespaces", indent: 4)
        lines.append("    namespaces:")
        for (prefix, uri) in layout.namespaces.sorted(by: { $0.key < $1.key }) {
          lines.append("      \(prefix): \(Self.quoted(uri))")
        }
      }
      if let encoding = draft.encoding { add("encoding", encoding.name) }
    }
    add("decimal", draft.numbers.decimal == 0x2C ? "','" : "'.'")
    if let sign = draft.numbers.thousands { add("thousands", Self.quoted(String(UnicodeScalar(sign)))) }
  }

  private static func flow(_ trailer: CSVTrailer) -> String {
    var parts = ["starts: \(quoted(trailer.starts))"]
    if let rows = trailer.rows { parts.append("rows: \(rows)") }
    if trailer.alsoCounted > 0 { parts.append("also_counted: \(trailer.alsoCounted)") }
    return "{ \(parts.joined(separator: ", ")) }"
  }

  private mutating func fields() {
    lines += ["", "fields:"]
    for field in draft.fields {
      if let label = field.label { comment("column \(field.from), \(Self.visible(label))", indent: 2) }
      if let guess = field.guess { comment(guess.words, indent: 2) }
      if field.isSensitive {
        comment("sensitive: the name or the values look like personal data, which is masked in messages", indent: 2)
      }
      lines.append("  \(field.name): \(Self.rules(field))")
    }
  }

  private static func rules(_ field: FeedDraft.Field) -> String {
    var parts = ["from: \(quoted(field.from))"]
    switch field.type {
    case .text: break
    case .boolean(let yes, let no) where yes.count > 1 || no.count > 1:
      let (yes, no) = (yes.map(quoted).joined(separator: ", "), no.map(quoted).joined(separator: ", "))
      parts.append("type: { boolean: { yes: [\(yes)], no: [\(no)] } }")
    default: parts.append("type: \(quoted(field.type.text))")
    }
    if !field.nulls.isEmpty { parts.append("nulls: [\(field.nulls.map(quoted).joined(separator: ", "))]") }
    if field.isRequired { parts.append("required: true") }
    if let text = field.defaultText { parts.append("default: \(quoted(text))") }
    if field.isSensitive { parts.append("sensitive: true") }
    return parts.count == 1 ? quoted(field.from) : "{ \(parts.joined(separator: ", ")) }"
  }

  private mutating func key() {
    lines.append("")
    comment(draft.keyGuess.words)
    if draft.key.count == 1, draft.key[0].hasSuffix("sku") {
      comment("write { \(draft.key[0]): fold } to take a-1 and A-1 for one key, as Commerce does")
    }
    lines.append("key: " + (draft.key.count == 1 ? draft.key[0] : list(draft.key, after: "key: ")))
    if let duplicates = draft.duplicates {
      comment("\(duplicates.words)")
      lines.append("duplicates: \(duplicates.value)")
    }
  }

  private mutating func targets() {
    lines.append("")
    comment("Every change of every field, so that a first run shows something. Leave out what nobody reads.")
    lines += ["bi:", "  changes:"]
    if draft.fields.contains(where: { $0.type == .list }) {
      lines.append("    columns:")
      for field in draft.fields {
        let value = field.type == .list ? Self.quoted("join(\(field.name), \" | \")") : field.name
        lines.append("      \(field.name): \(value)")
      }
    } else {
      lines.append("    columns: " + list(draft.fields.map(\.name), after: "    columns: "))
    }
    let commerce = CommerceOutline.lines(draft)
    if !commerce.isEmpty {
      lines.append("")
      comment("A target of Adobe Commerce to start from: take out the signs and correct it.")
      lines += commerce.map { "# " + $0 }
    }
  }

  // MARK: - Text

  /// A list in brackets, broken where lines would be too long.
  private func list(_ names: [String], after start: String) -> String {
    let indent = String(repeating: " ", count: start.prefix { $0 == " " }.count + 2)
    var text = "["
    var length = start.count + 1
    for (index, name) in names.enumerated() {
      let part = name + (index + 1 < names.count ? "," : "]")
      if length + part.count + 1 > Self.width {
        text += "\n" + indent
        length = indent.count
      } else if index > 0 {
        text += " "
        length += 1
      }
      text += part
      length += part.count
    }
    return text
  }

  /// Adds a comment, in lines that are not too long.
  private mutating func comment(_ text: String, indent: Int = 0) {
    let start = String(repeating: " ", count: indent) + "#"
    var line = start
    for word in text.split(separator: " ") {
      if line.count + 1 + word.count > Self.width, line != start {
        lines.append(line)
        line = start
      }
      line += " " + word
    }
    lines.append(line)
  }

  /// A text for a comment: one line, without anything that does not show, not too long.
  static func visible(_ text: String) -> String {
    let shown = text.unicodeScalars.map { scalar -> Character in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: "?"
      default: Character(scalar)
      }
    }
    return shown.count > 200 ? String(shown.prefix(199)) + "…" : String(shown)
  }

  /// A text as a YAML scalar, inside brackets or not.
  static func quoted(_ text: String) -> String {
    let scalars = text.unicodeScalars
    let isPlain = scalars.allSatisfy { scalar in
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", "_": true
      case "-", "/", ".", "(", ")": scalar != scalars.first
      default: false
      }
    }
    if isPlain, !text.isEmpty { return text }
    let isPrintable = scalars.allSatisfy { scalar in
      let category = scalar.properties.generalCategory
      return category != .control && category != .format && category != .lineSeparator
        && category != .paragraphSeparator && category != .surrogate && category != .privateUse
        && category != .unassigned
    }
    if isPrintable { return "'" + text.replacing("'", with: "''") + "'" }
    var result = "\""
    for scalar in scalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      default:
        let isShown = scalar.isASCII ? scalar.value >= 0x20 && scalar.value != 0x7F : false
        if isShown {
          result.unicodeScalars.append(scalar)
        } else {
          let digits = String(scalar.value, radix: 16, uppercase: true)
          result += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
        }
      }
    }
    return result + "\""
  }
}
