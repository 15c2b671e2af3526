import Diff
import Feeds
import Intake
import Ledger
import Outbox
import Streams

/// Makes the published states of a feed again, one drop after the other, from the archive: each drop with the
/// definition and look-up tables of its day, against what the drops before it left. Nothing is published, and what it
/// writes is in a directory of its own.
///
/// Whether it comes to the same as then is checked at each step: by the file's hash, and by the counts of keys that the
/// ledger has.
final class SnapshotReplay {
  private let ledger: Ledger
  private let places: Places
  private let today: [FeedPlan]
  private let root: String
  private let progress: (@Sendable (_ file: String, _ rows: Int, _ rawBytes: Int, _ totalBytes: Int) -> Void)?
  private var plans: [String: FeedPlan] = [:]

  /// The state that the steps so far have come to.
  private(set) var state: FeedState
  /// The plan of the last drop; nil before the first.
  private(set) var plan: FeedPlan?
  /// Drops that were processed.
  private(set) var drops = 0

  /// Works in the directory `root`, which is removed by `clean`. `digestKey` is that of the feed's state; `today` are
  /// the present definitions, for drops of which the ledger has none.
  init(
    ledger: Ledger, places: Places, root: String, digestKey: String, today: [FeedPlan],
    progress: (@Sendable (_ file: String, _ rows: Int, _ rawBytes: Int, _ totalBytes: Int) -> Void)? = nil
  ) throws(SluiceError) {
    self.ledger = ledger
    self.places = places
    self.root = root
    self.today = today
    self.progress = progress
    state = .empty(digestKey: .random())
    state.digestKey = digestKey
    try Publisher.removeTree(root)
    try FileSystem.makeDirectories(snapshots)
  }

  /// Where the segments lie.
  var snapshots: String { root + "/snapshots" }
  /// Where the last drop's outputs are staged.
  var staging: String { root + "/staging" }

  /// Removes the directory.
  func clean() { try? Publisher.removeTree(root) }

  // MARK: - Where to begin

  /// The place in `entries` from which on all drops are in the archive: 0, or that of a full after the last one that is
  /// missing. Throws `archive-incomplete` when there is none.
  func start(of entries: [Int]) throws(SluiceError) -> Int {
    var firstFull: Int?
    for index in entries.indices.reversed() {
      guard let step = try ledger.snapshotStep(entry: entries[index]), Self.readsDrop(step), let drop = step.drop,
        let summary = try ledger.drop(drop)?.summary
      else { continue }
      guard try path(of: summary.claim) != nil else {
        if let firstFull { return firstFull }
        throw SluiceError(
          .environment, "archive-incomplete", file: DisplayName.escape(summary.claim.file.file), value: "drop \(drop)",
          cause: "a drop that the snapshot consists of is not in the archive, and no full that came after it is",
          remedy: "bring it back into the archive from a backup, or restore ledger and snapshots from one backup")
      }
      let isWhole = summary.claim.file.mode == DropMode.full.rawValue && summary.reason != Self.keptRemovals
      if isWhole { firstFull = index }
    }
    return 0
  }

  private static let keptRemovals = "removals-kept"

  private static func readsDrop(_ step: SnapshotStep) -> Bool {
    [.published, .released, .unchanged].contains(step.kind)
  }

  private func path(of claim: Claim) throws(SluiceError) -> String? {
    try StoredDrops.path(drop: claim.drop, feed: claim.file.feed, name: claim.file.file, under: places.archive)
  }

  // MARK: - One step

  /// Goes one step on. Throws `archive-differs` when the drop's file is not that of the day, `rebuild-differs` when it
  /// comes to something else than the ledger says, `definition-lost`, and what reading a drop throws.
  func take(_ step: SnapshotStep) throws(SluiceError) {
    var next = try FeedState.decode(step.snapshot.metadata, feed: step.feed)
    var reached = state
    if Self.readsDrop(step) {
      reached = try prepare(step).state
      guard reached.live == next.live, reached.positive == next.positive, reached.lastFullAsOf == next.lastFullAsOf
      else { throw differs(step, reached, next) }
    } else if step.kind != .duplicate && step.kind != .rebuilt {
      throw SluiceError(
        .environment, "rebuild-impossible", value: "entry \(step.entry)",
        cause: "the ledger says that the snapshot was moved by something else than a drop (\(step.kind.rawValue))",
        remedy: "restore ledger and snapshots from one backup")
    }
    (next.segments, next.baseBytes, next.overlayBytes) = (reached.segments, reached.baseBytes, reached.overlayBytes)
    state = next
    try removeUnused()
  }

