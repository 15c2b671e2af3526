import Feeds
import Intake
import Ledger
import Streams

/// Reject files that come back corrected: a delta that speaks for the time of the drop that they were rejected from.
extension InboxRun {
  /// `drops` of a feed with those whose names are that of a reject file told apart: as what comes back, when the ledger
  /// has such rejects; as a file of the feed, when one of its patterns matches; else they wait, with the reason.
  func resolvingParents(
    _ drops: [ReadyDrop], plan: FeedPlan, waiting: inout [DropReport]
  ) throws(SluiceError) -> [ReadyDrop] {
    var resolved: [ReadyDrop] = []
    for var drop in drops {
      guard let number = drop.candidate.parent else {
        resolved.append(drop)
        continue
      }
      let parent = try workplace.ledger.drop(number)?.summary
      guard let parent, parent.rejectFile != nil, isOf(plan, parent.claim) else {
        if drop.candidate.pattern >= 0 {
          drop.candidate.parent = nil
          resolved.append(drop)
        } else {
          waiting.append(
            self.waiting(
              drop.candidate, reason: "parent-unknown",
              "the ledger has no drop \(number) of the feed with rejects; a file of this name holds corrected rejects, "
                + "so look the number up with `sluice ledger list`"))
        }
        continue
      }
      guard [.published, .unchanged, .held].contains(parent.status) else {
        waiting.append(
          self.waiting(
            drop.candidate, reason: "parent-unpublished",
            "drop \(number) is \(parent.status.rawValue) and was not published, so that its rejects mean nothing; take "
              + "the file out of the inbox"))
        continue
      }
      drop.candidate.match = PatternMatch()
      resolved.append(drop)
    }
    return resolved
  }

  private func isOf(_ plan: FeedPlan, _ claim: Claim) -> Bool {
    claim.file.feed == plan.feed.name || claim.file.feed == plan.feed.formerName
  }

  /// The claim of corrected rejects of drop `parent`: a delta that speaks for its time.
  func newClaim(_ candidate: Candidate, parent: Int, plan: FeedPlan) throws(SluiceError) -> NewClaim {
    guard let origin = try workplace.ledger.claim(of: parent) else {
      throw SluiceError(
        .environment, "ledger-damaged", cause: "the ledger has lost drop \(parent)",
        remedy: "restore ledger and snapshots from one backup")
    }
    return NewClaim(
      feed: candidate.feed, mode: DropMode.delta.rawValue, file: candidate.name, pattern: origin.file.pattern,
      bytes: Int(candidate.identity.size), inode: candidate.identity.inode, mtime: candidate.identity.modified,
      asOf: origin.effectiveAsOf, isAsOfCaptured: true, now: workplace.options.now.map(UTCTime.text),
      isForced: workplace.options.isForced, parent: parent)
  }
}
