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

  /// The first `once` column of a record that breaks a rule of Commerce, if it would be sent now; the evaluator's fault
  /// says when one has no value. Values that are not sent any more are not looked at: a name that has grown too long
  /// for its `url_key` must not stop a price.
  public func brokenOnce(
    _ change: TargetChange, new: ImageView, old: ImageView?, record: Record
  ) -> BrokenOnce? {
    guard hasOnce, change == .new || change == .changed || change == .returned else { return nil }
    let isMoved = change == .changed && old.map { !hasSameIdentity(new, $0) } ?? true
    guard isFirst(change, before: isMoved ? nil : old), definition.creates else { return nil }
    for (index, column) in columns.columns.enumerated() where column.isOnce {
      scratch.removeAll()
      let value = late(column.sources[0], record)
      if scratch.overflowed, evaluator.fault == nil { evaluator.fault = .tooLong }
      if evaluator.fault != nil { return nil }
      guard let check = onceChecks[index] else { continue }
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
  ) -> [CommerceCheck?] {
    columns.columns.map { once in
      guard once.isOnce,
        let column = definition.columns.first(where: { $0.name == once.name && !$0.isPackedAttribute })
      else { return nil }
      return CommerceCheck(entity: entity, column: column, creates: definition.creates)
    }
  }
}
