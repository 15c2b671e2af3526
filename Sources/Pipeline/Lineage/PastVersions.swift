import Diff
import Streams

/// Entries that earlier drops wrote, as today's definition would have them. Keys are to be asked for in ascending
/// order.
final class PastVersions {
  private struct Past {
    let view: SnapshotView
    let cursor: SnapshotCursor
    let translator: EntryTranslator
  }

  /// Drops whose segments are kept open.
  private static let mostOpen = 32

  private let plan: FeedPlan
  private let lineage: Lineage
  private var open: [Int: Past] = [:]
  private var lastUse: [Int: Int] = [:]
  private var uses = 0
  /// The image of the entry that was given back last.
  let image = ByteArena(capacity: 1 << 12)

  init(plan: FeedPlan, lineage: Lineage) {
    self.plan = plan
    self.lineage = lineage
  }

  /// A cursor over what `drop` wrote; nil when nothing of it is kept. Throws `lineage-missing` for a drop from before
  /// entries knew the one before.
  func cursor(of drop: Int) throws(SluiceError) -> SnapshotCursor? {
    guard let view = try view(of: drop), let reader = view.reader else { return nil }
    guard (0..<reader.segmentCount).allSatisfy(reader.knowsPrevious) else { throw Self.missing(drop) }
    return reader.cursor()
  }

  /// The entry that `drop` (0: none did) wrote of the key, in today's layout; nil when there was none. Valid until the
  /// next call. Throws `lineage-missing` when it is not kept any more.
  func entry(of drop: Int, key: ByteView) throws(SluiceError) -> SnapshotEntry? {
    guard drop > 0 else { return nil }
    guard drop != Int(SnapshotEntry.unknownPrevious) else { throw Self.missing(drop) }
    let past = try past(drop)
    guard try past.cursor.seek(to: key), past.cursor.key == key, Int(past.cursor.current.publication) == drop else {
      throw Self.missing(drop)
    }
    let entry = past.cursor.current
    image.removeAll()
    try past.view.reader?.image(segment: past.cursor.segment, rowOffset: entry.rowOffset, into: image)
    let map = past.view.maps[past.cursor.segment]
    guard !map.hasUntrackedTarget, !map.flags(entry.flags).lacksTargets, !map.slots.contains(where: { $0 < 0 }) else {
      throw SluiceError(
        .definition, "definition-grown", value: String(drop),
        cause: "the definition has targets or columns that drop \(drop) did not know: what they had is not known",
        remedy: "have a full of the right values delivered instead")
    }
    return try past.translator.translate(entry, segment: past.cursor.segment, image: image)
  }

  private func past(_ drop: Int) throws(SluiceError) -> Past {
    uses += 1
    if let known = open[drop] {
      lastUse[drop] = uses
      return known
    }
    guard let view = try view(of: drop), let cursor = view.reader?.cursor() else { throw Self.missing(drop) }
    if open.count >= Self.mostOpen, let idle = lastUse.min(by: { $0.value < $1.value })?.key {
      open[idle] = nil
      lastUse[idle] = nil
    }
    let past = Past(view: view, cursor: cursor, translator: EntryTranslator(plan: plan, view: view))
    open[drop] = past
    lastUse[drop] = uses
    return past
  }

  private func view(of drop: Int) throws(SluiceError) -> SnapshotView? {
    var state = FeedState.empty(digestKey: .random())
    state.segments = try lineage.segments(of: drop)
    return state.segments.isEmpty
      ? nil : try SnapshotView(state: state, directory: lineage.directory, plan: plan)
  }

  static func missing(_ drop: Int) -> SluiceError {
    SluiceError(
      .definition, "lineage-missing", value: String(drop),
      cause: "nothing is kept of what drop \(drop) changed: it changed nothing, its lineage was deleted, or it was "
        + "published by an older version",
      remedy: "have a full of the right values delivered instead")
  }
}
