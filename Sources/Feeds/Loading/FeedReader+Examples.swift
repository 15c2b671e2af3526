import Records
import Streams
import Targets

extension FeedReader {
  /// The `examples`, checked: they name targets of the feed with their columns, and rules that a row can break.
  func examples(
    _ node: DefinitionNode?, targets: [TargetDefinition], key: [FeedDefinition.KeyPart]
  ) -> [FeedExample] {
    guard let node else { return [] }
    guard case .sequence(let items, _) = node else {
      problems.wrongType(node, what: "examples", takes: "a list")
      return []
    }
    let keyNames = key.map { table.fields[$0.field].name }
    return items.compactMap { item in
      guard let keys = KeyedMapping(item, DefinitionKeys.example, problems) else { return nil }
      let before = keys["before"].map { sourceCells($0, what: "before") }
      let row = keys["row"].map { sourceCells($0, what: "row") } ?? []
      let outcome = outcome(keys, targets: targets, keyNames: keyNames)
      return outcome.map { FeedExample(position: keys.position, before: before, row: row, outcome: $0) }
    }
  }

  private func outcome(
    _ keys: KeyedMapping, targets: [TargetDefinition], keyNames: [String]
  ) -> FeedExample.Outcome? {
    switch (keys["gives"], keys["rejects"]) {
    case (let gives?, nil):
      guard let entries = problems.mapping(gives, what: "gives") else { return nil }
      return .gives(entries.compactMap { expected($0, targets: targets, keyNames: keyNames) })
    case (nil, let rejects?):
      let rules = Set(RowReject.Rule.allCases.map(\.rawValue) + CommerceRule.allCases.map(\.rawValue))
      guard let rule = problems.scalar(rejects, what: "rejects", takes: "the rule that the row breaks") else {
        return nil
      }
      if !rules.contains(rule.text) {
        problems.wrongValue(
          rule, what: "rejects", takes: "the rule that the row breaks",
          remedy: Suggestion.question(rule.text, in: rules.sorted())
            ?? "name a rule as reject files do, such as not-a-number; docs/errors.md lists them")
      }
      return .rejects(rule: rule.text, rule.position)
    case (nil, nil):
      problems.add(
        "missing-key", at: keys.position, cause: "the example does not say what becomes of its row",
        remedy: "add gives: with targets and their rows, or rejects: with the rule that the row breaks")
    case (.some, .some):
      problems.add(
        "unknown-key", at: keys.keyPosition("rejects") ?? keys.position,
        cause: "the example has both gives and rejects", remedy: "keep one; a rejected row gives nothing")
    }
    return nil
  }

  // MARK: Source rows

  /// The cells of a source row: texts, or lists of texts for repeated XML elements.
  private func sourceCells(_ node: DefinitionNode, what: String) -> [FeedExample.Cell] {
    let cells = cells(node, what: what)
    guard problems.isEmpty else { return cells }
    let columns = table.fields.compactMap { if case .column(let name) = $0.source { name } else { nil } }
    let captures = table.captureNames.map { "file.\($0)" }
    for cell in cells {
      // A CSV row may be pasted whole, with columns that no field reads.
      let isKnown = cell.name.hasPrefix("file.") ? captures.contains(cell.name) : !isXML || columns.contains(cell.name)
      guard !isKnown else { continue }
      problems.add(
        "unknown-column", at: cell.position, cause: "no field reads \"\(cell.name)\"",
        remedy: Suggestion.question(cell.name, in: columns + captures) ?? "write it as a field's from: does")
    }
    return cells
  }

  /// Nothing stands for an empty cell.
  private func cells(_ node: DefinitionNode, what: String) -> [FeedExample.Cell] {
    guard let entries = problems.mapping(node, what: what) else { return [] }
    return entries.compactMap { entry in
      let position = entry.value.position
      switch entry.value {
      case .scalar(let scalar):
        return FeedExample.Cell(name: entry.key.text, text: scalar.text, position: position)
      case .sequence:
        let texts = problems.scalars(entry.value, what: entry.key.text) ?? []
        return FeedExample.Cell(
          name: entry.key.text, text: texts.map(\.text).joined(separator: "\u{1F}"), position: position)
      case .mapping:
        problems.wrongType(entry.value, what: entry.key.text, takes: "a text")
        return nil
      }
    }
  }

  // MARK: Rows of targets

  private func expected(
    _ entry: DefinitionEntry, targets: [TargetDefinition], keyNames: [String]
  ) -> FeedExample.ExpectedTarget? {
    guard let target = targets.first(where: { $0.name == entry.key.text }) else {
      let names = targets.map(\.name)
      problems.add(
        "unknown-target", at: entry.key.position, cause: "the feed has no target \"\(entry.key.text)\"",
        remedy: Suggestion.question(entry.key.text, in: names) ?? "its targets are \(Suggestion.choices(names))")
      return nil
    }
    let nodes: [DefinitionNode] = if case .sequence(let nodes, _) = entry.value { nodes } else { [entry.value] }
    let columns = target.exampleColumns(keyNames: keyNames)
    let rows = nodes.map { node in
      if case .mapping(let entries, _) = node { checkColumns(entries, of: target, columns) }
      return FeedExample.ExpectedRow(cells: cells(node, what: target.name), position: node.position)
    }
    return FeedExample.ExpectedTarget(target: target.name, rows: rows, position: entry.key.position)
  }

  private func checkColumns(_ entries: [DefinitionEntry], of target: TargetDefinition, _ columns: [String]) {
    for entry in entries where !columns.contains(entry.key.text) && problems.isEmpty {
      problems.add(
        "unknown-column", at: entry.key.position, cause: "\(target.name) has no column \"\(entry.key.text)\"",
        remedy: Suggestion.question(entry.key.text, in: columns) ?? "name one of its columns")
    }
  }
}

extension TargetDefinition {
  /// The columns that an example may name: those of the target's files, of which no drop number is known, and packed
  /// attributes.
  fileprivate func exampleColumns(keyNames: [String]) -> [String] {
    if reportsKey { return ChangeEventWriter.columns(of: self, keyNames: keyNames).filter { $0 != "drop" } }
    guard system == .commerce else { return columns.map(\.name) }
    return columns.map(\.name) + rows.flatMap { $0.columns.map(\.name) }
      + ["store_view_code", "additional_attributes", "product_online"]
  }
}
