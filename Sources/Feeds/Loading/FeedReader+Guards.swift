import Diff
import Intake
import Records
import Streams
import Targets

extension FeedReader {
  /// The guards, defaults where nothing is said.
  func guards(_ node: DefinitionNode?, key: [FeedDefinition.KeyPart]) -> GuardRules {
    var rules = GuardRules()
    guard let node, let keys = KeyedMapping(node, DefinitionKeys.guards, problems) else { return rules }
    rules.maximumRemoved = limit(keys["max_removed"], what: "max_removed") ?? rules.maximumRemoved
    rules.maximumRejected = limit(keys["max_rejected"], what: "max_rejected") ?? rules.maximumRejected
    rules.maximumChanged = limit(keys["max_changed"], what: "max_changed") ?? rules.maximumChanged
    rules.maximumNew = limit(keys["max_new"], what: "max_new") ?? rules.maximumNew
    rules.maximumShrink = limit(keys["shrink"], what: "shrink") ?? rules.maximumShrink
    rules.atLeast = problems.whole(keys["at_least"], what: "at_least", most: .max) ?? rules.atLeast
    rules.minimumRows = problems.whole(keys["min_rows"], what: "min_rows", most: .max)
    rules.maximumRows = problems.whole(keys["max_rows"], what: "max_rows", most: .max)
    zeroed(keys["max_zeroed"], &rules)
    rules.swing = swing(keys["max_swing"])
    rules.partition = partition(keys["by"], key: key)
    return rules
  }

  /// `max_zeroed`: a limit, or a mapping that names the field and the time as well.
  private func zeroed(_ node: DefinitionNode?, _ rules: inout GuardRules) {
    guard let node, case .mapping = node else {
      rules.maximumZeroed = limit(node, what: "max_zeroed") ?? rules.maximumZeroed
      return
    }
    guard let keys = KeyedMapping(node, DefinitionKeys.zeroed, problems) else { return }
    rules.maximumZeroed = limit(keys["share"], what: "share") ?? rules.maximumZeroed
    rules.zeroedField = number(keys["field"], what: "max_zeroed")
    guard let within = keys["within"], let seconds = problems.duration(within, what: "within") else { return }
    guard (1...Self.longestWithin).contains(seconds) else {
      problems.add(
        "wrong-value", at: within.position, cause: "within takes a duration from one second to 31 days",
        remedy: "write within: 24h")
      return
    }
    rules.zeroedWithin = Int(seconds)
  }

  private static let longestWithin = 31.0 * 86_400

  private func swing(_ node: DefinitionNode?) -> SwingRule? {
    guard let node, let keys = KeyedMapping(node, DefinitionKeys.swing, problems) else { return nil }
    let field = number(keys["field"], what: "max_swing")
    let by = problems.scalar(keys["by"], what: "by", takes: "a share such as 50%").flatMap { scalar in
      let share = Self.partsPerMillion(scalar.text, most: 1_000_000_000)
      if share == nil { problems.wrongValue(scalar, what: "by", takes: "a share such as 50%") }
      return share
    }
    let limit = limit(keys["share"], what: "share")
    guard let field, let by, let limit else { return nil }
    return SwingRule(field: field, by: by, limit: limit)
  }

  /// The field of a guard that watches a number.
  private func number(_ node: DefinitionNode?, what: String) -> Int? {
    guard let name = problems.scalar(node, what: "field"), let index = fieldIndex(name, what: what) else { return nil }
    if case .number = table.fields[index].type { return index }
    problems.add(
      "guard-field", at: name.position, cause: "\(what) watches a number, \(name.text) is none",
      remedy: "name a field with the type integer or decimal(n)")
    return nil
  }

  /// The part of the key that `by` names.
  private func partition(_ node: DefinitionNode?, key: [FeedDefinition.KeyPart]) -> Int? {
    guard let name = problems.scalar(node, what: "by"), let index = fieldIndex(name, what: "by") else { return nil }
    if let part = key.firstIndex(where: { $0.field == index }) { return part }
    if !key.isEmpty {
      problems.add(
        "guard-field", at: name.position, cause: "by takes a field of the key, \(name.text) is none",
        remedy: "name one of \(Suggestion.choices(key.map { table.fields[$0.field].name }))")
    }
    return nil
  }

  /// `5%`, `0.5%`, a count, or `off`.
  private func limit(_ node: DefinitionNode?, what: String) -> GuardLimit? {
    let takes = "a share such as 5%, a count, or off"
    guard let scalar = problems.scalar(node, what: what, takes: takes) else { return nil }
    if scalar.text == "off" { return .off }
    if let share = Self.partsPerMillion(scalar.text, most: 1_000_000) { return .share(partsPerMillion: share) }
    if let count = Int(scalar.text), count >= 0, !scalar.text.hasPrefix("+") { return .count(count) }
    problems.wrongValue(
      scalar, what: what, takes: takes,
      remedy: scalar.text.contains(".") ? "write \(scalar.text)% for a share" : nil)
    return nil
  }

  /// A text such as `5%` in parts per million; nil when it is none, or more than `most`.
  private static func partsPerMillion(_ text: String, most: Int64) -> Int? {
    guard text.hasSuffix("%"), let share = ScaledDecimal.mantissa(String(text.dropLast()).trimmingBlanks, scale: 4)
    else { return nil }
    return (0...most).contains(share) ? Int(share) : nil
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
      do throws(SluiceError) {
        _ = try MarkerName(marker.text)
      } catch {
        problems.wrongValue(
          marker, what: "marker", takes: "a file name made of {name}, the data file's name, or {stem}, without suffix",
          remedy: "write it as '{name}.ok'")
      }
    }
    rules.markerForm = problems.word(keys["marker_holds"], what: "marker_holds", of: DeliveryNote.Form.self)
    if rules.markerForm != nil, rules.marker == nil, let position = keys.keyPosition("marker_holds") {
      problems.add(
        "missing-key", at: position, cause: "marker_holds says something about a marker, but the feed wants none",
        remedy: "add marker: '{name}.sha256'")
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
