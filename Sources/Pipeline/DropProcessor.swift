import Diff
import Feeds
import Foundation
import Intake
import Ledger
import Outbox
import Records
import Streams
import Targets

/// Takes one claimed drop to its end: published, held, quarantined, or back in the inbox. Every way out is one ledger
/// transaction; what follows it can be done again after a crash.
struct DropProcessor {
  let workplace: Workplace
  let plan: FeedPlan
  let claim: Claim
  let started = Date()

  private var ledger: Ledger { workplace.ledger }
  private var project: Places { workplace.project }
  private var displayName: String { DisplayName.escape(claim.file.file) }
  private var mode: DropMode { DropMode(rawValue: claim.file.mode) ?? .full }

  /// Whether a person has taken the file out of the quarantine, where it belongs if nothing comes of it.
  var isFromQuarantine: Bool { claim.file.retry.map { !$0.isFromInbox } ?? false }

  /// As-of of the drop, seconds since 1970 UTC.
  var asOf: Int { UTCTime.seconds(claim.effectiveAsOf) ?? UTCTime.now() }

  func report(_ status: DropReport.Status, reason: String? = nil, message: String? = nil) -> DropReport {
    var report = DropReport(
      drop: claim.drop, file: displayName, feed: plan.feed.name, mode: claim.file.mode, status: status)
    report.reason = reason
    report.message = message
    report.seconds = Date().timeIntervalSince(started)
    return report
  }

  // MARK: - From claim to outcome

  /// Processes the drop, whose file is in `work/`.
  func process() throws(SluiceError) -> DropReport {
    do {
      let state = try workplace.state(of: plan)
      if claim.file.isAsOfCaptured || claim.file.retry != nil, mode == .full, let last = state.lastFullAsOf, asOf < last
      {
        let message = "it speaks for \(UTCTime.text(asOf)), but a full of \(UTCTime.text(last)) was published"
        return try archive(.stale, status: .stale, reason: "stale", message: message)
      }
      let (prepared, notes) = try prepareClaimed(state)
      return try decide(prepared, notes: notes, state: state)
    } catch {
      if error.code == FeedPause.code { return try paused() }
      return try isCommitted() ? unfinished(error) : fail(error)
    }
  }

  /// Whether the ledger already has the drop's outcome, so that nothing of it may be taken back.
  private func isCommitted() throws(SluiceError) -> Bool {
    try ledger.claim(of: claim.drop).map { $0.latest != .claimed } ?? false
  }

  /// A failure that leaves the claim open, mostly after the commit: the next command's recovery goes on with it.
  func unfinished(_ error: SluiceError) -> DropReport {
    var report = report(
      .failed, reason: error.code,
      message: "the outcome is recorded, but not everything could be put in its place: \(error.description); the next "
        + "command completes it")
    workplace.note(error, of: plan, in: &report)
    return report
  }

  /// Reads and stages the drop, unless somebody writes to it meanwhile: a rename takes the file's name from its writer,
  /// but not the open file.
  private func prepareClaimed(_ state: FeedState) throws(SluiceError) -> (PreparedDrop, [RejectNote]) {
    do throws(SluiceError) {
      let result = try prepare(state)
      try checkUnchanged()
      try DeliveryCheck(workplace: workplace, plan: plan, claim: claim).check(result.0)
      return result
    } catch {
      // What was read of a file in motion says nothing about the file.
      if error.kind == .damaged || error.kind == .incomplete { try checkUnchanged() }
      throw error
    }
  }

  private func checkUnchanged() throws(SluiceError) {
    guard let now = try FileSystem.status(of: workplace.claims.dataPath(of: claim.drop))?.identity else { return }
    // A copy from another file system has a time of its own.
    let isSameFile = now.inode == claim.file.inode
    if Int(now.size) == claim.file.bytes, !isSameFile || now.modified == claim.file.mtime { return }
    throw SluiceError(
      .incomplete, Self.changedCode, file: displayName, cause: "somebody wrote to the file after it was taken",
      remedy: "nothing: it is taken again once it is quiet")
  }

