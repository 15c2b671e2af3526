import Diff
import Feeds
import Records
import Streams
import Tabular
import Targets

/// Applies decided keys: rows to the targets' files, image and entry to the next segment of the snapshot. Both ways of
/// diffing a drop end here, so that both give the same bytes.
final class ChangeApplier {
  /// Where the entries of the next segment go: straight on when keys come in order, through a sorter otherwise.
  enum EntryOrder {
    case ascending
    case sorted(ExternalSorter)
  }

  let view: SnapshotView
  let writers: OutputWriters
  private let stage: RowStage
  private let segment: SnapshotWriter
  private let drop: UInt32
  /// Sorts the entries, where `isSorted` says so. It and the relay are there in any case: what is optional would be
  /// retained and released for each row, while another thread writes to the same line of the cache.
  private let sorter: ExternalSorter
  private let isSorted: Bool
  /// Writes the rows when nothing was published before, as `isRelayed` says.
  private let relay: RowRelay
  private let isRelayed: Bool
  private let oldRows = ImageView()
  private let newRows = ImageView()
  private let payload = ByteArena(capacity: 512)
  private let zeroed = ByteArena(capacity: 256)
  private let swings: SwingMeter
  private let partitions: PartitionTally
  /// Whether the keys of a part are counted: a class of its own would be asked for each row.
  private let countsPartitions: Bool
  /// The letters of all keys written so far, by earlier drops too; nil when they are not known.
  private(set) var keyCases: KeyCases?

  init(
    view: SnapshotView, writers: OutputWriters, stage: RowStage, segment: SnapshotWriter, order: EntryOrder, drop: Int,
    partitions: PartitionTally
  ) {
    self.view = view
    self.writers = writers
    self.stage = stage
    self.segment = segment
    switch order {
    case .ascending: (sorter, isSorted) = (ExternalSorter(directory: "", memory: 0), false)
    case .sorted(let sorter): (self.sorter, isSorted) = (sorter, true)
    }
    self.drop = UInt32(clamping: drop)
    self.partitions = partitions
    countsPartitions = partitions.isOn
    swings = SwingMeter(stage.plan)
    relay = RowRelay(writers)
    isRelayed = view.state.segments.isEmpty && writers.needOnlyImages
    let parts = stage.plan.feed.key.count
    keyCases = view.state.segments.isEmpty ? KeyCases(count: parts) : view.state.keyCases
    if keyCases?.count != parts { keyCases = nil }
  }

  /// Applies the decision for the record that the stage holds. `spelling` is how the targets spell the key (empty: as
  /// the key itself), `line` its line in the drop. Gives back why the record is rejected after all, which shows only
  /// now for what goes out with a key's first row: nothing of it is written or counted then.
  func apply(
    _ decision: KeyDecision, spelling: ByteView, line: Int, counts: inout DropCounts
  ) throws(SluiceError) -> Refusal? {
    guard decision.isWritten else { return nil }
    if !spelling.isEmpty, !stage.respell(spelling) {
      counts.takeBack(decision)
      return stage.refusal
    }
    if isRelayed {
      try relay.append(decision, image: stage.builder.image)
    } else if let refusal = try writeRows(decision, counts: &counts) {
      return refusal
    }
    if countsPartitions { partitions.note(decision, key: stage.key.view) }
    try writeEntry(decision, spelling: spelling, line: line)
    return nil
  }

  /// Writes the targets' rows, unless one of them shows that the record is rejected.
  private func writeRows(_ decision: KeyDecision, counts: inout DropCounts) throws(SluiceError) -> Refusal? {
    guard newRows.read(stage.builder.image) else { throw Self.inconsistent }
    var old: ImageView?
    if decision.old.exists {
      try view.read(segment: Int(decision.old.segment), rowOffset: decision.old.rowOffset, into: oldRows)
      old = oldRows
    }
    let tracked = old.map { self.tracked(decision, $0) }
    if let refusal = writers.refusal(decision, record: stage.record, new: newRows, old: old, tracked: tracked) {
      counts.takeBack(decision)
      return refusal
    }
    if let old, decision.old.flags.isLive, swings.isSwing(old: old, new: newRows) { counts.swung += 1 }
    try writers.write(
      decision, record: stage.record, new: newRows, old: old, tracked: tracked, counts: &counts)
    return nil
  }

