/// A file that is whole as far as can be seen from outside.
package struct ReadyDrop: Equatable, Sendable {
  /// The file.
  package var candidate: Candidate
  /// When it was first seen, as a number that grows; files first seen together have the same.
  package var arrival: Int

  /// A ready drop.
  package init(candidate: Candidate, arrival: Int) {
    self.candidate = candidate
    self.arrival = arrival
  }
}

/// The order in which the drops of one feed are taken.
package enum DropOrder {
  /// `drops` of one feed by as-of, then pattern as listed in the feed, then sequence, then arrival, then bytes of
  /// the name. A drop without a captured as-of speaks for `claimTime` (the present, on the wall clock of the feed's
  /// zone, in seconds since 1970). Modification times play no part.
  package static func sorted(_ drops: [ReadyDrop], claimTime: Int64) -> [ReadyDrop] {
    drops.sorted { precedes($0, $1, claimTime: claimTime) }
  }

  /// True when `left` is taken before `right`: a strict total order of files with different names.
  package static func precedes(_ left: ReadyDrop, _ right: ReadyDrop, claimTime: Int64) -> Bool {
    let first = left.candidate
    let second = right.candidate
    let asOf = (first.match.asOf ?? claimTime, second.match.asOf ?? claimTime)
    if asOf.0 != asOf.1 { return asOf.0 < asOf.1 }
    // Sequences of different patterns do not compare. Were arrival asked first between patterns, three drops could
    // each stand before the next in a ring.
    if first.pattern != second.pattern { return first.pattern < second.pattern }
    let sequence = (first.match.sequence ?? -1, second.match.sequence ?? -1)
    if sequence.0 != sequence.1 { return sequence.0 < sequence.1 }
    if left.arrival != right.arrival { return left.arrival < right.arrival }
    return first.name.utf8.lexicographicallyPrecedes(second.name.utf8)
  }

  /// Splits the sorted drops of a feed whose sequences must be gapless: what follows a gap waits.
  ///
  /// `lastPublished` has the sequence last published by pattern; a pattern that it does not have starts with the first
  /// sequence found. A sequence that was published already is no gap: its drop goes on, to be told a duplicate.
  package static func splitAtGaps(
    _ drops: [ReadyDrop], lastPublished: [Int: Int]
  ) -> (ready: [ReadyDrop], waiting: [WaitingFile]) {
    var expected = lastPublished.mapValues { $0 + 1 }
    var ready: [ReadyDrop] = []
    var waiting: [WaitingFile] = []
    for drop in drops {
      guard let sequence = drop.candidate.match.sequence else {
        ready.append(drop)
        continue
      }
      let next = expected[drop.candidate.pattern] ?? sequence
      if sequence > next {
        waiting.append(gap(before: drop, missing: next))
        continue
      }
      expected[drop.candidate.pattern] = max(next, sequence + 1)
      ready.append(drop)
    }
    return (ready, waiting)
  }

  /// How `drop` waits because the drop of sequence `missing` has not got through.
  package static func gap(before drop: ReadyDrop, missing: Int) -> WaitingFile {
    let own = drop.candidate.match.sequence.map { ", this is \($0)" } ?? ""
    return WaitingFile(
      name: DisplayName.escape(drop.candidate.name), feed: drop.candidate.feed, reason: .sequenceGap,
      message: "sequence \(missing) has not come yet\(own)")
  }
}
