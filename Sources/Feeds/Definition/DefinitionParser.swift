import Streams
import Yams

/// Reads YAML into a tree with positions.
enum DefinitionParser {
  /// Aliases may blow a short text up to a large tree; beyond this it is refused.
  private static let mostNodes = 100_000
  /// Beyond this many duplicate keys the rest goes unreported.
  private static let mostDuplicates = 200

  /// The tree of `source`, or nil when it is empty or not well-formed; problems go to `problems`.
  static func parse(_ source: DefinitionSource, problems: Problems) -> DefinitionNode? {
    var masking = DuplicateMasking(source.text)
    for _ in 0..<mostDuplicates {
      do {
        let parser = try Parser(yaml: masking.text, encoding: .utf8)
        guard let root = try parser.singleRoot() else { return nil }
        var converter = Converter(problems: problems, masking: masking, remaining: mostNodes)
        return converter.convert(root)
      } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
        let place = Position(line: context.mark.line, column: context.mark.column)
        if let key = keys.first, masking.mask(key, at: place) { continue }
        problems.add(
          "duplicate-key", at: place, cause: "the key \"\(keys.first ?? "")\" is written twice",
          remedy: "keep one of them")
        return nil
      } catch {
        report(error, to: problems)
        return nil
      }
    }
    return nil
  }

  private static func report(_ error: any Error, to problems: Problems) {
    var place = Position(line: 1, column: 1)
    var cause = "the YAML can not be read"
    switch error {
    case YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
      YamlError.composer(_, let problem, let mark, _):
      place = Position(line: mark.line, column: mark.column)
      cause = "the YAML is not well-formed: \(problem)"
    case YamlError.reader(let problem, _, _, _): cause = "the YAML can not be read: \(problem)"
    default: break
    }
    let remedy =
      if cause.contains("mapping values") {
        "put a value that holds \": \" into quotes, as in status: 'qty > 0 ? 1 : 0'"
      } else if cause.contains("cannot start any token") {
        "indent with blanks instead of tabs, and put values that start with %, @ or ` into quotes"
      } else {
        "check indentation and brackets, and put values that hold : # , [ ] { } & * ! | > % @ into quotes"
      }
    problems.add("definition-syntax", at: place, cause: cause, remedy: remedy)
  }

  /// Turns Yams' tree into ours.
  private struct Converter {
    let problems: Problems
    let masking: DuplicateMasking
    var remaining: Int

    mutating func convert(_ node: Node) -> DefinitionNode? {
      let position = node.mark.map { Position(line: $0.line, column: $0.column) } ?? Position(line: 1, column: 1)
      guard remaining > 0 else { return nil }
      remaining -= 1
      if remaining == 0 {
        problems.add(
          "definition-too-large", at: position, cause: "the definition has more than \(mostNodes) values",
          remedy: "split the feed, or use fewer aliases")
        return nil
      }
      switch node {
      case .scalar(let scalar): return .scalar(convert(scalar, at: position))
      case .sequence(let sequence):
        var nodes: [DefinitionNode] = []
        for element in sequence { if let node = convert(element) { nodes.append(node) } }
        return .sequence(nodes, position)
      case .mapping(let mapping): return .mapping(entries(of: mapping), position)
      case .alias: return nil
      }
    }

    private func convert(_ scalar: Node.Scalar, at position: Position) -> DefinitionScalar {
      let style: DefinitionScalar.Style =
        switch scalar.style {
        case .any, .plain: .plain
        case .singleQuoted: .singleQuoted
        case .doubleQuoted: .doubleQuoted
        case .literal, .folded: .block
        }
      return DefinitionScalar(text: masking.original(of: scalar.string), position: position, style: style)
    }

    private mutating func entries(of mapping: Node.Mapping) -> [DefinitionEntry] {
      var entries: [DefinitionEntry] = []
      var firsts: [String: Position] = [:]
      for pair in mapping {
        guard let converted = convert(pair.key) else { continue }
        guard case .scalar(let key) = converted else {
          let mark = pair.key.mark
          problems.add(
            "wrong-type", at: Position(line: mark?.line ?? 1, column: mark?.column),
            cause: "a key has to be a text", remedy: "put the key into quotes")
          continue
        }
        guard let value = convert(pair.value) else { continue }
        if let first = firsts[key.text] {
          problems.add(
            "duplicate-key", at: key.position,
            cause: "the key \"\(key.text)\" is written twice, first in line \(first.line)", remedy: "keep one of them")
        } else {
          firsts[key.text] = key.position
          entries.append(DefinitionEntry(key: key, value: value))
        }
      }
      return entries
    }
  }
}

/// Hides keys that are written twice from Yams, which would refuse the whole text without saying where the second one
/// stands: the first one is overwritten, letter for letter, so that all other positions stay as they are.
private struct DuplicateMasking {
  private var lines: [[Unicode.Scalar]]
  private var masked: [String: String] = [:]

  init(_ text: String) { lines = DefinitionSource.split(text) }

  /// The text with the masks in place.
  var text: String {
    var text = String.UnicodeScalarView()
    for line in lines {
      text.append(contentsOf: line)
      text.append("\n")
    }
    return String(text)
  }

  /// Overwrites the key at `place`; false when it is not written there in plain letters.
  mutating func mask(_ key: String, at place: Position) -> Bool {
    let letters = Array(key.unicodeScalars)
    guard let column = place.column, lines.indices.contains(place.line - 1), !letters.isEmpty,
      let mask = Unicode.Scalar(0xE000 + UInt32(masked.count))
    else { return false }
    let line = lines[place.line - 1]
    var start = column - 1
    if start < line.count, line[start] == "'" || line[start] == "\"" { start += 1 }
    guard line.dropFirst(start).starts(with: letters) else { return false }
    let hidden = [Unicode.Scalar](repeating: mask, count: letters.count)
    lines[place.line - 1].replaceSubrange(start..<(start + letters.count), with: hidden)
    masked[String(String.UnicodeScalarView(hidden))] = key
    return true
  }

  /// What a text was before it was masked.
  func original(of text: String) -> String { masked.isEmpty ? text : masked[text] ?? text }
}
