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
        guard view.maps[cursor.segment].flags(cursor.current.flags).state(state) == .sent else { continue }
        try view.read(segment: cursor.segment, rowOffset: cursor.current.rowOffset, into: image)
        try writer.write(image)
      }
    }
    counts.states[state].rowsWritten += writer.rows
  }

  /// Writes every group that has changed: all its members, or its removal when none is left.
  /// Members that had to wait for it are put to `settled`.
  func writeGroups(
    _ groups: GroupTracker, before: SnapshotView, settled: SettledMembers, counts: inout DropCounts
  ) throws(SluiceError) {
    var updated = counts
    try groups.forEachTouched { (group, isDirty) throws(SluiceError) in
      let hasWaited = try settle(group, into: settled)
      guard isDirty || hasWaited else { return }
      for target in plan.grouped { try writeGroup(group, target: target, before: before, counts: &updated) }
    }
    counts = updated
  }

  /// Writes every group that nothing waits for.
  func writeAllGroups(counts: inout DropCounts) throws(SluiceError) {
    guard !plan.grouped.isEmpty, let cursor = view.reader?.cursor() else { return }
    let group = ByteArena(capacity: 256)
    var hasGroup = false
    while try cursor.advance() {
      if hasGroup, isMember(cursor.current.key, of: group.view) { continue }
      hasGroup = true
      group.removeAll()
      group.append(plan.group(of: cursor.current.key))
      for target in plan.grouped { try writeGroupAgain(group.view, target: target, counts: &counts) }
    }
  }

  /// Writes the members of a group once more, unless something waits for it.
  func writeGroupAgain(_ group: ByteView, target: Int, counts: inout DropCounts) throws(SluiceError) {
    if try !isUnsettled(group) { try writeMembers(of: group, target: target, counts: &counts) }
  }

  /// Whether members of the group wait for it.
  func isUnsettled(_ group: ByteView) throws(SluiceError) -> Bool {
    guard let cursor = view.reader?.cursor() else { return false }
    var isThere = try cursor.seek(to: group)
    while isThere, isMember(cursor.current.key, of: group) {
      if EntryFlags(word: cursor.current.flags).isUnsettled { return true }
      isThere = try cursor.advance()
    }
    return false
  }

  private func writeMembers(of group: ByteView, target: Int, counts: inout DropCounts) throws(SluiceError) {
    guard let state = plan.states.firstIndex(where: { $0.target == target }) else { return }
    var rows = 0
    try forEachMember(of: group, in: view, state: state) { (image) throws(SluiceError) in
      rows += try writers.writeMember(image, target: target)
      return true
    }
    counts.states[state].rowsWritten += rows
  }

  /// Whether members of the group had to wait for it.
  private func settle(_ group: ByteView, into settled: SettledMembers) throws(SluiceError) -> Bool {
    guard let cursor = view.reader?.cursor() else { return false }
    var isAny = false
    var isThere = try cursor.seek(to: group)
    while isThere, isMember(cursor.current.key, of: group) {
      if EntryFlags(word: cursor.current.flags).isUnsettled {
        try settled.add(cursor.current, segment: cursor.segment)
        isAny = true
      }
      isThere = try cursor.advance()
    }
    return isAny
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
      if isInGroup(cursor, in: view, state: state) {
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

  /// Whether the row of a key goes out when its group does.
  private func isInGroup(_ cursor: SnapshotCursor, in view: SnapshotView, state: Int) -> Bool {
    let map = view.maps[cursor.segment]
    let flags = map.flags(cursor.current.flags)
    guard flags.isPending(state) else { return flags.state(state) == .sent }
    return !map.isLeaving(cursor.current, group: plan.states[state].digestGroup)
  }
}
