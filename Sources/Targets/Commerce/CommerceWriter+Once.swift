import Diff
import Records
import Streams

/// A `once` column whose value breaks a rule of Commerce.
public struct BrokenOnce {
  /// The rule.
  public var rule: CommerceRule
  /// Name of the column.
  public var column: String
  /// The value, valid until the writer is used again.
  public var value: ByteView
}

extension CommerceWriter {
  /// Whether the rows of a key go out as those of a key that Commerce does not have. `before` is what stands there
  /// under the same identity, if anything.
  func isFirst(_ change: TargetChange, before: ImageView?) -> Bool {
    change == .new || (change == .returned && definition.removed == .delete) || before == nil
  }

  /// The first `once` column of a record that breaks a rule of Commerce, if it would be sent now. Values that are not
  /// sent any more are not looked at: a name that has grown too long for its `url_key` must not stop a price.
  public func brokenOnce(
    _ change: TargetChange, new: ImageView, old: ImageView?, record: Record
  ) -> BrokenOnce? {
    guard !onceChecks.isEmpty, change == .new || change == .changed || change == .returned else { return nil }
    let isMoved = change == .changed && old.map { !hasSameIdentity(new, $0) } ?? true
    guard isFirst(change, before: isMoved ? nil : old), definition.creates else { return nil }
    scratch.removeAll()
    for (index, check) in onceChecks {
      let column = columns.columns[index]
      let value = late(column.sources[0], record)
      let text = value ?? ByteView()
      let clears = text == ByteView(base: commerceEmptyValue.utf8Start, count: commerceEmptyValue.utf8CodeUnitCount)
      let state: CellState = value == nil ? .null : clears ? .clear : .value
      guard let rule = check.broken(state: state, text: text, isDefaultRow: true) else { continue }
      return BrokenOnce(rule: rule, column: column.name, value: text)
    }
    return nil
  }

  static func onceChecks(
    _ definition: TargetDefinition, entity: CommerceEntity, columns: CommerceColumns
  ) -> [(column: Int, check: CommerceCheck)] {
    columns.columns.indices.compactMap { index in
      let name = columns.columns[index].name
      guard columns.columns[index].isOnce,
        let column = definition.columns.first(where: { $0.name == name && !$0.isPackedAttribute }),
        let check = CommerceCheck(entity: entity, column: column, creates: definition.creates)
      else { return nil }
      return (index, check)
    }
  }
}
