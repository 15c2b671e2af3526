import Streams

extension Workplace {
  /// What happens to the drops of one feed: its snapshot, the places of its drops, and defects that a drop brings out.
  private static let codesOfFeed: Set<String> = [
    "snapshot-damaged", "file-truncated", "inbox-name-taken", "outbox-name-taken", "archive-name-taken",
    "staging-name-taken", "drop-number-taken", "staged-file-changed", "copy-differs", "drop-changed",
    "counts-unbalanced", "image-inconsistent", "internal-error", "read-unfinished",
  ]

  /// Whether a failure keeps back the feed alone; the ledger, a full disk and the places that feeds share concern all.
  func isOfFeedAlone(_ error: SluiceError, _ plan: FeedPlan) -> Bool {
    guard error.kind == .environment, error.code != "disk-full" else { return false }
    if Self.codesOfFeed.contains(error.code) { return true }
    guard let file = error.file, !error.code.hasPrefix("ledger-") else { return false }
    let name = plan.feed.name
    var places = ["\(project.archive)/\(name)", "\(project.quarantine)/\(name)"]
    if let snapshots = try? snapshotDirectory(of: plan) { places.append(snapshots) }
    return places.contains { file == $0 || file.hasPrefix($0 + "/") }
  }

  /// Notes a failure of the environment in the drop's report; one of the feed alone blocks the feed.
  func note(_ error: SluiceError, of plan: FeedPlan, in report: inout DropReport) {
    report.isEnvironmentFailure = true
    report.stopsRun = !isOfFeedAlone(error, plan)
    if !report.stopsRun { block(plan, error) }
  }
}
