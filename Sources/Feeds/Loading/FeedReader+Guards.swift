import Diff
import Intake
import Records
import Streams
import Targets

extension FeedReader {
  /// The guards, defaults where nothing is said.
  func guards(_ node: DefinitionNode?) -> GuardRules {
    var rules = GuardRules()
    guard let node, let keys = KeyedMapping(node, DefinitionKeys.guards, problems) else { return rules }
    rules.maximumRemoved = limit(keys["max_removed"], what: "max_removed") ?? rules.maximumRemoved
    rules.maximumRejected = limit(keys["max_rejected"], what: "max_rejected") ?? rules.maximumRejected
    rules.maximumChanged = limit(keys["max_changed"], what: "max_changed") ?? rules.maximumChanged
    rules.atLeast = problems.whole(keys["at_least"], what: "at_least", most: .max) ?? rules.atLeast
    rules.minimumRows = problems.whole(keys["min_rows"], what: "min_rows", most: .max)
    if let zeroed = keys["max_zeroed"], case .mapping = zeroed {
      guard let mapping = KeyedMapping(zeroed, DefinitionKeys.zeroed, problems) else { return rules }
      rules.maximumZeroed = limit(mapping["share"], what: "share") ?? rules.maximumZeroed
      if let name = problems.scalar(mapping["field"], what: "field"), let index = fieldIndex(name, what: "max_zeroed") {
        rules.zeroedField = index
        guard case .number = table.fields[index].type else {
          problems.add(
            "guard-field", at: name.position, cause: "max_zeroed watches a number, \(name.text) is none",
            remedy: "name a field with the type integer or decimal(n)")
          return rules
        }
      }
    } else {
      rules.maximumZeroed = limit(keys["max_zeroed"], what: "max_zeroed") ?? rules.maximumZeroed
    }
    return rules
  }

  /// `5%`, `0.5%`, a count, or `off`.
  private func limit(_ node: DefinitionNode?, what: String) -> GuardLimit? {
    let takes = "a share such as 5%, a count, or off"
    guard let scalar = problems.scalar(node, what: what, takes: takes) else { return nil }
    if scalar.text == "off" { return .off }
    if scalar.text.hasSuffix("%"),
      let share = ScaledDecimal.mantissa(String(scalar.text.dropLast()).trimmingBlanks, scale: 4),
      (0...1_000_000).contains(share)
    {
      return .share(partsPerMillion: Int(share))
    }
    if let count = Int(scalar.text), count >= 0, !scalar.text.hasPrefix("+") { return .count(count) }
    problems.wrongValue(
      scalar, what: what, takes: takes,
      remedy: scalar.text.contains(".") ? "write \(scalar.text)% for a share" : nil)
    return nil
  }

  /// The field that `max_zeroed` watches when the definition names none: the plain number that a stock target sends as
  /// quantity, or a product target as qty.
  func defaultZeroedField(_ targets: [TargetDefinition]) -> Int? {
    for (entity, name) in [("stock_sources", "quantity"), ("catalog_product", "qty")] {
      for target in targets where target.system == .commerce && target.entity == entity {
        guard let column = target.columns.first(where: { $0.name == name }),
          case .field(let index)? = column.program.instructions.first, column.program.instructions.count == 1,
          case .number = column.program.type
        else { continue }
        return Int(index)
      }
    }
    return nil
  }

  /// When files are taken, defaults where nothing is said.
  func intake(_ node: DefinitionNode?, patterns: [ScannedPattern]) -> IntakeRules {
    var rules = IntakeRules()
    guard let node, let keys = KeyedMapping(node, DefinitionKeys.intake, problems) else { return rules }
    rules.quiet = problems.duration(keys["quiet"], what: "quiet") ?? rules.quiet
    rules.incompleteAfter =
      problems.duration(keys["incomplete_after"], what: "incomplete_after") ?? rules.incompleteAfter
    if let marker = problems.scalar(keys["marker"], what: "marker") {
      rules.marker = marker.text
      let rest = marker.text.replacing("{name}", with: "", maxReplacements: 1)
      let fixed = rest == marker.text ? rest.replacing("{stem}", with: "", maxReplacements: 1) : rest
      if fixed == marker.text || rest.isEmpty || fixed.contains(where: { "{}/".contains($0) }) {
        problems.wrongValue(
          marker, what: "marker", takes: "a file name made of {name}, the data file's name, or {stem}, without suffix",
          remedy: "write it as '{name}.ok'")
      }
    }
    if let node = keys["sequence"], problems.word(node, what: "sequence", among: ["continuous"]) != nil {
      rules.isSequenceContinuous = true
      if !patterns.contains(where: { $0.captures.contains { $0.name == "sequence" } }) {
        problems.add(
          "sequence-unknown", at: node.position, cause: "no file pattern captures a sequence",
          remedy: "capture it in match: 'INV_{sequence}.csv'")
      }
    }
    return rules
  }
}

/// Exact decimals of definitions.
enum ScaledDecimal {
  /// The mantissa of a decimal with a point, at `scale`; nil when it is none, has more decimals or is too large.
  static func mantissa(_ text: String, scale: Int) -> Int64? {
    var digits = text[...]
    let isNegative = digits.hasPrefix("-")
    if isNegative { digits.removeFirst() }
    let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isDigit) }) else {
      return nil
    }
    let decimals = parts.count == 2 ? parts[1] : ""
    guard decimals.count <= scale else { return nil }
    let padded = parts[0] + decimals + String(repeating: "0", count: scale - decimals.count)
    return Int64((isNegative ? "-" : "") + padded)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
