import Diff
import Records
import Streams

/// What the snapshot knows of a key, in terms of today's plan; trivially copyable, so that it can be spilled.
struct OldKey: BitwiseCopyable {
  var exists = false
  var flags = EntryFlags(word: 0)
  var segment: Int32 = 0
  var rowOffset: UInt64 = 0
  var drop: UInt32 = 0
  var line: UInt32 = 0
  /// Something of it waits for its group to go out.
  var isUnsettled = false
}

/// What becomes of a key that the drop speaks of.
struct KeyDecision: BitwiseCopyable {
  var old = OldKey()
  /// Change of each state target, four bits each.
  private var changes: UInt64 = 0
  /// Flags of the key's next entry.
  var flags = EntryFlags(word: 0)
  /// The key's entry has to be written anew.
  var isWritten = false
  /// The key was last spoken for later than this drop.
  var isNewer = false
  /// Bit n: the key leaves state target n with its group, which is withheld; the entry's digest is zero then.
  var leaving: UInt32 = 0
  /// Some tracked value differs, or the key was not live: events look at it.
  var isEventful = false

  @inline(__always)
  func change(_ state: Int) -> TargetChange {
    TargetChange(rawValue: UInt8(truncatingIfNeeded: (changes >> UInt64(4 * state)) & 15)) ?? .unchanged
  }

  @inline(__always)
  mutating func set(_ state: Int, _ change: TargetChange) {
    let shift = UInt64(4 * state)
    changes = changes & ~(15 << shift) | UInt64(change.rawValue) << shift
  }
}

/// Decides, for one key after the other, what a drop means for the snapshot.
final class KeyDecider {
  let plan: FeedPlan
  let view: SnapshotView
  /// As-of of the drop, seconds since 1970 UTC.
  let asOf: Int
  let isFull: Bool
  private let lastFullIsNewer: Bool
  private let groups: [Int]
  private let hasSource: Bool
  /// By segment: whether its entries may be compared by the bytes of their rows.
  private let segments: FixedBuffer<Bool>
  /// Digest groups of the grouped targets.
  private let waiting: [Int]
  /// The drop that corrected rejects were first rejected from; nil: the drop holds none. A row of theirs whose key a
  /// later drop has written goes back to its sender.
  var returnOf: UInt32?
  /// Drops whose rows it may replace, since they were corrected rejects of the same drop.
  var otherReturns: Set<UInt32> = []

  init(plan: FeedPlan, view: SnapshotView, asOf: Int, isFull: Bool) {
    self.plan = plan
    self.view = view
    self.asOf = asOf
    self.isFull = isFull
    let lastFullIsNewer = (view.state.lastFullAsOf ?? Int.min) > asOf
    self.lastFullIsNewer = lastFullIsNewer
    groups = plan.states.map(\.digestGroup)
    waiting = plan.states.filter { plan.grouped.contains($0.target) }.map(\.digestGroup)
    hasSource = plan.sourceName != nil
    segments = FixedBuffer(
      view.maps.map { map in
        let isNewer = lastFullIsNewer || map.latestAsOf > asOf
        // A delta renews what it speaks of; entries of a layout of old are decided on at length.
        return isFull && map.hasSource && map.isSame && !map.hasUntrackedTarget && !isNewer
      })
  }

  /// Whether a full of a later time than this drop's was published.
  var isOlderThanFull: Bool { lastFullIsNewer }

  /// Whether any entry may be compared by the bytes of its row.
  var comparesSources: Bool { comparable.contains(true) }

  /// By segment: whether its entries may be compared by the bytes of their rows.
  var comparable: [Bool] { (0..<segments.count).map { segments[$0] } }

  /// Whether the row with this digest of its bytes is the one that the current entry was made of: nothing changes.
  @inline(__always)
  func isSameSource(_ cursor: SnapshotCursor, source: Digest128) -> Bool {
    segments[cursor.segment] && cursor.flags & SnapshotEntry.liveFlag != 0 && cursor.lastDigest == source
  }

  /// The old key of a snapshot entry.
  @inline(__always)
  func oldKey(_ entry: SnapshotEntry, segment: Int) -> OldKey {
    let map = view.maps[segment]
    var flags = map.flags(entry.flags)
    let isUnsettled = flags.isUnsettled
    if isUnsettled {
      for index in groups.indices where flags.isPending(index) {
        flags.set(index, map.isLeaving(entry, group: groups[index]) ? .sent : .never)
      }
    }
    return OldKey(
      exists: true, flags: flags, segment: Int32(segment), rowOffset: entry.rowOffset, drop: entry.publication,
      line: entry.line, isUnsettled: isUnsettled)
  }

