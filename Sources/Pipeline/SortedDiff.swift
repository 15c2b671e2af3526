import Diff
import Feeds
import Records
import Streams
import Tabular

/// Diffs a drop whose keys come in any order: the first pass sorts what is known of each row by its key, the merge
/// with the snapshot decides, and the second pass goes over the drop again and writes only what has changed, in the
/// drop's order.
final class SortedDiff {
  private let stage: RowStage
  private let decider: KeyDecider
  private var rows: KeyedRows
  private let directory: String
  private let memory: Int
  private let tasks: ChangeList
  private let removals: RemovalList
  private let groups: GroupTracker?
  private let spellings: GroupSpelling?
  private let winner = Winner()
  private let key = ByteArena(capacity: 512)
  private var ordinal: UInt64 = 0
  private(set) var counts: DropCounts

  init(stage: RowStage, decider: KeyDecider, removals: RemovalList, directory: String, memory: Int) {
    self.stage = stage
    self.decider = decider
    self.removals = removals
    self.directory = directory
    self.memory = memory
    rows = KeyedRows(directory: directory, memory: memory)
    tasks = ChangeList(directory: directory, memory: memory / 4)
    groups =
      stage.plan.grouped.isEmpty
      ? nil : GroupTracker(plan: stage.plan, isFull: decider.isFull, directory: directory)
    spellings = stage.plan.hasFoldedGroup ? GroupSpelling(plan: stage.plan, view: decider.view) : nil
    counts = DropCounts(plan: stage.plan)
  }

  /// Groups that have to be written whole; nil when the feed has no grouped target.
  var dirtyGroups: GroupTracker? { groups }

  /// Whether the second pass has anything to do.
  var hasTasks: Bool { tasks.count > 0 }

  // MARK: - First pass

  /// Takes the rows of a batch.
  func take(_ batch: RowBatch) throws(SluiceError) {
    for index in 0..<batch.rowCount {
      counts.read += 1
      let outcome = stage.process(batch, row: index)
      guard ordinal < UInt64(KeyedRows.maximumRows) else { throw Self.tooManyRows }
      var row = KeyedRows.Row(ordinal: UInt32(ordinal))
      ordinal += 1
      switch outcome {
      case .rejected(let isKeyed):
        counts.rejected += 1
        try tasks.append(.reject, ordinal: UInt64(row.ordinal))
        guard isKeyed else {
          counts.unkeyed += 1
          continue
        }
        row.isReject = true
        try rows.append(key: stage.key.view, row: row, spelling: ByteView(), digests: ByteView())
        try groups?.noteReject(stage.key.view)
      case .accepted:
        row.members = stage.members
        row.isPositive = stage.isPositive
        if case .latest(let field) = stage.plan.feed.duplicates { row.rank = stage.record.values[field].number }
        try rows.append(
          key: stage.key.view, row: row, spelling: stage.spelling.view, digests: stage.digests.view)
      }
    }
  }

  // MARK: - Merge

  /// Merges the sorted rows with the snapshot.
  func merge() throws(SluiceError) {
    let cursor = decider.view.reader?.cursor()
    var isAtEntry = decider.isFull ? try cursor?.advance() ?? false : cursor != nil
    if groups != nil, stage.plan.feed.duplicates == .reject { try noteDuplicateGroups() }
    try groups?.startMerge()
    try rows.advance()
    while rows.hasRow {
      key.removeAll()
      key.append(rows.key)
      try resolveDuplicates()
      if let cursor, isAtEntry {
        if decider.isFull {
          while isAtEntry, ByteView.compare(cursor.current.key, key.view) < 0 {
            try vanish(cursor)
            isAtEntry = try cursor.advance()
          }
        } else {
          isAtEntry = try cursor.seek(to: key.view)
        }
      }
      let match = isAtEntry ? cursor.flatMap { $0.current.key == key.view ? $0 : nil } : nil
      try decide(match)
      if decider.isFull, match != nil, let cursor { isAtEntry = try cursor.advance() }
    }
    if decider.isFull, let cursor {
      while isAtEntry {
        try vanish(cursor)
        isAtEntry = try cursor.advance()
      }
    }
    try groups?.finishMerge()
  }

  /// Steps over all rows of the current key and leaves the one that counts in `winner`.
  private func resolveDuplicates() throws(SluiceError) {
    winner.removeAll()
    var isDuplicate = false
    repeat {
      let (row, spelling, digests) = rows.current
      if !row.isReject {
        if winner.row == nil {
          winner.take(row, spelling: spelling, digests: digests)
        } else {
          isDuplicate = true
          if try contend(row) { winner.take(row, spelling: spelling, digests: digests) }
        }
      }
      try rows.advance()
    } while rows.hasRow && rows.key == key.view
    if isDuplicate, stage.plan.feed.duplicates == .reject, let first = winner.row {
      try rejectDuplicate(first.ordinal)
      winner.removeAll()
    }
  }

