import Foundation
import Tabular

/// The cases of PapaParse: a text, settings, and the rows that must come of it.
enum CaseChecks {
  /// Cases in which Sluice does something else, by the reason why; `CORE_PARSER_TESTS` and `PARSE_TESTS`.
  private static let exceptions: [String: [String]] = [
    "a text without a line is an empty file, and damaged": [
      "CORE_PARSER_TESTS-035", "CORE_PARSER_TESTS-045", "CORE_PARSER_TESTS-049",
    ],
    "blank lines are no rows": [
      "CORE_PARSER_TESTS-054", "CORE_PARSER_TESTS-058", "PARSE_TESTS-042", "PARSE_TESTS-043", "PARSE_TESTS-044",
    ],
    "rows of empty cells are rows": ["PARSE_TESTS-088"],
    "columns of one name are refused, not renamed": ["CORE_PARSER_TESTS-062"],
    "blanks behind a closing quote make a bad row": ["PARSE_TESTS-006", "PARSE_TESTS-090"],
    "extra cells have no name": ["PARSE_TESTS-013"],
    "delimiters are not guessed while reading, and have no blanks": [
      "PARSE_TESTS-024", "PARSE_TESTS-025", "PARSE_TESTS-069", "PARSE_TESTS-070",
    ],
    "texts are texts until a field has a type": ["PARSE_TESTS-029", "PARSE_TESTS-031", "PARSE_TESTS-036"],
    "a drop is read to its end": ["PARSE_TESTS-054"],
    "a character behind an escape stands for itself": ["PARSE_TESTS-074"],
    "checked with the header as a row": ["PARSE_TESTS-011"],
  ]

  static func check(_ entry: ManifestEntry, in folder: String) -> Verdict {
    guard let data = FileManager.default.contents(atPath: "\(folder)/\(entry.path)"),
      let cases = try? JSONSerialization.jsonObject(with: data) as? [[String: Any]]
    else { return .failed("no list of cases") }
    var failures: [String] = []
    var left: [String] = []
    for one in cases {
      let id = one["id"] as? String ?? "a case without id"
      if let reason = exceptions.first(where: { $0.value.contains(id) })?.key {
        left.append("\(id): \(reason)")
      } else if let difference = difference(one) {
        failures.append("\(id): \(difference)")
      }
    }
    return failures.isEmpty ? .passedBut(left) : .failed(failures.joined(separator: "\n       "))
  }

  private static func difference(_ one: [String: Any]) -> String? {
    let config = one["config"] as? [String: Any] ?? [:]
    guard let input = one["input"] as? String, let expected = one["expected"] as? [String: Any],
      let data = expected["data"], let reference = ReferenceRows(json: data)
    else { return "not understood" }
    var dialect = CSVDialect(hasHeader: false)
    if let delimiter = config["delimiter"] as? String { dialect.delimiter = delimiter.utf8.first ?? 0x2C }
    if let quote = config["quoteChar"] as? String { dialect.quote = quote.utf8.first }
    if let escape = config["escapeChar"] as? String { dialect.escape = escape.utf8.first }
    if let comment = config["comments"] as? String { dialect.comment = Array(comment.utf8) }
    if config["comments"] as? Bool == true { dialect.comment = [0x23] }
    if let lines = config["skipFirstNLines"] as? Int { dialect.skippedLines = max(lines, 0) }
    if config["newline"] as? String == "\r" { dialect.lineEnd = .carriageReturn }
    let reading = Reading(text: input, dialect)
    let hasErrors = (expected["errors"] as? [Any])?.isEmpty == false
    if hasErrors { return reading.error != nil || !reading.defects.isEmpty ? nil : "was read as if nothing were wrong" }
    return reference.difference(from: reading, hasHeader: false)
  }
}
