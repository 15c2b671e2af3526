import Foundation
import Testing

/// Pages of the manual, by their path from the repository's root.
enum Manual {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The text of a file.
  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  /// Whether a file or directory is there.
  static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: root.appendingPathComponent(path).path)
  }

  /// Names in a directory.
  static func names(in path: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent(path).path)) ?? []).sorted()
  }

  /// All pages: those in the root and everything below `docs` and `samples`.
  static var pages: [String] {
    let own = names(in: "").filter { $0.hasSuffix(".md") }
    let below = ["docs", "samples"].flatMap { directory in
      ((try? FileManager.default.subpathsOfDirectory(atPath: root.appendingPathComponent(directory).path)) ?? [])
        .filter { $0.hasSuffix(".md") }.map { "\(directory)/\($0)" }
    }
    return (own + below).sorted()
  }
}

/// What the manual names is there.
@Suite("The manual")
struct ManualTests {
  /// Commands that pages other than the README and those of `strict` announce.
  private static let announced: Set<String> = []
  /// Pages that name only commands that exist.
  private static let strict: Set<String> = [
    "README.md", "docs/operations.md", "docs/errors.md", "docs/guards.md", "docs/commerce.md", "docs/bi-and-edm.md",
    "docs/architecture.md", "docs/performance.md",
  ]

  /// Names of all commands, those below another as `ledger list`.
  private var commands: Set<String> {
    get throws {
      var names: Set<String> = []
      for file in SourceFile.all(below: "Sources/sluice") {
        for match in file.lines.joined(separator: "\n").matches(of: /commandName: "([a-z]+)"/) {
          let group = ["Ledger", "Snapshot"].first { file.path.contains("/\($0)") }?.lowercased()
          let isBelow = group != nil && match.1 != group ?? ""
          names.insert(isBelow ? "\(group ?? "") \(match.1)" : String(match.1))
        }
      }
      return names
    }
  }

  @Test("The README names every command")
  func readmeIsComplete() throws {
    let text = try Manual.text("README.md")
    for command in try commands where !["sluice", "ledger", "snapshot"].contains(command) {
      #expect(text.contains("`sluice \(command)"), "sluice \(command)")
    }
  }

  @Test("Every command that a page names exists")
  func commandsExist() throws {
    let commands = try commands
    #expect(commands.isSuperset(of: ["run", "watch", "ledger list"]))
    for page in Manual.pages {
      let allowed = Self.strict.contains(page) ? commands : commands.union(Self.announced)
      for match in try Manual.text(page).matches(of: /(?:`|\$ |&& |ExecStart=.*\/)sluice ([a-z]+)(?: ([a-z]+))?/) {
        let name = ["ledger", "snapshot"].contains(match.1) ? "\(match.1) \(match.2 ?? "")" : String(match.1)
        let isKnown = allowed.contains(name) || ["ledger ", "help"].contains(name)
        #expect(isKnown, "\(page) names sluice \(name)")
      }
    }
  }

  @Test("Every link inside the repository leads somewhere")
  func links() throws {
    var count = 0
    for page in Manual.pages {
      let directory = page.split(separator: "/").dropLast().joined(separator: "/")
      for match in try Manual.text(page).matches(of: /\]\(([^)#\s]+)(?:#[^)]*)?\)/) where !match.1.contains("://") {
        let path = directory.isEmpty ? String(match.1) : "\(directory)/\(match.1)"
        #expect(Manual.exists(path), "\(page) links to \(match.1)")
        count += 1
      }
    }
    #expect(count > 20)
  }

  @Test("The README leads to every page of docs")
  func index() throws {
    let text = try Manual.text("README.md")
    for name in Manual.names(in: "docs") where name.hasSuffix(".md") {
      #expect(text.contains("(docs/\(name))"), "docs/\(name)")
    }
  }

  @Test("The list of examples names every example")
  func examples() throws {
    let text = try Manual.text("docs/examples/README.md")
    for name in Manual.names(in: "docs/examples") where name != "README.md" {
      #expect(text.contains("`\(name)/`") || text.contains("`\(name)`"), "docs/examples/\(name)")
    }
  }

  @Test("Pages have short lines, tables and code excepted")
  func lineLengths() throws {
    for page in Manual.pages where Self.strict.contains(page) {
      var isCode = false
      for (index, line) in try Manual.text(page).split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
        if line.hasPrefix("```") { isCode.toggle() }
        if isCode || line.hasPrefix("|") { continue }
        #expect(line.count <= 120, "\(page):\(index + 1)")
      }
    }
  }
}
