import Feeds
import Intake
import Ledger
import Records
import Streams
import Tabular
import Targets

/// Shows the first rows of a file after each stage: as read, validated, mapped, and compared with what was published
/// last. Reads the ledger and the snapshot; writes nothing, takes no lock and uses no number.
package final class RowPreview {
  /// The file's name, escaped for display.
  package let file: String
  /// The feed that it is read by.
  package let feed: String
  /// `full` or `delta`.
  package let mode: String
  /// The feed's last publication, which rows are compared with; nil: every row is new.
  package let publication: Int?

  private let place: PreviewedFile
  private let plan: FeedPlan
  private let reader: DropReader
  private let stage: RowStage
  private let decider: KeyDecider
  private let outputs: TrialOutputs
  private let cells: PreviewCells

  /// Opens the file at `path`, to be read by `chosen` or by the feed that its name belongs to. `now` is what `now()`
  /// gives, seconds since 1970 UTC.
  ///
  /// Throws what `PreviewedFile` throws, and what is wrong with the file, its columns, the ledger or the snapshot.
  package init(
    path: String, feed chosen: FeedDefinition?, feeds: [FeedDefinition], project: Places, now: Int
  ) throws(SluiceError) {
    place = try PreviewedFile(path: path, feed: chosen, feeds: feeds, now: now)
    plan = try FeedPlan(place.feed)
    (file, feed, mode) = (place.name, place.feed.name, place.mode.rawValue)
    let ledger =
      try FileSystem.status(of: project.ledger) == nil
      ? nil : Ledger.open(path: project.ledger, mode: .readOnly)
    publication = try ledger?.lastPublication(feed: place.feed.name, formerly: place.feed.formerName)?.publication
    let homes = try SnapshotHomes(ledger, feeds: feeds)
    let state = homes.published(place.feed) ?? .empty(digestKey: .random())
    let view = try SnapshotView(
      state: state, directory: "\(project.snapshots)/\(homes.directory(of: place.feed))", plan: plan)
    decider = KeyDecider(plan: plan, view: view, asOf: place.asOf, isFull: place.mode == .full)
    let time = Value.datetime(seconds: try FeedZone(place.feed.zone).wall(utc: Int64(now)))
    do throws(SluiceError) {
      reader = try DropReader(
        path: path, format: place.feed.format, encoding: place.feed.encoding, paths: place.feed.sourceColumns,
        hashing: false)
      stage = try RowStage(
        plan: plan, columns: reader.columns, captures: place.captures,
        digestKey: DigestKey(hex: state.digestKey) ?? .random(), now: time)
    } catch {
      throw Self.named(error, place)
    }
    outputs = TrialOutputs(
      plan: plan, now: time, time: UTCTime.text(place.asOf), publishedTargets: state.targets, showsUnsent: true)
    cells = PreviewCells(plan: plan, columns: reader.columns, captures: place.captures)
  }

  /// Reads the first `count` rows and tells each of them. An error of the file is thrown after the rows before the
  /// batch that it is in.
  package func rows(_ count: Int, tell: (PreviewRow) throws(SluiceError) -> Void) throws(SluiceError) {
    let batch = RowBatch()
    var told = 0
    repeat {
      do throws(SluiceError) { try reader.fill(batch) } catch { throw Self.named(error, place) }
      for row in 0..<min(batch.rowCount, count - told) {
        try tell(try preview(batch, row: row))
        told += 1
      }
    } while !batch.isLast && told < count
  }

  /// The error with the file named as it is shown.
  private static func named(_ error: SluiceError, _ place: PreviewedFile) -> SluiceError {
    var named = error
    if named.file == nil || named.file == place.path { named.file = DisplayName.escape(place.path) }
    return named
  }

  // MARK: - One row

  private func preview(_ batch: RowBatch, row: Int) throws(SluiceError) -> PreviewRow {
    let head = batch.head(row)
    let line = batch.firstLine + Int(head.lineOffset)
    let outcome = stage.process(batch, row: row)
    let source = cells.source(batch, head)
    var shown = PreviewRow(
      line: line, source: source, fields: cells.fields(stage.record, source: source), reject: nil, targets: [])
    let note = { [plan, reader] (refusal: Refusal) in
      var note = refusal.note(
        line: line, fields: plan.feed.fields, columns: reader.columns, keyNames: plan.keyNames)
      // It may name a column as the file does.
      note.message = note.message.replacingControls
      return note
    }
    guard case .accepted = outcome else {
      shown.reject = note(stage.refusal)
      return shown
    }
    if stage.isDelete {
      shown.targets = try deleted()
      return shown
    }
    let old = ImageView()
    guard let (decision, tracked) = try decide(old: old) else {
      shown.reject = note(stage.refusal)
      return shown
    }
    let known = decision.old.exists ? old : nil
    switch try outputs.outcome(of: decision, stage: stage, old: known, tracked: tracked, note: note) {
    case .rejected(let reject): shown.reject = reject
    case .targets(let targets):
      let new = ImageView()
      guard new.read(stage.builder.image) else { throw ChangeApplier.inconsistent }
      shown.targets = targets.map { cells.target($0, new: new, old: known) }
    }
    return shown
  }

  /// What the targets get of a row that says that its key is gone. In a full the key counts as one that it does not
  /// hold, which is decided after its last row.
  private func deleted() throws(SluiceError) -> [PreviewRow.Target] {
    let key = stage.key.view
    let (old, new) = (ImageView(), ImageView())
    var flags: EntryFlags?
    var tracked: [Bool]?
    var isNewer = decider.isOlderThanFull
    if let cursor = decider.view.reader?.cursor(), try cursor.seek(to: key), cursor.current.key == key {
      isNewer = decider.isNewer(cursor.current, segment: cursor.segment)
      let known = decider.oldKey(cursor.current, segment: cursor.segment)
      if known.flags.isLive, !decider.isFull, !isNewer {
        flags = known.flags
        try decider.view.read(segment: cursor.segment, rowOffset: known.rowOffset, into: old)
        tracked = decider.view.trackedTargets(segment: cursor.segment, flags: known.flags, image: old)
      }
    }
    var targets = try outputs.outcomeOfDelete(
      stage: stage, flags: flags, old: flags == nil ? nil : old, tracked: tracked)
    if isNewer { for index in targets.indices where targets[index].change != nil { targets[index].change = .newer } }
    return targets.map { cells.target($0, new: new, old: flags == nil ? nil : old) }
  }

  /// Decides on the record as a run would now, and reads what was published before into `old`; nil when the record is
  /// rejected in the spelling that its key was first sent with.
  private func decide(old: ImageView) throws(SluiceError) -> (KeyDecision, tracked: [Bool]?)? {
    let key = stage.key.view
    guard let cursor = decider.view.reader?.cursor(), try cursor.seek(to: key), cursor.current.key == key else {
      return (decider.decideNew(members: stage.members, isPositive: stage.isPositive), nil)
    }
    let entry = cursor.current
    if decider.isRespelled(entry, spelling: stage.spelling.view), !stage.respell(entry.spelling) { return nil }
    let decision = decider.decide(
      entry, segment: cursor.segment, members: stage.members, isPositive: stage.isPositive,
      digests: stage.digests.view)
    try decider.view.read(segment: cursor.segment, rowOffset: decision.old.rowOffset, into: old)
    let tracked = decider.view.trackedTargets(segment: cursor.segment, flags: decision.old.flags, image: old)
    return (decision, tracked)
  }
}
