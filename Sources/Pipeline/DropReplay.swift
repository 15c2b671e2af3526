import Feeds
import Foundation
import Glibc
import Intake
import Ledger
import Outbox
import Streams
import Targets

/// Processes a past drop again from the archive, with the definition of its day and against the state of its day, into
/// a directory of its own (`sluice replay`): what went out, byte by byte. The project is only read.
package struct DropReplay {
  /// What came of it.
  package struct Result: Encodable, Sendable {
    package var drop: Int
    package var feed: String
    package var publication: Int?
    /// Where the files are.
    package var into: String
    /// Drops before it that were processed first.
    package var before: Int
    package var files: [File]
  }

  /// A file that is the same as on the day.
  package struct File: Encodable, Sendable {
    /// Path below the directory, as below the outbox then.
    package var path: String
    package var rows: Int
    package var sha256: String
  }

  private let project: Places
  private let feeds: [FeedDefinition]
  private let options: RunOptions

  /// Replays of the drops of `project`.
  package init(project: Places, feeds: [FeedDefinition], options: RunOptions) {
    self.project = project
    self.feeds = feeds
    self.options = options
  }

  /// Makes the outputs of a drop again in `directory`, which is new or empty.
  ///
  /// Throws `drop-unknown`, `into-unfit`, `replay-nothing` for a drop that moved nothing, `replay-differs` when the
  /// bytes are not those of the day, and what `SnapshotReplay` throws.
  package func replay(_ drop: Int, into directory: String) throws(SluiceError) -> Result {
    let ledger = try Ledger.open(path: project.ledger, mode: .readOnly)
    guard let detail = try ledger.drop(drop) else {
      throw SluiceError(
        .definition, "drop-unknown", value: String(drop), cause: "the ledger has no drop of this number",
        remedy: "look it up with `sluice ledger list`")
    }
    guard let last = try ledger.snapshotEntry(drop: drop), let step = try ledger.snapshotStep(entry: last),
      detail.summary.status == .published || detail.summary.status == .unchanged
    else {
      throw SluiceError(
        .definition, "replay-nothing", value: String(drop),
        cause: "the drop is \(detail.summary.status.rawValue): nothing of it was published",
        remedy: "replay a drop that was published; `sluice ledger list` names them")
    }
    try checkDirectory(directory)
    let root = "\(directory)/.replay-\(getpid())"
    let state = try FeedState.decode(step.snapshot.metadata, feed: step.feed)
    var plans: [FeedPlan] = []
    for feed in feeds { plans.append(try FeedPlan(feed)) }
    let replay = try SnapshotReplay(
      ledger: ledger, places: project, root: root, digestKey: state.digestKey, today: plans,
      progress: options.progress)
    defer { replay.clean() }
    let entries = try ledger.snapshotEntries(digestKey: state.digestKey).filter { $0 <= last }
    let start = try replay.start(of: entries)
    for entry in entries[start...] where entry < last {
      if let earlier = try ledger.snapshotStep(entry: entry) { try replay.take(earlier) }
    }
    let before = replay.drops
    let prepared = try replay.prepare(step)
    let files = try place(prepared, detail, feed: step.feed, from: replay.staging, into: directory)
    return Result(
      drop: drop, feed: step.feed, publication: detail.summary.publication, into: directory, before: before,
      files: files)
  }

  /// A directory that holds nothing, and that no other command takes for its own.
  private func checkDirectory(_ directory: String) throws(SluiceError) {
    func unfit(_ cause: String) -> SluiceError {
      SluiceError(
        .definition, "into-unfit", file: DisplayName.escape(directory), cause: cause,
        remedy: "name a new directory outside the project's places")
    }
    let path = URL(fileURLWithPath: directory).standardizedFileURL.path
    for place in [
      project.inbox, project.work, project.outbox, project.archive, project.quarantine, project.snapshots,
    ] {
      let taken = URL(fileURLWithPath: place).standardizedFileURL.path
      if path == taken || path.hasPrefix(taken + "/") { throw unfit("the directory is a place of the project") }
    }
    if let status = try FileSystem.status(of: directory) {
      guard status.kind == .directory else { throw unfit("it is no directory") }
      guard try FileSystem.list(directory).names.isEmpty else { throw unfit("the directory is not empty") }
    }
    try FileSystem.makeDirectories(directory)
  }

  // MARK: - Files

  /// Moves what was staged to the names of the day, when all of it is what went out then.
  private func place(
    _ prepared: PreparedDrop, _ detail: DropDetail, feed: String, from staging: String, into directory: String
  ) throws(SluiceError) -> [File] {
    // Those of a drop that was not published were only staged, while it was held.
    let outputs = detail.summary.publication == nil ? [] : detail.outputs
    let recorded = outputs.filter { $0.target != PublishedPackage.target }
    // What is adopted is staged, but was not sent.
    var rest = detail.summary.reason == "adopted" ? [] : prepared.outputs
    var found: [(staged: StagedOutput, path: String)] = []
    for output in recorded {
      guard let index = rest.firstIndex(where: { $0.target == output.target && $0.sha256 == output.sha256 }) else {
        throw differs(detail, output.path)
      }
      found.append((rest.remove(at: index), try belowOutbox(output.path)))
    }
    if let other = rest.first { throw differs(detail, other.target) }
    if let package = outputs.first(where: { $0.target == PublishedPackage.target }) {
      found.append(try stagePackage(package, prepared, detail, feed: feed, files: found, in: staging))
    }
    if let rejects = prepared.rejects, let path = detail.summary.rejectFile {
      found.append((rejects, try belowOutbox(path)))
    }
    var files: [File] = []
    for file in found {
      _ = try Publisher.place("\(staging)/\(file.staged.stagedName)", at: "\(directory)/\(file.path)", durable: false)
      files.append(File(path: file.path, rows: file.staged.rows, sha256: file.staged.sha256))
    }
    return files
  }

  /// The descriptor of the BI files, which names the time of the publication; that stands in the name that it had.
  private func stagePackage(
    _ recorded: LedgerOutput, _ prepared: PreparedDrop, _ detail: DropDetail, feed: String,
    files: [(staged: StagedOutput, path: String)], in staging: String
  ) throws(SluiceError) -> (staged: StagedOutput, path: String) {
    let path = try belowOutbox(recorded.path)
    guard let time = Self.time(in: path),
      let package = PublishedPackage(
        feed: feed, publication: detail.summary.publication ?? 0, time: time, targets: prepared.targets, files: files)
    else { throw differs(detail, recorded.path) }
    let file = try StagedFile(directory: staging, name: "datapackage.json")
    try Array(package.text.utf8).withView { (view) throws(SluiceError) in try file.append(view) }
    let summary = try file.finish(durable: false)
    guard summary.sha256 == recorded.sha256 else { throw differs(detail, recorded.path) }
    return (
      StagedOutput(
        stagedName: summary.name, target: recorded.target, system: .bi, step: 50, entity: "datapackage",
        behaviour: "datapackage", rows: 0, bytes: summary.bytes, sha256: summary.sha256), path
    )
  }

  /// Seconds since 1970 of the time in an output's name, `…-50-20261123T021500Z-…`.
  private static func time(in path: String) -> Int? {
    guard let match = path.firstMatch(of: /-([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})Z-/) else {
      return nil
    }
    let (year, month, day, hour, minute, second) = (match.1, match.2, match.3, match.4, match.5, match.6)
    return UTCTime.seconds("\(year)-\(month)-\(day)T\(hour):\(minute):\(second)Z")
  }

  /// The path of an output below the outbox, whatever that is called. One that leaves it comes from a ledger that was
  /// tampered with.
  private func belowOutbox(_ path: String) throws(SluiceError) -> String {
    let prefix = project.outboxName + "/"
    let parts = (path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path).split(separator: "/")
    guard !parts.isEmpty, !path.contains("\0"), !parts.contains(".."), !parts.contains(".") else {
      throw SluiceError(
        .environment, "plan-invalid", value: DisplayName.escape(path),
        cause: "the ledger names an output outside the outbox", remedy: "check it with `sluice ledger verify`")
    }
    return parts.joined(separator: "/")
  }

  private func differs(_ detail: DropDetail, _ what: String) -> SluiceError {
    SluiceError(
      .damaged, "replay-differs", value: DisplayName.escape(what),
      cause: "drop \(detail.summary.claim.drop) comes to other bytes than on its day",
      remedy: "use the version of Sluice that processed it; drops before it may be missing in the archive")
  }
}
