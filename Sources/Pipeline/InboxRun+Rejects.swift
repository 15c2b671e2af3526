import Feeds
import Intake
import Ledger
import Streams

/// Reject files that come back corrected: a delta that speaks for the time of the drop that they were rejected from.
extension InboxRun {
  /// `drops` with what is only called like a reject file told apart; what can not be taken waits, with the reason.
  func resolvingParents(_ drops: [ReadyDrop], waiting: inout [DropReport]) throws(SluiceError) -> [ReadyDrop] {
    let feeds = workplace.plans.values.map(\.feed)
    let rejects = ReturnedRejects(ledger: workplace.ledger, feeds: feeds, inbox: workplace.project.inbox)
    var resolved: [ReadyDrop] = []
    for var drop in drops {
      switch try rejects.verdict(drop.candidate) {
      case .taken(let candidate):
        drop.candidate = candidate
        resolved.append(drop)
      case .waiting(let candidate, let reason, let message):
        waiting.append(self.waiting(candidate, reason: reason, message))
      }
    }
    return resolved
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
