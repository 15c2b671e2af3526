import Diff
import Feeds
import Streams
import Tabular

/// Diffs a drop whose keys come in strictly ascending order: one pass, straight through the merge with the snapshot.
/// Gives up at the first key out of order (or seen twice), before anything of it is published.
final class OrderedDiff {
  private let stage: RowStage
  private let decider: KeyDecider
  private let applier: ChangeApplier
  private let rejects: RejectCollector
  private let removals: RemovalList
  private let cursor: SnapshotCursor?
  private var isAtEntry = false
  private var isStarted = false
  /// The snapshot was moved to the key of the current row already.
  private var isMoved = false
  private let lastKey = ByteArena(capacity: 512)
  private(set) var counts: DropCounts
  private var tally = UnchangedTally()
  /// A key came out of order: the pass was given up.
  private(set) var isOutOfOrder = false

  init(
    stage: RowStage, decider: KeyDecider, applier: ChangeApplier, rejects: RejectCollector, removals: RemovalList
  ) {
    self.stage = stage
    self.decider = decider
    self.applier = applier
    self.rejects = rejects
    self.removals = removals
    cursor = decider.view.reader?.cursor()
    counts = DropCounts(plan: stage.plan)
  }

  /// Takes the rows of a batch; false when a key is out of order.
  func take(_ batch: RowBatch) throws(SluiceError) -> Bool {
    if counts.read == 0, !startsInOrder(batch) {
      isOutOfOrder = true
      return false
    }
    let hasSource = stage.hasSource && decider.comparesSources
    defer { tally.flush(to: &counts) }
    var row = 0
    while row < batch.rowCount {
      if hasSource, batch.hasSources {
        row = try passRepeats(batch, from: row)
        if row == batch.rowCount { break }
      }
      guard try take(batch, row: row, hasSource: hasSource) else { return false }
      row += 1
    }
    return true
  }

  /// Takes one row; false when its key is out of order.
  private func take(_ batch: RowBatch, row: Int, hasSource: Bool) throws(SluiceError) -> Bool {
    counts.read += 1
    isMoved = false
    if hasSource, stage.readKey(batch, row: row) {
      guard try moveToKey() else { return false }
      if try passUnchanged() { return true }
    }
    switch stage.process(batch, row: row) {
    case .rejected(let isKeyed):
      counts.rejected += 1
      try rejects.add(stage.refusal, batch: batch, row: row)
      guard isKeyed else {
        counts.unkeyed += 1
        return true
      }
      guard try moveToKey() else { return false }
      if isMatch { try step() }
    case .accepted where stage.isDelete:
      guard try moveToKey() else { return false }
      // In a full the entry is left to be passed over, as that of a key that the drop does not hold.
      try DeleteRow.take(
        isMatch ? cursor?.current : nil, segment: cursor?.segment ?? 0, key: stage.key.view,
        spelling: stage.spelling.view, decider: decider, removals: removals, counts: &counts, isVanishing: true)
    case .accepted:
      guard try moveToKey() else { return false }
      let head = batch.head(row)
      if let refusal = try accept(line: batch.firstLine + Int(head.lineOffset)) {
        try rejects.add(refusal, batch: batch, row: row)
      }
    }
    return true
  }

  /// Passes over rows, from `first` on, that are each the row of last time of the entry that comes next; returns the
  /// first that is not. Their digests say so, so that nobody has to look at their keys, which ascend as the entries'.
  private func passRepeats(_ batch: RowBatch, from first: Int) throws(SluiceError) -> Int {
    guard let cursor else { return first }
    var row = first
    while row < batch.rowCount, isAtEntry, decider.isSameSource(cursor, source: batch.source(row)) {
      if stage.hasFoldedKey {
        guard stage.readKey(batch, row: row) else { throw ChangeApplier.inconsistent }
        if decider.isRespelled(cursor.current, spelling: stage.spelling.view) { counts.respelled += 1 }
      }
      tally.add(cursor.flags, to: &counts)
      isAtEntry = try cursor.advance()
      row &+= 1
    }
    guard row > first else { return first }
    counts.read += row - first
    guard stage.readKey(batch, row: row - 1) else { throw ChangeApplier.inconsistent }
    lastKey.removeAll()
    lastKey.append(stage.key.view)
    return row
  }