  /// Applies the decision for a key that gets an image of old back: `entry` and `image` are as today's definition has
  /// them. Events that look at the row's fields do not fire, and `once` columns stay blank.
  func restate(
    _ decision: KeyDecision, entry: SnapshotEntry, image: ByteView, spelling: ByteView, counts: inout DropCounts
  ) throws(SluiceError) {
    guard decision.isWritten else { return }
    guard newRows.read(image) else { throw Self.inconsistent }
    try view.read(segment: Int(decision.old.segment), rowOffset: decision.old.rowOffset, into: oldRows)
    try writers.write(
      decision, record: nil, new: newRows, old: oldRows, tracked: tracked(decision, oldRows), counts: &counts)
    if countsPartitions { partitions.note(decision, key: entry.key) }
    var flags = decision.flags
    flags.lacksTargets = EntryFlags(word: entry.flags).lacksTargets
    let digests = decision.leaving == 0 ? entry.digests : unsent(entry.digests, leaving: decision.leaving)
    keyCases?.note(entry.key)
    try segment.append(
      SnapshotEntry(
        key: entry.key, spelling: spelling, flags: flags.word, publication: drop, line: 0,
        rowOffset: try segment.appendImage(image), previous: decision.old.drop, digests: digests))
  }

  /// Writes image and entry to the next segment of the snapshot.
  private func writeEntry(_ decision: KeyDecision, spelling: ByteView, line: Int) throws(SluiceError) {
    let offset = try segment.appendImage(stage.builder.image)
    let digests = decision.leaving == 0 ? stage.digests.view : unsent(stage.digests.view, leaving: decision.leaving)
    let entry = SnapshotEntry(
      key: stage.key.view, spelling: spelling, flags: decision.flags.word, publication: drop,
      line: UInt32(clamping: line), rowOffset: offset, previous: decision.old.drop, digests: digests)
    keyCases?.note(entry.key)
    guard isSorted else { return try segment.append(entry) }
    payload.removeAll()
    EntryPayload.append(entry, to: payload)
    try sorter.append(key: entry.key, payload: payload.view)
  }

  /// Waits until the rows of all applied keys are written. To be called before anything else is written to the targets.
  func finishRows(counts: inout DropCounts) throws(SluiceError) { try relay.finish(&counts) }

  /// Gives up what is still on its way to the targets.
  func abandon() { relay.abandon() }

  /// Writes the sorted entries to the segment, when they did not come in order. False when a key stands twice, which
  /// the merge with the snapshot would have found before.
  func finishEntries() throws(SluiceError) -> Bool {
    guard isSorted else { return true }
    let entries = try sorter.finish()
    while try entries.next() {
      let entry = EntryPayload.read(entries.payload, key: entries.key)
      guard try segment.appendUnlessRepeated(entry) else { return false }
    }
    return true
  }

  private func tracked(_ decision: KeyDecision, _ old: ImageView) -> [Bool] {
    view.trackedTargets(segment: Int(decision.old.segment), flags: decision.old.flags, image: old)
  }

  /// The digests with zeros for the targets that the key leaves once its group may go out.
  private func unsent(_ digests: ByteView, leaving: UInt32) -> ByteView {
    zeroed.removeAll()
    zeroed.append(digests)
    for (index, state) in stage.plan.states.enumerated() where leaving & (1 << UInt32(index)) != 0 {
      zeroed.overwrite(raw: 0 as UInt64, at: 16 * state.digestGroup)
      zeroed.overwrite(raw: 0 as UInt64, at: 16 * state.digestGroup + 8)
    }
    return zeroed.view
  }

  static let inconsistent = SluiceError(
    .environment, "image-inconsistent", cause: "a row read differently the second time",
    remedy: "check the memory and the disk of this machine, and report the drop")
}

/// The form in which an entry waits for its place in a segment.
enum EntryPayload {
  private struct Fixed: BitwiseCopyable {
    var flags: UInt32
    var publication: UInt32
    var line: UInt32
    var spellingCount: UInt32
    /// Of the row offset and the previous drop (`SnapshotEntry.place`).
    var place: UInt64
  }

  static func append(_ entry: SnapshotEntry, to arena: ByteArena) {
    arena.append(
      raw: Fixed(
        flags: entry.flags, publication: entry.publication, line: entry.line,
        spellingCount: UInt32(entry.spelling.count), place: entry.place))
    arena.append(entry.spelling)
    arena.append(entry.digests)
  }

  static func read(_ payload: ByteView, key: ByteView) -> SnapshotEntry {
    let fixed = payload.load(as: Fixed.self)
    let spelling = payload.slice(from: MemoryLayout<Fixed>.size, count: Int(fixed.spellingCount))
    return SnapshotEntry(
      key: key, spelling: spelling, flags: fixed.flags, publication: fixed.publication, line: fixed.line,
      place: fixed.place, digests: payload.dropping(MemoryLayout<Fixed>.size + spelling.count))
  }
}