  /// Reads and stages the drop against `state`; with `keepsRemoved` without the removals of keys that vanished.
  func prepare(
    _ state: FeedState, keepsRemoved: Bool = false
  ) throws(SluiceError) -> (PreparedDrop, [RejectNote]) {
    var job = try DropJob(
      claim, plan: plan, path: workplace.claims.dataPath(of: claim.drop),
      staging: workplace.stagingDirectory(of: claim.drop), scratch: workplace.scratchDirectory(of: claim.drop),
      snapshots: try workplace.snapshotDirectory(of: plan), state: state, original: try ledger.original(of: claim))
    if let root = job.returnOf { job.otherReturns = try ledger.returns(of: root) }
    job.keepsRemoved = keepsRemoved
    job.isDurable = workplace.options.isDurable
    job.progress = progress
    let preparation = try DropPreparation(job)
    let prepared = try preparation.prepare()
    return (prepared, preparation.rejectNotes)
  }

  /// Tells the command line how far this drop is.
  private var progress: (@Sendable (Int, Int) -> Void)? {
    guard let tell = workplace.options.progress else { return nil }
    let name = displayName
    let total = claim.file.bytes
    return { rows, bytes in tell(name, rows, bytes, total) }
  }

  private func decide(
    _ prepared: PreparedDrop, notes: [RejectNote], state: FeedState
  ) throws(SluiceError) -> DropReport {
    let publisher = DropPublisher(processor: self)
    if claim.file.adoption != nil { return try publisher.adopt(prepared, notes: notes) }
    if let request = claim.file.request { return try publisher.answer(request, prepared) }
    if !claim.file.isForced, claim.file.retry == nil, let verdict = try repetition(prepared) {
      if verdict.isHeld { return try publisher.hold(prepared, notes: notes, reason: verdict.reason, verdict.message) }
      return try archive(
        .duplicate, status: .duplicate, reason: verdict.reason, message: verdict.message, prepared: prepared,
        state: spoken(state))
    }
    if let first = prepared.violations.first {
      let message = prepared.violations.map(\.message).joined(separator: "; ") + "; " + first.remedy
      return try publisher.hold(prepared, notes: notes, reason: first.code, message)
    }
    return try publisher.publish(prepared, notes: notes)
  }

  /// The state after a full that says what was published already: it has spoken for a later time all the same, so that
  /// what is older no longer changes anything. nil when nothing is new.
  private func spoken(_ state: FeedState) -> FeedState? {
    guard mode == .full, asOf > state.lastFullAsOf ?? Int.min, !state.segments.isEmpty else { return nil }
    var spoken = state
    spoken.lastFullAsOf = asOf
    return spoken
  }

  /// Whether the content was published before (`semantics.md`, "Time and order").
  private func repetition(
    _ prepared: PreparedDrop
  ) throws(SluiceError) -> (isHeld: Bool, reason: String, message: String)? {
    let (feed, former) = (plan.feed.name, plan.feed.formerName)
    guard let last = try ledger.lastPublication(feed: feed, formerly: former), last.definition == plan.definitionHash
    else { return nil }
    if last.mode == claim.file.mode, last.contentSHA256 == prepared.contentSHA256 {
      return (false, "duplicate", "publication \(last.publication) had the same content")
    }
    let content = try ledger.publishedContent(feed: feed, formerly: former, sha256: prepared.contentSHA256)
    guard let older = content.first(where: { $0.mode == claim.file.mode }), older.definition == plan.definitionHash
    else { return nil }
    if try ledger.hasResync(feed: feed, formerly: former, after: older.drop) { return nil }
    if claim.file.isAsOfCaptured, asOf > UTCTime.seconds(last.asOf) ?? 0 { return nil }
    if let sequence = claim.file.sequence {
      let sequences = try ledger.lastSequences(feed: feed, formerly: former)
      if sequence > sequences[claim.file.pattern] ?? Int.max { return nil }
    }
    return (
      true, "content-repeated",
      "publication \(older.publication) had the same content and others have followed it; release it if it is meant"
    )
  }

