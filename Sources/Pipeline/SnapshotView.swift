import Diff
import Foundation
import Streams
import Targets

/// A feed's snapshot as today's plan sees it.
final class SnapshotView {
  let state: FeedState
  /// nil when nothing has been published yet.
  let reader: SnapshotReader?
  let maps: [SegmentMap]
  /// Where the segments lie.
  let directory: String
  private let plan: FeedPlan
  private let rows = ByteArena(capacity: 1 << 12)

  init(state: FeedState, directory: String, plan: FeedPlan) throws(SluiceError) {
    self.state = state
    self.directory = directory
    self.plan = plan
    guard !state.segments.isEmpty else {
      reader = nil
      maps = []
      return
    }
    let reader = try SnapshotReader(directory: directory, segments: state.segments)
    self.reader = reader
    var maps: [SegmentMap] = []
    for index in state.segments.indices {
      guard let map = plan.segmentMap(of: reader.metadata(of: index)) else {
        throw SluiceError(
          .environment, "snapshot-damaged", file: directory + "/" + state.segments[index],
          cause: "the snapshot's description can not be read",
          remedy: "make the snapshot again with `sluice snapshot rebuild \(plan.feed.name)`")
      }
      maps.append(map)
    }
    self.maps = maps
  }

  /// Reads the image at a place into `view`; an empty image when the key has none.
  func read(segment: Int, rowOffset: UInt64, into view: ImageView) throws(SluiceError) {
    rows.removeAll()
    guard let reader else { return }
    if rowOffset != 0 { try reader.image(segment: segment, rowOffset: rowOffset, into: rows) }
    try take(rows.view, segment: segment, into: view)
  }

  /// Takes the bytes of an image of a segment apart.
  func take(_ image: ByteView, segment: Int, into view: ImageView) throws(SluiceError) {
    view.remap = maps[segment].isSame ? nil : maps[segment].slots
    guard view.read(image) else {
      throw SluiceError(
        .environment, "snapshot-damaged", cause: "a row of the snapshot can not be read",
        remedy: "make the snapshot again with `sluice snapshot rebuild FEED`")
    }
  }

  /// Which of today's targets the key had when its entry was written; `image` is the entry's.
  func trackedTargets(segment: Int, flags: EntryFlags, image: ImageView) -> [Bool] {
    let map = maps[segment]
    guard flags.lacksTargets else { return map.trackedTargets }
    let lacking = lackedTargets(segment: segment, image: image)
    return zip(plan.feed.targets, map.trackedTargets).map { $1 && !lacking.contains($0.name) }
  }

  /// Names of the targets that an image says it lacks.
  func lackedTargets(segment: Int, image: ImageView) -> Set<String> {
    Set(image.textBehind(maps[segment].slotCount).text.split(separator: "\n").map(String.init))
  }
}
