import Records
import Targets

extension FeedPlan {
  /// Whether some field holds personal data.
  var hasSensitiveFields: Bool { feed.fields.contains(where: \.isSensitive) }

  /// Whether a column of a target's files may hold personal data.
  func isSensitive(column: String, of target: TargetDefinition) -> Bool {
    if target.reportsKey {
      if let field = feed.fields.first(where: { $0.name == column }), keyNames.contains(column) {
        return field.isSensitive
      }
      let name = column.hasPrefix("old_") || column.hasPrefix("new_") ? String(column.dropFirst(4)) : column
      return target.columns.contains { $0.name == name && isSensitive($0.program) }
    }
    let columns = target.columns + target.rows.flatMap(\.columns)
    return columns.contains { candidate in
      let name = candidate.isPackedAttribute ? "additional_attributes" : candidate.name
      return name == column && isSensitive(candidate.program)
    }
  }

  /// Whether a program reads personal data, of today or of what was published before.
  private func isSensitive(_ program: Program) -> Bool {
    (program.fields + program.oldFields).contains { feed.fields[$0].isSensitive }
  }
}
