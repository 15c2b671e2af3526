import Streams

/// A reject in words, for reject files, ledger and terminal.
public struct RejectMessage: Equatable, Sendable {
  /// What stands for the value of a sensitive field.
  public static let mask = "•••"
  /// The most characters of a value that are shown.
  public static let excerptMaximum = 60

  /// The rule's code.
  public var rule: String
  /// Name of the field concerned.
  public var field: String?
  /// Name of the column or XML path concerned.
  public var column: String?
  /// The offending value, shortened, masked when sensitive; nil when there is none to show.
  public var value: String?
  /// What is wrong, one sentence without a full stop.
  public var cause: String
  /// What to do about it, one sentence without a full stop.
  public var remedy: String

  /// Cause, value and remedy on one line.
  public var text: String { cause + (value.map { " (value \"\($0)\")" } ?? "") + "; " + remedy }
}

extension RowReject {
  /// The reject in words. `fields` and `columns` are those that the validator was made with.
  public func message(fields: [FieldRules], columns: [String]) -> RejectMessage {
    let rules = fields.indices.contains(field) ? fields[field] : nil
    let columnName = columns.indices.contains(column - 1) ? columns[column - 1] : nil
    let name = rules?.name ?? columnName ?? (column > 0 ? "column \(column)" : "the row")
    let (cause, remedy) = words(name: name, rules: rules, columnCount: columns.count)
    // A defect of the row may cut through a field that nobody declared, so that nobody could call it sensitive.
    let isSensitive = rules?.isSensitive ?? fields.contains { $0.isSensitive }
    return RejectMessage(
      rule: rule.rawValue, field: rules?.name, column: columnName, value: excerpt(isSensitive: isSensitive),
      cause: cause, remedy: remedy)
  }

  private func excerpt(isSensitive: Bool) -> String? {
    if value.isEmpty { return nil }
    if isSensitive { return RejectMessage.mask }
    let shown = UTF8Scan.prefix(value, count: RejectMessage.excerptMaximum)
    let parts = shown.text.split(separator: "\u{1F}", omittingEmptySubsequences: false)
    let text = parts.map { String($0).replacingControls }.joined(separator: " | ")
    return shown.count < value.count ? text + "…" : text
  }

  private func words(name: String, rules: FieldRules?, columnCount: Int) -> (cause: String, remedy: String) {
    switch rule {
    case .rowShort, .rowLong, .rowTooLong, .badByte, .misplacedQuote, .recordType: rowWords(name, columnCount)
    case .required: ("\(name) is required and has no value", "fill it in at the source, or give it a default")
    case .keyEmpty: ("\(name) is part of the key and has no value", "fill it in at the source, or give it a default")
    case .keyControlByte:
      ("\(name) is part of the key and holds a NUL character", "remove the character at the source")
    case .keyTooLong:
      (
        "the key that \(name) is part of has more than \(KeyEncoder.maximumBytes) bytes",
        "look for a quote that is opened and never closed, or limit the field with \"max_length\""
      )
    case .divisionByZero:
      ("\(name) divides by zero", "guard the division, for example with \"x == 0 ? … : …\"")
    case .lookupMissing:
      ("\(name) has a value that \(rules?.lookup?.path ?? "its lookup") does not list", "add the value to that file")
    case .severalValues:
      ("\(name) has several values", "give it \"type: list\", or a path that fits one element alone")
    default: valueWords(name, rules)
    }
  }

  private func rowWords(_ name: String, _ columnCount: Int) -> (cause: String, remedy: String) {
    switch rule {
    case .rowShort:
      (
        "the row has fewer fields than the \(columnCount) columns of the header",
        "look for a line break or a quote inside a field, or for a lost delimiter"
      )
    case .rowLong:
      (
        "the row has more fields than the \(columnCount) columns of the header",
        "look for a delimiter inside a field that is not in quotes"
      )
    case .rowTooLong:
      ("the row has more bytes or fields than the limits allow", "look for a quote that is opened and never closed")
    case .badByte:
      (
        "\(name) holds a byte that is wrong in the declared encoding",
        "correct \"encoding\" in the feed definition, or the text at the source"
      )
    case .recordType:
      (
        "\(name) holds a type of record that the feed does not know",
        "add it to \"data\" or \"skip\" of the format's \"records\""
      )
    default:
      ("\(name) has text after its closing quote", "double the quotes inside the field at the source")
    }
  }

  private func valueWords(_ name: String, _ rules: FieldRules?) -> (cause: String, remedy: String) {
    let scale = if case .number(let scale) = rules?.type { Int(scale) } else { 0 }
    switch rule {
    case .notANumber:
      return ("\(name) is not a number", "check \"decimal\" and \"thousands\" of the format, or correct the source")
    case .tooPrecise:
      return (
        "\(name) has more decimals than the \(scale) of its type",
        "widen its type, or round it with round(…, \(scale)) in a computed field"
      )
    case .overflow: return ("\(name) is too large a number", "lower the decimals of its type, or correct the source")
    case .belowMinimum:
      return ("\(name) is below its minimum\(bound(rules?.minimum, scale))", "correct the source, or lower \"min\"")
    case .aboveMaximum:
      return ("\(name) is above its maximum\(bound(rules?.maximum, scale))", "correct the source, or raise \"max\"")
    case .tooLong:
      let limit = rules?.maximumLength.map { " of \($0) characters" } ?? ""
      return ("\(name) is longer than its limit\(limit)", "shorten it at the source, or raise \"max_length\"")
    case .tooShort:
      let limit = rules?.minimumLength.map { " of \($0) characters" } ?? ""
      return ("\(name) is shorter than its limit\(limit)", "correct the source, or lower \"min_length\"")
    case .pattern:
      return ("\(name) does not match \(rules?.pattern?.source ?? "its pattern")", "correct the source, or \"pattern\"")
    case .notInEnum:
      return ("\(name) is none of the words allowed\(wordList(rules))", "correct the source, or add the word")
    case .notADate:
      let pattern = datePattern(rules).map { " in the form \($0)" } ?? ""
      return ("\(name) is not a real date\(pattern)", "correct the source, or the date pattern of its type")
    default:
      return ("\(name) is no truth value\(wordList(rules))", "correct the source, or add the word to its type")
    }
  }

  private func bound(_ mantissa: Int64?, _ scale: Int) -> String {
    guard let mantissa else { return "" }
    let arena = ByteArena(capacity: 64)
    DecimalText.append(mantissa, scale: UInt8(scale), to: arena)
    return " of " + arena.view.text
  }

  private func wordList(_ rules: FieldRules?) -> String {
    let words: [String] =
      switch rules?.notation {
      case .enumeration(let words): words
      case .boolean(let yes, let no): yes + no
      default: []
      }
    guard !words.isEmpty else { return "" }
    return ": " + words.prefix(8).joined(separator: ", ") + (words.count > 8 ? ", …" : "")
  }

  private func datePattern(_ rules: FieldRules?) -> String? {
    switch rules?.notation {
    case .date(let pattern), .datetime(let pattern): pattern
    default: nil
    }
  }
}

extension String {
  /// Control characters as `\u{…}`, so that a value can not break out of its line.
  public var replacingControls: String {
    var result = ""
    for scalar in unicodeScalars {
      if scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) {
        result += "\\u{" + String(scalar.value, radix: 16) + "}"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
