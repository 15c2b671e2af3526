import Diff
import Feeds
import Records
import Streams
import Tabular
import Targets

/// Shows what the targets get for one record. The real writers tell it, into memory: no file is made.
struct TrialOutputs {
  /// One column of a row.
  struct Cell {
    var column: String
    var text: String
  }

  /// What one target gets.
  struct Target {
    /// Index among the feed's targets.
    var target: Int
    /// What becomes of the key; nil for events.
    var change: TargetChange?
    /// The rows in the order of the files that they are in, blank cells included.
    var rows: [[Cell]]
  }

  enum Outcome {
    case targets([Target])
    /// The record is rejected after all, which shows only when its rows are written.
    case rejected(RejectNote)
  }

  let plan: FeedPlan
  /// What `now()` gives.
  let now: Value
  /// As-of of the drop, as change events name it.
  let time: String
  /// Names of the targets that were published before; events of others do not fire.
  let publishedTargets: [String]
  /// Rows of keys that did not change are told too, as they would be sent were they new.
  let showsUnsent: Bool
  private let batch = RowBatch()

  init(plan: FeedPlan, now: Value, time: String, publishedTargets: [String], showsUnsent: Bool) {
    self.plan = plan
    self.now = now
    self.time = time
    self.publishedTargets = publishedTargets
    self.showsUnsent = showsUnsent
  }

  /// What the targets get for the record that `stage` holds, which was decided on. `old` is what was published before,
  /// when there was something, made while the key had the `tracked` targets. `note` puts a refusal into words.
  func outcome(
    of decision: KeyDecision, stage: RowStage, old: ImageView?, tracked: [Bool]?, note: (Refusal) -> RejectNote
  ) throws(SluiceError) -> Outcome {
    let new = ImageView()
    guard new.read(stage.builder.image) else { throw ChangeApplier.inconsistent }
    let staging = StagingArea()
    let writers = try makeWriters(staging, stage)
    if let refusal = writers.refusal(decision, record: stage.record, new: new, old: old, tracked: tracked) {
      return .rejected(note(refusal))
    }
    var counts = DropCounts(plan: plan)
    try writers.write(decision, record: stage.record, new: new, old: old, tracked: tracked, counts: &counts)
    for (index, state) in plan.states.enumerated() {
      try writeState(
        state.target, decision.change(index), isMember: stage.members & (1 << UInt32(index)) != 0, new: new, old: old,
        writers: writers, staging: staging)
    }
    try writers.finishRemovals(counts: &counts)
    return .targets(try targets(plan.states.indices.map { decision.change($0) }, staging: staging))
  }

  /// What the targets get when the row that `stage` holds says that its key is gone. `old` is what was published before
  /// of a live key with these `flags`, made while it had the `tracked` targets; nil when there is none, or nothing
  /// changes.
  func outcomeOfDelete(
    stage: RowStage, flags: EntryFlags?, old: ImageView?, tracked: [Bool]?
  ) throws(SluiceError) -> [Target] {
    let staging = StagingArea()
    let writers = try makeWriters(staging, stage)
    var counts = DropCounts(plan: plan)
    if let flags, let old {
      let all = Array(repeating: true, count: plan.feed.targets.count)
      try writers.writeVanished(flags, old: old, tracked: tracked ?? all, counts: &counts)
      try writers.finishRemovals(counts: &counts)
    }
    return try targets(
      plan.states.indices.map { flags?.state($0) == .sent ? .withdrawn : .skipped }, staging: staging)
  }

  private func makeWriters(_ staging: StagingArea, _ stage: RowStage) throws(SluiceError) -> OutputWriters {
    try OutputWriters(
      plan: plan, staging: staging, scratch: "", evaluator: stage.record.evaluator, now: now, drop: 0, time: time,
      publishedTargets: publishedTargets)
  }

  /// Writes what a state target gets beside what is written at once.
  private func writeState(
    _ target: Int, _ change: TargetChange, isMember: Bool, new: ImageView, old: ImageView?, writers: OutputWriters,
    staging: StagingArea
  ) throws(SluiceError) {
    let definition = plan.feed.targets[target]
    let isUnsent = change == .unchanged || change == .newer
    if definition.isWhole {
      guard isMember, change != .newer || showsUnsent else { return }
      try WholeWriter(definition, layout: plan.layout.targets[target], staging: staging).write(new)
    } else if definition.groupBy != nil {
      if change == .withdrawn, let old { _ = try writers.writeEmptied(old, target: target) }
      guard isMember, !isUnsent || showsUnsent else { return }
      _ = try writers.writeMember(new, target: target)
    } else if isMember, isUnsent, showsUnsent {
      _ = try writers.writeMember(new, target: target)
    }
  }

  /// What is in the files of `staging`, with the change of each state target.
  private func targets(_ changes: [TargetChange], staging: StagingArea) throws(SluiceError) -> [Target] {
    var targets = plan.feed.targets.indices.map { Target(target: $0, change: nil, rows: []) }
    for (state, change) in zip(plan.states, changes) { targets[state.target].change = change }
    for (output, bytes) in try staging.finishInMemory() {
      guard let index = plan.feed.targets.firstIndex(where: { $0.name == output.target }) else { continue }
      targets[index].rows += try rows(of: bytes, count: output.rows)
    }
    return targets
  }

  /// The rows of a file.
  private func rows(of bytes: [UInt8], count: Int) throws(SluiceError) -> [[Cell]] {
    let dialect = CSVDialect()
    let reader = try DropReader(source: BytesSource(bytes), name: "preview", format: .csv(dialect), hashing: false)
    var rows: [[Cell]] = []
    repeat {
      try reader.fill(batch)
      for row in 0..<batch.rowCount {
        let first = Int(batch.head(row).firstField)
        rows.append(
          reader.columns.enumerated().map { index, column in
            Cell(column: column, text: batch.text(batch.slice(first + index), dialect.cells))
          })
      }
    } while !batch.isLast
    // A row of one blank cell is an empty line, which no reader takes for a row.
    while rows.count < count { rows.append(reader.columns.map { Cell(column: $0, text: "") }) }
    return rows
  }
}
