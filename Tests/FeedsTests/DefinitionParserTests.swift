import Streams
import Testing

@testable import Feeds

@Suite struct DefinitionParserTests {
  private func parse(_ text: String) -> (DefinitionNode?, [SluiceError]) {
    let problems = Problems(path: "feeds/x.yaml")
    return (
      DefinitionParser.parse(DefinitionSource(path: "feeds/x.yaml", text: text), problems: problems), problems.sorted
    )
  }

  @Test("Scalars stay the texts that were written, whatever YAML would make of them")
  func scalars() {
    let (root, problems) = parse("[No, 010, 12:30, 1e3, ~, null, 2026-01-01, 0x1F, 'q', \"d\\tq\"]")
    guard case .sequence(let nodes, _)? = root else {
      Issue.record("no list")
      return
    }
    let texts = nodes.map { if case .scalar(let scalar) = $0 { scalar.text } else { "?" } }
    #expect(texts == ["No", "010", "12:30", "1e3", "~", "null", "2026-01-01", "0x1F", "q", "d\tq"])
    #expect(problems.isEmpty)
  }

  @Test("Every later occurrence of a key is reported at its place, in all mappings, and the rest is still read")
  func duplicateKeys() {
    let marked = MarkedText("a: 1\nb: { x: 1, y: 2, ▸x: 3 }\n▸a: 2\n'c': 3\n▸\"c\": 4\n▸a: 5\nd: 6\n")
    let (root, problems) = parse(marked.text)
    #expect(problems.map(\.position) == marked.places)
    #expect(problems.allSatisfy { $0.code == "duplicate-key" })
    #expect(problems.first?.cause == "the key \"x\" is written twice, first in line 2")
    guard case .mapping(let entries, _)? = root else {
      Issue.record("no mapping")
      return
    }
    #expect(entries.map(\.key.text) == ["a", "b", "c", "d"])
  }

  @Test("Broken YAML is reported with its place and what usually helps")
  func syntax() {
    let (root, problems) = parse("a:\n  b: qty > 0 ? 1 : 0\n")
    #expect(root == nil)
    #expect(brief(problems) == ["2:18 definition-syntax"])
    #expect(problems.first?.remedy.contains("into quotes") == true)
    #expect(brief(parse("a:\n\tb: 1\n").1).first?.hasPrefix("2:1 ") == true)
    #expect(brief(parse("a: [1, 2\n").1).first?.hasSuffix(" definition-syntax") == true)
  }

  @Test("Aliases stand for what they name, but may not blow up")
  func aliases() {
    let (root, problems) = parse("a: &x { k: v }\nb: *x\n")
    guard case .mapping(let entries, _)? = root else {
      Issue.record("no mapping")
      return
    }
    #expect(entries.count == 2 && problems.isEmpty)
    #expect(entries[0].value == entries[1].value)
    var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1..<9 {
      let aliases = [String](repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      bomb += "a\(level): &a\(level) [\(aliases)]\n"
    }
    #expect(parse(bomb).1.map(\.code) == ["definition-too-large"])
  }

  @Test(
    "A place inside a scalar is found however the scalar is quoted",
    arguments: [
      ("k: ab + ▸cd", 5), ("k: 'ab + ▸cd'", 5), ("k: '''ab'' + ▸cd'", 7), ("k: \"\\\"ab\\\" + ▸cd\"", 7),
      ("k: \"\\u00e4\\x41 ▸cd\"", 3), ("{ k: ä + ▸b }", 4), ("k: ▸'ab +\n  cd'", 5), ("k: ▸|\n  ab + cd", 5),
      ("k: 'ab▸'", 2),
    ])
  func places(marked: String, offset: Int) {
    let definition = MarkedText(marked)
    let source = DefinitionSource(path: "x", text: definition.text)
    let problems = Problems(path: "x")
    guard case .mapping(let entries, _)? = DefinitionParser.parse(source, problems: problems),
      case .scalar(let scalar)? = entries.first?.value
    else {
      Issue.record("no scalar")
      return
    }
    #expect(source.position(of: offset, in: scalar) == definition.places.first)
  }

  @Test("Lines may end in CR LF")
  func lineEnds() {
    let source = DefinitionSource(path: "x", text: "a: 1\r\nb: 'x + y'\r\n")
    guard case .mapping(let entries, _)? = DefinitionParser.parse(source, problems: Problems(path: "x")),
      case .scalar(let scalar)? = entries.last?.value
    else {
      Issue.record("no scalar")
      return
    }
    #expect(scalar.position == Position(line: 2, column: 4))
    #expect(source.position(of: 4, in: scalar) == Position(line: 2, column: 9))
  }
}
