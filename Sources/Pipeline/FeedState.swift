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
  /// Name of the directory below `snapshots/`; nil in states from before it was recorded.
  package var directory: String?
  /// By target that is sent whole or by groups, the cells that the snapshot has for all its keys (`Coverage`), sorted;
  /// nil in states from before they were recorded.
  package var covered: [String: [String]]?
  /// The letters that keys have been written with; nil where they were not noted from the first key on.
  package var keyCases: KeyCases?

  /// Live keys after each of the last fulls, oldest first (guard `shrink`).
  package var recentLive: [Int]?
  /// Keys that went to zero lately (guard `max_zeroed` with `within`).
  package var zeroedLog: ZeroedLog?
  /// Live keys by the values of a key part (guards `by`).
  package var partitions: PartitionState?
  /// Fulls whose live keys are remembered.
  static let rememberedFulls = 7

  /// The median of the live keys after the last fulls; nil: there were none.
  var medianLive: Int? {
    guard let sorted = recentLive?.sorted(), !sorted.isEmpty else { return nil }
    return sorted[sorted.count / 2]
  }

  /// Begins anew what the guards sum up, because a person has released what they would go on to hold. With
  /// `isRebased` also the number of keys that the feed usually has.
  mutating func forgetHistory(isRebased: Bool) {
    zeroedLog = nil
    if isRebased { recentLive = [live] }
  }

  /// The state of a feed that has published nothing.
  package static func empty(digestKey: DigestKey) -> FeedState {
    FeedState(
      segments: [], live: 0, positive: 0, lastFullAsOf: nil, targets: [], digestKey: digestKey.hex,
      withheldInARow: 0, baseBytes: 0, overlayBytes: 0)
  }

  /// Whether nothing has been published, and nothing spoken, between the two. A feed that has published nothing has a
  /// new digest key each time that it is asked.
  func isSame(as other: FeedState) -> Bool {
    segments == other.segments && lastFullAsOf == other.lastFullAsOf && withheldInARow == other.withheldInARow
      && targets == other.targets
  }

  /// Adds a segment on top of the others.
  mutating func add(_ segment: SegmentSummary) {
    if segments.isEmpty { baseBytes = segment.bytes } else { overlayBytes += segment.bytes }
    segments.append(segment.name)
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
  /// What the entries' last digest, that of the row's own bytes, was taken with (`FeedPlan.sourceName`).
  var source: String?
  /// Names of cells that may hold personal data, sorted; nil where there are none, and in segments from before they
  /// were noted.
  var sensitive: [String]?

  /// How a segment is written by `plan` for one drop.
  init(plan: FeedPlan, asOf: [Int: Int]) {
    slots = plan.layout.slots.map(\.names)
    states = plan.states.map { plan.feed.targets[$0.target].name }
    groups = Dictionary(
      uniqueKeysWithValues: zip(plan.feed.targets, plan.layout.targets).map { ($0.name, $1.digestGroup) })
    self.asOf = asOf
    source = plan.sourceName ?? "none"
    let names = plan.layout.slots.filter { slot in
      slot.program.fields.contains { plan.feed.fields[$0].isSensitive }
    }.flatMap(\.names)
    sensitive = names.isEmpty ? nil : names.sorted()
  }

  /// Digests of an entry: one a group, and that of the row's own bytes.
  static func digestCount(_ plan: FeedPlan) -> Int { plan.layout.groups.count + 1 }

  var encoded: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(self)).map(Array.init) ?? []
  }
}
