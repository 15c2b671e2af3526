import Diff
import Feeds
import Glibc
import Intake
import Ledger
import Outbox
import Streams

/// Makes a damaged or lost snapshot again from the archive (`sluice snapshot rebuild`).
package struct SnapshotRebuild {
  /// What came of it.
  package struct Result: Encodable, Sendable {
    package var feed: String
    /// Keys in the snapshot, as the ledger has them.
    package var keys: Int
    /// Drops that it was made from, and the first of them.
    package var drops: Int
    package var from: Int
    /// Drops before the first were missing: keys that had been removed by then are not known any more.
    package var isPartial: Bool
    /// The segment's name and its size in bytes.
    package var segment: String
    package var bytes: Int
  }

  private let workplace: Workplace
  private static let prefix = ".rebuild-"

  /// Opens the project.
  package init(project: Places, feeds: [FeedDefinition], options: RunOptions) throws(SluiceError) {
    workplace = try Workplace(project: project, feeds: feeds, options: options)
  }

  /// The process whose working directory this name in `work/` is; nil for other names.
  static func process(of name: String) -> Int32? {
    name.hasPrefix(prefix) ? Int32(name.dropFirst(prefix.count)) : nil
  }

  /// Makes the snapshot of the feed `name` again as one segment, and records who did it and why. What is published, and
  /// the number of the publication, stay as they are.
  ///
  /// Throws `feed-unknown`, `rebuild-nothing` for a feed that has published nothing, and what `SnapshotReplay` throws.
  package func rebuild(_ name: String, reason: String) throws(SluiceError) -> Result {
    let feed = try FeedDefinition.named(name, in: workplace.plans.values.map(\.feed))
    let plan = try workplace.plan(of: feed.name)
    return try workplace.locked { () throws(SluiceError) in
      let state = try workplace.state(of: plan)
      guard !state.segments.isEmpty else {
        throw SluiceError(
          .definition, "rebuild-nothing", field: name, cause: "nothing of the feed has been published",
          remedy: "there is nothing to make again: its first drop makes the snapshot")
      }
      let replay = try SnapshotReplay(
        ledger: workplace.ledger, places: workplace.project,
        root: "\(workplace.project.work)/\(Self.prefix)\(getpid())",
        digestKey: state.digestKey, today: Array(workplace.plans.values), progress: workplace.options.progress)
      defer { replay.clean() }
      let entries = try workplace.ledger.snapshotEntries(digestKey: state.digestKey)
      let start = try replay.start(of: entries)
      var last: SnapshotStep?
      var first: Int?
      for entry in entries[start...] {
        guard let step = try workplace.ledger.snapshotStep(entry: entry) else { continue }
        try replay.take(step)
        (first, last) = (first ?? step.drop, step)
      }
      let summary = try write(replay, state: state, plan: plan, number: last?.drop ?? first ?? 0)
      let result = Result(
        feed: name, keys: state.live, drops: replay.drops, from: first ?? 0, isPartial: start > 0,
        segment: summary.name, bytes: summary.bytes)
      try record(result, state: state, summary, publication: last?.snapshot.publication, reason: reason)
      try restoreLineage(replay, plan: plan, isPartial: result.isPartial)
      return result
    }
  }

  /// Writes what the replay has come to as one segment, under a name that no file has, and reads it back.
  private func write(
    _ replay: SnapshotReplay, state: FeedState, plan: FeedPlan, number: Int
  ) throws(SluiceError) -> SegmentSummary {
    let directory = try workplace.snapshotDirectory(of: plan)
    try FileSystem.makeDirectories(directory)
    let taken = try FileSystem.list(directory).names
    var version = 1
    var name: String { SafeName.number(number) + SegmentSuffix.rebuilt + String(version) }
    while taken.contains(where: { $0.hasPrefix(name + ".") }) || state.segments.contains(name) { version += 1 }
    let view = try SnapshotView(
      state: replay.state, directory: replay.snapshots, plan: replay.plan ?? plan)
    let summary = try SegmentMerge.write(
      view, plan: replay.plan ?? plan, directory: directory, name: name, lastFull: replay.state.lastFullAsOf,
      mergedLive: nil, isDurable: workplace.options.isDurable)
    do throws(SluiceError) {
      try check(name, in: directory, live: state.live)
      if workplace.options.isDurable {
        try FileSystem.syncDirectory(directory)
        try FileSystem.syncDirectory(workplace.project.snapshots)
      }
    } catch {
      SnapshotWriter.remove(directory: directory, name: name)
      throw error
    }
    return summary
  }

  /// Puts what the drops have said themselves where the histories of keys look for it. What is there is exchanged,
  /// since it may be damaged; but not for what was made without the first drops, which knows less.
  private func restoreLineage(_ replay: SnapshotReplay, plan: FeedPlan, isPartial: Bool) throws(SluiceError) {
    let directory = try workplace.snapshotDirectory(of: plan)
    let lineage = "\(directory)/\(Lineage.name)"
    for source in [replay.snapshots, "\(replay.snapshots)/\(Lineage.name)"]
    where try FileSystem.status(of: source) != nil {
      for file in try FileSystem.list(source).names.sorted() {
        guard let name = file.split(separator: ".").first, Lineage.drop(of: String(name)) != nil else { continue }
        var target = "\(lineage)/\(file)"
        if try FileSystem.status(of: "\(directory)/\(file)") != nil { target = "\(directory)/\(file)" }
        if try FileSystem.status(of: target) != nil {
          if isPartial { continue }
          try FileSystem.remove(target)
        }
        _ = try Publisher.place("\(source)/\(file)", at: target, durable: workplace.options.isDurable)
      }
    }
  }

  private func check(_ name: String, in directory: String, live: Int) throws(SluiceError) {
    let cursor = try SnapshotReader(directory: directory, segments: [name]).cursor()
    var found = 0
    while try cursor.advance() { found += EntryFlags(word: cursor.current.flags).isLive ? 1 : 0 }
    guard found == live else {
      throw SluiceError(
        .environment, "rebuild-differs", cause: "the snapshot has \(found) keys, but the ledger says \(live)",
        remedy: "restore ledger and snapshots from one backup")
    }
  }

  private func record(
    _ result: Result, state: FeedState, _ summary: SegmentSummary, publication: Int?, reason: String
  ) throws(SluiceError) {
    var next = state
    (next.segments, next.baseBytes, next.overlayBytes) = ([summary.name], summary.bytes, 0)
    let options = workplace.options
    try workplace.ledger.recordRebuilt(
      feed: result.feed,
      snapshot: LedgerSnapshot(publication: publication, segments: next.segments, metadata: next.encoded),
      decision: Decision(person: options.person, commandLine: options.commandLine, reason: reason),
      message: "made from \(result.drops) drops, from drop \(result.from) on"
        + (result.isPartial ? "; those before it are not in the archive" : ""))
  }
}

extension SluiceError {
  /// The same error; where it says to make a snapshot again it names the feed, which lower layers do not know.
  func aboutSnapshot(of feed: String) -> SluiceError {
    var named = self
    named.remedy = remedy.replacing("`sluice snapshot rebuild FEED`", with: "`sluice snapshot rebuild \(feed)`")
    return named
  }
}
