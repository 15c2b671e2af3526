import Diff
import Streams
import Targets

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
  /// Slots of the segment's images; behind them an image may name the targets that it lacks.
  let slotCount: Int
  /// Whether an entry can be taken over byte by byte.
  let isCurrent: Bool
  let asOf: [Int: Int]
  /// The latest as-of of any entry.
  let latestAsOf: Int
  /// The digests of rows' own bytes can be compared with those of today.
  let hasSource: Bool

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
      // An event may share the group of a state, whose rows are sent again when the digest differs.
      guard let group = old.groups[target.name], target.kind == .state || groups[layout.digestGroup] < 0 else {
        continue
      }
      groups[layout.digestGroup] = group
    }
    self.groups = groups
    trackedTargets = tracked
    hasUntrackedTarget = tracked.contains(false)
    isSame = old.slots.count == new.slots.count && slots == Array(new.slots.indices) && old.states == new.states
    slotCount = old.slots.count
    isCurrent =
      isSame && !hasUntrackedTarget && groups == Array(groups.indices)
      && old.groups.values.allSatisfy(groups.indices.contains) && old.source == new.source
    hasSource = plan.sourceName != nil && old.source == new.source
    asOf = old.asOf
    latestAsOf = old.asOf.values.max() ?? Int.min
  }

  /// The flags of an entry, in the order of today's targets.
  @inline(__always)
  func flags(_ word: UInt32) -> EntryFlags {
    let stored = EntryFlags(word: word)
    return isSame ? stored : reordered(stored)
  }

  private func reordered(_ stored: EntryFlags) -> EntryFlags {
    var flags = EntryFlags(isLive: stored.isLive, isPositive: stored.isPositive)
    flags.lacksTargets = stored.lacksTargets
    flags.isUnsettled = stored.isUnsettled
    for (index, place) in states.enumerated() where place >= 0 { flags.take(index, from: stored, at: place) }
    return flags
  }

  /// The digest of today's digest group; nil when the entry has none.
  func digest(_ entry: SnapshotEntry, group: Int) -> ByteView? {
    let place = groups[group]
    return place >= 0 && entry.digests.count >= 16 * (place + 1) ? entry.digest(place) : nil
  }

  /// Whether a pending row of that digest group goes with its group; else it comes.
  func isLeaving(_ entry: SnapshotEntry, group: Int) -> Bool {
    guard let digest = digest(entry, group: group) else { return false }
    return (0..<digest.count).allSatisfy { digest[$0] == 0 }
  }
}
