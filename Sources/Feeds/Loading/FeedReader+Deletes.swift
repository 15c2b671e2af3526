import Records
import Targets

extension FeedReader {
  /// Which rows say that their key is gone.
  func deletes(_ node: DefinitionNode?, targets: [TargetDefinition]) -> FeedDefinition.Deletes? {
    guard let node, let keys = KeyedMapping(node, DefinitionKeys.deletes, problems) else { return nil }
    let values = problems.scalars(keys["values"], what: "values", takes: "a text or a list of texts") ?? []
    guard let name = problems.scalar(keys["field"], what: "field"), let index = fieldIndex(name, what: "deletes")
    else { return nil }
    if table.fields[index].type != .text {
      problems.add(
        "deletes-field", at: name.position,
        cause: "deletes looks at a text, \(name.text) is \(Optional(table.fields[index].type).words)",
        remedy: "read the column into a field of its own, without a type")
    }
    if targets.contains(where: { $0.groupBy != nil }) {
      problems.add(
        "deletes-group", at: node.position, cause: "rows that delete can not be told to targets with group_by",
        remedy: "have the group's remaining rows sent in a full, or write the target from a feed of its own")
    }
    return FeedDefinition.Deletes(field: index, values: values.map(\.text))
  }
}
