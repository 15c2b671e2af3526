import Diff
import Streams

/// Keeps the segments of a snapshot few: merges overlays with each other when they are many, and with the base when
/// they have outgrown it. What a drop writes stays in proportion to what it says.
struct SegmentMerge {
  private let job: DropJob
  /// So many drops are named without asking whether an entry needs them.
  private static let mostUnasked = 64

  init(_ job: DropJob) { self.job = job }

  /// Merges what has to be merged of the next `state`; `segments` are those that the drop itself has written, which are
  /// always among the merged ones.
  func merge(_ state: inout FeedState, segments: inout [SegmentSummary]) throws(SluiceError) {
    guard
      SnapshotCompactor.shouldCompact(
        baseBytes: state.baseBytes, overlayBytes: state.overlayBytes, overlays: state.segments.count - 1)
    else { return }
    let sizes = try sizes(of: state)
    guard let first = SnapshotCompactor.firstToMerge(sizes: sizes) else { return }
    let merged = try write(state, from: first)
    // Those that the drop has written itself stay where they are: they go to the lineage once it is published.
    segments = [merged]
    state.segments = Array(state.segments[..<first]) + [merged.name]
    if first == 0 { state.baseBytes = merged.bytes }
    state.overlayBytes = first == 0 ? 0 : sizes[1..<first].reduce(0, +) + merged.bytes
  }

  private func sizes(of state: FeedState) throws(SluiceError) -> [Int] {
    let reader = try SnapshotReader(directory: job.snapshots, segments: state.segments)
    return (0..<reader.segmentCount).map { reader.bytes(of: $0) }
  }

  /// Writes the segments from `first` on as one.
  private func write(_ state: FeedState, from first: Int) throws(SluiceError) -> SegmentSummary {
    var part = state
    part.segments = Array(state.segments[first...])
    let view = try SnapshotView(state: part, directory: job.snapshots, plan: job.plan)
    let suffix = first == 0 ? SegmentSuffix.base : .merged
    return try Self.write(
      view, plan: job.plan, directory: job.snapshots, name: String(job.drop).leftPadded(to: 8) + suffix.rawValue,
      lastFull: state.lastFullAsOf, mergedLive: first == 0 ? nil : state.live, isDurable: job.isDurable)
  }

  /// Writes all segments of `view` as one, in the layout of `plan`. `mergedLive` are the live keys of the whole
  /// snapshot when the view has only its newest segments; nil for a base.
  static func write(
    _ view: SnapshotView, plan: FeedPlan, directory: String, name: String, lastFull: Int?, mergedLive: Int?,
    isDurable: Bool
  ) throws(SluiceError) -> SegmentSummary {
    guard let reader = view.reader else {
      throw SluiceError(
        .environment, "internal-error", file: directory, cause: "there was no segment to merge",
        remedy: "report this as a defect of Sluice; nothing was published")
    }
    let translator = EntryTranslator(plan: plan, view: view)
    return try SnapshotCompactor.compact(
      reader, directory: directory, name: name, digestCount: SegmentMetadata.digestCount(plan),
      metadata: SegmentMetadata(plan: plan, asOf: try asOf(view, reader, lastFull: lastFull)).encoded,
      durable: isDurable, mergedLive: mergedLive
    ) { (entry, segment, image) throws(SluiceError) in
      try translator.translate(entry, segment: segment, image: image)
    }
  }

  /// When the drops spoke that the entries name. What is not later than the last full is left out: a drop before the
  /// full is older than every key, and one after it is later than these.
  private static func asOf(_ view: SnapshotView, _ reader: SnapshotReader, lastFull: Int?) throws(SluiceError) -> [Int:
    Int]
  {
    var asOf: [Int: Int] = [:]
    for map in view.maps { asOf.merge(map.asOf) { first, _ in first } }
    asOf = asOf.filter { $0.value > lastFull ?? .min }
    guard asOf.count > mostUnasked else { return asOf }
    // In a feed that gets deltas alone most drops have no entry left, which only the entries can say.
    var named: Set<Int> = []
    let cursor = reader.cursor()
    while try cursor.advance() { named.insert(Int(cursor.current.publication)) }
    return asOf.filter { named.contains($0.key) }
  }
}
