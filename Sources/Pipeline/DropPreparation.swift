import Diff
import Feeds
import Intake
import Outbox
import Records
import Streams
import Tabular
import Targets

/// Takes one claimed drop from its bytes to staged outputs and a staged next snapshot; publishes nothing.
final class DropPreparation {
  let job: DropJob
  let plan: FeedPlan
  let view: SnapshotView
  let digestKey: DigestKey
  private var rejects: [RejectNote] = []

  /// Memory for sorting, in bytes. Together with batches and buffers a run stays below 64 MB.
  static let sortMemory = 16 << 20

  init(_ job: DropJob) throws(SluiceError) {
    self.job = job
    plan = job.plan
    view = try SnapshotView(state: job.state, directory: job.snapshots, plan: job.plan)
    guard let key = DigestKey(hex: job.state.digestKey) else {
      throw SluiceError(
        .environment, "ledger-damaged", cause: "the digest key of the feed can not be read",
        remedy: "restore ledger and snapshots from one backup")
    }
    digestKey = key
  }

  /// Notes on the first rejects, for the ledger.
  var rejectNotes: [RejectNote] { rejects }

  /// Reads, diffs and stages the drop.
  func prepare() throws(SluiceError) -> PreparedDrop {
    if let request = job.request { return try prepare(request) }
    if plan.grouped.isEmpty {
      if let prepared = try prepareInOrder() { return prepared }
      // What an earlier full without rows has made older is counted, but leaves no entry to know its key by.
      let isFirst = job.state.segments.isEmpty && (job.state.lastFullAsOf ?? .min) <= job.asOf
      if isFirst, let prepared = try prepareFirst() { return prepared }
    }
    return try prepareSorted()
  }

  // MARK: - The two ways

  /// One pass while keys ascend; nil at the first key out of order, with everything staged thrown away.
  private func prepareInOrder() throws(SluiceError) -> PreparedDrop? {
    let reader = try openReader()
    let run = try Run(job, view: view, digestKey: digestKey, columns: reader.columns, order: .ascending)
    let diff = OrderedDiff(
      stage: run.stage, decider: run.decider, applier: run.applier, rejects: run.rejects, removals: run.removals)
    var isInOrder = true
    try pump(reader, run) { (batch) throws(SluiceError) in
      isInOrder = try diff.take(batch)
      return isInOrder
    }
    guard isInOrder else {
      run.abandon()
      return nil
    }
    try diff.finish()
    return try finish(run, counts: diff.counts, summary: summary(of: reader), groups: nil)
  }

  /// One pass when nothing was published before; nil when a key stands more than once.
  private func prepareFirst() throws(SluiceError) -> PreparedDrop? {
    let reader = try openReader()
    let entries = ExternalSorter(directory: job.scratch, memory: Self.sortMemory, concurrent: true)
    let run = try Run(job, view: view, digestKey: digestKey, columns: reader.columns, order: .sorted(entries))
    let diff = FirstDiff(stage: run.stage, decider: run.decider, applier: run.applier, rejects: run.rejects)
    var isTaken = true
    try pump(reader, run) { (batch) throws(SluiceError) in
      isTaken = try diff.take(batch)
      return isTaken
    }
    guard isTaken, try run.applier.finishEntries() else {
      run.abandon()
      return nil
    }
    return try finish(run, counts: diff.counts, summary: summary(of: reader), groups: nil)
  }

  /// One pass over the drop, a sort, and a look at the rows that need it.
  func prepareSorted() throws(SluiceError) -> PreparedDrop {
    let entries = ExternalSorter(directory: job.scratch, memory: Self.sortMemory / 4)
    try FileSystem.makeDirectories(job.scratch)
    let reader = try openReader(storeDirectory: job.scratch)
    let run = try Run(job, view: view, digestKey: digestKey, columns: reader.columns, order: .sorted(entries))
    let diff = SortedDiff(
      stage: run.stage, decider: run.decider, removals: run.removals, directory: job.scratch,
      memory: Self.sortMemory)
    try pump(reader, run) { (batch) throws(SluiceError) in
      try diff.take(batch)
      return true
    }
    guard let store = try reader.store() else {
      throw SluiceError(
        .environment, "read-unfinished", file: job.displayName, cause: "the rows of the drop were not kept",
        remedy: "report this as a defect of Sluice")
    }
    try diff.merge(store)
    try diff.apply(store, applier: run.applier, rejects: run.rejects)
    guard try run.applier.finishEntries() else { throw Self.unsorted }
    return try finish(run, counts: diff.counts, summary: summary(of: reader), groups: diff.dirtyGroups)
  }