  /// Whether a further row of the key takes the place of the winner so far.
  private func contend(_ row: KeyedRows.Row) throws(SluiceError) -> Bool {
    if stage.plan.feed.duplicates == .reject {
      try rejectDuplicate(row.ordinal)
      return false
    }
    counts.superseded += 1
    return switch stage.plan.feed.duplicates {
    case .first, .reject: false
    case .last: true
    case .latest: (row.rank ?? 0) >= (winner.row?.rank ?? 0)
    }
  }

  private func rejectDuplicate(_ ordinal: UInt32) throws(SluiceError) {
    counts.rejected += 1
    try tasks.append(.duplicate, ordinal: UInt64(ordinal))
  }

  private func decide(_ cursor: SnapshotCursor?) throws(SluiceError) {
    guard let row = winner.row else { return }
    counts.accepted += 1
    var decision: KeyDecision
    if let cursor {
      decision = decider.decide(
        cursor.current, segment: cursor.segment, members: row.members, isPositive: row.isPositive,
        digests: winner.digests)
      if decider.isRespelled(cursor.current, spelling: winner.spelling) { counts.respelled += 1 }
    } else {
      decision = decider.decideNew(members: row.members, isPositive: row.isPositive)
    }
    if let groups { try groups.note(&decision, key: key.view, ordinal: UInt64(row.ordinal)) }
    counts.add(decision)
    if decision.isWritten {
      var known = cursor?.current.spelling
      if known == nil { known = try spellings?.spelling(of: key.view, own: winner.spelling) }
      try tasks.append(decision, spelling: known, ordinal: UInt64(row.ordinal))
    }
  }

  /// Goes over the sorted rows once before the merge, so that a group with a rejected duplicate is known from its first
  /// member on.
  private func noteDuplicateGroups() throws(SluiceError) {
    let copy = KeyedRows(directory: directory, memory: memory)
    var hasKey = false
    key.removeAll()
    try rows.advance()
    while rows.hasRow {
      let (row, spelling, digests) = rows.current
      try copy.append(key: rows.key, row: row, spelling: spelling, digests: digests)
      if !row.isReject {
        if hasKey, rows.key == key.view { try groups?.noteReject(key.view) }
        hasKey = true
        key.removeAll()
        key.append(rows.key)
      }
      try rows.advance()
    }
    rows = copy
  }

  private func vanish(_ cursor: SnapshotCursor) throws(SluiceError) {
    if let groups, try !groups.mayVanish(cursor.current.key) { return }
    let before = counts.vanished
    try VanishedKey.note(cursor, decider: decider, removals: removals, counts: &counts)
    // A full with a reject whose key could not be read removes nothing, so that its groups stay as they are.
    if counts.vanished > before, counts.unkeyed == 0 {
      try groups?.noteVanished(cursor.current.key, old: decider.oldKey(cursor.current, segment: cursor.segment))
    }
  }

  // MARK: - Second pass

  private var nextOrdinal: UInt64?

  /// Prepares the second pass.
  func startSecondPass() throws(SluiceError) {
    ordinal = 0
    nextOrdinal = try tasks.next()
  }

  /// Takes the same rows once more and does what the merge decided.
  func apply(_ batch: RowBatch, applier: ChangeApplier, rejects: RejectCollector) throws(SluiceError) {
    guard let next = nextOrdinal, next < ordinal + UInt64(batch.rowCount) else {
      ordinal += UInt64(batch.rowCount)
      return
    }
    let start = ordinal
    ordinal += UInt64(batch.rowCount)
    while let next = nextOrdinal, next < ordinal {
      let index = Int(next - start)
      let outcome = stage.process(batch, row: index)
      switch tasks.task {
      case .reject: try rejects.add(stage.refusal, batch: batch, row: index)
      case .duplicate:
        try rejects.add(Refusal(cause: .duplicateKey), batch: batch, row: index)
      case .write:
        guard case .accepted = outcome else { throw Self.changedBetweenPasses }
        let line = batch.firstLine + Int(batch.head(index).lineOffset)
        let refusal = try applier.apply(
          tasks.decision, spelling: tasks.spelling ?? stage.spelling.view, line: line,
          digests: stage.digests.view, counts: &counts)
        if let refusal { try rejects.add(refusal, batch: batch, row: index) }
      }
      nextOrdinal = try tasks.next()
    }
  }

  private static let tooManyRows = SluiceError(
    .damaged, "too-many-rows", cause: "the drop has more than \(KeyedRows.maximumRows) rows",
    remedy: "have it sent in parts")

  private static let changedBetweenPasses = SluiceError(
    .environment, "drop-changed", cause: "the claimed file changed between two readings of it",
    remedy: "make sure that nothing but Sluice writes to its work directory")
}