  // MARK: - Ways out without a publication

  /// Ends a drop that changes nothing: into the archive.
  func archive(
    _ kind: OutcomeKind, status: DropReport.Status, reason: String, message: String, prepared: PreparedDrop? = nil,
    state: FeedState? = nil
  ) throws(SluiceError) -> DropReport {
    var outcome = Outcome(drop: claim.drop, kind: kind, reason: reason, message: message)
    outcome.definition = plan.definitionHash
    if let prepared { outcome.totals = totals(prepared) }
    outcome.snapshot = state.map {
      LedgerSnapshot(publication: nil, segments: $0.segments, metadata: $0.encoded, feed: plan.feed.name)
    }
    // A full that repeats what is published says that this holds for its time.
    if kind == .duplicate { outcome.supersedes = try supersededDrops() }
    _ = try ledger.commit(outcome)
    try settle(kind)
    for other in outcome.supersedes { try workplace.finishSuperseded(other) }
    return report(status, reason: reason, message: message)
  }

  /// Held drops that a full overtakes: those that speak for an earlier time, or for the same and came before it.
  func supersededDrops() throws(SluiceError) -> [Int] {
    guard mode == .full else { return [] }
    return try ledger.heldDrops(feed: plan.feed.name, formerly: plan.feed.formerName).map(\.claim).filter { held in
      (UTCTime.seconds(held.effectiveAsOf) ?? .max, held.drop) < (asOf, claim.drop)
    }.map(\.drop)
  }

  /// What a failure means for the drop.
  func fail(_ failure: SluiceError) throws(SluiceError) -> DropReport {
    let error = failure.aboutSnapshot(of: plan.feed.name)
    let message = error.description
    // Back in the inbox, a file that is to be adopted would be published by the next run; a request was never there,
    // and one from the quarantine was given up before.
    let isFinal = claim.file.isOwnCopy || (isFromQuarantine && error.kind == .incomplete)
    let isDamaged = claim.file.adoption != nil || (isFinal && error.kind == .incomplete)
    switch isDamaged ? .damaged : error.kind {
    case .incomplete, .damaged:
      if !isFinal, error.kind == .incomplete, try !isOverdue(error) {
        return try giveBack(.returned, .waiting, error, message)
      }
      var outcome = Outcome(drop: claim.drop, kind: .quarantined, reason: error.code, message: message)
      outcome.definition = plan.definitionHash
      _ = try ledger.commit(outcome)
      try settle(.quarantined)
      return report(.quarantined, reason: error.code, message: message)
    case .environment, .definition:
      return try giveBack(.failed, .failed, error, message)
    }
  }

  /// An incomplete file that has not changed since an attempt longer ago than the feed allows.
  private func isOverdue(_ error: SluiceError) throws(SluiceError) -> Bool {
    let file = claim.file
    guard error.code != Self.changedCode, let known = try ledger.returnedFile(before: claim),
      let since = UTCTime.seconds(known.lastSeen),
      known.inode == file.inode, known.bytes == file.bytes, known.mtime == file.mtime
    else { return false }
    return Double(UTCTime.now() - since) >= plan.feed.intake.incompleteAfter
  }

  /// The file could not be claimed: it changed under our eyes, or its place can not be written.
  func abandonClaim(_ error: SluiceError) throws(SluiceError) -> DropReport {
    let isGone = error.kind == .incomplete
    var outcome = Outcome(
      drop: claim.drop, kind: isGone ? .returned : .failed, reason: error.code, message: error.description)
    outcome.definition = plan.definitionHash
    _ = try ledger.commit(outcome)
    var report = report(isGone ? .waiting : .failed, reason: error.code, message: error.description)
    if isGone { report.drop = nil }
    if try settle(outcome.kind) != outcome.kind { report = nameTaken() }
    if !isGone { workplace.note(error, of: plan, in: &report) }
    return report
  }

