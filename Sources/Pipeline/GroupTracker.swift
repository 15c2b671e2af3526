import Diff
import Feeds
import Streams

/// Watches the groups of `group_by` during a merge: which have to be written whole, and which are withheld because
/// a row of theirs was rejected.
final class GroupTracker {
  private let plan: FeedPlan
  private let groupedStates: [Int]
  private let rejects: ExternalSorter
  private var rejected: SortedEntries?
  private var hasRejected = false
  private let dirty: ExternalSorter
  private let prefix = ByteArena(capacity: 256)
  private var isDirty = false
  /// The first row of the group that was taken, so that what waits for the group may go out.
  private var firstTouched = UInt64.max
  private let isFull: Bool
  private var hasGroup = false
  private var firstOrdinal = UInt64.max
  private let orderKey = ByteArena(capacity: 256)
  private static let mark: StaticString = "d"
  private static let dirtyMark = ByteView(base: mark.utf8Start, count: mark.utf8CodeUnitCount)

  init(plan: FeedPlan, isFull: Bool, directory: String) {
    self.plan = plan
    self.isFull = isFull
    groupedStates = plan.states.indices.filter { plan.grouped.contains(plan.states[$0].target) }
    rejects = ExternalSorter(directory: directory, memory: 2 << 20)
    dirty = ExternalSorter(directory: directory, memory: 2 << 20)
  }

  private func group(of key: ByteView) -> ByteView { plan.group(of: key) }

  /// First pass: a row with this key was rejected.
  func noteReject(_ key: ByteView) throws(SluiceError) {
    try rejects.append(key: group(of: key), payload: ByteView())
  }

  func startMerge() throws(SluiceError) {
    let sorted = try rejects.finish()
    hasRejected = try sorted.next()
    rejected = sorted
  }

  private func isWithheld(_ group: ByteView) throws(SluiceError) -> Bool {
    guard let rejected else { return false }
    while hasRejected, ByteView.compare(rejected.key, group) < 0 { hasRejected = try rejected.next() }
    return hasRejected && rejected.key == group
  }

  /// Takes a decided key into account and withholds what its group forbids.
  func note(_ decision: inout KeyDecision, key: ByteView, ordinal: UInt64) throws(SluiceError) {
    let group = group(of: key)
    try enter(group)
    let isWithheld = try isWithheld(group)
    if !isWithheld, !decision.isNewer {
      firstTouched = min(firstTouched, ordinal)
    }
    for state in groupedStates {
      let change = decision.change(state)
      guard change == .new || change == .changed || change == .returned || change == .withdrawn else { continue }
      if isWithheld {
        withhold(&decision, state)
      } else {
        isDirty = true
        firstOrdinal = min(firstOrdinal, ordinal)
      }
    }
  }

  /// Leaves what was sent for the key as it stands, and keeps what it should become until its group may go out.
  private func withhold(_ decision: inout KeyDecision, _ state: Int) {
    switch decision.change(state) {
    case .withdrawn:
      decision.flags.setPending(state)
      decision.leaving |= 1 << UInt32(state)
    case .changed: decision.flags.isUnsettled = true
    default: decision.flags.setPending(state)
    }
    decision.set(state, decision.old.flags.state(state) == .sent ? .unchanged : .skipped)
  }

  /// Whether a key of the snapshot may count as vanished: not while its group is withheld.
  func mayVanish(_ key: ByteView) throws(SluiceError) -> Bool { try !isWithheld(group(of: key)) }

  /// Takes a vanished key into account.
  func noteVanished(_ key: ByteView, old: OldKey) throws(SluiceError) {
    try enter(group(of: key))
    if groupedStates.contains(where: { old.flags.state($0) == .sent }) { isDirty = true }
  }

  private func enter(_ group: ByteView) throws(SluiceError) {
    if hasGroup, prefix.view == group { return }
    try leave()
    hasGroup = true
    isDirty = false
    firstTouched = .max
    firstOrdinal = .max
    prefix.removeAll()
    prefix.append(group)
  }

  private func leave() throws(SluiceError) {
    // A full brings every member itself, a delta does not.
    guard hasGroup, isDirty || (firstTouched < .max && !isFull) else { return }
    orderKey.removeAll()
    orderKey.append(raw: (isDirty ? firstOrdinal : firstTouched).bigEndian)
    orderKey.append(prefix.view)
    try dirty.append(key: orderKey.view, payload: isDirty ? Self.dirtyMark : ByteView())
  }

  func finishMerge() throws(SluiceError) { try leave() }

  /// Hands every group to be written to `body`, in the order of its first row in the drop that
  /// changed, emptied groups last. Groups
  /// that are not dirty have to be written only when something waits for them.
  func forEachTouched(
    _ body: (_ group: ByteView, _ isDirty: Bool) throws(SluiceError) -> Void
  ) throws(SluiceError) {
    let sorted = try dirty.finish()
    while try sorted.next() { try body(sorted.key.dropping(8), sorted.payload.count > 0) }
  }
}
