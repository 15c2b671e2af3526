import Foundation
import Testing

@testable import Feeds

@Suite struct DocumentationTests {
  private func document(_ name: String) throws -> String {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return try String(contentsOf: root.appendingPathComponent("docs/\(name)"), encoding: .utf8)
  }

  @Test("docs/feeds.md describes every key under the heading of its mapping, and no other")
  func keys() throws {
    let text = try document("feeds.md")
    for table in DefinitionKeys.all {
      let heading = "### Keys of \(table.name)\n"
      let parts = text.components(separatedBy: heading)
      try #require(parts.count == 2, "the heading \(heading)")
      let section = parts[1].components(separatedBy: "\n#")[0].components(separatedBy: "| entity |")[0]
      let described = section.components(separatedBy: "\n").filter { $0.hasPrefix("| `") }.map {
        $0.components(separatedBy: "`")[1]
      }
      #expect(described == table.names, "keys of \(table.name)")
    }
  }

  @Test("docs/expressions.md describes every function, and no other")
  func functions() throws {
    let text = try document("expressions.md")
    let section = text.components(separatedBy: "## Functions")[1].components(separatedBy: "\n#")[0]
    let described = section.components(separatedBy: "\n").filter { $0.hasPrefix("| `") }.map {
      $0.components(separatedBy: "`")[1].components(separatedBy: "(")[0]
    }
    #expect(Set(described) == Set(ExpressionFunctions.names))
  }

  @Test("The feed definition in docs/feeds.md is right but for its lookup file")
  func example() throws {
    let text = try document("feeds.md")
    let yaml = text.components(separatedBy: "```yaml\n")[1].components(separatedBy: "```")[0]
    let project = try TemporaryProject(["feeds/a.yaml": yaml, "lookups/plants.csv": "plant;source\n10;main\n"])
    #expect(project.load().problems.map(\.description) == [])
  }

  @Test("docs/feeds.md lists every code that the sources use")
  func codes() throws {
    let text = try document("feeds.md").components(separatedBy: "## Codes")[1]
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Sources/Feeds")
    let files = try #require(FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil))
    var found: Set<String> = []
    for case let file as URL in files where file.pathExtension == "swift" {
      let source = try String(contentsOf: file, encoding: .utf8)
      // A code is a kebab-case literal; names of the definition's keys have underscores.
      for match in source.matches(of: /"([a-z]+(?:-[a-z]+)+)"/) { found.insert(String(match.1)) }
    }
    let names = Set(["latin-1", "latin-9", "erp-inventory"])
    for code in found.subtracting(names).sorted() { #expect(text.contains("`\(code)`"), "\(code)") }
    #expect(found.count > 30)
  }
}