  private func giveBack(
    _ kind: OutcomeKind, _ status: DropReport.Status, _ error: SluiceError, _ message: String
  ) throws(SluiceError) -> DropReport {
    var outcome = Outcome(drop: claim.drop, kind: kind, reason: error.code, message: message)
    outcome.definition = plan.definitionHash
    _ = try ledger.commit(outcome)
    var report = report(status, reason: error.code, message: message)
    if status == .waiting { report.drop = nil }
    if try settle(kind) != kind { report = nameTaken() }
    if error.kind == .environment { workplace.note(error, of: plan, in: &report) }
    return report
  }

  /// Puts the claimed file where its outcome says, cleans up and closes the claim of a drop that was not published; may
  /// be repeated after a crash. Segments go only now: had the commit failed, a publication could still be completed.
  /// Gives back how the drop has ended: quarantined when the inbox has another file of its name.
  @discardableResult
  func settle(_ kind: OutcomeKind) throws(SluiceError) -> OutcomeKind {
    let name = claim.file.file
    try workplace.removeSegments(of: claim.drop, plan: plan)
    try Publisher.removeTree(workplace.stagingDirectory(of: claim.drop))
    try Publisher.removeTree(workplace.scratchDirectory(of: claim.drop))
    if claim.file.isOwnCopy { try workplace.claims.removePartialCopy(drop: claim.drop) }
    switch kind {
    case .returned where claim.file.isOwnCopy, .failed where claim.file.isOwnCopy:
      if try FileSystem.status(of: workplace.claims.dataPath(of: claim.drop)) != nil {
        _ = try workplace.claims.store(name: name, feed: plan.feed.name, drop: claim.drop, under: project.quarantine)
      }
    case .returned, .failed:
      if isFromQuarantine {
        _ = try workplace.claims.store(name: name, feed: plan.feed.name, drop: claim.drop, under: project.quarantine)
        break
      }
      do throws(SluiceError) {
        try workplace.claims.giveBack(name: name, marker: marker, drop: claim.drop)
      } catch {
        guard error.code == Self.nameTakenCode else { throw error }
        var outcome = Outcome(drop: claim.drop, kind: .quarantined, reason: error.code, message: nameTaken().message)
        outcome.definition = plan.definitionHash
        _ = try ledger.commit(outcome)
        return try settle(.quarantined)
      }
    case .quarantined:
      _ = try workplace.claims.store(name: name, feed: plan.feed.name, drop: claim.drop, under: project.quarantine)
    default:
      _ = try workplace.claims.store(name: name, feed: plan.feed.name, drop: claim.drop, under: project.archive)
    }
    try workplace.clean(claim.drop)
    workplace.finish(claim.drop)
    return kind
  }

  private static let nameTakenCode = "inbox-name-taken"
  private static let changedCode = "changed-while-reading"

  /// What there is to say of a drop that could not go back into the inbox: the newer file of its name is taken instead.
  func nameTaken() -> DropReport {
    let before = (try? ledger.drop(claim.drop))?.summary.message
    return report(
      .quarantined, reason: Self.nameTakenCode,
      message: "it could not go back into the inbox, where a newer file has its name"
        + (before.map { "; it was to go back because \($0)" } ?? ""))
  }

  /// The name of the marker that the feed wants beside the file; nil: none.
  var marker: String? {
    if claim.file.isOwnCopy || isFromQuarantine { return nil }
    // Of corrected rejects only when it came with them.
    if claim.file.parent != nil, !workplace.claims.hasMarker(of: claim.drop) { return nil }
    return plan.feed.intake.marker.flatMap { try? MarkerName($0).marker(of: claim.file.file) }
  }

  func totals(_ prepared: PreparedDrop) -> DropTotals {
    DropTotals(
      sha256: prepared.sha256, contentSHA256: prepared.contentSHA256, contentBytes: prepared.contentBytes,
      read: prepared.counts.read, rejected: prepared.counts.rejected, superseded: prepared.counts.superseded,
      accepted: prepared.counts.accepted, seconds: Date().timeIntervalSince(started))
  }
}
