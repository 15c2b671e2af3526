import Intake
import Sniffing

/// Shows what `init` made of samples.
enum InitPrinter {
  private static let width = 100
  private static let shownRejects = 3

  /// The lines for a feed whose definition is at `path`.
  static func lines(_ report: SniffedFeed.Report, path: String) -> [String] {
    let names = report.samples.map { DisplayName.escape($0.split(separator: "/").last.map(String.init) ?? $0) }
    var lines = ["\(path): from \(names.joined(separator: ", ")), \(report.rows) rows"]
    func add(_ what: String, _ value: String, _ words: String) {
      lines.append("  " + TerminalText.padded(what, to: 11) + value + (words.isEmpty ? "" : " (\(words))"))
    }
    if let known = report.knownFormat { add("layout", known, "") }
    for file in report.files { add("files", file.match, file.mode) }
    for guess in report.guesses {
      let value = guess.what == "key" ? report.key.prefix(8).joined(separator: ", ") : guess.value
      add(guess.what, TerminalText.cut(TerminalText.visible(value), to: width), guess.words)
    }
    add("fields", "\(report.fields.count)", types(report))
    return lines
  }

  private static func types(_ report: SniffedFeed.Report) -> String {
    var counts: [(String, Int)] = []
    for field in report.fields {
      let type = String(field.type.prefix { $0 != "(" })
      if let index = counts.firstIndex(where: { $0.0 == type }) {
        counts[index].1 += 1
      } else {
        counts.append((type, 1))
      }
    }
    return counts.map { "\($0.1) \($0.0)" }.joined(separator: ", ")
  }

  /// What is to be said about rows that the definition rejects.
  static func warnings(_ report: SniffedFeed.Report) -> [String] {
    guard report.rejected > 0 else { return [] }
    let reasons = report.rejects.prefix(shownRejects).map { reject in
      let field = reject.field.isEmpty ? "" : " (\(reject.field))"
      return "\(reject.count) \(reject.rule)\(field), the first in line \(reject.line)"
    }
    return [
      "\(report.feed): \(report.rejected) of \(report.rows) rows will be rejected: \(reasons.joined(separator: "; "))"
    ]
  }
}