  private static let unsorted = SluiceError(
    .environment, "internal-error", cause: "a key was to be written twice",
    remedy: "report this as a defect of Sluice; nothing was published")

  private func openReader(storeDirectory: String? = nil) throws(SluiceError) -> DropReader {
    do {
      return try DropReader(
        path: job.path, format: job.isReturned ? plan.feed.format.ofRejects : plan.feed.format,
        encoding: plan.feed.encoding, paths: plan.feed.sourceColumns,
        limits: ReadLimits(), storeDirectory: storeDirectory)
    } catch {
      throw named(error)
    }
  }

  private func summary(of reader: DropReader) throws(SluiceError) -> ReadSummary {
    if let summary = reader.summary { return summary }
    throw SluiceError(
      .environment, "read-unfinished", file: job.displayName, cause: "the drop was not read to its end",
      remedy: "report this as a defect of Sluice")
  }

  private func pump(
    _ reader: DropReader, _ run: Run, _ body: (RowBatch) throws(SluiceError) -> Bool
  ) throws(SluiceError) {
    var rows = 0
    var isStopped = false
    let digests = run.stage.hasSource ? run.stage.makeSourceDigest() : nil
    do {
      let trailer = job.isReturned ? nil : try TrailerCheck(plan.feed, columns: reader.columns)
      try BatchPump.run(reader) { batch in
        digests?.digestRows(of: batch)
        trailer?.totals.add(batch)
      } body: { (batch) throws(SluiceError) in
        rows += batch.rowCount
        job.progress?(rows, batch.rawBytesRead)
        guard try !body(batch) else { return }
        isStopped = true
        throw SluiceError(.environment, "stopped", cause: "the pass was given up", remedy: "nothing")
      }
      try trailer?.check(reader.trailer, rows: rows)
    } catch {
      if !isStopped { throw named(error) }
    }
  }

  /// The error with the drop named as its sender named it, not by its place in `work/`.
  private func named(_ error: SluiceError) -> SluiceError {
    var named = error
    if named.file == nil || named.file == job.path { named.file = job.displayName }
    return named
  }

  // MARK: - The end of a drop

  func finish(
    _ run: Run, counts: DropCounts, summary: ReadSummary, groups: GroupTracker?
  ) throws(SluiceError) -> PreparedDrop {
    var counts = counts
    try run.applier.finishRows(counts: &counts)
    // So far only records have fired; the keys that vanished from a full come next. A delta's removals are records.
    if job.mode == .full { countSkippedEvents(&counts) }
    let isWithheld = job.mode == .full && (counts.unkeyed > 0 || job.keepsRemoved) && counts.vanished > 0
    var segments = [try run.segment.finish(mergedLive: job.state.live + counts.liveDelta)]
    if isWithheld {
      counts.withholdRemovals()
    } else if run.removals.count > 0 {
      segments.append(try writeRemovals(run, counts: &counts))
    }
    if job.mode == .delta { countSkippedEvents(&counts) }
    segments = dropEmpty(segments)
    var state = nextState(counts, segments: segments, isWithheld: isWithheld)
    state.keyCases = run.applier.keyCases
    state.partitions = run.partitions.state
    try finishRemovals(run, state: state, counts: &counts)
    try writeFromSnapshot(run, state: &state, segments: &segments, counts: &counts, groups: groups)
    let outputs = try run.writers.staging.finish()
    let rejectFile = try run.rejects.finish(isDurable: job.isDurable)
    rejects = run.rejects.notes
    try SegmentMerge(job).merge(&state, segments: &segments)
    let coverage = coverage(written: outputs)
    state.covered = coverage.next
    let prepared = PreparedDrop(
      definition: plan.definitionHash, targets: PreparedTarget.all(plan, outputs: outputs), outputs: outputs,
      rejects: rejectFile.map { rejectOutput($0, rows: run.rejects.count) }, counts: counts,
      rowsWritten: Dictionary(outputs.map { ($0.target, $0.rows) }, uniquingKeysWith: +), state: state,
      segments: segments.map(\.name), sha256: summary.sha256 ?? "", contentSHA256: summary.contentSHA256 ?? "",
      contentBytes: summary.contentBytes,
      violations: violations(counts, run, next: state, isWithheld: isWithheld)
        + (coverage.violation.map { [$0] } ?? []),
      isRemovalWithheld: isWithheld, before: job.state)
    try Balance.check(prepared, plan: plan)
    return prepared
  }

