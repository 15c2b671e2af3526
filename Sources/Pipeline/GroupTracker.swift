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
  private var hasGroup = false
  private var firstOrdinal = UInt64.max
  private let orderKey = ByteArena(capacity: 256)

  init(plan: FeedPlan, directory: String) {
    self.plan = plan
    groupedStates = plan.states.indices.filter { plan.grouped.contains(plan.states[$0].target) }
    rejects = ExternalSorter(directory: directory, memory: 2 << 20)
    dirty = ExternalSorter(directory: directory, memory: 2 << 20)
  }

  /// The group of a key: its leading parts.
  private func group(of key: ByteView) -> ByteView {
    var parts = 0
    for index in 0..<key.count where key[index] == 0 {
      parts += 1
      if parts == plan.groupParts { return key.slice(from: 0, count: index) }
    }
    return key
  }

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
    for state in groupedStates {
      let change = decision.change(state)
      guard change == .new || change == .changed || change == .returned || change == .withdrawn else { continue }
      if isWithheld {
        decision.set(state, decision.old.flags.state(state) == .sent ? .unchanged : .skipped)
        decision.flags.set(state, decision.old.flags.state(state))
        decision.withheld |= 1 << UInt32(state)
      } else {
        isDirty = true
        firstOrdinal = min(firstOrdinal, ordinal)
      }
    }
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
    firstOrdinal = .max
    prefix.removeAll()
    prefix.append(group)
  }

  private func leave() throws(SluiceError) {
    guard hasGroup, isDirty else { return }
    orderKey.removeAll()
    orderKey.append(raw: firstOrdinal.bigEndian)
    orderKey.append(prefix.view)
    try dirty.append(key: orderKey.view, payload: ByteView())
  }

  func finishMerge() throws(SluiceError) { try leave() }

  /// Hands every group to be written to `body`, in the order of its first row in the drop, emptied groups last.
  func forEachDirty(_ body: (ByteView) throws(SluiceError) -> Void) throws(SluiceError) {
    let sorted = try dirty.finish()
    while try sorted.next() { try body(sorted.key.dropping(8)) }
  }
}
