import Feeds
import Intake
import Ledger
import Streams

extension DropJob {
  /// The job of a claimed drop whose file is at `path`: what its claim says of it, and that of the `original`, whose
  /// name the patterns of the feed match. The rest is told by the caller; `isDurable` and `keepsRemoved` are off, and
  /// nobody is told of progress.
  init(
    _ claim: Claim, plan: FeedPlan, path: String, staging: String, scratch: String, snapshots: String,
    state: FeedState, original: Claim
  ) throws(SluiceError) {
    let zone = try FeedZone(plan.feed.zone)
    let now = UTCTime.seconds(claim.file.now ?? claim.claimedAt) ?? UTCTime.now()
    var captures: [String: String] = [:]
    if plan.feed.patterns.indices.contains(claim.file.pattern) {
      let pattern = try CompiledPattern(plan.feed.patterns[claim.file.pattern])
      captures = pattern.match(original.file.file)?.captures ?? [:]
    }
    self.init(
      drop: claim.drop, plan: plan, path: path, displayName: DisplayName.escape(claim.file.file),
      mode: DropMode(rawValue: claim.file.mode) ?? .full,
      asOf: UTCTime.seconds(claim.effectiveAsOf) ?? UTCTime.now(), captures: captures,
      now: .datetime(seconds: zone.wall(utc: Int64(now))), staging: staging, scratch: scratch, snapshots: snapshots,
      state: state, returnOf: claim.file.parent == nil ? nil : original.drop, request: claim.file.request,
      isDurable: false)
  }
}

extension Ledger {
  /// The claim of the file that a feed's pattern matched: of corrected rejects, that which they were rejected from.
  func original(of claim: Claim) throws(SluiceError) -> Claim {
    var original = claim
    while let parent = original.file.parent, let origin = try self.claim(of: parent) { original = origin }
    return original
  }
}
