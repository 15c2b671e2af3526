import Diff
import Feeds
import Streams
import Targets

/// Writes targets from the snapshot as it will be after the publication: catalogues that are sent whole, and groups.
struct SnapshotTargets {
  let plan: FeedPlan
  let view: SnapshotView
  let writers: OutputWriters

  /// Writes every row of a `whole: true` target, in key order.
  func writeWhole(_ target: Int, counts: inout DropCounts) throws(SluiceError) {
    guard let state = plan.states.firstIndex(where: { $0.target == target }) else { return }
    let writer = try WholeWriter(
      plan.feed.targets[target], layout: plan.layout.targets[target], staging: writers.staging)
    let image = ImageView()
    if let cursor = view.reader?.cursor() {
      while try cursor.advance() {
        guard flags(cursor).state(state) == .sent else { continue }
        try view.read(segment: cursor.segment, rowOffset: cursor.current.rowOffset, into: image)
        try writer.write(image)
      }
    }
    counts.states[state].rowsWritten += writer.rows
  }

  /// Writes every group that has changed: all its members, or its removal when none is left.
  func writeGroups(_ groups: GroupTracker, before: SnapshotView, counts: inout DropCounts) throws(SluiceError) {
    var updated = counts
    try groups.forEachDirty { (group) throws(SluiceError) in
      for target in plan.grouped { try writeGroup(group, target: target, before: before, counts: &updated) }
    }
    counts = updated
  }

  private func writeGroup(
    _ group: ByteView, target: Int, before: SnapshotView, counts: inout DropCounts
  ) throws(SluiceError) {
    guard let state = plan.states.firstIndex(where: { $0.target == target }) else { return }
    var rows = 0
    try forEachMember(of: group, in: view, state: state) { (image) throws(SluiceError) in
      rows += try writers.writeMember(image, target: target)
      return true
    }
    if rows == 0 {
      try forEachMember(of: group, in: before, state: state) { (image) throws(SluiceError) in
        rows += try writers.writeEmptied(image, target: target)
        return false
      }
    }
    counts.states[state].rowsWritten += rows
  }

  /// Hands the image of every member that the target has to `body`, until that returns false.
  private func forEachMember(
    of group: ByteView, in view: SnapshotView, state: Int, _ body: (ImageView) throws(SluiceError) -> Bool
  ) throws(SluiceError) {
    guard let cursor = view.reader?.cursor() else { return }
    let image = ImageView()
    var isThere = try cursor.seek(to: group)
    while isThere, isMember(cursor.current.key, of: group) {
      if flags(cursor, in: view).state(state) == .sent {
        try view.read(segment: cursor.segment, rowOffset: cursor.current.rowOffset, into: image)
        guard try body(image) else { return }
      }
      isThere = try cursor.advance()
    }
  }

  private func isMember(_ key: ByteView, of group: ByteView) -> Bool {
    key.count >= group.count && key.slice(from: 0, count: group.count) == group
      && (key.count == group.count || key[group.count] == 0)
  }

  private func flags(_ cursor: SnapshotCursor, in view: SnapshotView? = nil) -> EntryFlags {
    let map = (view ?? self.view).maps[cursor.segment]
    let stored = EntryFlags(word: cursor.current.flags)
    guard !map.isSame else { return stored }
    var flags = EntryFlags(isLive: stored.isLive, isPositive: stored.isPositive)
    for (index, place) in map.states.enumerated() where place >= 0 { flags.set(index, stored.state(place)) }
    return flags
  }
}