  /// Whether the keys of the first rows ascend. A shuffled drop is known by them, before its first key has passed over
  /// half of the snapshot.
  private func startsInOrder(_ batch: RowBatch) -> Bool {
    lastKey.removeAll()
    defer { lastKey.removeAll() }
    var hasKey = false
    for row in 0..<min(batch.rowCount, Self.probedRows) {
      if case .rejected(isKeyed: false) = stage.process(batch, row: row) { continue }
      if hasKey, ByteView.compare(stage.key.view, lastKey.view) <= 0 { return false }
      hasKey = true
      lastKey.removeAll()
      lastKey.append(stage.key.view)
    }
    return true
  }

  private static let probedRows = 64

  /// Passes over the row and its entry when it is the row of last time.
  @inline(__always)
  private func passUnchanged() throws(SluiceError) -> Bool {
    guard isMatch, let cursor else { return false }
    guard decider.isSameSource(cursor, source: stage.source) else { return false }
    tally.add(cursor.flags, to: &counts)
    if stage.hasFoldedKey, decider.isRespelled(cursor.current, spelling: stage.spelling.view) { counts.respelled += 1 }
    isAtEntry = try cursor.advance()
    return true
  }

  /// Decides on the row and applies what was decided; gives back why it is rejected after all.
  private func accept(line: Int) throws(SluiceError) -> Refusal? {
    counts.accepted += 1
    guard isMatch, let cursor else {
      let decision = decider.decideNew(members: stage.members, isPositive: stage.isPositive)
      if decider.isRefused(decision) {
        counts.refuseNewer()
        return Refusal(cause: .changedSince)
      }
      counts.add(decision)
      return try applier.apply(decision, spelling: stage.spelling.view, line: line, counts: &counts)
    }
    let entry = cursor.current
    if decider.isRespelled(entry, spelling: stage.spelling.view) {
      guard stage.respell(entry.spelling) else {
        counts.accepted -= 1
        counts.rejected += 1
        try step()
        return stage.refusal
      }
      counts.respelled += 1
    }
    let decision = decider.decide(
      entry, segment: cursor.segment, members: stage.members, isPositive: stage.isPositive,
      digests: stage.digests.view)
    if decider.isRefused(decision) {
      counts.refuseNewer()
      try step()
      return Refusal(cause: .changedSince)
    }
    counts.add(decision)
    let refusal = try applier.apply(decision, spelling: entry.spelling, line: line, counts: &counts)
    try step()
    return refusal
  }

  /// Moves the snapshot up to the key of the row; every live key passed on the way has vanished from a full.
  private func moveToKey() throws(SluiceError) -> Bool {
    let key = stage.key.view
    if isMoved { return true }
    if isStarted, ByteView.compare(key, lastKey.view) <= 0 {
      isOutOfOrder = true
      return false
    }
    isMoved = true
    if let cursor {
      if decider.isFull {
        if !isStarted { isAtEntry = try cursor.advance() }
        while isAtEntry, ByteView.compare(cursor.current.key, key) < 0 { try passOver() }
      } else if !isStarted || isAtEntry {
        isAtEntry = try cursor.seek(to: key)
      }
    }
    isStarted = true
    lastKey.removeAll()
    lastKey.append(key)
    return true
  }

  private var isMatch: Bool {
    guard isAtEntry, let cursor else { return false }
    return cursor.current.key == stage.key.view
  }

  private func step() throws(SluiceError) {
    if decider.isFull, let cursor { isAtEntry = try cursor.advance() }
  }

  private func passOver() throws(SluiceError) {
    guard let cursor else { return }
    try VanishedKey.note(cursor, decider: decider, removals: removals, counts: &counts)
    isAtEntry = try cursor.advance()
  }

  /// After the last row: what is left of the snapshot has vanished from a full.
  func finish() throws(SluiceError) {
    guard decider.isFull, let cursor else { return }
    if !isStarted { isAtEntry = try cursor.advance() }
    while isAtEntry { try passOver() }
  }
}

/// A key of the snapshot that a full does not hold.
enum VanishedKey {
  /// Puts the entry that `cursor` stands on to the removals, unless it is a tombstone or newer than the drop.
  static func note(
    _ cursor: SnapshotCursor, decider: KeyDecider, removals: RemovalList, counts: inout DropCounts
  ) throws(SluiceError) {
    let entry = cursor.current
    let old = decider.oldKey(entry, segment: cursor.segment)
    guard old.flags.isLive, !decider.isNewer(entry, segment: cursor.segment) else { return }
    try removals.append(entry.key, old: old, spelling: entry.spelling, digests: entry.digests)
    counts.addVanished(old.flags)
  }
}
