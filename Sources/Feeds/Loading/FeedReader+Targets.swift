import Records
import Streams
import Targets

extension FeedReader {
  private static let stateRefusal = "old. can not decide what belongs to a state target"

  /// The targets in the order commerce, bi, edm.
  func targets(_ feed: KeyedMapping, key: [FeedDefinition.KeyPart]) -> [TargetDefinition] {
    var drafts: [TargetDraft] = []
    var hasAny = false
    for system in TargetSystem.allCases {
      guard let section = feed[system.rawValue], let entries = problems.mapping(section, what: system.rawValue) else {
        continue
      }
      for entry in entries {
        hasAny = true
        guard let draft = draft(system, entry, key: key) else { continue }
        check(draft, key: key)
        drafts.append(draft)
      }
    }
    checkGroups(drafts)
    if !hasAny {
      problems.add(
        "missing-key", at: feed.position, cause: "the feed has no target",
        remedy: "add one under commerce:, bi: or edm:")
    }
    return drafts.map(\.definition)
  }

  private func draft(_ system: TargetSystem, _ entry: DefinitionEntry, key: [FeedDefinition.KeyPart]) -> TargetDraft? {
    if system == .commerce, CommerceEntity.named(entry.key.text) == nil {
      let names = CommerceEntity.all.map(\.name)
      problems.add(
        "unknown-target", at: entry.key.position, cause: "commerce has no import entity \"\(entry.key.text)\"",
        remedy: Suggestion.question(entry.key.text, in: names) ?? "the entities are \(Suggestion.choices(names))")
      return nil
    }
    if !CommerceEntity.isCode(entry.key.text) {
      problems.wrongValue(
        entry.key, what: "a target's name", takes: "letters a to z, digits and _, a letter first",
        remedy: "choose a name such as back_in_stock; it becomes a part of file names")
    }
    let table = system == .commerce ? DefinitionKeys.commerce : DefinitionKeys.event
    guard let keys = KeyedMapping(entry.value, table, problems) else { return nil }
    var draft = TargetDraft(system: system, entity: entry.key, keys: keys)
    draft.isWhole = problems.flag(keys["whole"], what: "whole") ?? false
    let refusal = draft.kind == .state ? Self.stateRefusal : nil
    let allowsLists = system == .commerce && entry.key.text == "catalog_product"
    draft.columns = constants(keys["constants"])
    draft.columns += columns(keys["columns"], what: "columns", oldRefusal: refusal, allowsLists: allowsLists)
    draft.columns += attributes(keys["additional_attributes"])
    draft.condition = condition(keys["when"], oldRefusal: refusal)
    draft.once = problems.scalars(keys["once"], what: "once") ?? []
    draft.rows = rows(keys["rows"])
    draft.removed = problems.word(keys["removed"], what: "removed", of: RemovalPolicy.self) ?? .keep
    draft.creates = problems.flag(keys["creates"], what: "creates") ?? true
    draft.groupBy = groupBy(keys["group_by"], key: key)
    draft.behaviour = problems.word(keys["behaviour"], what: "behaviour", of: ImportBehaviour.self)
    return draft
  }

  private func constants(_ node: DefinitionNode?) -> [ColumnDraft] {
    guard let node, let entries = problems.mapping(node, what: "constants") else { return [] }
    return entries.map { entry in
      let text = problems.scalar(entry.value, what: entry.key.text)
      return ColumnDraft(
        name: entry.key, program: text.map { Program.literal($0.text) }, position: entry.value.position)
    }
  }

  /// The columns of a mapping (name and expression) or of a list of fields.
  ///
  /// Lists are for products only, which have a notation for them.
  private func columns(
    _ node: DefinitionNode?, what: String, oldRefusal: String?, allowsLists: Bool
  ) -> [ColumnDraft] {
    guard let node else { return [] }
    switch node {
    case .sequence(let nodes, _):
      return nodes.compactMap { node in
        guard let name = problems.scalar(node, what: "an item of \(what)", takes: "a field") else { return nil }
        let program = fieldIndex(name, what: what).map { index in
          Program(instructions: [.field(Int32(index))], type: table.fields[index].type, source: name.text)
        }
        return checked(ColumnDraft(name: name, program: program), at: name.position, allowsLists: allowsLists)
      }
    case .mapping(let entries, _):
      return entries.map { entry in
        let text = problems.scalar(entry.value, what: entry.key.text, takes: "an expression")
        let program = text.flatMap { compile($0, oldRefusal: oldRefusal) }
        let draft = ColumnDraft(name: entry.key, program: program, position: entry.value.position)
        return checked(draft, at: entry.value.position, allowsLists: allowsLists)
      }
    case .scalar:
      problems.wrongType(node, what: what, takes: "a mapping or a list of fields")
      return []
    }
  }

  private func checked(_ draft: ColumnDraft, at position: Position, allowsLists: Bool) -> ColumnDraft {
    if draft.program?.type == .list, !allowsLists {
      problems.add(
        "expression-type", at: position, cause: "the column \(draft.name.text) would hold a list",
        remedy: "make it a text: \(draft.name.text): 'join(\(draft.program?.source ?? "list"), \",\")'")
    }
    return draft
  }

  private func attributes(_ node: DefinitionNode?) -> [ColumnDraft] {
    guard let node else { return [] }
    guard case .mapping = node else {
      problems.wrongType(node, what: "additional_attributes", takes: "a mapping")
      return []
    }
    let columns = columns(node, what: "additional_attributes", oldRefusal: Self.stateRefusal, allowsLists: true)
    return columns.map { column in
      var column = column
      column.isPacked = true
      return column
    }
  }

  private func condition(_ node: DefinitionNode?, oldRefusal: String?) -> Program? {
    problems.scalar(node, what: "when", takes: "a condition").flatMap {
      compile($0, oldRefusal: oldRefusal, isCondition: true)
    }
  }

  private func rows(_ node: DefinitionNode?) -> [RowDraft] {
    guard let node else { return [] }
    guard case .sequence(let items, _) = node else {
      problems.wrongType(node, what: "rows", takes: "a list")
      return []
    }
    return items.compactMap { item in
      guard let keys = KeyedMapping(item, DefinitionKeys.row, problems) else { return nil }
      let columns = columns(keys["columns"], what: "columns", oldRefusal: Self.stateRefusal, allowsLists: true)
      let condition = condition(keys["when"], oldRefusal: Self.stateRefusal)
      guard let storeView = problems.scalar(keys["store_view_code"], what: "store_view_code") else { return nil }
      return RowDraft(storeView: storeView, condition: condition, columns: columns)
    }
  }

  private func groupBy(_ node: DefinitionNode?, key: [FeedDefinition.KeyPart]) -> Int? {
    guard let node, let names = problems.scalars(node, what: "group_by", takes: "a list of fields") else { return nil }
    let indices = names.compactMap { fieldIndex($0, what: "group_by") }
    guard indices.count == names.count, !key.isEmpty else { return nil }
    guard !indices.isEmpty, key.map(\.field).starts(with: indices) else {
      let keyNames = key.map { table.fields[$0.field].name }
      problems.add(
        "group-by", at: node.position,
        cause: "group_by is no leading part of the key (\(keyNames.joined(separator: ", ")))",
        remedy: "name the key's first fields in its order, as in group_by: [\(keyNames[0])], or reorder the key")
      return nil
    }
    return indices.count
  }
}