  private func countSkippedEvents(_ counts: inout DropCounts) {
    for (index, target) in plan.feed.targets.enumerated() where target.kind == .event {
      counts.events[index].skipped = counts.accepted - counts.events[index].fired
    }
  }

  /// Writes what the vanished keys mean, and their tombstones as a segment of its own.
  private func writeRemovals(_ run: Run, counts: inout DropCounts) throws(SluiceError) -> SegmentSummary {
    let segment = try run.makeSegment(.removals)
    let image = ImageView()
    let noDigests = ByteArena(capacity: 64)
    for _ in 0..<(2 * SegmentMetadata.digestCount(plan)) { noDigests.append(raw: 0 as UInt64) }
    let removals = run.removals
    let (writers, partitions) = (run.writers, run.partitions)
    let view = view
    let drop = UInt32(clamping: job.drop)
    let stateCount = plan.states.count
    var updated = counts
    try removals.forEach { (key, old, spelling, _) throws(SluiceError) in
      guard old.exists, old.flags.isLive else {
        // Gone already, or never there: what is older shall not bring it back.
        var flags = EntryFlags(isLive: false, isPositive: false)
        if old.exists { for index in 0..<stateCount { flags.set(index, old.flags.state(index)) } }
        return try segment.append(
          SnapshotEntry(
            key: key, spelling: spelling, flags: flags.word, publication: drop, line: 0, rowOffset: 0,
            previous: old.drop,
            digests: noDigests.view))
      }
      try view.read(segment: Int(old.segment), rowOffset: old.rowOffset, into: image)
      let tracked = view.trackedTargets(segment: Int(old.segment), flags: old.flags, image: image)
      if partitions.isOn { partitions.noteRemoved(old.flags, key: key) }
      try writers.writeVanished(old.flags, old: image, tracked: tracked, counts: &updated)
      var flags = EntryFlags(isLive: false, isPositive: false)
      for index in 0..<stateCount {
        flags.set(index, old.flags.state(index) == .sent ? .tombstone : old.flags.state(index))
      }
      try segment.append(
        SnapshotEntry(
          key: key, spelling: spelling, flags: flags.word, publication: drop, line: 0, rowOffset: 0, previous: old.drop,
          digests: noDigests.view))
    }
    counts = updated
    return try segment.finish(mergedLive: job.state.live + counts.liveDelta)
  }

  /// Writes the removals that had to wait until it is certain what the next snapshot holds.
  private func finishRemovals(_ run: Run, state: FeedState, counts: inout DropCounts) throws(SluiceError) {
    let keepers = run.writers.removalKeepers
    guard !keepers.isEmpty else { return }
    let next = try SnapshotView(state: state, directory: job.snapshots, plan: plan)
    try HeldIdentities(plan: plan, view: next).tell(keepers, keyCases: run.applier.keyCases)
    try run.writers.finishRemovals(counts: &counts)
  }

  private func dropEmpty(_ segments: [SegmentSummary]) -> [SegmentSummary] {
    segments.filter { segment in
      if segment.entries == 0 { SnapshotWriter.remove(directory: job.snapshots, name: segment.name) }
      return segment.entries > 0
    }
  }

  private func nextState(_ counts: DropCounts, segments: [SegmentSummary], isWithheld: Bool) -> FeedState {
    var state = job.state
    state.live += counts.liveDelta
    state.positive += counts.positiveDelta
    if job.mode == .full { state.lastFullAsOf = max(state.lastFullAsOf ?? job.asOf, job.asOf) }
    if job.mode == .full {
      state.recentLive = (state.recentLive ?? []).suffix(FeedState.rememberedFulls - 1) + [state.live]
    }
    if let seconds = plan.feed.guards.zeroedWithin {
      var log = state.zeroedLog ?? ZeroedLog()
      log.add(
        zeroed: counts.zeroed - counts.raised, positiveBefore: job.state.positive, asOf: job.asOf, within: seconds)
      state.zeroedLog = log
    }
    if job.mode == .full { state.withheldInARow = isWithheld ? state.withheldInARow + 1 : 0 }
    for target in plan.feed.targets where !state.targets.contains(target.name) { state.targets.append(target.name) }
    for segment in segments { state.add(segment) }
    return state
  }

