import Diff
import Feeds
import Records
import Streams
import Tabular

/// Diffs a drop whose keys come in any order: the first pass sorts what is known of each row by its key, the merge
/// with the snapshot decides, and a second look at the rows that need it writes what has changed, in the drop's order.
///
/// Where the bytes of rows can be compared with those of last time (`isLazy`), only the rows that are not the same are
/// sorted, and validated in the second look.
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
  /// The rows of last time; nil when bytes can not be compared.
  private let repeats: RepeatedRows?
  /// Number of the snapshot's entry that the merge stands on.
  private var ordinal = -1
  private var tally = UnchangedTally()
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
    repeats =
      stage.hasSource && decider.comparesSources
      ? RepeatedRows(decider: decider, directory: directory, isSpelled: stage.hasFoldedKey) : nil
    counts = DropCounts(plan: stage.plan)
  }

  /// Rows are validated only when their bytes are not those of last time.
  private var isLazy: Bool { repeats != nil }

  /// Groups that have to be written whole; nil when the feed has no grouped target.
  var dirtyGroups: GroupTracker? { groups }

  /// Whether the second pass has anything to do.
  var hasTasks: Bool { tasks.count > 0 }

  // MARK: - First pass

  /// Takes the rows of a batch.
  func take(_ batch: RowBatch) throws(SluiceError) {
    counts.read += batch.rowCount
    if let repeats { return try take(batch, repeats) }
    for index in 0..<batch.rowCount { try takeWhole(batch, index) }
  }

  private func take(_ batch: RowBatch, _ repeats: RepeatedRows) throws(SluiceError) {
    for index in 0..<batch.rowCount {
      if stage.readKey(batch, row: index) {
        try repeats.add(
          batch.place(index), key: stage.key.view, spelling: stage.spelling.view, source: stage.source)
      } else {
        try takeWhole(batch, index)
      }
    }
  }

  private func takeWhole(_ batch: RowBatch, _ index: Int) throws(SluiceError) {
    var row = KeyedRows.Row(place: batch.place(index))
    switch stage.process(batch, row: index) {
    case .rejected(let isKeyed):
      counts.rejected += 1
      try tasks.append(.reject, at: row.place)
      guard isKeyed else {
        counts.unkeyed += 1
        return
      }
      row.isReject = true
      try rows.append(key: stage.key.view, row: row, spelling: ByteView(), digests: ByteView())
      try groups?.noteReject(stage.key.view)
    case .accepted:
      row.members = stage.members
      row.isPositive = stage.isPositive
      row.isDelete = stage.isDelete
      if case .latest(let field) = stage.plan.feed.duplicates { row.rank = stage.record.values[field].number }
      if let repeats {
        return try repeats.add(
          row.place, key: stage.key.view, spelling: stage.spelling.view, source: stage.source)
      }
      try rows.append(
        key: stage.key.view, row: row, spelling: stage.spelling.view, digests: stage.digests.view)
    }
  }

  /// Takes the rows that are not those of last time, now that these are known.
  private func takeOthers(_ repeats: RepeatedRows, _ store: RowStore) throws(SluiceError) {
    let source = ByteArena(capacity: 16)
    try repeats.forEachOther { (place) throws(SluiceError) in
      guard let batch = try store.fetch(place) else { throw Self.changedBetweenPasses }
      if !stage.readKey(batch, row: 0), case .rejected = stage.process(batch, row: 0) {
        throw Self.changedBetweenPasses
      }
      source.removeAll()
      source.append(raw: stage.source)
      try rows.append(
        key: stage.key.view, row: KeyedRows.Row(place: place), spelling: stage.spelling.view, digests: source.view)
    }
  }

  // MARK: - Merge

  /// Merges the sorted rows with the snapshot; `store` has the rows themselves.
  func merge(_ store: RowStore) throws(SluiceError) {
    if let repeats { try takeOthers(repeats, store) }
    let cursor = decider.view.reader?.cursor()
    var isAtEntry = decider.isFull ? try step(cursor) : cursor != nil
    if groups != nil, stage.plan.feed.duplicates == .reject { try noteDuplicateGroups() }
    try groups?.startMerge()
    try rows.advance()
    while rows.hasRow {
      key.removeAll()
      key.append(rows.key)
      try resolveDuplicates(store)
      if let cursor, isAtEntry {
        if decider.isFull {
          while isAtEntry, ByteView.compare(cursor.key, key.view) < 0 {
            try passOver(cursor)
            isAtEntry = try step(cursor)
          }
        } else {
          isAtEntry = try cursor.seek(to: key.view)
        }
      }
      let match = isAtEntry ? cursor.flatMap { $0.key == key.view ? $0 : nil } : nil
      try decide(match, store)
      if decider.isFull, match != nil { isAtEntry = try step(cursor) }
    }
    if decider.isFull, let cursor {
      while isAtEntry {
        try passOver(cursor)
        isAtEntry = try step(cursor)
      }
    }
    tally.flush(to: &counts)
    try groups?.finishMerge()
  }

  /// Goes on to the snapshot's next entry; false at the end.
  @inline(__always)
  private func step(_ cursor: SnapshotCursor?) throws(SluiceError) -> Bool {
    ordinal &+= 1
    return try cursor?.advance() ?? false
  }

  /// Passes over an entry that no row was sorted for: its row is that of last time, or it has vanished.
  @inline(__always)
  private func passOver(_ cursor: SnapshotCursor) throws(SluiceError) {
    if let repeats, repeats.contains(ordinal) {
      tally.add(cursor.flags, to: &counts)
    } else {
      try vanish(cursor)
    }
  }

  /// Steps over all rows of the current key and leaves the one that counts in `winner`.
  private func resolveDuplicates(_ store: RowStore) throws(SluiceError) {
    winner.removeAll()
    var isDuplicate = false
    repeat {
      let (row, spelling, digests) = rows.current
      if !row.isReject {
        // Only a valid row can win over another.
        if isLazy, !winner.isVerified, let first = winner.row {
          winner.isVerified = try isValid(first, store)
          if !winner.isVerified { winner.removeAll() }
        }
        if winner.row == nil {
          winner.take(row, spelling: spelling, digests: digests)
        } else if isLazy, try !isValid(row, store) {
          // It was rejected and contends for nothing.
        } else {
          isDuplicate = true
          if try contend(row) { winner.take(row, spelling: spelling, digests: digests, isVerified: isLazy) }
        }
      }
      try rows.advance()
    } while rows.hasRow && rows.key == key.view
    if isDuplicate, stage.plan.feed.duplicates == .reject, let first = winner.row {
      try rejectDuplicate(first.place)
      winner.removeAll()
    }
  }

  /// Whether a row whose key stands more than once is valid; one that is not is rejected.
  private func isValid(_ row: KeyedRows.Row, _ store: RowStore) throws(SluiceError) -> Bool {
    guard let batch = try store.fetch(row.place) else { throw Self.changedBetweenPasses }
    if case .accepted = stage.process(batch, row: 0) { return true }
    counts.rejected += 1
    try tasks.append(.reject, at: row.place)
    return false
  }

  /// Whether a further row of the key takes the place of the winner so far.
  private func contend(_ row: KeyedRows.Row) throws(SluiceError) -> Bool {
    if stage.plan.feed.duplicates == .reject {
      try rejectDuplicate(row.place)
      return false
    }
    counts.superseded += 1
    return switch stage.plan.feed.duplicates {
    case .first, .reject: false
    case .last: true
    case .latest: (row.rank ?? 0) >= (winner.row?.rank ?? 0)
    }
  }

  private func rejectDuplicate(_ place: RowPlace) throws(SluiceError) {
    counts.rejected += 1
    try tasks.append(.duplicate, at: place)
  }

  private func decide(_ cursor: SnapshotCursor?, _ store: RowStore) throws(SluiceError) {
    guard let row = winner.row else {
      // Beside a reject with the same key there may be the row of last time.
      if let cursor, let repeats, repeats.contains(ordinal) { tally.add(cursor.flags, to: &counts) }
      return
    }
    if isLazy { return try compare(row, cursor) }
    if row.isDelete { return try delete(cursor) }
    counts.accepted += 1
    var decision: KeyDecision
    if let cursor {
      var (members, digests) = (row.members, winner.digests)
      if decider.isRespelled(cursor.current, spelling: winner.spelling) {
        counts.respelled += 1
        if try respell(row, as: cursor.current.spelling, store) {
          (members, digests) = (stage.members, stage.digests.view)
        }
      }
      decision = decider.decide(
        cursor.current, segment: cursor.segment, members: members, isPositive: row.isPositive, digests: digests)
    } else {
      decision = decider.decideNew(members: row.members, isPositive: row.isPositive)
    }
    if decider.isRefused(decision) {
      counts.refuseNewer()
      return try tasks.append(.changedSince, at: row.place)
    }
    if let groups { try groups.note(&decision, key: key.view, ordinal: row.place.offset) }
    counts.add(decision)
    guard decision.isWritten else { return }
    var known = cursor?.current
    if known == nil, let spelling = try spellings?.spelling(of: key.view, own: winner.spelling) {
      known = SnapshotEntry(key: key.view, spelling: spelling)
    }
    try tasks.append(decision, entry: known, at: row.place)
  }

  private func delete(_ cursor: SnapshotCursor?) throws(SluiceError) {
    try DeleteRow.take(
      cursor?.current, segment: cursor?.segment ?? 0, key: key.view, spelling: winner.spelling, decider: decider,
      removals: removals, counts: &counts)
  }

  /// Takes a row once more, with its key as the targets spell it. False when that rejects it, which shows when it is
  /// written.
  private func respell(_ row: KeyedRows.Row, as spelling: ByteView, _ store: RowStore) throws(SluiceError) -> Bool {
    guard let batch = try store.fetch(row.place), case .accepted = stage.process(batch, row: 0) else {
      throw Self.changedBetweenPasses
    }
    return stage.respell(spelling)
  }

  /// Counts a row that is the one of last time; all others are looked at once more.
  @inline(__always)
  private func compare(_ row: KeyedRows.Row, _ cursor: SnapshotCursor?) throws(SluiceError) {
    let source = winner.digests.load(as: Digest128.self)
    guard let cursor else { return try tasks.append(source: source, entry: nil, segment: 0, at: row.place) }
    guard decider.isSameSource(cursor, source: source) else {
      return try tasks.append(source: source, entry: cursor.current, segment: cursor.segment, at: row.place)
    }
    tally.add(cursor.flags, to: &counts)
    if stage.hasFoldedKey, decider.isRespelled(cursor.current, spelling: winner.spelling) { counts.respelled += 1 }
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

  // MARK: - Second look

  /// Does with the rows that need it what the merge found, in the order of the drop.
  func apply(_ store: RowStore, applier: ChangeApplier, rejects: RejectCollector) throws(SluiceError) {
    while let place = try tasks.next() {
      guard let batch = try store.fetch(place) else { throw Self.changedBetweenPasses }
      let outcome = stage.process(batch, row: 0)
      switch (tasks.task, outcome) {
      case (.reject, .rejected): try rejects.add(stage.refusal, batch: batch, row: 0)
      case (.duplicate, _): try rejects.add(Refusal(cause: .duplicateKey), batch: batch, row: 0)
      case (.changedSince, _): try rejects.add(Refusal(cause: .changedSince), batch: batch, row: 0)
      case (.write, .accepted):
        let spelling = tasks.entry(key: stage.key.view)?.spelling ?? stage.spelling.view
        let refusal = try applier.apply(
          tasks.decision, spelling: spelling, line: Int(place.line), counts: &counts)
        if let refusal { try rejects.add(refusal, batch: batch, row: 0) }
      case (.decide, .accepted):
        guard stage.source == tasks.source else { throw Self.changedBetweenPasses }
        if let refusal = try decideLate(place, applier) { try rejects.add(refusal, batch: batch, row: 0) }
      case (.decide, .rejected):
        counts.rejected += 1
        try rejects.add(stage.refusal, batch: batch, row: 0)
      case (.write, .rejected), (.reject, .accepted): throw Self.changedBetweenPasses
      }
    }
  }

  /// Decides on a valid row that is not that of last time; gives back why it is rejected after all.
  private func decideLate(_ place: RowPlace, _ applier: ChangeApplier) throws(SluiceError) -> Refusal? {
    if stage.isDelete {
      let entry = tasks.entry(key: stage.key.view)
      try DeleteRow.take(
        entry, segment: tasks.segment, key: stage.key.view, spelling: stage.spelling.view, decider: decider,
        removals: removals, counts: &counts)
      return nil
    }
    counts.accepted += 1
    let decision: KeyDecision
    var spelling = stage.spelling.view
    if let entry = tasks.entry(key: stage.key.view) {
      if decider.isRespelled(entry, spelling: spelling) {
        guard stage.respell(entry.spelling) else {
          counts.accepted -= 1
          counts.rejected += 1
          return stage.refusal
        }
        counts.respelled += 1
      }
      decision = decider.decide(
        entry, segment: tasks.segment, members: stage.members, isPositive: stage.isPositive,
        digests: stage.digests.view)
      spelling = entry.spelling
    } else {
      decision = decider.decideNew(members: stage.members, isPositive: stage.isPositive)
    }
    counts.add(decision)
    return try applier.apply(
      decision, spelling: spelling, line: Int(place.line), counts: &counts)
  }

  private static let changedBetweenPasses = SluiceError(
    .environment, "drop-changed", cause: "the claimed file changed between two readings of it",
    remedy: "make sure that nothing but Sluice writes to its work directory")
}
