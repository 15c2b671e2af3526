import Feeds
import Foundation
import Glibc
import Intake
import Ledger
import Outbox
import Streams

/// Completes or undoes what an interrupted command left behind, from the ledger and the directories alone.
struct Recovery {
  let workplace: Workplace

  private var ledger: Ledger { workplace.ledger }

  /// Brings every open claim to its end; drops that had only been claimed are processed again under their number. What
  /// can not be completed keeps back its feed, or everything.
  func run() throws(SluiceError) -> [DropReport] {
    var reports: [DropReport] = []
    for claim in try ledger.openClaims() {
      guard let plan = try? workplace.plan(of: claim.file.feed) else { throw Self.unknownFeed(claim) }
      guard workplace.blocked[plan.feed.name] == nil else { continue }
      let processor = DropProcessor(workplace: workplace, plan: plan, claim: claim)
      if claim.latest == .claimed, try workplace.isLeft(plan) { continue }
      do throws(SluiceError) {
        if let report = try recover(processor) { reports.append(report) }
      } catch {
        if error.kind == .definition { throw error }
        reports.append(processor.unfinished(error))
      }
      if reports.last?.stopsRun == true { break }
    }
    try workplace.recordFinished()
    return reports
  }

  private func recover(_ processor: DropProcessor) throws(SluiceError) -> DropReport? {
    let claim = processor.claim
    switch claim.latest {
    case .claimed: return try resume(processor)
    case .published, .released, .unchanged:
      guard let plan: PublicationPlan = try plan(of: claim.drop) else { throw Self.planMissing(claim) }
      let publisher = DropPublisher(processor: processor)
      try publisher.complete(plan)
      return nil
    case .held:
      guard let plan: HeldPlan = try plan(of: claim.drop) else { throw Self.planMissing(claim) }
      try DropPublisher(processor: processor).completeHold(plan)
      return nil
    case .returned: return try settle(processor, .returned)
    case .failed: return try settle(processor, .failed)
    case .quarantined: return try settle(processor, .quarantined)
    case .superseded: return try settle(processor, .superseded)
    case .discarded: return try settle(processor, .discarded)
    case .duplicate: return try settle(processor, .duplicate)
    case .stale: return try settle(processor, .stale)
    default: return nil
    }
  }

  private func settle(_ processor: DropProcessor, _ kind: OutcomeKind) throws(SluiceError) -> DropReport? {
    try processor.settle(kind) == kind ? nil : processor.nameTaken()
  }

  /// A drop that was claimed, and perhaps read, but not committed: all of it again, with its number and claim time.
  private func resume(_ processor: DropProcessor) throws(SluiceError) -> DropReport? {
    let claim = processor.claim
    try workplace.removeSegments(of: claim.drop, plan: processor.plan)
    try Publisher.removeTree(workplace.stagingDirectory(of: claim.drop))
    try Publisher.removeTree(workplace.scratchDirectory(of: claim.drop))
    if try FileSystem.status(of: workplace.heldDirectory(of: claim.drop)) != nil {
      try Publisher.removeTree(workplace.heldDirectory(of: claim.drop))
    }
    if let error = try completeClaim(processor) { return try processor.abandonClaim(error) }
    if let marker = processor.marker, try !workplace.claims.completeMarker(marker, drop: claim.drop) {
      return try processor.fail(
        SluiceError(
          .incomplete, WaitingReason.markerMissing.rawValue, file: DisplayName.escape(claim.file.file),
          cause: "the file was claimed to be given up, because its marker had not come",
          remedy: "have the file sent again with its marker"))
    }
    return try processor.process()
  }

  /// Moves into `work/` what an interrupted claim left in the inbox: the file, or the original of a copied one. Gives
  /// back why the drop can not be claimed.
  private func completeClaim(_ processor: DropProcessor) throws(SluiceError) -> SluiceError? {
    let claim = processor.claim
    let claims = workplace.claims
    let stored = try storedFile(claim)
    let candidate = stored == nil ? try candidate(processor) : nil
    do throws(SluiceError) {
      if let (path, identity) = stored {
        try claims.claimStored(path, identity, name: claim.file.file, drop: claim.drop)
      } else if let candidate {
        _ = try claims.claim(candidate, drop: claim.drop)
      } else if try FileSystem.status(of: claims.dataPath(of: claim.drop)) == nil {
        if processor.claim.file.isOwnCopy {
          return SluiceError(
            .incomplete, "command-interrupted", file: DisplayName.escape(claim.file.file),
            cause: "the command was interrupted before what it asked for was written down; nothing was done",
            remedy: "give the command again")
        }
        return SluiceError(
          .incomplete, "changed-while-claiming", file: DisplayName.escape(claim.file.file),
          cause: "the file changed or vanished while it was being claimed",
          remedy: "nothing: it is looked at anew when it is quiet")
      }
      return nil
    } catch {
      return error
    }
  }

