import Diff
import Feeds
import Intake
import Records
import Streams
import Tabular
import Targets

/// Runs the examples of a feed definition through the real validator, mapping and writers, into memory.
package struct ExampleRun {
  /// What came of an example's row.
  enum Actual {
    case rejected(RejectNote)
    /// What the targets get, and by target the texts of its packed attributes.
    case targets([TrialOutputs.Target], packed: [[String: String]])
    /// The row before can not have been published, for this reason.
    case unfounded(String)
  }

  /// A row of an example in its stage, which borrows from the batch.
  private struct StagedRow {
    var stage: RowStage
    var batch: RowBatch
    var columns: [String]
    var isAccepted: Bool
  }

  private let plan: FeedPlan
  private let now: Value
  private let outputs: TrialOutputs
  private let decider: KeyDecider
  private let digestKey = DigestKey.random()

  /// Prepares the examples of `feed`. `now` is what `now()` gives, seconds since 1970 UTC.
  package init(_ feed: FeedDefinition, now: Int) throws(SluiceError) {
    plan = try FeedPlan(feed)
    self.now = .datetime(seconds: try FeedZone(feed.zone).wall(utc: Int64(now)))
    // The feed was published before, so that events fire; nothing of it is known but what an example says.
    outputs = TrialOutputs(
      plan: plan, now: self.now, time: UTCTime.text(now), publishedTargets: feed.targets.map(\.name),
      showsUnsent: false)
    let view = try SnapshotView(state: .empty(digestKey: digestKey), directory: "", plan: plan)
    decider = KeyDecider(plan: plan, view: view, asOf: now, isFull: true)
  }

  /// What came of each example, in the order of the definition.
  package func run() throws(SluiceError) -> [ExampleResult] {
    var results: [ExampleResult] = []
    for (index, example) in plan.feed.examples.enumerated() {
      let comparison = ExampleComparison(plan: plan, example: example)
      results.append(
        ExampleResult(
          feed: plan.feed.name, file: plan.feed.path, line: example.position.line, example: index + 1,
          differences: comparison.differences(from: try outcome(of: example))))
    }
    return results
  }

  private func outcome(of example: FeedExample) throws(SluiceError) -> Actual {
    let row = try staged(example.row)
    guard row.isAccepted else { return .rejected(note(row.stage.refusal, row)) }
    guard let before = example.before else {
      if row.stage.isDelete { return try outcomeOfDelete(row, after: nil) }
      let decision = decider.decideNew(members: row.stage.members, isPositive: row.stage.isPositive)
      return try outcome(of: row, decision, old: nil)
    }
    let first = try staged(before)
    guard first.isAccepted else {
      return .unfounded("the row before is rejected: \(note(first.stage.refusal, first).message)")
    }
    guard first.stage.key.view == row.stage.key.view else { return .unfounded("the row before has another key") }
    if first.stage.isDelete { return .unfounded("the row before deletes its key") }
    if row.stage.isDelete { return try outcomeOfDelete(row, after: first) }
    let spelling = first.stage.spelling.view
    guard row.stage.respell(spelling.isEmpty ? first.stage.key.view : spelling) else {
      return .rejected(note(row.stage.refusal, row))
    }
    let old = ImageView()
    guard old.read(first.stage.builder.image) else { throw ChangeApplier.inconsistent }
    // The old image borrows from the stage that made it.
    defer { withExtendedLifetime(first) {} }
    return try outcome(of: row, decider.decide(row.stage, after: first.stage), old: old)
  }

  private func outcome(of row: StagedRow, _ decision: KeyDecision, old: ImageView?) throws(SluiceError) -> Actual {
    defer { withExtendedLifetime(row) {} }
    switch try outputs.outcome(of: decision, stage: row.stage, old: old, tracked: nil, note: { note($0, row) }) {
    case .rejected(let reject): return .rejected(reject)
    case .targets(let targets):
      return .targets(targets, packed: plan.feed.targets.indices.map { packedTexts($0, row.stage.builder) })
    }
  }

  /// What the targets get of a row that says that its key is gone, after the row `first`.
  private func outcomeOfDelete(_ row: StagedRow, after first: StagedRow?) throws(SluiceError) -> Actual {
    defer { withExtendedLifetime((row, first)) {} }
    var old: ImageView?
    if let first {
      let image = ImageView()
      guard image.read(first.stage.builder.image) else { throw ChangeApplier.inconsistent }
      old = image
    }
    let targets = try outputs.outcomeOfDelete(
      stage: row.stage, flags: first.map { decider.sentFlags($0.stage) }, old: old, tracked: nil)
    return .targets(targets, packed: plan.feed.targets.map { _ in [:] })
  }

  private func note(_ refusal: Refusal, _ row: StagedRow) -> RejectNote {
    refusal.note(line: 1, fields: plan.feed.fields, columns: row.columns, keyNames: plan.keyNames)
  }

  // MARK: - The row

  /// Takes a row through validation and mapping. Columns that it does not name are empty in CSV and absent in XML.
  private func staged(_ cells: [FeedExample.Cell]) throws(SluiceError) -> StagedRow {
    var texts: [String: String] = [:]
    for cell in cells { texts[cell.name] = cell.text }
    var columns = plan.feed.sourceColumns
    var captures: [String: String] = [:]
    for cell in cells {
      if cell.name.hasPrefix("file.") {
        captures[String(cell.name.dropFirst(5))] = cell.text
      } else if !columns.contains(cell.name) {
        columns.append(cell.name)
      }
    }
    let stage = try RowStage(plan: plan, columns: columns, captures: captures, digestKey: digestKey, now: now)
    let batch = RowBatch()
    let absent: String? = if case .csv = plan.feed.format { "" } else { nil }
    var row = StagedRow(stage: stage, batch: batch, columns: columns, isAccepted: false)
    // More than a batch has room for is more than a row may have.
    if !batch.setRow(columns.map { texts[$0] ?? absent }, line: 1) {
      _ = batch.setRow(columns.map { _ in nil }, line: 1)
      batch.mark(0, .tooLong, field: 0)
    }
    if case .accepted = stage.process(batch, row: 0) { row.isAccepted = true }
    return row
  }

  /// The texts of a target's packed attributes, by attribute code.
  private func packedTexts(_ target: Int, _ builder: ImageBuilder) -> [String: String] {
    var texts: [String: String] = [:]
    let columns = zip(plan.feed.targets[target].columns, plan.layout.targets[target].columns)
    for (column, source) in columns where column.isPackedAttribute {
      switch source {
      case .slot(let slot):
        texts[column.name] = builder.state(slot) == .clear ? "\(commerceEmptyValue)" : builder.text(slot).text
      case .constant(let text): texts[column.name] = text
      case .program: break
      }
    }
    return texts
  }
}

extension KeyDecider {
  /// The flags of a key whose record, which `stage` holds, was sent to all targets that it belongs to.
  fileprivate func sentFlags(_ stage: RowStage) -> EntryFlags {
    var flags = EntryFlags(isLive: true, isPositive: stage.isPositive)
    for index in plan.states.indices where stage.members & (1 << UInt32(index)) != 0 { flags.set(index, .sent) }
    return flags
  }

  /// The decision for the record that `stage` holds, were the one that `first` holds what was published last.
  fileprivate func decide(_ stage: RowStage, after first: RowStage) -> KeyDecision {
    var decision = KeyDecision()
    decision.old = OldKey(exists: true, flags: sentFlags(first))
    func isEqual(_ group: Int) -> Bool {
      stage.digests.view.slice(from: 16 * group, count: 16) == first.digests.view.slice(from: 16 * group, count: 16)
    }
    finish(&decision, members: stage.members, isPositive: stage.isPositive, isEqual: isEqual)
    decision.isEventful = !plan.layout.groups.indices.allSatisfy(isEqual)
    decision.isWritten = true
    return decision
  }
}
