import Diff
import Streams

/// What a row means that says that its key is gone.
enum DeleteRow {
  /// Takes such a row into account. `entry` is what the snapshot has of its key, in `segment`; nil when it does not
  /// know it.
  ///
  /// In a delta the key is removed, and one that is not there is noted as gone, so that what is older does not bring it
  /// back. A full lists what there is: there the row only says that its key is not among it, and the key has to be
  /// taken for vanished, which `isVanishing` says is done by the caller.
  static func take(
    _ entry: SnapshotEntry?, segment: Int, key: ByteView, spelling: ByteView, decider: KeyDecider,
    removals: RemovalList, counts: inout DropCounts, isVanishing: Bool = false
  ) throws(SluiceError) {
    let isNewer = entry.map { decider.isNewer($0, segment: segment) } ?? decider.isOlderThanFull
    if isNewer { return counts.addUneventful(.newer) }
    let old = entry.map { decider.oldKey($0, segment: segment) } ?? OldKey()
    guard !decider.isFull else {
      counts.addUneventful(.skipped)
      if !isVanishing, let entry, old.flags.isLive {
        try removals.append(entry.key, old: old, spelling: entry.spelling, digests: entry.digests)
        counts.addVanished(old.flags)
      }
      return
    }
    try removals.append(
      key, old: old, spelling: entry?.spelling ?? spelling, digests: ByteView())
    counts.addDeleted(old)
  }
}
