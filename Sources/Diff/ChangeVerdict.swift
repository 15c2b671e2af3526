/// What the snapshot knows of a key in one state target.
public enum OldState: String, Sendable, CaseIterable, Codable {
  /// Nothing was ever sent for it.
  case never
  /// Its row was sent and stands.
  case sent
  /// It was sent and then removed or withdrawn.
  case tombstone
}

/// What becomes of a key in one target (`semantics.md`, "Targets and changes").
public enum TargetChange: UInt8, Sendable, CaseIterable, BitwiseCopyable {
  /// First row for this key.
  case new
  /// Another row than the last one sent.
  case changed
  /// A removed key is back.
  case returned
  /// The row that was sent last.
  case unchanged
  /// A later drop spoke for the key already; nothing changes.
  case newer
  /// Sent before, no member any more: the removal is written.
  case withdrawn
  /// No member, and nothing stands to be removed.
  case skipped
  /// Vanished from a full: the removal is written.
  case removed
}

/// The decision a key, taken for each state target by itself.
public enum ChangeVerdict {
  /// Decides on a key that the drop holds.
  ///
  /// - Parameters:
  ///   - old: what the snapshot knows of the key in this target.
  ///   - isMember: the target's `when` holds; false for a row of a delta that says delete.
  ///   - isEqual: the row's digest is that of the last row sent; only looked at when `old` is `.sent`.
  ///   - isNewer: the key was last spoken for later than this drop speaks.
  @inline(__always)
  public static func present(old: OldState, isMember: Bool, isEqual: Bool, isNewer: Bool) -> TargetChange {
    if isNewer { return .newer }
    switch old {
    case .never: return isMember ? .new : .skipped
    case .sent: return isMember ? (isEqual ? .unchanged : .changed) : .withdrawn
    case .tombstone: return isMember ? .returned : .skipped
    }
  }

  /// Decides on a key of the snapshot that a full does not hold; nil when nothing is written or counted.
  @inline(__always)
  public static func vanished(old: OldState, isNewer: Bool) -> TargetChange? {
    old == .sent && !isNewer ? .removed : nil
  }
}
