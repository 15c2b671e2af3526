import Diff
import Ledger
import Streams
import Tabular
import Targets

/// What a person asks for is prepared like a drop, from the snapshot and its lineage instead of from a file's rows.
extension DropPreparation {
  func prepare(_ request: Request) throws(SluiceError) -> PreparedDrop {
    let run = try Run(
      job, view: view, digestKey: digestKey, columns: plan.feed.sourceColumns, order: .ascending)
    switch request.kind {
    case .resync: return try finish(run, counts: try resync(run), summary: try readRequest(), groups: nil)
    case .resend: return try finish(run, counts: try resend(run), summary: try readRequest(), groups: nil)
    case .revert:
      let groups =
        plan.grouped.isEmpty ? nil : GroupTracker(plan: plan, isFull: false, directory: job.scratch)
      let counts = try revert(request.drop ?? 0, run, groups)
      return try finish(run, counts: counts, summary: try readRequest(), groups: groups)
    }
  }

  /// Hashes of the request itself, which goes to the archive.
  private func readRequest() throws(SluiceError) -> ReadSummary {
    let hash = try ContentHash.hash(ofFile: job.path, .sha256)
    let size = Int(try FileSystem.status(of: job.path)?.identity.size ?? 0)
    return ReadSummary(rawBytes: size, contentBytes: size, sha256: hash, contentSHA256: hash)
  }

  /// Writes every live key of the snapshot to every state target that has it.
  private func resync(_ run: Run) throws(SluiceError) -> DropCounts {
    var counts = DropCounts(plan: plan)
    let image = ImageView()
    if let cursor = view.reader?.cursor() {
      while try cursor.advance() {
        let flags = view.maps[cursor.segment].flags(cursor.current.flags)
        guard flags.isLive else { continue }
        counts.read += 1
        counts.addUnchanged(flags, number: 1)
        try view.read(segment: cursor.segment, rowOffset: cursor.current.rowOffset, into: image)
        try run.writers.writeAgain(flags, image: image, counts: &counts)
      }
    }
    let targets = SnapshotTargets(plan: plan, view: view, writers: run.writers)
    for target in plan.whole { try targets.writeWhole(target, counts: &counts) }
    try targets.writeAllGroups(counts: &counts)
    return counts
  }

  /// Writes the keys of an output once more to its target, as they are now; with rows only those of them.
  private func resend(_ run: Run) throws(SluiceError) -> DropCounts {
    let order = try ResendOrder.read(job.path)
    guard let target = plan.feed.targets.firstIndex(where: { $0.name == order.target && $0.kind == .state }),
      let state = plan.states.firstIndex(where: { $0.target == target })
    else { throw ResendOrder.noTarget(order.target) }
    var counts = DropCounts(plan: plan)
    let targets = SnapshotTargets(plan: plan, view: view, writers: run.writers)
    if plan.whole.contains(target) {
      try targets.writeWhole(target, counts: &counts)
      return counts
    }
    let past = PastVersions(plan: plan, lineage: Lineage(directory: job.snapshots))
    guard let written = try past.cursor(of: order.drop), let cursor = view.reader?.cursor() else {
      throw PastVersions.missing(order.drop)
    }
    let selection = ResendOrder.Selection(order, layout: plan.layout)
    let image = ImageView()
    let group = ByteArena(capacity: 256)
    while try written.advance() {
      guard Int(written.current.publication) == order.drop, try cursor.seek(to: written.key),
        cursor.key == written.key
      else { continue }
      let flags = view.maps[cursor.segment].flags(cursor.current.flags)
      guard flags.isLive, flags.state(state) == .sent else { continue }
      try view.read(segment: cursor.segment, rowOffset: cursor.current.rowOffset, into: image)
      guard selection.contains(image) else { continue }
      counts.read += 1
      counts.addUnchanged(flags, number: 1)
      if plan.grouped.contains(target) {
        guard group.view.isEmpty || !(plan.group(of: cursor.key) == group.view) else { continue }
        group.removeAll()
        group.append(plan.group(of: cursor.key))
        try targets.writeGroupAgain(group.view, target: target, counts: &counts)
      } else {
        try run.writers.writeAgain(flags, image: image, only: target, counts: &counts)
      }
    }
    return counts
  }

  /// Gives every key that `drop` wrote last what it had before.
  private func revert(_ drop: Int, _ run: Run, _ groups: GroupTracker?) throws(SluiceError) -> DropCounts {
    var counts = DropCounts(plan: plan)
    let past = PastVersions(plan: plan, lineage: Lineage(directory: job.snapshots))
    guard let reverted = try past.cursor(of: drop), let cursor = view.reader?.cursor() else {
      throw PastVersions.missing(drop)
    }
    if let groups { try withhold(groups, drop, past, run) }
    try groups?.startMerge()
    while try reverted.advance() {
      // Settled members are entries of other drops.
      guard Int(reverted.current.publication) == drop else { continue }
      counts.read += 1
      let isThere = try cursor.seek(to: reverted.key)
      guard isThere, cursor.key == reverted.key, Int(cursor.current.publication) == drop else {
        counts.addUneventful(.newer)
        counts.changedSince += 1
        continue
      }
      let before = try past.entry(of: Int(cursor.current.previous), key: cursor.key)
      counts.restated += 1
      if let before, before.isLive {
        try restate(before, past.image.view, over: cursor, run, groups, &counts)
      } else {
        try takeAway(cursor, run, groups, &counts)
      }
    }
    try groups?.finishMerge()
    return counts
  }

  /// Groups that a reject keeps back stay so.
  private func withhold(_ groups: GroupTracker, _ drop: Int, _ past: PastVersions, _ run: Run) throws(SluiceError) {
    let targets = SnapshotTargets(plan: plan, view: view, writers: run.writers)
    guard let cursor = try past.cursor(of: drop) else { return }
    while try cursor.advance() {
      if try targets.isUnsettled(plan.group(of: cursor.key)) { try groups.noteReject(cursor.key) }
    }
  }

  private func restate(
    _ before: SnapshotEntry, _ image: ByteView, over cursor: SnapshotCursor, _ run: Run, _ groups: GroupTracker?,
    _ counts: inout DropCounts
  ) throws(SluiceError) {
    let flags = EntryFlags(word: before.flags)
    var members: UInt32 = 0
    for (index, state) in plan.states.enumerated() {
      // What waited for its group went out with it since, or else the group is withheld now too.
      func isLeaving() -> Bool { (0..<16).allSatisfy { before.digest(state.digestGroup)[$0] == 0 } }
      if flags.isPending(index) ? !isLeaving() : flags.state(index) == .sent { members |= 1 << UInt32(index) }
    }
    var decision = run.decider.decide(
      cursor.current, segment: cursor.segment, members: members, isPositive: flags.isPositive,
      digests: before.digests)
    try groups?.note(&decision, key: cursor.key, ordinal: UInt64(counts.read))
    counts.accepted += 1
    counts.add(decision)
    try run.applier.restate(
      decision, entry: before, image: image, spelling: cursor.current.spelling, counts: &counts)
  }

  private func takeAway(
    _ cursor: SnapshotCursor, _ run: Run, _ groups: GroupTracker?, _ counts: inout DropCounts
  ) throws(SluiceError) {
    let old = run.decider.oldKey(cursor.current, segment: cursor.segment)
    guard old.flags.isLive else { return counts.addUneventful(.skipped) }
    try run.removals.append(cursor.key, old: old, spelling: cursor.current.spelling, digests: ByteView())
    counts.addDeleted(old)
    try groups?.noteVanished(cursor.key, old: old)
  }
}