  private func coverage(written outputs: [StagedOutput]) -> Coverage {
    let spoken = view.maps.map(\.latestAsOf).max() ?? .min
    return Coverage(job, spoken: max(spoken, job.state.lastFullAsOf ?? .min), written: Set(outputs.map(\.target)))
  }

  private func violations(
    _ counts: DropCounts, _ run: Run, next: FeedState, isWithheld: Bool
  ) -> [GuardViolation] {
    let guards = plan.feed.guards
    var guardCounts = GuardCounts(
      isFull: job.mode == .full, isFirst: job.state.segments.isEmpty, read: counts.read, rejected: counts.rejected,
      accepted: counts.accepted, keysBefore: job.state.live, removed: counts.vanished, changed: counts.changedKeys,
      positiveBefore: job.state.positive, zeroed: counts.zeroed)
    guardCounts.new = counts.liveDelta + counts.vanished
    guardCounts.swung = counts.swung
    guardCounts.liveAfter = next.live
    guardCounts.medianLive = job.state.medianLive
    guardCounts.zeroedWithin = guards.zeroedWithin.map { seconds in
      (job.state.zeroedLog ?? ZeroedLog()).sum(
        zeroed: counts.zeroed - counts.raised, positiveBefore: job.state.positive, asOf: job.asOf, within: seconds)
    }
    guardCounts.partitions = run.partitions.counts
    // Whoever corrects rejects by hand may leave some for later.
    if job.isReturned { guardCounts.rejected = 0 }
    var violations = guards.violations(guardCounts)
    if isWithheld, job.state.withheldInARow + 1 >= FeedState.maximumWithheld {
      violations.append(
        GuardViolation(
          code: "guard-unkeyed",
          message: "removals were withheld in \(FeedState.maximumWithheld) fulls in a row, because rejected rows "
            + "had keys that could not be read",
          remedy: "have the sender repair the rows in the reject file, then `sluice release` or drop the file again"))
    }
    return violations
  }

  private func rejectOutput(_ summary: StagedSummary, rows: Int) -> StagedOutput {
    StagedOutput(
      stagedName: summary.name, target: "rejects", system: .bi, step: 0, entity: "rejects", variant: nil,
      behaviour: "rejects", part: 1, columns: [], rows: rows, bytes: summary.bytes, sha256: summary.sha256)
  }

  // MARK: - Written from the next snapshot

  /// Writes the targets that are sent whole or by groups, from the snapshot as it will be.
  private func writeFromSnapshot(
    _ run: Run, state: inout FeedState, segments: inout [SegmentSummary], counts: inout DropCounts,
    groups: GroupTracker?
  ) throws(SluiceError) {
    let changedWhole = plan.whole.filter { target in
      guard let index = plan.states.firstIndex(where: { $0.target == target }) else { return false }
      let counts = counts.states[index]
      return counts.new + counts.changed + counts.returned + counts.withdrawn + counts.removed > 0
    }
    guard groups != nil || !changedWhole.isEmpty else { return }
    let next = try SnapshotView(state: state, directory: job.snapshots, plan: plan)
    let writer = SnapshotTargets(plan: plan, view: next, writers: run.writers)
    for target in changedWhole { try writer.writeWhole(target, counts: &counts) }
    guard let groups else { return }
    let settled = SettledMembers(plan: plan, view: next, directory: job.scratch)
    try writer.writeGroups(groups, before: view, settled: settled, counts: &counts)
    guard settled.count > 0 else { return }
    let asOf = next.maps.reduce(into: [:]) { $0.merge($1.asOf) { first, _ in first } }
    let segment = try run.makeSegment(.settled, asOf: asOf)
    try settled.write(to: segment)
    segments.append(try segment.finish(mergedLive: state.live))
    state.add(segments[segments.count - 1])
  }
}
