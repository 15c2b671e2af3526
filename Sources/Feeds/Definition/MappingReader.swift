import Streams

/// A mapping whose keys were checked against their table.
struct KeyedMapping {
  /// The keys that it may have.
  let table: KeyTable
  /// Where it starts.
  let position: Position
  private let entries: [String: DefinitionEntry]

  /// Checks the keys of `node`: unknown and missing ones are reported. Nil when it is no mapping.
  init?(_ node: DefinitionNode, _ table: KeyTable, _ problems: Problems) {
    guard let found = problems.mapping(node, what: table.name) else { return nil }
    self.table = table
    position = node.position
    var entries: [String: DefinitionEntry] = [:]
    for entry in found {
      if table.key(entry.key.text) != nil {
        entries[entry.key.text] = entry
      } else {
        problems.add(
          "unknown-key", at: entry.key.position, cause: "\(table.name) has no key \"\(entry.key.text)\"",
          remedy: Suggestion.question(entry.key.text, in: table.names)
            ?? "the keys are \(Suggestion.choices(table.names))")
      }
    }
    for key in table.keys where key.isRequired && entries[key.name] == nil {
      problems.add(
        "missing-key", at: position, cause: "\(table.name) needs the key \"\(key.name)\" (\(key.meaning))",
        remedy: "add \(key.name): with \(key.takes)")
    }
    self.entries = entries
  }

  /// The value of a key.
  subscript(name: String) -> DefinitionNode? { entries[name]?.value }

  /// Where a key stands.
  func keyPosition(_ name: String) -> Position? { entries[name]?.key.position }
}

/// Reading of values: each gives nil and reports when the node does not fit.
extension Problems {
  /// A value of the wrong shape.
  func wrongType(_ node: DefinitionNode, what: String, takes: String) {
    add(
      "wrong-type", at: node.position, cause: "\(what) takes \(takes), not \(node.words)",
      remedy: "see docs/feeds.md for an example")
  }

  /// A text that is not among the values allowed.
  func wrongValue(_ scalar: DefinitionScalar, what: String, takes: String, remedy: String? = nil) {
    add(
      "wrong-value", at: scalar.position, value: scalar.text, cause: "\(what) takes \(takes)",
      remedy: remedy ?? "write \(what): with \(takes)")
  }

  /// The entries of a mapping.
  func mapping(_ node: DefinitionNode, what: String) -> [DefinitionEntry]? {
    guard case .mapping(let entries, _) = node else {
      wrongType(node, what: what, takes: "a mapping")
      return nil
    }
    return entries
  }

  /// A text, which may not be empty unless it was quoted.
  func scalar(_ node: DefinitionNode?, what: String, takes: String = "a text") -> DefinitionScalar? {
    guard let node else { return nil }
    guard case .scalar(let scalar) = node, !(scalar.text.isEmpty && scalar.style == .plain) else {
      wrongType(node, what: what, takes: takes)
      return nil
    }
    return scalar
  }

  /// The texts of a list, or a single text as a list of one.
  func scalars(_ node: DefinitionNode?, what: String, takes: String = "a list of texts") -> [DefinitionScalar]? {
    guard let node else { return nil }
    guard case .sequence(let nodes, _) = node else {
      return scalar(node, what: what, takes: takes).map { [$0] }
    }
    return nodes.compactMap { scalar($0, what: "an item of \(what)") }
  }

  /// `true` or `false`.
  func flag(_ node: DefinitionNode?, what: String) -> Bool? {
    guard let scalar = scalar(node, what: what, takes: "true or false") else { return nil }
    switch scalar.text {
    case "true": return true
    case "false": return false
    default:
      wrongValue(scalar, what: what, takes: "true or false")
      return nil
    }
  }

  /// A whole number of at least `least`.
  func whole(_ node: DefinitionNode?, what: String, least: Int = 0, most: Int = Int(Int32.max)) -> Int? {
    guard let scalar = scalar(node, what: what, takes: "a whole number") else { return nil }
    guard let number = Int(scalar.text), number >= least, number <= most, !scalar.text.hasPrefix("+") else {
      wrongValue(scalar, what: what, takes: "a whole number from \(least) to \(most)")
      return nil
    }
    return number
  }

  /// One of the words of an enumeration.
  func word<Word: RawRepresentable & CaseIterable>(
    _ node: DefinitionNode?, what: String, of type: Word.Type
  ) -> Word? where Word.RawValue == String {
    guard let text = word(node, what: what, among: type.allCases.map(\.rawValue)) else { return nil }
    return Word(rawValue: text)
  }

  /// One of some words.
  func word(_ node: DefinitionNode?, what: String, among words: [String]) -> String? {
    let takes = Suggestion.choices(words)
    guard let scalar = scalar(node, what: what, takes: takes) else { return nil }
    guard words.contains(scalar.text) else {
      wrongValue(scalar, what: what, takes: takes, remedy: Suggestion.question(scalar.text, in: words))
      return nil
    }
    return scalar.text
  }

  /// Seconds: a number with `s`, `min` or `h`, or without a unit.
  func duration(_ node: DefinitionNode?, what: String) -> Double? {
    let takes = "a duration such as 30s, 15min or 2h"
    guard let scalar = scalar(node, what: what, takes: takes) else { return nil }
    let unit = String(scalar.text.drop { $0.isNumber || $0 == "." }).trimmingBlanks
    let number = String(scalar.text.prefix { $0.isNumber || $0 == "." })
    guard let factor = ["": 1.0, "s": 1, "min": 60, "h": 3600][unit], let count = Double(number), count.isFinite else {
      wrongValue(scalar, what: what, takes: takes)
      return nil
    }
    return count * factor
  }
}

extension String {
  /// Without blanks at both ends.
  var trimmingBlanks: String {
    var rest = self[...]
    while let first = rest.first, first == " " || first == "\t" { rest.removeFirst() }
    while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
    return String(rest)
  }
}
