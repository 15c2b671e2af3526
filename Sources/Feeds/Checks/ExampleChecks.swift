import Streams
import Targets

extension FeedReader {
  /// Checks the shape of `examples`, and that they name targets of the feed and columns of its Commerce targets.
  func checkExamples(_ node: DefinitionNode?, targets: [TargetDefinition]) {
    guard let node else { return }
    guard case .sequence(let examples, _) = node else {
      problems.wrongType(node, what: "examples", takes: "a list")
      return
    }
    for example in examples {
      guard let keys = KeyedMapping(example, DefinitionKeys.example, problems) else { continue }
      if let row = keys["row"] { checkCells(row, what: "row") }
      guard let gives = keys["gives"], let entries = problems.mapping(gives, what: "gives") else { continue }
      for entry in entries {
        guard let target = targets.first(where: { $0.name == entry.key.text }) else {
          let names = targets.map(\.name)
          problems.add(
            "unknown-target", at: entry.key.position, cause: "the feed has no target \"\(entry.key.text)\"",
            remedy: Suggestion.question(entry.key.text, in: names) ?? "its targets are \(Suggestion.choices(names))")
          continue
        }
        let rows: [DefinitionNode] = if case .sequence(let rows, _) = entry.value { rows } else { [entry.value] }
        for row in rows { checkRow(row, of: target) }
      }
    }
  }

  private func checkRow(_ row: DefinitionNode, of target: TargetDefinition) {
    checkCells(row, what: target.name)
    guard target.system == .commerce, case .mapping(let cells, _) = row else { return }
    let columns =
      target.columns.map(\.name) + target.rows.flatMap { $0.columns.map(\.name) }
      + ["store_view_code", "additional_attributes"]
    for cell in cells where !columns.contains(cell.key.text) && problems.isEmpty {
      problems.add(
        "unknown-column", at: cell.key.position, cause: "\(target.name) has no column \"\(cell.key.text)\"",
        remedy: Suggestion.question(cell.key.text, in: columns) ?? "name one of its columns")
    }
  }

  /// Cells are texts, repeated XML elements lists of texts; nothing stands for an empty cell.
  private func checkCells(_ node: DefinitionNode, what: String) {
    guard let entries = problems.mapping(node, what: what) else { return }
    for entry in entries {
      switch entry.value {
      case .scalar: break
      case .sequence: _ = problems.scalars(entry.value, what: entry.key.text)
      case .mapping: problems.wrongType(entry.value, what: entry.key.text, takes: "a text")
      }
    }
  }
}
