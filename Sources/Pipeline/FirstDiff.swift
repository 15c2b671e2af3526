import Feeds
import Streams
import Tabular

/// Takes a drop in any order of keys when nothing was published before: every record is new, so that the drop is read
/// and written in one pass and only the entries of the snapshot have to be sorted. That no key stands twice shows when
/// they are; if one does, the drop is taken again by `SortedDiff`.
final class FirstDiff {
  private let stage: RowStage
  private let decider: KeyDecider
  private let applier: ChangeApplier
  private let rejects: RejectCollector
  private(set) var counts: DropCounts

  init(stage: RowStage, decider: KeyDecider, applier: ChangeApplier, rejects: RejectCollector) {
    self.stage = stage
    self.decider = decider
    self.applier = applier
    self.rejects = rejects
    counts = DropCounts(plan: stage.plan)
  }

  /// Takes the rows of a batch; false when the drop has to be taken the other way.
  func take(_ batch: RowBatch) throws(SluiceError) -> Bool {
    for row in 0..<batch.rowCount {
      counts.read += 1
      switch stage.process(batch, row: row) {
      case .rejected(let isKeyed):
        counts.rejected += 1
        if !isKeyed { counts.unkeyed += 1 }
        try rejects.add(stage.refusal, batch: batch, row: row)
      case .accepted:
        // Whether another row has its key is not known here.
        if stage.isDelete { return false }
        counts.accepted += 1
        let decision = decider.decideNew(members: stage.members, isPositive: stage.isPositive)
        counts.add(decision)
        let line = batch.firstLine + Int(batch.head(row).lineOffset)
        let refusal = try applier.apply(
          decision, spelling: stage.spelling.view, line: line, counts: &counts)
        // Which row stands for a key that stands twice is decided before its first row is made; here it was not.
        if refusal != nil { return false }
      }
    }
    return true
  }
}
