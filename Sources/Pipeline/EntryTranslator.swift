import Diff
import Streams
import Targets

/// Writes entries of older segments as today's definition would have them, so that segments of any age can be merged.
final class EntryTranslator {
  private let plan: FeedPlan
  private let view: SnapshotView
  private let digests = ByteArena(capacity: 512)
  private let cells = ByteArena(capacity: 1 << 12)
  private let old = ImageView()

  init(plan: FeedPlan, view: SnapshotView) {
    self.plan = plan
    self.view = view
  }

  /// The entry in today's layout, and in `image` its image. What was not tracked then is marked: a digest of zeros, a
  /// cell of its own state, and behind the cells the names of the targets that came later. Valid until the next call.
  func translate(_ entry: SnapshotEntry, segment: Int, image: ByteArena) throws(SluiceError) -> SnapshotEntry {
    let map = view.maps[segment]
    guard !map.isCurrent else { return entry }
    var translated = entry
    var flags = map.flags(entry.flags)
    let lacking = try readImage(segment: segment, flags: flags, image)
    flags.lacksTargets = !lacking.isEmpty
    translated.flags = flags.word
    if image.count > 0 || flags.lacksTargets {
      cells.removeAll()
      for slot in plan.layout.slots.indices { old.appendCell(slot, to: cells) }
      if flags.lacksTargets {
        Array(lacking.sorted().joined(separator: "\n").utf8).withView { ImageCell.append(text: $0, to: cells) }
      }
      image.removeAll()
      image.append(cells.view)
    }
    digests.removeAll()
    for group in plan.layout.groups.indices {
      if let digest = map.digest(entry, group: group) {
        digests.append(digest)
      } else {
        digests.append(raw: 0 as UInt64)
        digests.append(raw: 0 as UInt64)
      }
    }
    // Digests of rows' bytes that were taken otherwise must never be met again.
    if map.hasSource {
      digests.append(entry.digests.dropping(entry.digests.count - 16))
    } else {
      digests.append(raw: 0 as UInt64)
      digests.append(raw: 0 as UInt64)
    }
    translated.digests = digests.view
    return translated
  }

  /// Takes the image apart into `old`; gives back the names of today's targets that it lacks.
  private func readImage(segment: Int, flags: EntryFlags, _ image: ByteArena) throws(SluiceError) -> [String] {
    try view.take(image.view, segment: segment, into: old)
    let tracked = view.trackedTargets(segment: segment, flags: flags, image: old)
    return zip(plan.feed.targets, tracked).filter { !$1 }.map(\.0.name)
  }
}
