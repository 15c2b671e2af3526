import Feeds
import Foundation
import Intake
import Ledger
import Outbox
import Streams

/// One round over the inbox: recovery, then every ready drop of every feed, in order.
package final class InboxRun {
  private let workplace: Workplace
  private var gate: InboxGate

  /// Prepares a run; opens the ledger and makes missing places.
  package init(project: Places, feeds: [FeedDefinition], options: RunOptions) throws(SluiceError) {
    workplace = try Workplace(project: project, feeds: feeds, options: options)
    var intake: [IntakeFeed] = []
    for feed in feeds {
      intake.append(try IntakeFeed(name: feed.name, patterns: feed.patterns, rules: feed.intake))
    }
    gate = InboxGate(inbox: project.inbox, feeds: intake)
  }

  /// Processes what is ready, waiting at most the feeds' quiet time. With `files` only those, which are copied into
  /// the inbox when they stand elsewhere. `willWait` is told how long it waits.
  package func run(
    files: [String] = [], willWait: (Double) -> Void = { _ in }
  ) throws(SluiceError) -> [DropReport] {
    var reports = try workplace.locked { () throws(SluiceError) in try Recovery(workplace: workplace).run() }
    if reports.contains(where: \.isEnvironmentFailure) { return reports }
    var wanted: Set<String>?
    if !files.isEmpty {
      var names: Set<String> = []
      for file in files { names.insert(try InboxCopy.bring(file, into: workplace.project.inbox)) }
      wanted = names
    }
    let passage = try gate.settle { (seconds) throws(SluiceError) in
      willWait(seconds)
      Pause.seconds(seconds)
    }
    reports += try process(passage, wanted: wanted)
    return reports
  }

  /// Looks once without waiting and processes what is ready: one turn of `watch`.
  package func turn() throws(SluiceError) -> [DropReport] {
    let passage = try gate.look()
    return try process(passage, wanted: nil).filter { $0.status != .waiting }
  }

  /// Completes or undoes what an interrupted run left.
  package func recover() throws(SluiceError) -> [DropReport] {
    try workplace.locked { () throws(SluiceError) in try Recovery(workplace: workplace).run() }
  }

  private func process(_ passage: InboxGate.Passage, wanted: Set<String>?) throws(SluiceError) -> [DropReport] {
    let reports = try takeAll(passage, wanted: wanted)
    try workplace.unlock()
    return reports
  }

  private func takeAll(_ passage: InboxGate.Passage, wanted: Set<String>?) throws(SluiceError) -> [DropReport] {
    var reports: [DropReport] = []
    var waiting: [DropReport] = passage.waiting.map(Self.waiting)
    let only = workplace.options.feed
    for candidate in passage.overdue
    where (only == nil || only == candidate.feed) && wanted?.contains(candidate.name) != false {
      guard let plan = workplace.plans[candidate.feed] else { continue }
      waiting.removeAll { $0.file == DisplayName.escape(candidate.name) }
      reports.append(try give(up: candidate, plan: plan))
      if reports.last?.isEnvironmentFailure == true { return reports }
    }
    for feed in Set(passage.ready.map(\.candidate.feed)).sorted() where only == nil || only == feed {
      guard let plan = workplace.plans[feed] else { continue }
      let mine = passage.ready.filter {
        $0.candidate.feed == feed && wanted?.contains($0.candidate.name) != false
      }
      var broken: [Int: Int] = [:]
      for drop in try inOrder(mine, plan: plan, waiting: &waiting) {
        if let missing = broken[drop.candidate.pattern], drop.candidate.match.sequence != nil {
          waiting.append(Self.waiting(DropOrder.gap(before: drop, missing: missing)))
          continue
        }
        guard let report = try take(drop, plan: plan) else { continue }
        reports.append(report)
        if report.isEnvironmentFailure { return reports }
        if isGapless(plan), report.leavesGap { broken[drop.candidate.pattern] = drop.candidate.match.sequence }
      }
    }
    guard let wanted else { return reports + waiting.filter { only == nil || $0.feed == only } }
    let names = Set(wanted.map { DisplayName.escape($0) })
    reports += waiting.filter { names.contains($0.file) && (only == nil || $0.feed == only) }
    let told = Set(reports.map(\.file))
    return reports + names.subtracting(told).sorted().map(untaken)
  }

  /// A file that was named on the command line and that no look at the inbox would ever take.
  private func untaken(_ name: String) -> DropReport {
    var report = DropReport(file: name, feed: nil, status: .waiting)
    if let only = workplace.options.feed, !IgnoredNames.isIgnored(name) {
      report.reason = "other-feed"
      report.message = "it is no file of the feed \(only); leave out --feed, or name another one"
    } else {
      report.reason = "name-ignored"
      report.message = "names like this one are markers or files still being written; deliver it under its own name"
    }
    return report
  }

  private func inOrder(
    _ drops: [ReadyDrop], plan: FeedPlan, waiting: inout [DropReport]
  ) throws(SluiceError) -> [ReadyDrop] {
    let zone = try FeedZone(plan.feed.zone)
    let sorted = DropOrder.sorted(drops, claimTime: zone.wall(utc: Int64(UTCTime.now())))
    guard isGapless(plan) else { return sorted }
    let last = try workplace.ledger.lastSequences(feed: plan.feed.name)
    let split = DropOrder.splitAtGaps(sorted, lastPublished: last)
    waiting += split.waiting.map(Self.waiting)
    return split.ready
  }

  private func isGapless(_ plan: FeedPlan) -> Bool {
    plan.feed.intake.isSequenceContinuous && !workplace.options.isForced
  }

  private static func waiting(_ file: WaitingFile) -> DropReport {
    var report = DropReport(file: file.name, feed: file.feed, status: .waiting)
    report.reason = file.reason.rawValue
    report.message = "\(file.message); \(file.reason.remedy)"
    return report
  }

  // MARK: - One drop

  private func take(_ drop: ReadyDrop, plan: FeedPlan) throws(SluiceError) -> DropReport? {
    try workplace.lockedTurn(bytes: Int(drop.candidate.identity.size)) { () throws(SluiceError) in
      if let report = try standingReason(drop.candidate, plan: plan) { return report }
      return try claimed(drop.candidate, plan: plan) { (processor) throws(SluiceError) in try processor.process() }
    }
  }

  /// Quarantines a file whose marker has not come in time.
  private func give(up candidate: Candidate, plan: FeedPlan) throws(SluiceError) -> DropReport {
    let missing = SluiceError(
      .damaged, WaitingReason.markerMissing.rawValue, file: DisplayName.escape(candidate.name),
      cause:
        "the file has not changed for \(Int(plan.feed.intake.incompleteAfter)) seconds and its marker has not come",
      remedy: "have the file sent again with its marker")
    return try workplace.locked { () throws(SluiceError) in
      try claimed(candidate, plan: plan) { (processor) throws(SluiceError) in try processor.fail(missing) }
    }
  }

  private func claimed(
    _ candidate: Candidate, plan: FeedPlan, _ body: (DropProcessor) throws(SluiceError) -> DropReport
  ) throws(SluiceError) -> DropReport {
    let claim = try workplace.claim(newClaim(candidate, plan: plan))
    let processor = DropProcessor(workplace: workplace, plan: plan, claim: claim)
    do throws(SluiceError) {
      _ = try workplace.claims.claim(candidate, drop: claim.drop)
    } catch {
      return try processor.abandonClaim(error)
    }
    return try body(processor)
  }

  /// Why a ready file is not taken all the same: it was found incomplete and has not changed since, or its feed has
  /// a held drop.
  private func standingReason(_ candidate: Candidate, plan: FeedPlan) throws(SluiceError) -> DropReport? {
    let known = try workplace.ledger.returnedFiles().first {
      $0.feed == candidate.feed && $0.file == candidate.name && $0.inode == candidate.identity.inode
        && $0.bytes == Int(candidate.identity.size) && $0.mtime == candidate.identity.modified
    }
    if let known, let since = UTCTime.seconds(known.lastSeen),
      Double(UTCTime.now() - since) < plan.feed.intake.incompleteAfter
    {
      return waiting(
        candidate, reason: known.reason ?? "incomplete",
        "it was not complete when it was read and has not changed since \(known.lastSeen)")
    }
    let held = try workplace.ledger.heldDrops(feed: candidate.feed)
    guard let first = held.first, mode(candidate, plan) == .delta else { return nil }
    return waiting(
      candidate, reason: "behind-held",
      "drop \(first.claim.drop) of the feed is held; `sluice release` or `sluice discard` it first")
  }

  private func waiting(_ candidate: Candidate, reason: String, _ message: String) -> DropReport {
    var report = DropReport(file: DisplayName.escape(candidate.name), feed: candidate.feed, status: .waiting)
    report.reason = reason
    report.message = message
    return report
  }

  private func mode(_ candidate: Candidate, _ plan: FeedPlan) -> DropMode {
    plan.feed.patterns[candidate.pattern].mode
  }

  private func newClaim(_ candidate: Candidate, plan: FeedPlan) throws(SluiceError) -> NewClaim {
    let zone = try FeedZone(plan.feed.zone)
    let asOf = candidate.match.asOf.map { UTCTime.text(Int(zone.utc(wall: $0))) }
    return NewClaim(
      feed: candidate.feed, mode: mode(candidate, plan).rawValue, file: candidate.name, pattern: candidate.pattern,
      bytes: Int(candidate.identity.size), inode: candidate.identity.inode, mtime: candidate.identity.modified,
      asOf: asOf, isAsOfCaptured: asOf != nil, sequence: candidate.match.sequence,
      now: workplace.options.now.map(UTCTime.text))
  }
}
