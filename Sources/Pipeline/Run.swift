import Diff
import Outbox
import Records
import Streams
import Tabular
import Targets

/// The parts that work on one drop, wired together.
final class Run {
  let stage: RowStage
  let decider: KeyDecider
  let applier: ChangeApplier
  let rejects: RejectCollector
  let removals: RemovalList
  let segment: SnapshotWriter
  let writers: OutputWriters
  let partitions: PartitionTally
  private let job: DropJob

  init(
    _ job: DropJob, view: SnapshotView, digestKey: DigestKey, columns: [String], order: ChangeApplier.EntryOrder
  ) throws(SluiceError) {
    self.job = job
    try Publisher.removeTree(job.staging)
    try FileSystem.makeDirectories(job.staging)
    try FileSystem.makeDirectories(job.scratch)
    try FileSystem.makeDirectories(job.snapshots)
    do {
      stage = try RowStage(
        plan: job.plan, columns: columns, captures: job.captures, digestKey: digestKey, now: job.now)
    } catch {
      throw error.naming(job.displayName)
    }
    decider = KeyDecider(plan: job.plan, view: view, asOf: job.asOf, isFull: job.mode == .full)
    decider.returnOf = job.returnOf.map { UInt32(clamping: $0) }
    decider.otherReturns = Set(job.otherReturns.map { UInt32(clamping: $0) })
    rejects = RejectCollector(
      plan: job.plan, columns: columns, directory: job.staging, isReturned: job.isReturned)
    removals = RemovalList(directory: job.scratch)
    segment = try Self.makeSegment(job, .records, asOf: [:])
    writers = try OutputWriters(
      plan: job.plan, staging: StagingArea(directory: job.staging, isDurable: job.isDurable),
      scratch: job.scratch,
      evaluator: stage.record.evaluator, now: job.now, drop: job.drop, time: UTCTime.text(job.asOf),
      publishedTargets: job.state.targets)
    partitions = try PartitionTally(plan: job.plan, view: view)
    applier = ChangeApplier(
      view: view, writers: writers, stage: stage, segment: segment, order: order, drop: job.drop,
      partitions: partitions)
  }

  private static func makeSegment(
    _ job: DropJob, _ suffix: SegmentSuffix, asOf: [Int: Int]
  ) throws(SluiceError) -> SnapshotWriter {
    let name = String(job.drop).leftPadded(to: 8) + suffix.rawValue
    SnapshotWriter.remove(directory: job.snapshots, name: name)
    let asOf = asOf.merging([job.drop: job.asOf]) { $1 }
    return try SnapshotWriter(
      directory: job.snapshots, name: name, digestCount: SegmentMetadata.digestCount(job.plan),
      metadata: SegmentMetadata(plan: job.plan, asOf: asOf).encoded, durable: job.isDurable)
  }

  /// A further segment of this drop; `asOf` has the as-of of other drops that its entries name.
  func makeSegment(_ suffix: SegmentSuffix, asOf: [Int: Int] = [:]) throws(SluiceError) -> SnapshotWriter {
    try Self.makeSegment(job, suffix, asOf: asOf)
  }

  /// Throws away what was staged.
  func abandon() {
    applier.abandon()
    segment.abandon()
  }
}
