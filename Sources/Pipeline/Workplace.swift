import Diff
import Feeds
import Foundation
import Intake
import Ledger
import Outbox
import Records
import Streams

/// A project with its feeds planned and its ledger open: what every command that changes something works on.
package final class Workplace {
  package let project: Places
  package let plans: [String: FeedPlan]
  package let ledger: Ledger
  package let options: RunOptions
  let claims: ClaimPlace
  private var lock: DropLock?
  /// Drops, and bytes of their files, for which the lock has been kept so far.
  private var turn = (drops: 0, bytes: 0)
  /// Drops of which nothing is left to do but to record that.
  private var finished: [Int] = []
  private var states: [String: (text: String, state: FeedState)] = [:]
  private var definitions: [String: ActiveDefinition] = [:]
  /// What recovery has to say and nobody was told yet.
  private var recovered: [DropReport] = []
  /// Feeds that failed by themselves: nothing of them is taken until they are unblocked.
  private(set) var blocked: [String: SluiceError] = [:]
  private var hasCheckedPlaces = false
  /// Of the ledger's entries up to this one nothing is left to do, but for blocked feeds.
  private var settledEntry = 0
  /// Paused feeds of which recovery has left a claimed drop as it is.
  private var left: Set<String> = []
  /// How many small drops that follow each other the lock is kept for, and how many bytes they may have together. Not
  /// a time: what a run does to the disk must not depend on how fast it is.
  private static let turnLimit = (drops: 32, bytes: 1 << 20)

  /// Opens the places of `project` and its ledger, making what is missing.
  package init(project: Places, feeds: [FeedDefinition], options: RunOptions) throws(SluiceError) {
    self.project = project
    self.options = options
    var plans: [String: FeedPlan] = [:]
    for feed in feeds { plans[feed.name] = try FeedPlan(feed) }
    self.plans = plans
    // A ledger that is not there yet must not appear where a definition is refused.
    let known =
      try FileSystem.status(of: project.ledger) == nil
      ? nil
      : Ledger.open(path: project.ledger, mode: .readWrite, durable: options.isDurable)
    try Self.checkSnapshots(project, feeds: feeds, ledger: known)
    for place in [
      project.inbox, project.work, project.outbox, project.archive, project.quarantine, project.snapshots,
    ] {
      try FileSystem.makeDirectories(place)
    }
    claims = ClaimPlace(inbox: project.inbox, work: project.work, durable: options.isDurable)
    if let known {
      ledger = known
    } else {
      ledger = try Ledger.open(path: project.ledger, mode: .readWrite, durable: options.isDurable)
    }
  }

  /// A snapshot that no feed goes on with is an error: its feed was renamed or lost, and would send everything anew.
  private static func checkSnapshots(
    _ project: Places, feeds: [FeedDefinition], ledger: Ledger?
  ) throws(SluiceError) {
    guard try FileSystem.status(of: project.snapshots) != nil else { return }
    let homes = try SnapshotHomes(ledger, feeds: feeds)
    var known = Set(feeds.map { homes.directory(of: $0) })
    if ledger == nil { known.formUnion(feeds.compactMap(\.formerName)) }
    for name in try FileSystem.list(project.snapshots).names.sorted() where !known.contains(name) {
      let directory = project.snapshots + "/" + name
      guard let segments = try? FileSystem.list(directory).names, !segments.isEmpty else { continue }
      let owner = homes.owner(of: name) ?? name
      throw SluiceError(
        .definition, "snapshot-without-feed", file: directory, field: owner,
        cause: "there is a snapshot of this feed, but no definition has it",
        remedy: "bring back the definition, name its successor with `formerly: \(owner)`, or move the snapshot away")
    }
  }

  /// Runs `body` while this process is the one that changes the project.
  func locked<Result>(_ body: () throws(SluiceError) -> Result) throws(SluiceError) -> Result {
    let result = try lockedTurn(bytes: 0, body)
    try unlock()
    return result
  }

  /// The same for a drop of so many bytes, with the lock kept for the next one unless that were too many; `unlock`
  /// gives it back.
  ///
  /// Whoever held the lock before, this process included, may have left something undone: it is completed first, since
  /// what was committed must go out before anything that is committed after it.
  func lockedTurn<Result>(
    bytes: Int, timeout: Double = 10, _ body: () throws(SluiceError) -> Result
  ) throws(SluiceError) -> Result {
    let isNew = lock == nil
    if isNew {
      lock = try DropLock.acquire(work: project.work, command: options.commandLine, timeout: timeout)
      turn = (0, 0)
    }
    do throws(SluiceError) {
      if isNew { try recover() }
      let result = try body()
      turn.drops += 1
      turn.bytes += bytes
      if turn.drops >= Self.turnLimit.drops || turn.bytes > Self.turnLimit.bytes { try unlock() }
      return result
    } catch {
      // What is left to record is found by recovery; the failure is what there is to say.
      try? unlock()
      throw error
    }
  }

  private func recover() throws(SluiceError) {
    let recovery = Recovery(workplace: self)
    if !hasCheckedPlaces {
      try recovery.checkNumbers()
      try recovery.removeStrays()
      hasCheckedPlaces = true
    }
    try lookForResumed()
    let open = try ledger.openClaims(after: settledEntry)
    if open.isAny { recovered += try recovery.run() }
    if !isStopped { settledEntry = open.last }
  }

  /// Completes what was left undone, unless another process is at work just now.
  func recoverIfFree() throws(SluiceError) {
    try lookForResumed()
    guard try ledger.openClaims(after: settledEntry).isAny else { return }
    do throws(SluiceError) {
      try lockedTurn(bytes: 0, timeout: 0) {}
      try unlock()
    } catch {
      if error.code != "locked" { throw error }
    }
  }

  /// Whether a claimed drop of the feed stays as it is, because the feed is paused.
  func isLeft(_ plan: FeedPlan) throws(SluiceError) -> Bool {
    guard try pause(of: plan) != nil else { return false }
    left.insert(plan.feed.name)
    return true
  }

  /// Lets recovery go on with the claimed drops of feeds that were resumed.
  private func lookForResumed() throws(SluiceError) {
    for feed in left {
      if let plan = plans[feed], try pause(of: plan) != nil { continue }
      left.remove(feed)
      settledEntry = 0
    }
  }

  /// Recovery could not do its work, so that nothing else may be done.
  private var isStopped: Bool { recovered.contains(where: \.stopsRun) }

  /// Whether a drop of the feed may be taken, as recovery has left things.
  func mayTake(_ plan: FeedPlan) -> Bool { !isStopped && blocked[plan.feed.name] == nil }

  /// Throws what keeps a drop of the feed from being taken.
  func requireRecovered(_ plan: FeedPlan) throws(SluiceError) {
    if let error = blocked[plan.feed.name] { throw error }
    guard let report = recovered.first(where: \.stopsRun) else { return }
    throw SluiceError(
      .environment, report.reason ?? "io-error", file: report.file,
      cause: "an interrupted drop could not be completed: \(report.message ?? "")",
      remedy: "cure that, then run again")
  }

  /// What recovery has to say, once.
  func takeRecovered() -> [DropReport] {
    defer { recovered = [] }
    return recovered
  }

  /// Takes nothing of the feed any more: what follows its drop must not overtake it.
  func block(_ plan: FeedPlan, _ error: SluiceError) { blocked[plan.feed.name] = error }

  /// Lets the feed try again.
  func unblock(_ feed: String) {
    blocked[feed] = nil
    settledEntry = 0
  }

  /// Records what is finished and lets others have the lock.
  func unlock() throws(SluiceError) {
    defer {
      lock?.release()
      lock = nil
    }
    try recordFinished()
  }

  /// Notes that nothing is left to do for a drop. It is recorded together with the next claim, or by `unlock`: a crash
  /// before that makes recovery look after the drop once more, and find nothing to do.
  func finish(_ drop: Int) { finished.append(drop) }

  /// Records what is finished now.
  func recordFinished() throws(SluiceError) {
    let drops = finished
    finished = []
    for drop in drops { _ = try ledger.finish(drop: drop) }
  }

  /// Takes a number for a file, and records what is finished with it.
  func claim(_ claim: NewClaim) throws(SluiceError) -> Claim {
    let drops = finished
    finished = []
    return try ledger.claim(claim, finishing: drops)
  }

  /// The definition of a feed as the ledger keeps it.
  func definition(of plan: FeedPlan) throws(SluiceError) -> ActiveDefinition {
    if let known = definitions[plan.feed.name] { return known }
    var lookups: [LookupContent] = []
    for (path, content) in plan.feed.lookupFiles {
      let hash = try content.withView { (view) throws(SluiceError) in try ContentHash.sha256(view) }
      lookups.append(LookupContent(path: path, hash: hash, content: content))
    }
    let definition = ActiveDefinition(
      feed: plan.feed.name, hash: plan.definitionHash, text: plan.feed.text, lookups: lookups,
      binaryVersion: BinaryVersion.text)
    definitions[plan.feed.name] = definition
    return definition
  }

  /// The plan of a feed that the ledger names, by its present or its former name.
  func plan(of feed: String) throws(SluiceError) -> FeedPlan {
    if let plan = plans[feed] ?? plans.values.first(where: { $0.feed.formerName == feed }) { return plan }
    throw SluiceError(
      .definition, "feed-missing", field: feed, cause: "the ledger has a drop of this feed, but no definition has it",
      remedy: "bring back the definition, or name its successor with `formerly: \(feed)`")
  }

  /// The published state of a feed, taking over that of its former name.
  func state(of plan: FeedPlan) throws(SluiceError) -> FeedState {
    if let known = states[plan.feed.name],
      try ledger.latestSnapshot(feed: plan.feed.name)?.metadata == known.text
    {
      return known.state
    }
    let homes = try homes()
    if let published = homes.published(plan.feed) { return published }
    var state = FeedState.empty(digestKey: .random())
    state.directory = homes.directory(of: plan.feed)
    return state
  }

  /// The directory of a feed's snapshot, which keeps the name that the feed had when it began.
  func snapshotDirectory(of plan: FeedPlan) throws(SluiceError) -> String {
    "\(project.snapshots)/\(try homes().directory(of: plan.feed))"
  }

  private func homes() throws(SluiceError) -> SnapshotHomes {
    try SnapshotHomes(ledger, feeds: plans.values.map(\.feed))
  }

  /// Keeps a state that was committed, so that the next drop need not decode it.
  func remember(_ state: FeedState, text: String, of plan: FeedPlan) {
    states[plan.feed.name] = (text, state)
  }

  /// Where a drop's outputs are staged: a dot directory on the outbox's file system.
  func stagingDirectory(of drop: Int) -> String {
    "\(project.outbox)/\(PublicationPlan.stagingDirectory(drop: drop))"
  }

  /// Where a held drop's outputs wait.
  func heldDirectory(of drop: Int) -> String { "\(claims.directory(of: drop))/held" }

  /// Where sorted runs are spilled.
  func scratchDirectory(of drop: Int) -> String { "\(claims.directory(of: drop))/scratch" }

  /// Removes what a drop left in staging and in its work directory but for the claimed file.
  func clean(_ drop: Int) throws(SluiceError) {
    try Publisher.removeTree(stagingDirectory(of: drop))
    try Publisher.removeTree(scratchDirectory(of: drop))
    try Publisher.removeTree(heldDirectory(of: drop))
    _ = rmdir(claims.directory(of: drop))
    _ = rmdir("\(project.outbox)/.staging")
  }

  /// Ends a held drop that a later full has overtaken: its file goes to the archive.
  func finishSuperseded(_ drop: Int) throws(SluiceError) {
    guard let claim = try ledger.claim(of: drop) else { return }
    let plan = try plan(of: claim.file.feed)
    try DropProcessor(workplace: self, plan: plan, claim: claim).settle(.superseded)
  }

  /// Waits until the names of what was staged in `staged`, and of the directories that a commit rests on, are on the
  /// disk: a staged file that is absent after the commit counts as taken, so that a name lost with the power would be
  /// an output lost.
  func syncPlaces(of plan: FeedPlan, staged: String) throws(SluiceError) {
    guard options.isDurable else { return }
    var directories = [project.snapshots, try snapshotDirectory(of: plan)]
    var above = staged
    while above.hasPrefix(project.outbox + "/") || above.hasPrefix(project.work + "/") {
      directories.append(above)
      guard let slash = above.lastIndex(of: "/") else { break }
      above = String(above[..<slash])
    }
    directories.append(above)
    for directory in directories { try FileSystem.syncDirectory(directory) }
  }

  /// Removes snapshot segments that a drop wrote and nobody names.
  func removeSegments(of drop: Int, plan: FeedPlan) throws(SluiceError) {
    let directory = try snapshotDirectory(of: plan)
    for suffix in SegmentSuffix.allCases {
      SnapshotWriter.remove(directory: directory, name: SafeName.number(drop) + suffix.rawValue)
    }
  }

  /// A path inside the project as reports and the ledger show it.
  func relative(_ path: String) -> String {
    path.hasPrefix(project.root + "/") ? String(path.dropFirst(project.root.count + 1)) : path
  }
}

extension FeedState {
  /// The state from the ledger's text.
  static func decode(_ text: String, feed: String) throws(SluiceError) -> FeedState {
    guard let state = try? JSONDecoder().decode(FeedState.self, from: Data(text.utf8)) else {
      throw SluiceError(
        .environment, "ledger-damaged", field: feed, cause: "the feed's snapshot state in the ledger can not be read",
        remedy: "restore ledger and snapshots from one backup")
    }
    return state
  }

  /// The state as the ledger keeps it.
  var encoded: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }
}
