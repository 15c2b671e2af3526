import Diff
import Streams

/// Gives new members of a group the spelling that the group has already: Commerce compares the SKUs of tier prices
/// exactly, so that all rows of a group have to agree. Keys come in ascending order.
final class GroupSpelling {
  private let plan: FeedPlan
  private let cursor: SnapshotCursor?
  private var isThere: Bool
  private let group = ByteArena(capacity: 256)
  private let first = ByteArena(capacity: 256)
  private let spelled = ByteArena(capacity: 512)
  private var hasGroup = false

  init(plan: FeedPlan, view: SnapshotView) {
    self.plan = plan
    cursor = view.reader?.cursor()
    isThere = cursor != nil
  }

  /// How a key that the snapshot does not know is spelled, whose row spells it `own` (empty: as the key itself). Valid
  /// until the next call.
  func spelling(of key: ByteView, own: ByteView) throws(SluiceError) -> ByteView {
    let own = own.isEmpty ? key : own
    let group = plan.group(of: key)
    if !hasGroup || !(self.group.view == group) { try enter(group, own: own) }
    spelled.removeAll()
    spelled.append(first.view)
    spelled.append(own.dropping(plan.group(of: own).count))
    return spelled.view
  }

  private func enter(_ group: ByteView, own: ByteView) throws(SluiceError) {
    hasGroup = true
    self.group.removeAll()
    self.group.append(group)
    first.removeAll()
    if let cursor, isThere {
      isThere = try cursor.seek(to: group)
      if isThere, plan.group(of: cursor.current.key) == group { first.append(plan.group(of: cursor.current.spelling)) }
    }
    if first.count == 0 { first.append(plan.group(of: own)) }
  }
}