  /// The file in the quarantine that was about to be taken again, and what it was like then.
  private func storedFile(_ claim: Claim) throws(SluiceError) -> (String, Intake.FileIdentity)? {
    let file = claim.file
    guard let retry = file.retry, !retry.isFromInbox, let earlier = try ledger.claim(of: retry.drop),
      let path = try StoredDrops.path(
        drop: retry.drop, feed: earlier.file.feed, name: file.file, under: workplace.project.quarantine)
    else { return nil }
    return (
      path, Intake.FileIdentity(device: 0, inode: file.inode, size: Int64(file.bytes), modified: file.mtime)
    )
  }

  /// The file that was about to be claimed, when it still stands in the inbox as it was.
  private func candidate(_ processor: DropProcessor) throws(SluiceError) -> Candidate? {
    let file = processor.claim.file
    let feed = processor.plan.feed
    // One in the inbox that looks the same is another delivery then.
    if processor.isFromQuarantine { return nil }
    return try InboxScan(feeds: [IntakeFeed(feed)]).list(
      workplace.project.inbox
    ).candidates.first {
      $0.name == file.file && $0.identity.inode == file.inode && Int($0.identity.size) == file.bytes
        && $0.identity.modified == file.mtime
    }
  }

  private func plan<Plan: Decodable>(of drop: Int) throws(SluiceError) -> Plan? {
    guard let bytes = try ledger.plan(drop: drop) else { return nil }
    return try? JSONDecoder().decode(Plan.self, from: Data(bytes))
  }

  /// Numbers never go back: what stands in the outbox or the archive must not be ahead of the ledger.
  func checkNumbers() throws(SluiceError) {
    let last = try ledger.lastNumbers()
    let manifests = try? FileSystem.list(workplace.project.outbox + "/manifests").names
    let published = (manifests ?? []).compactMap(OutboxName.publication(of:)).max() ?? 0
    var drops = 0
    for place in [workplace.project.archive, workplace.project.quarantine, workplace.project.snapshots] {
      for feed in (try? FileSystem.list(place).names) ?? [] {
        let names = try? FileSystem.list("\(place)/\(feed)").names
        drops = max(drops, (names ?? []).compactMap(OutboxName.publication(of:)).max() ?? 0)
      }
    }
    guard published > last.publication || drops > last.drop else { return }
    throw SluiceError(
      .environment, "ledger-behind", file: workplace.project.ledger,
      cause: "the ledger ends at drop \(last.drop), publication \(last.publication), but drop \(drops) or publication "
        + "\(published) is there",
      remedy: "the ledger was restored from an older backup: restore outbox, archive and snapshots with it, or bring "
        + "back the newer ledger")
  }

  /// Removes what processes that are gone left without a claim: shadows of dry runs, replays of snapshots, and half
  /// copies into the inbox.
  func removeStrays() throws(SluiceError) {
    let (work, inbox) = (workplace.project.work, workplace.project.inbox)
    let owner = { (name: String) in DryRun.process(of: name) ?? SnapshotRebuild.process(of: name) }
    for name in try FileSystem.list(work).names where owner(name).map(Self.isGone) == true {
      try Publisher.removeTree("\(work)/\(name)")
    }
    for name in try FileSystem.list(inbox).names where InboxCopy.process(of: name).map(Self.isGone) == true {
      try FileSystem.remove("\(inbox)/\(name)")
    }
  }

  private static func isGone(_ process: Int32) -> Bool { kill(process, 0) != 0 && errno == ESRCH }

  private static func unknownFeed(_ claim: Claim) -> SluiceError {
    SluiceError(
      .definition, "feed-missing", field: claim.file.feed,
      cause: "drop \(claim.drop) of this feed was interrupted, but no definition has the feed",
      remedy: "bring back the definition, run once, and take it away afterwards")
  }

  private static func planMissing(_ claim: Claim) -> SluiceError {
    SluiceError(
      .environment, "ledger-damaged", value: String(claim.drop),
      cause: "the ledger has a committed drop without its plan", remedy: "restore the ledger from a backup")
  }
}
