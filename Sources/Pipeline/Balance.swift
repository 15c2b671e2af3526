import Diff
import Feeds
import Streams
import Targets

/// The counts of a drop have to balance (`semantics.md`); a run that does not balance fails.
enum Balance {
  /// Checks rows against outcomes, outcomes against records, and written rows against files.
  static func check(_ prepared: PreparedDrop, plan: FeedPlan) throws(SluiceError) {
    let counts = prepared.counts
    guard counts.read == counts.rejected + counts.superseded + counts.accepted else {
      throw unbalanced(
        "\(counts.read) rows read, but \(counts.rejected) rejected, \(counts.superseded) superseded and "
          + "\(counts.accepted) accepted")
    }
    guard (prepared.rejects?.rows ?? 0) == counts.rejected + counts.refusedAsNewer else {
      throw unbalanced("\(counts.rejected) rows rejected, but \(prepared.rejects?.rows ?? 0) in the reject file")
    }
    for (state, targetCounts) in zip(plan.states, counts.states) {
      let name = plan.feed.targets[state.target].name
      let missing = targetCounts.balance(accepted: counts.accepted)
      guard missing == 0 else { throw unbalanced("\(name): \(missing) of \(counts.accepted) records are not counted") }
      let written = prepared.rowsWritten[name] ?? 0
      guard written == targetCounts.rowsWritten else {
        throw unbalanced("\(name): \(targetCounts.rowsWritten) rows counted, but \(written) in its files")
      }
    }
  }

  private static func unbalanced(_ cause: String) -> SluiceError {
    SluiceError(
      .environment, "counts-unbalanced", cause: cause,
      remedy: "nothing was published; keep the drop and report this as a defect of Sluice")
  }
}
