import Feeds
import Intake
import Ledger
import Streams

/// How an earlier drop is taken again.
struct RetriedDrop {
  var retry: Retry
  /// Where its file is in the quarantine; nil: in the inbox.
  var path: String?
  /// The time that the earlier drop spoke for, which stays the same although it is claimed anew.
  var asOf: String

  /// Writes into a new claim which drop it takes again.
  func note(in claim: inout NewClaim) {
    claim.retry = retry
    claim.asOf = claim.asOf ?? asOf
  }
}

extension InboxRun {
  /// Takes a quarantined or failed drop again, under a number of its own and with today's definitions.
  ///
  /// Throws `drop-unknown`; `drop-not-retriable` for a drop with another fate; `retry-file-gone`; `retry-no-feed` when
  /// its name belongs to no feed today; `retry-unproven` when the file contradicted a marker that is gone; and what
  /// keeps any drop of the feed from being taken now.
  package func retry(_ drop: Int, reason: String) throws(SluiceError) -> DropReport {
    let options = workplace.options
    let decision = Decision(person: options.person, commandLine: options.commandLine, reason: reason)
    let reports = try recover()
    if let stopping = reports.first(where: \.stopsRun) { return stopping }
    defer { try? workplace.unlock() }
    return try workplace.locked { () throws(SluiceError) in
      let earlier = try retriable(drop)
      let claim = earlier.summary.claim
      let path = try StoredDrops.path(
        drop: drop, feed: claim.file.feed, name: claim.file.file, under: workplace.project.quarantine)
      let candidate = if let path { try stored(path, claim) } else { try inInbox(earlier) }
      guard let plan = workplace.plans[candidate.feed] else { throw Self.noFeed(claim) }
      try requireTurn(of: candidate, plan: plan, again: earlier, isStored: path != nil)
      let retried = RetriedDrop(
        retry: Retry(drop: drop, isFromInbox: path == nil, decision: decision), path: path, asOf: claim.effectiveAsOf)
      return try claimed(candidate, plan: plan, retried: retried) { (processor) throws(SluiceError) in
        try processor.process()
      }
    }
  }

  private func retriable(_ drop: Int) throws(SluiceError) -> DropDetail {
    guard let detail = try workplace.ledger.drop(drop) else {
      throw SluiceError(
        .definition, "drop-unknown", value: String(drop), cause: "the ledger has no drop of this number",
        remedy: "look it up with `sluice ledger list`")
    }
    let status = detail.summary.status
    guard status == .quarantined || status == .failed else {
      let remedy: String? =
        switch status {
        case .held: "decide on it with `sluice release` or `sluice discard`"
        case .waiting: "its file is in the inbox, and is taken again when it is whole"
        case .claimed: "it is under way, or goes on with the next command"
        default: nil
        }
      throw SluiceError(
        .definition, "drop-not-retriable", value: String(drop), cause: "the drop is \(status.rawValue)",
        remedy: remedy ?? "only quarantined and failed drops can be taken again; `sluice run --force FILE` takes a "
          + "file once more")
    }
    return detail
  }

  /// The file in the quarantine, as a file of its old name.
  private func stored(_ path: String, _ claim: Claim) throws(SluiceError) -> Candidate {
    let file = try InputFile(path: path).identity
    let name = claim.file.file
    let identity = Intake.FileIdentity(device: 0, inode: file.inode, size: file.size, modified: file.modified)
    if let parent = claim.file.parent {
      // Corrected rejects: no pattern knows them.
      var candidate = Candidate(
        name: name, identity: identity, feed: try workplace.plan(of: claim.file.feed).feed.name,
        pattern: claim.file.pattern, match: PatternMatch())
      candidate.parent = parent
      return candidate
    }
    switch try scan(asksForMarkers: false).assignment(of: name) {
    case .feed(let feed, let pattern, let match):
      return Candidate(name: name, identity: identity, feed: feed, pattern: pattern, match: match)
    case .rejects(_, otherwise: let hit?):
      return Candidate(name: name, identity: identity, feed: hit.feed, pattern: hit.pattern, match: hit.match)
    default: throw Self.noFeed(claim)
    }
  }

