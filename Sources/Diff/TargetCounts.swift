/// The changes of one drop in one target, counted; encoded with the names of `run --json`.
public struct TargetCounts: Codable, Equatable, Sendable {
  /// Keys with their first row.
  public var new = 0
  /// Keys with another row than before.
  public var changed = 0
  /// Removed keys that are back.
  public var returned = 0
  /// Keys with the row that was sent last.
  public var unchanged = 0
  /// Keys that a later drop spoke for already.
  public var newer = 0
  /// Sent keys that are no members any more.
  public var withdrawn = 0
  /// Keys that are no members and have nothing to be removed.
  public var skipped = 0
  /// Keys that wait for another feed.
  public var parked = 0
  /// Keys that vanished from a full; outside of the balance.
  public var removed = 0
  /// Rows written to the target's files.
  public var rowsWritten = 0

  private enum CodingKeys: String, CodingKey {
    case new, changed, returned, unchanged, newer, withdrawn, skipped, parked, removed
    case rowsWritten = "rows_written"
  }

  /// All zero.
  public init() {}

  /// Counts one key.
  @inline(__always)
  public mutating func add(_ change: TargetChange) {
    switch change {
    case .new: new &+= 1
    case .changed: changed &+= 1
    case .returned: returned &+= 1
    case .unchanged: unchanged &+= 1
    case .newer: newer &+= 1
    case .withdrawn: withdrawn &+= 1
    case .skipped: skipped &+= 1
    case .removed: removed &+= 1
    }
  }

  /// Takes one counted key back.
  public mutating func remove(_ change: TargetChange) {
    switch change {
    case .new: new -= 1
    case .changed: changed -= 1
    case .returned: returned -= 1
    case .unchanged: unchanged -= 1
    case .newer: newer -= 1
    case .withdrawn: withdrawn -= 1
    case .skipped: skipped -= 1
    case .removed: removed -= 1
    }
  }

  /// How many accepted keys are missing from the counts of a state target (below zero: counted twice); 0 balances.
  public func balance(accepted: Int) -> Int {
    accepted - (new + changed + returned + unchanged + newer + withdrawn + skipped + parked)
  }
}