  /// Whether the key was last spoken for later than this drop: by its own entry or by the last full.
  @inline(__always)
  func isNewer(_ entry: SnapshotEntry, segment: Int) -> Bool {
    if lastFullIsNewer { return true }
    let map = view.maps[segment]
    return map.latestAsOf > asOf && (map.asOf[Int(entry.publication)] ?? Int.min) > asOf
  }

  /// Whether a row spells its key otherwise than when it was first sent; an empty `spelling` is the key itself.
  @inline(__always)
  func isRespelled(_ entry: SnapshotEntry, spelling: ByteView) -> Bool {
    !(entry.spelling == (spelling.isEmpty ? entry.key : spelling))
  }

  /// Whether a decided row is a corrected reject whose key was spoken for since: by a time that is later, or by a drop
  /// that came later and speaks for the same time.
  @inline(__always)
  func isRefused(_ decision: KeyDecision) -> Bool {
    guard let returnOf else { return false }
    if decision.isNewer { return true }
    return decision.old.exists && decision.old.drop > returnOf && !otherReturns.contains(decision.old.drop)
  }

  /// The decision for a key that the snapshot does not know.
  func decideNew(members: UInt32, isPositive: Bool) -> KeyDecision {
    var decision = KeyDecision()
    decision.isNewer = lastFullIsNewer
    finish(&decision, members: members, isPositive: isPositive) { _ in false }
    decision.isEventful = !decision.isNewer
    decision.isWritten = !decision.isNewer
    return decision
  }

  /// The decision for a key with an entry in the snapshot.
  @inline(__always)
  func decide(
    _ entry: SnapshotEntry, segment: Int, members: UInt32, isPositive: Bool, digests: ByteView
  ) -> KeyDecision {
    var decision = KeyDecision()
    decision.old = oldKey(entry, segment: segment)
    decision.isNewer = isNewer(entry, segment: segment)
    let map = view.maps[segment]
    var differs = map.hasUntrackedTarget || !decision.old.flags.isLive || decision.old.flags.lacksTargets
    var equal: UInt32 = 0
    for group in map.groups.indices {
      let place = map.groups[group]
      if place >= 0, entry.digests.count >= 16 * (place + 1),
        digests.slice(from: 16 * group, count: 16) == entry.digests.slice(from: 16 * place, count: 16)
      {
        equal |= 1 << UInt32(group)
      } else {
        differs = true
      }
    }
    // What waited for its group was not sent, whatever its digest says.
    if decision.old.isUnsettled { for group in waiting { equal &= ~(1 << UInt32(group)) } }
    finish(&decision, members: members, isPositive: isPositive) { equal & (1 << UInt32($0)) != 0 }
    guard !decision.isNewer else { return decision }
    decision.isEventful = differs
    decision.isWritten =
      decision.isWritten || differs || decision.old.isUnsettled || isPositive != decision.old.flags.isPositive
      || map.hasSource != hasSource || (hasSource && lacksSource(entry))
      || (!isFull && (map.asOf[Int(entry.publication)] ?? Int.min) < asOf)
    return decision
  }

  /// Whether the entry does not know the bytes of its row: it was taken over from an older layout.
  @inline(__always)
  private func lacksSource(_ entry: SnapshotEntry) -> Bool {
    guard entry.digests.count >= 16 else { return true }
    let source = entry.digests.dropping(entry.digests.count - 16).load(as: Digest128.self)
    return source.first == 0 && source.second == 0
  }

  /// Fills in the change of each state target and the flags of the next entry.
  @inline(__always)
  func finish(
    _ decision: inout KeyDecision, members: UInt32, isPositive: Bool, isEqual: (Int) -> Bool
  ) {
    decision.flags = EntryFlags(isLive: true, isPositive: isPositive)
    for index in groups.indices {
      let old = decision.old.flags.state(index)
      let change = ChangeVerdict.present(
        old: old, isMember: members & (1 << UInt32(index)) != 0, isEqual: isEqual(groups[index]),
        isNewer: decision.isNewer)
      decision.set(index, change)
      switch change {
      case .new, .changed, .returned:
        decision.flags.set(index, .sent)
        decision.isWritten = true
      case .withdrawn:
        decision.flags.set(index, .tombstone)
        decision.isWritten = true
      default: decision.flags.set(index, old)
      }
    }
  }
}
