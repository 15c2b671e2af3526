import Feeds
import Foundation
import Intake
import Ledger
import Outbox
import Streams

/// One round over the inbox: recovery, then every ready drop of every feed, in order.
package final class InboxRun {
  let workplace: Workplace
  private var gate: InboxGate
  private let clock: () -> Double
  /// Feeds that failed by themselves, and when they are tried again.
  private var resting: [String: Double] = [:]
  /// Seconds after which `turn` tries a feed again.
  private static let rest = 30.0

  /// Prepares a run; opens the ledger and makes missing places. `clock` gives monotonic seconds.
  package init(
    project: Places, feeds: [FeedDefinition], options: RunOptions,
    clock: @escaping () -> Double = QuietWatch.monotonicSeconds
  ) throws(SluiceError) {
    workplace = try Workplace(project: project, feeds: feeds, options: options)
    self.clock = clock
    var intake: [IntakeFeed] = []
    for feed in feeds {
      intake.append(try IntakeFeed(feed))
    }
    gate = InboxGate(inbox: project.inbox, feeds: intake)
  }

  /// Processes what is ready, waiting at most the feeds' quiet time. With `files` only those, which are copied into
  /// the inbox when they stand elsewhere. `willWait` is told how long it waits, `tell` of each drop when it is done.
  @discardableResult
  package func run(
    files: [String] = [], willWait: (Double) -> Void = { _ in },
    tell: (DropReport) throws(SluiceError) -> Void = { _ in }
  ) throws(SluiceError) -> [DropReport] {
    var reports = try recover()
    for report in reports { try tell(report) }
    if reports.contains(where: \.stopsRun) { return reports }
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
    reports += try process(passage, wanted: wanted, shouldStop: { false }, tell: tell)
    return reports
  }

  /// Looks once without waiting and processes what is ready: one turn of `watch`. `shouldStop` is asked after each
  /// drop, `tell` told of it. A feed that failed by itself is left alone for half a minute.
  @discardableResult
  package func turn(
    shouldStop: () -> Bool = { false }, tell: (DropReport) throws(SluiceError) -> Void = { _ in }
  ) throws(SluiceError) -> [DropReport] {
    for (feed, end) in resting where end <= clock() {
      resting[feed] = nil
      workplace.unblock(feed)
    }
    defer { for feed in workplace.blocked.keys where resting[feed] == nil { resting[feed] = clock() + Self.rest } }
    try workplace.recoverIfFree()
    var reports = workplace.takeRecovered()
    for report in reports { try tell(report) }
    if reports.contains(where: \.stopsRun) { return reports }
    let passage = try gate.look()
    let taken = try process(passage, wanted: nil, shouldStop: shouldStop) { (report) throws(SluiceError) in
      if report.status != .waiting { try tell(report) }
    }
    reports += taken.filter { $0.status != .waiting }
    return reports
  }

  /// Completes or undoes what an interrupted run left.
  package func recover() throws(SluiceError) -> [DropReport] {
    try workplace.locked { () throws(SluiceError) in }
    return workplace.takeRecovered()
  }

  private func process(
    _ passage: InboxGate.Passage, wanted: Set<String>?, shouldStop: () -> Bool,
    tell: (DropReport) throws(SluiceError) -> Void
  ) throws(SluiceError) -> [DropReport] {
    let reports: [DropReport]
    do throws(SluiceError) {
      reports = try takeAll(passage, wanted: wanted, shouldStop: shouldStop, tell: tell)
    } catch {
      // What is left to record is found by recovery; the failure is what there is to say.
      try? workplace.unlock()
      throw error
    }
    try workplace.unlock()
    return reports
  }

  private func takeAll(
    _ passage: InboxGate.Passage, wanted: Set<String>?, shouldStop: () -> Bool,
    tell: (DropReport) throws(SluiceError) -> Void
  ) throws(SluiceError) -> [DropReport] {
    var reports: [DropReport] = []
    /// Tells of a drop, and before it of what recovery found; false when nothing more is to be taken.
    func add(_ report: DropReport?) throws(SluiceError) -> Bool {
      let news = workplace.takeRecovered() + (report.map { [$0] } ?? [])
      reports += news
      for report in news { try tell(report) }
      return !news.contains(where: \.stopsRun) && !shouldStop()
    }
    var waiting: [DropReport] = passage.waiting.map(Self.waiting)
    let only = workplace.options.feed
    for candidate in passage.overdue
    where (only == nil || only == candidate.feed) && wanted?.contains(candidate.name) != false {
      guard let plan = workplace.plans[candidate.feed], try workplace.pause(of: plan) == nil else { continue }
      waiting.removeAll { $0.file == DisplayName.escape(candidate.name) }
      guard try add(give(up: candidate, plan: plan)) else { return reports }
    }
    let ready = try resolvingParents(passage.ready, waiting: &waiting)
    for feed in Set(ready.map(\.candidate.feed)).sorted() where only == nil || only == feed {
      guard let plan = workplace.plans[feed] else { continue }
      let mine = ready.filter {
        $0.candidate.feed == feed && wanted?.contains($0.candidate.name) != false
      }
      if let pause = try workplace.pause(of: plan) {
        waiting += mine.map {
          self.waiting($0.candidate, reason: FeedPause.waitingCode, pause.waiting(feed))
        }
        continue
      }
      var broken: [Int: Int] = [:]
      for drop in try inOrder(mine, plan: plan, waiting: &waiting) where workplace.blocked[feed] == nil {
        if let missing = broken[drop.candidate.pattern], drop.candidate.match.sequence != nil {
          waiting.append(Self.waiting(DropOrder.gap(before: drop, missing: missing)))
          continue
        }
        let report = try take(drop, plan: plan)
        guard try add(report) else { return reports }
        let leavesGap = report?.leavesGap == true && isGapless(plan)
        if leavesGap { broken[drop.candidate.pattern] = drop.candidate.match.sequence }
      }
    }
    let rest = unprocessed(waiting, told: reports, wanted: wanted)
    for report in rest { try tell(report) }
    return reports + rest
  }

  /// What stays in the inbox: all of it, or of the files that were named.
  private func unprocessed(
    _ waiting: [DropReport], told: [DropReport], wanted: Set<String>?
  ) -> [DropReport] {
    let only = workplace.options.feed
    let mine = waiting.filter { only == nil || $0.feed == only }
    guard let wanted else { return mine }
    let names = Set(wanted.map { DisplayName.escape($0) })
    let named = mine.filter { names.contains($0.file) }
    return named + names.subtracting((told + named).map(\.file)).sorted().map(untaken)
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
    let last = try workplace.ledger.lastSequences(
      feed: plan.feed.name, formerly: plan.feed.formerName)
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
      guard workplace.mayTake(plan) else { return nil }
      if let pause = try workplace.pause(of: plan) {
        return waiting(drop.candidate, reason: FeedPause.waitingCode, pause.waiting(plan.feed.name))
      }
      if let report = try standingReason(drop.candidate, plan: plan) { return report }
      return try claimed(drop.candidate, plan: plan) { (processor) throws(SluiceError) in try processor.process() }
    }
  }

  /// Quarantines a file whose marker has not come in time.
  private func give(up candidate: Candidate, plan: FeedPlan) throws(SluiceError) -> DropReport? {
    let missing = SluiceError(
      .damaged, WaitingReason.markerMissing.rawValue, file: DisplayName.escape(candidate.name),
      cause:
        "the file has not changed for \(Int(plan.feed.intake.incompleteAfter)) seconds and its marker has not come",
      remedy: "have the file sent again with its marker")
    return try workplace.locked { () throws(SluiceError) -> DropReport? in
      guard workplace.mayTake(plan) else { return nil }
      return try claimed(candidate, plan: plan) { (processor) throws(SluiceError) in try processor.fail(missing) }
    }
  }

  func claimed(
    _ candidate: Candidate, plan: FeedPlan, adoption: Adoption? = nil, retried: RetriedDrop? = nil,
    _ body: (DropProcessor) throws(SluiceError) -> DropReport
  ) throws(SluiceError) -> DropReport {
    var file = try newClaim(candidate, plan: plan)
    file.adoption = adoption?.decision
    retried?.note(in: &file)
    return try claimed(file, plan: plan) { (drop) throws(SluiceError) in
      if let path = adoption?.path {
        try workplace.claims.claimCopy(of: path, drop: drop)
      } else if let path = retried?.path {
        try workplace.claims.claimStored(path, candidate.identity, name: candidate.name, drop: drop)
      } else {
        _ = try workplace.claims.claim(candidate, drop: drop)
      }
    } body: { (processor) throws(SluiceError) in
      try body(processor)
    }
  }

  /// Claims `file`, which `take` brings into `work/`, and hands it to `body`.
  func claimed(
    _ file: NewClaim, plan: FeedPlan, take: (Int) throws(SluiceError) -> Void,
    body: (DropProcessor) throws(SluiceError) -> DropReport
  ) throws(SluiceError) -> DropReport {
    let claim = try workplace.claim(file)
    let processor = DropProcessor(workplace: workplace, plan: plan, claim: claim)
    do throws(SluiceError) {
      do throws(SluiceError) {
        try take(claim.drop)
      } catch {
        return try processor.abandonClaim(error)
      }
      return try body(processor)
    } catch {
      // The other feeds go on; the claim stays open, and recovery goes on with it.
      guard workplace.isOfFeedAlone(error, plan) else { throw error }
      return processor.unfinished(error)
    }
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
    let held = try workplace.ledger.heldDrops(feed: candidate.feed, formerly: plan.feed.formerName)
    guard let first = held.first, mode(candidate, plan) == .delta else { return nil }
    return waiting(
      candidate, reason: "behind-held",
      "drop \(first.claim.drop) of the feed is held; `sluice release` or `sluice discard` it first")
  }

  func waiting(_ candidate: Candidate, reason: String, _ message: String) -> DropReport {
    var report = DropReport(file: DisplayName.escape(candidate.name), feed: candidate.feed, status: .waiting)
    report.reason = reason
    report.message = message
    return report
  }

  private func mode(_ candidate: Candidate, _ plan: FeedPlan) -> DropMode {
    candidate.parent == nil ? plan.feed.patterns[candidate.pattern].mode : .delta
  }

  func newClaim(_ candidate: Candidate, plan: FeedPlan) throws(SluiceError) -> NewClaim {
    if let parent = candidate.parent { return try newClaim(candidate, parent: parent, plan: plan) }
    let zone = try FeedZone(plan.feed.zone)
    let asOf = candidate.match.asOf.map { UTCTime.text(Int(zone.utc(wall: $0))) }
    return NewClaim(
      feed: candidate.feed, mode: mode(candidate, plan).rawValue, file: candidate.name, pattern: candidate.pattern,
      bytes: Int(candidate.identity.size), inode: candidate.identity.inode, mtime: candidate.identity.modified,
      asOf: asOf, isAsOfCaptured: asOf != nil, sequence: candidate.match.sequence,
      now: workplace.options.now.map(UTCTime.text), isForced: workplace.options.isForced)
  }
}
