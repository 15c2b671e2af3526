import Diff
import Streams
import Tabular

/// The rows of a shuffled full that are those of last time: found by digest, without sorting them by key.
///
/// The snapshot is read by a thread of its own while the drop is read.
final class RepeatedRows {
  private let finder: RepeatFinder
  private let scan: BackgroundTask<Void>
  private let directory: String
  private let isSpelled: Bool

  /// Memory for what waits to be written to temporary files, in bytes.
  private static let memory = 6 << 20

  /// Starts to read the snapshot; nil when it is too large for this. With `isSpelled` a row whose key is spelled
  /// otherwise than its entry's is none of last time.
  init?(decider: KeyDecider, directory: String, isSpelled: Bool) {
    let view = decider.view
    let count = (0..<view.state.segments.count).reduce(0) { $0 + (view.reader?.entryCount(of: $1) ?? 0) }
    guard count < RepeatFinder.maximumEntries else { return nil }
    let finder = RepeatFinder(directory: directory, entries: count, memory: Self.memory)
    let (snapshots, segments, comparable) = (view.directory, view.state.segments, decider.comparable)
    scan = BackgroundTask { () throws(SluiceError) in
      let cursor = try SnapshotReader(directory: snapshots, segments: segments).cursor()
      try Self.scan(cursor, into: finder, comparable: comparable, isSpelled: isSpelled)
    }
    self.finder = finder
    self.directory = directory
    self.isSpelled = isSpelled
  }

  private static func scan(
    _ cursor: SnapshotCursor, into finder: RepeatFinder, comparable: [Bool], isSpelled: Bool
  ) throws(SluiceError) {
    var ordinal = 0
    while try cursor.advance() {
      if comparable[cursor.segment], cursor.flags & SnapshotEntry.liveFlag != 0 {
        let spelling = isSpelled ? cursor.current.spelling : ByteView()
        try finder.add(entry: ordinal, key: cursor.key, spelling: spelling, source: cursor.lastDigest)
      }
      ordinal &+= 1
    }
  }

  /// Adds a row with its key, as folded and as spelled (empty: the same).
  @inline(__always)
  func add(_ place: RowPlace, key: ByteView, spelling: ByteView, source: Digest128) throws(SluiceError) {
    let rest = UInt64(place.length) << 32 | UInt64(place.line)
    let spelled = isSpelled ? (spelling.isEmpty ? key : spelling) : ByteView()
    try finder.add(row: RepeatFinder.Place(place.offset, rest), key: key, spelling: spelled, source: source)
  }

  /// Calls `body` with the places of all rows that are not those of last time, in the order of the drop.
  func forEachOther(_ body: (RowPlace) throws(SluiceError) -> Void) throws(SluiceError) {
    try scan.result()
    let sorter = ExternalSorter(directory: directory, memory: Self.memory / 2)
    let key = ByteArena(capacity: 16)
    try finder.match { (place) throws(SluiceError) in
      key.removeAll()
      key.append(raw: place[0].bigEndian)
      try sorter.append(key: key.view, fixed: place, rest: ByteView())
    }
    let others = try sorter.finish()
    while try others.next() {
      let place = others.payload.load(as: RepeatFinder.Place.self)
      try body(
        RowPlace(
          offset: place[0], length: UInt32(truncatingIfNeeded: place[1] >> 32),
          line: UInt32(truncatingIfNeeded: place[1])))
    }
  }

  /// Whether the snapshot's entry with that number, from 0 on in key order, has its row of last time in the drop.
  @inline(__always)
  func contains(_ ordinal: Int) -> Bool { finder.isRepeated(ordinal) }
}
