import Foundation
import Testing

/// `docs/errors.md` is the list of all codes; this keeps it whole.
@Suite("Codes of errors and reasons")
struct ErrorCodesTests {
  /// Literals in the sources that look like codes and are none: options, encodings, words of other standards.
  private static let others: Set<String> = [
    "dry-run", "no-color", "no-fsync", "latin-1", "latin-9", "utf-8", "utf-16", "utf-16le", "utf-16be", "utf-32",
    "iso-8859-1", "iso-8859-15", "windows-1252", "tabular-data-resource", "euc-kr", "iso8859-1", "iso8859-15",
    "mac-roman", "shift-jis", "utf-32be", "utf-32le", "utf-7", "utf-8-bom", "utf-8-sig",
    "chain-only", "euc-jp", "0000-00-00",
  ]
  /// Used inside one function and never shown.
  private static let hidden: Set<String> = ["stopped"]

  private let sources = SourceFile.all(below: "Sources").filter { $0.path.hasSuffix(".swift") }

  @Test("Every code in the sources is described in docs/errors.md")
  func described() throws {
    let page = try Manual.text("docs/errors.md")
    let codes = Self.codes(in: sources)
    #expect(codes.count > 120)
    for (code, path) in codes.sorted(by: { $0.key < $1.key }) {
      #expect(
        page.contains("`\(code)`"),
        "\(path) uses \(code): describe it in docs/errors.md, or name it here if it is no code")
    }
  }

  @Test("docs/errors.md describes no code that the sources do not have")
  func noneIsInvented() throws {
    let codes = Self.codes(in: sources)
    let rows = try Manual.text("docs/errors.md").split(separator: "\n").filter { $0.hasPrefix("| `") }
    #expect(rows.count > 100)
    for row in rows {
      let cell = row.dropFirst(2).prefix { $0 != "|" }
      for match in cell.matches(of: /`([a-z0-9-]+)`/) {
        #expect(codes[String(match.1)] != nil, "\(match.1) is in the page, but not in the sources")
      }
    }
  }

  @Test("Every row of docs/errors.md says what it means and what to do")
  func rowsAreWhole() throws {
    for row in try Manual.text("docs/errors.md").split(separator: "\n") where row.hasPrefix("| `") {
      let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      #expect(cells.count >= 3 && !cells.contains(""), "\(row)")
    }
  }

  @Test("Codes are found in the forms in which the sources write them")
  func extraction() {
    let file = SourceFile(
      path: "Sources/X/X.swift",
      lines: [
        "throw SluiceError(", "  .environment, \"locked\", cause: \"a-b\")", "reason: \"stale\"",
        "\"no-feed\" \"utf-8\" (false, \"duplicate\", x) known.reason ?? \"incomplete\"",
        "enum Rule: String {", "  case required", "  case tooLong = \"too-long\"", "}", "case other",
        "enum Guarded: String {", "  case removed, zeroed", "",
      ])
    let found = Set(Self.codes(in: [file]).keys)
    #expect(
      found == [
        "locked", "a-b", "stale", "no-feed", "duplicate", "incomplete", "required", "too-long", "guard-removed",
        "guard-zeroed",
      ])
  }

  /// Codes with the first file that uses each.
  private static func codes(in files: [SourceFile]) -> [String: String] {
    var codes: [String: String] = [:]
    func add(_ code: some StringProtocol, _ path: String) {
      if !others.contains(String(code)), !hidden.contains(String(code)), codes[String(code)] == nil {
        codes[String(code)] = path
      }
    }
    for file in files {
      let text = file.lines.joined(separator: "\n")
      for match in text.matches(of: /"([a-z0-9]+(?:-[a-z0-9]+)+)"/) { add(match.1, file.path) }
      for match in text.matches(of: /\.(?:incomplete|damaged|definition|environment),\s*"([a-z-]+)"/) {
        add(match.1, file.path)
      }
      for match in text.matches(of: /(?:reason: |reason \?\? |\((?:true|false), )"([a-z-]+)"/) {
        add(match.1, file.path)
      }
      for match in text.matches(of: /(?s)enum (?:Rule|WaitingReason): String[^{]*\{(.*?)\n *\}/) {
        for word in match.1.matches(of: /case ([a-z]+)\n/) { add(word.1, file.path) }
        for word in match.1.matches(of: /case ([a-z]+)$/) { add(word.1, file.path) }
      }
      for match in text.matches(of: /enum Guarded: String \{\s*case ([a-z, ]+)\n/) {
        for word in match.1.matches(of: /[a-z]+/) { add("guard-" + word.0, file.path) }
      }
    }
    return codes
  }
}
