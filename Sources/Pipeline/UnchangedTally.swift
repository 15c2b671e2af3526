import Diff

/// Counts records that are those of last time, many at a time: neighbours mostly have the same flags.
struct UnchangedTally {
  private var word: UInt32 = 0
  private var number = 0

  /// Counts one record whose entry has these flags.
  @inline(__always)
  mutating func add(_ flags: UInt32, to counts: inout DropCounts) {
    if flags != word { flush(to: &counts) }
    word = flags
    number &+= 1
  }

  /// Adds what was counted since the last time.
  mutating func flush(to counts: inout DropCounts) {
    if number > 0 { counts.addUnchanged(EntryFlags(word: word), number: number) }
    number = 0
  }
}
