import Testing

/// The sources are held to the house rules by a test, not by memory.
@Suite("Tidy sources")
struct TidyTests {
  private let sources = SourceFile.all(below: "Sources").filter { $0.path.hasSuffix(".swift") }

  @Test("There are sources to look at, in every layer")
  func findsSources() {
    #expect(Set(sources.map(\.layer)) == Set(HouseRules.layers.keys))
  }

  @Test("Files are short, and so are lines")
  func sizes() {
    for file in SourceFile.all(below: "Sources", "Tests", "Benchmarks") {
      #expect(file.lines.count < HouseRules.linesPerFile, "\(file.path) has \(file.lines.count) lines")
      for (index, line) in file.lines.enumerated() where line.count > HouseRules.charactersPerLine {
        Issue.record("\(file.path):\(index + 1) has \(line.count) characters")
      }
    }
  }

  @Test("No banned word stands in the sources")
  func bannedWords() {
    for file in sources {
      for (index, line) in file.lines.enumerated() {
        for word in HouseRules.bannedWords where line.contains(word) {
          Issue.record("\(file.path):\(index + 1) holds \"\(word)\"")
        }
      }
    }
  }

  @Test("Imports only point downwards, and packages of others stay in their layers")
  func imports() {
    for file in sources {
      for (module, line) in file.imports where !HouseRules.system.contains(module) {
        let isBelow = HouseRules.layers[file.layer]?.contains(module) == true
        let isGranted = HouseRules.thirdParties[module]?.contains(file.layer) == true
        #expect(isBelow || isGranted, "\(file.path):\(line) imports \(module)")
      }
    }
  }

  @Test("The layers have no circle")
  func layersAreOrdered() {
    var settled: Set<String> = ["CZlib", "CCrypto", "CLibXML2"]
    var open = HouseRules.layers
    while let next = open.first(where: { $0.value.isSubset(of: settled) }) {
      settled.insert(next.key)
      open[next.key] = nil
    }
    #expect(open.isEmpty, "a circle among \(open.keys.sorted())")
  }

  @Test("Unsafe pointers stay in the files that are listed for them")
  func unsafeFiles() {
    let users = Set(sources.filter { file in file.lines.contains { $0.contains("Unsafe") } }.map(\.path))
    #expect(users.subtracting(HouseRules.unsafeFiles).sorted() == [], "list the file in HouseRules, or keep it safe")
    #expect(HouseRules.unsafeFiles.subtracting(users).sorted() == [], "listed, but has nothing unsafe any more")
  }

  @Test("An import line is read with its modifiers and kinds")
  func readsImports() {
    let file = SourceFile(
      path: "Sources/Feeds/X.swift",
      lines: [
        "import Yams", "@testable import Diff", "package import struct Records.Value", "// import Nothing",
        "let text = \"import\"",
      ])
    #expect(file.imports.map(\.module) == ["Yams", "Diff", "Records"])
    #expect(file.imports.map(\.line) == [1, 2, 3])
  }
}
