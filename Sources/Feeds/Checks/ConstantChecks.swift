import Records
import Streams
import Targets

extension FeedReader {
  /// Checks the texts that stand in every row against Commerce's rules: each drop would be rejected whole otherwise, or
  /// be written wrong where no row is looked at for them.
  func checkConstants(_ draft: TargetDraft) {
    guard let entity = Targets.CommerceEntity(rawValue: draft.entity.text) else { return }
    func check(_ columns: [ColumnDraft], isDefaultRow: Bool) {
      for column in columns {
        guard let checked = column.column, let text = checked.program.constantText,
          let check = CommerceCheck(entity: entity, column: checked, creates: draft.creates),
          let rule = check.broken(constant: text, isDefaultRow: isDefaultRow)
        else { continue }
        problems.add(
          "constant-unfit", at: column.position ?? column.name.position, value: text,
          cause: "\(column.name.text) can not have this text: \(rule.explanation)",
          remedy: "write a text that Commerce takes, or an expression that gives one (\(rule.rawValue))")
      }
    }
    check(draft.columns, isDefaultRow: true)
    for row in draft.rows { check(row.columns, isDefaultRow: false) }
  }

  /// Checks that the groups of a feed are all of one length, and that nothing is sent once beside them.
  func checkGroups(_ drafts: [TargetDraft]) {
    let grouped = drafts.filter { $0.groupBy != nil }
    guard let first = grouped.first else { return }
    for draft in grouped where draft.groupBy != first.groupBy {
      problems.add(
        "group-by", at: draft.position(of: "group_by"),
        cause: "\(draft.entity.text) is grouped by another part of the key than \(first.entity.text)",
        remedy: "give both the same group_by, or write one of them from a feed of its own")
    }
    for draft in drafts where !draft.once.isEmpty && draft.groupBy == nil {
      problems.add(
        "group-by", at: draft.position(of: "once"),
        cause: "\(draft.entity.text) has columns that are sent once, beside \(first.entity.text), which has groups",
        remedy: "write the grouped target from a feed of its own")
    }
  }
}
