import Diff
import Foundation
import Streams
import Targets

/// What the ledger keeps about the published state of a feed: which segments make it up, and its totals.
package struct FeedState: Codable, Equatable, Sendable {
  /// Segment names, base first, newest last.
  package var segments: [String]
  /// Keys that are not tombstones.
  package var live: Int
  /// Live keys whose value of the zeroed guard's field is above zero.
  package var positive: Int
  /// As-of of the last full, seconds since 1970 UTC; nil when there was none.
  package var lastFullAsOf: Int?
  /// Names of the targets that have been published at least once.
  package var targets: [String]
  /// The key of the digests, 32 hex digits.
  package var digestKey: String
  /// Fulls in a row whose removals were withheld.
  package var withheldInARow: Int
  /// After so many the drop is held (`guard-unkeyed`).
  static let maximumWithheld = 3
  /// Bytes of the base's and of the overlays' keys files.
  package var baseBytes: Int
  package var overlayBytes: Int

  /// The state of a feed that has published nothing.
  package static func empty(digestKey: DigestKey) -> FeedState {
    FeedState(
      segments: [], live: 0, positive: 0, lastFullAsOf: nil, targets: [], digestKey: digestKey.hex,
      withheldInARow: 0, baseBytes: 0, overlayBytes: 0)
  }
}

/// What a segment of a snapshot says about how to read it.
struct SegmentMetadata: Codable, Equatable {
  /// Names of each slot of the images.
  var slots: [[String]]
  /// Names of the state targets, in the order of their flags.
  var states: [String]
  /// Digest group of each target.
  var groups: [String: Int]
  /// As-of (seconds since 1970 UTC) of each drop that an entry names.
  var asOf: [Int: Int]

  /// How a segment is written by `plan` for one drop.
  init(plan: FeedPlan, asOf: [Int: Int]) {
    slots = plan.layout.slots.map(\.names)
    states = plan.states.map { plan.feed.targets[$0.target].name }
    groups = Dictionary(
      uniqueKeysWithValues: zip(plan.feed.targets, plan.layout.targets).map { ($0.name, $1.digestGroup) })
    self.asOf = asOf
  }

  var encoded: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(self)).map(Array.init) ?? []
  }
}

/// How entries of one segment read in terms of today's plan. A class, so that looking at one copies nothing.
final class SegmentMap: Sendable {
  /// Today's slot → slot of the segment's images, -1 when it was not tracked.
  let slots: [Int]
  /// Today's digest group → the segment's, -1 when there was none.
  let groups: [Int]
  /// Today's state → the segment's, -1 when the target did not exist.
  let states: [Int]
  /// Whether the segment's entries look exactly like today's.
  let isSame: Bool
  /// A target of today was not tracked: every key counts as changed for it.
  let hasUntrackedTarget: Bool
  /// Today's targets that the segment knows.
  let trackedTargets: [Bool]
  let asOf: [Int: Int]
  /// The latest as-of of any entry.
  let latestAsOf: Int

  init(_ old: SegmentMetadata, plan: FeedPlan) {
    let new = SegmentMetadata(plan: plan, asOf: [:])
    var places: [String: Int] = [:]
    for (index, names) in old.slots.enumerated() { for name in names { places[name] = index } }
    slots = new.slots.map { names in names.lazy.compactMap { places[$0] }.first ?? -1 }
    states = new.states.map { name in old.states.firstIndex(of: name) ?? -1 }
    var groups = Array(repeating: -1, count: plan.layout.groups.count)
    var tracked: [Bool] = []
    for (target, layout) in zip(plan.feed.targets, plan.layout.targets) {
      tracked.append(old.groups[target.name] != nil)
      if let group = old.groups[target.name] { groups[layout.digestGroup] = group }
    }
    self.groups = groups
    trackedTargets = tracked
    hasUntrackedTarget = tracked.contains(false)
    isSame = old.slots.count == new.slots.count && slots == Array(new.slots.indices) && old.states == new.states
    asOf = old.asOf
    latestAsOf = old.asOf.values.max() ?? Int.min
  }
}

/// A feed's snapshot as today's plan sees it.
final class SnapshotView {
  let state: FeedState
  /// nil when nothing has been published yet.
  let reader: SnapshotReader?
  let maps: [SegmentMap]
  private let rows = ByteArena(capacity: 1 << 12)

  init(state: FeedState, directory: String, plan: FeedPlan) throws(SluiceError) {
    self.state = state
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
    view.remap = maps[segment].isSame ? nil : maps[segment].slots
    guard view.read(rows.view) else {
      throw SluiceError(
        .environment, "snapshot-damaged", cause: "a row of the snapshot can not be read",
        remedy: "make the snapshot again with `sluice snapshot rebuild FEED`")
    }
  }
}