  /// The file that a failure has put back into the inbox, when it is still the same.
  private func inInbox(_ earlier: DropDetail) throws(SluiceError) -> Candidate {
    let claim = earlier.summary.claim
    if earlier.summary.status == .failed, earlier.retriedBy.isEmpty {
      let listing = try scan(asksForMarkers: true).list(workplace.project.inbox)
      let found = listing.candidates.first {
        $0.name == claim.file.file && Int($0.identity.size) == claim.file.bytes
          && $0.identity.modified == claim.file.mtime
      }
      if var found, claim.file.parent == nil || found.parent == claim.file.parent {
        found.parent = claim.file.parent
        if found.parent != nil { found.match = PatternMatch() }
        return found
      }
    }
    let again = earlier.retriedBy.last.map { ", it was taken again as drop \($0)" } ?? ""
    throw SluiceError(
      .definition, "retry-file-gone", file: DisplayName.escape(claim.file.file), value: String(claim.drop),
      cause: "the file of the drop is no longer where it was left\(again)",
      remedy: again.isEmpty
        ? "bring it back under its name in quarantine/, or have it sent again"
        : "look at that drop with `sluice ledger show`")
  }

  /// Throws what keeps the drop from being taken just now.
  private func requireTurn(
    of candidate: Candidate, plan: FeedPlan, again earlier: DropDetail, isStored: Bool
  ) throws(SluiceError) {
    let feed = plan.feed.name
    let name = DisplayName.escape(candidate.name)
    try workplace.requireRecovered(plan)
    try workplace.requireRunning(plan)
    let ofMarker = ["checksum-mismatch", "size-mismatch", "rows-mismatch", "marker-unreadable", "marker-missing"]
    if isStored, plan.feed.intake.markerForm != nil, ofMarker.contains(earlier.summary.reason ?? "") {
      throw SluiceError(
        .definition, "retry-unproven", file: name,
        cause: "the file did not stand up to its marker, which is not there any more",
        remedy: "have file and marker sent again, or take `marker_holds` out of the feed")
    }
    let patterns = plan.feed.patterns
    let isPatternDelta = patterns.indices.contains(candidate.pattern) && patterns[candidate.pattern].mode == .delta
    if candidate.parent != nil || isPatternDelta,
      let held = try workplace.ledger.heldDrops(feed: feed, formerly: plan.feed.formerName).first
    {
      throw SluiceError(
        .definition, "behind-held", file: name, cause: "drop \(held.claim.drop) of the feed is held",
        remedy: "`sluice release` or `sluice discard` it first")
    }
    guard plan.feed.intake.isSequenceContinuous, let sequence = candidate.match.sequence else { return }
    let last = try workplace.ledger.lastSequences(feed: feed, formerly: plan.feed.formerName)[candidate.pattern]
    if let last, sequence > last + 1 {
      throw SluiceError(
        .definition, "sequence-gap", file: name, cause: "sequence \(last + 1) has not come yet, this is \(sequence)",
        remedy: "have the missing drop delivered, or take it again, first")
    }
  }

  /// A look at names; who takes up a file by hand has looked whether it is whole, so that markers need not be there.
  func scan(asksForMarkers: Bool) throws(SluiceError) -> InboxScan {
    var feeds: [IntakeFeed] = []
    for plan in workplace.plans.values.sorted(by: { $0.feed.name < $1.feed.name }) {
      if asksForMarkers {
        feeds.append(try IntakeFeed(plan.feed))
      } else {
        var rules = plan.feed.intake
        (rules.marker, rules.markerForm) = (nil, nil)
        feeds.append(try IntakeFeed(name: plan.feed.name, patterns: plan.feed.patterns, rules: rules))
      }
    }
    return InboxScan(feeds: feeds)
  }

  private static func noFeed(_ claim: Claim) -> SluiceError {
    SluiceError(
      .definition, "retry-no-feed", file: DisplayName.escape(claim.file.file), value: String(claim.drop),
      cause: "the name of the drop belongs to no feed, or to more than one",
      remedy: "add it to the `files` of the feed that it is for")
  }
}