  /// Processes the drop of a step against the state so far; its outputs are in `staging` until the next one.
  func prepare(_ step: SnapshotStep) throws(SluiceError) -> PreparedDrop {
    guard let drop = step.drop, let summary = try ledger.drop(drop)?.summary else {
      throw SluiceError(
        .environment, "ledger-damaged", value: "entry \(step.entry)", cause: "the entry names no drop",
        remedy: "check the ledger with `sluice ledger verify`")
    }
    let claim = summary.claim
    guard let path = try path(of: claim) else { throw Self.gone(claim) }
    let plan = try planOfDay(summary, step)
    var job = try DropJob(
      claim, plan: plan, path: path, staging: staging, scratch: root + "/scratch", snapshots: snapshots, state: state,
      original: try ledger.original(of: claim))
    if let root = job.returnOf { job.otherReturns = try ledger.returns(of: root) }
    job.keepsRemoved = summary.reason == Self.keptRemovals
    if let progress {
      let (name, total) = (job.displayName, claim.file.bytes)
      job.progress = { rows, bytes in progress(name, rows, bytes, total) }
    }
    let prepared: PreparedDrop
    do throws(SluiceError) {
      prepared = try DropPreparation(job).prepare()
    } catch {
      if let known = summary.totals?.sha256, try ContentHash.hash(ofFile: path, .sha256) != known {
        throw Self.changed(claim)
      }
      throw error
    }
    if let known = summary.totals?.sha256, prepared.sha256 != known { throw Self.changed(claim) }
    self.plan = plan
    drops += 1
    return prepared
  }

  /// Segments that the state does not name any more: what a drop has said itself goes to the lineage, which a later
  /// revert needs.
  private func removeUnused() throws(SluiceError) {
    let needed = Set(state.segments)
    let lineage = Lineage(directory: snapshots)
    for name in Set(try FileSystem.list(snapshots).names.compactMap { $0.split(separator: ".").first.map(String.init) })
    where name != Lineage.name && !needed.contains(name) {
      if Lineage.drop(of: name) != nil {
        try lineage.keep(name, isDurable: false)
      } else {
        SnapshotWriter.remove(directory: snapshots, name: name)
      }
    }
  }

  // MARK: - Definitions

  /// The definition that processed the drop, as the ledger keeps it with its look-up tables.
  private func planOfDay(_ summary: DropSummary, _ step: SnapshotStep) throws(SluiceError) -> FeedPlan {
    let hash = summary.definition ?? ""
    if let known = plans[hash] ?? today.first(where: { $0.definitionHash == hash }) {
      plans[hash] = known
      return known
    }
    for name in [step.feed, summary.claim.file.feed] {
      guard let stored = try ledger.definition(feed: name, hash: hash) else { continue }
      let (feed, problems) = FeedLoader.read(
        text: stored.text, path: "definition of drop \(summary.claim.drop)",
        lookups: Dictionary(stored.lookups.map { ($0.path, $0.content) }) { first, _ in first })
      if let problem = problems.first { throw Self.lost(summary, problem.description) }
      guard let feed else { break }
      let plan = try FeedPlan(feed)
      guard plan.definitionHash == hash else { break }
      plans[hash] = plan
      return plan
    }
    throw Self.lost(summary, "the ledger does not have it")
  }

  // MARK: - Refusals

  private static func lost(_ summary: DropSummary, _ why: String) -> SluiceError {
    SluiceError(
      .environment, "definition-lost", value: "drop \(summary.claim.drop)",
      cause: "the definition that processed the drop can not be used again: \(why)",
      remedy: "use the version of Sluice that processed the drop, with the definition of that day")
  }

  private static func gone(_ claim: Claim) -> SluiceError {
    SluiceError(
      .environment, "archive-incomplete", file: DisplayName.escape(claim.file.file), value: "drop \(claim.drop)",
      cause: "the file of the drop is not in the archive", remedy: "bring it back from a backup")
  }

  private static func changed(_ claim: Claim) -> SluiceError {
    SluiceError(
      .environment, "archive-differs", file: DisplayName.escape(claim.file.file), value: "drop \(claim.drop)",
      cause: "the file in the archive is not the one that was processed: it has another hash",
      remedy: "bring it back from a backup; `sluice ledger verify` names all such files")
  }

  private func differs(_ step: SnapshotStep, _ reached: FeedState, _ recorded: FeedState) -> SluiceError {
    SluiceError(
      .environment, "rebuild-differs", value: "drop \(step.drop ?? 0)",
      cause: "after the drop there would be \(reached.live) keys, \(reached.positive) of them above zero, but the "
        + "ledger says \(recorded.live) and \(recorded.positive)",
      remedy: "bring back what is missing in the archive, or restore ledger and snapshots from one backup")
  }
}
