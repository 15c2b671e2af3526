import Diff
import Streams
import Tabular

/// What the second look has to do with a row of the drop.
enum RowTask: UInt8, BitwiseCopyable {
  /// Write the record by its decision.
  case write
  /// The row is not that of last time: validate it, decide, and write what was decided.
  case decide
  /// A reject: goes to the reject file.
  case reject
  /// Valid, but its key stands more than once and the feed says `duplicates: reject`.
  case duplicate
  /// A corrected reject whose key was spoken for since.
  case changedSince
}

/// The rows that have to be looked at once more, sorted by their place in the drop.
final class ChangeList {
  private struct Fixed: BitwiseCopyable {
    var task: RowTask
    var hasEntry = false
    var segment: Int32 = 0
    var length: UInt32
    var line: UInt32
    var source = Digest128(first: 0, second: 0)
    var decision = KeyDecision()
  }

  private let sorter: ExternalSorter
  private let key = ByteArena(capacity: 16)
  private let payload = ByteArena(capacity: 256)
  private var entries: SortedEntries?
  private var fixed: Fixed?

  init(directory: String, memory: Int) { sorter = ExternalSorter(directory: directory, memory: memory) }

  var count: Int { sorter.count }

  /// Adds a row that is rejected.
  func append(_ task: RowTask, at place: RowPlace) throws(SluiceError) {
    payload.removeAll()
    payload.append(raw: Fixed(task: task, length: place.length, line: place.line))
    try append(place)
  }

  /// Adds a decided record. `entry` is what the snapshot has of its key.
  func append(_ decision: KeyDecision, entry: SnapshotEntry?, at place: RowPlace) throws(SluiceError) {
    var fixed = Fixed(task: .write, length: place.length, line: place.line)
    fixed.decision = decision
    try append(fixed, entry, place)
  }

  /// Adds a row that is to be decided on. `entry` is what the snapshot has of its key, in `segment`.
  func append(source: Digest128, entry: SnapshotEntry?, segment: Int, at place: RowPlace) throws(SluiceError) {
    var fixed = Fixed(task: .decide, length: place.length, line: place.line)
    fixed.segment = Int32(truncatingIfNeeded: segment)
    fixed.source = source
    try append(fixed, entry, place)
  }

  private func append(_ fixed: Fixed, _ entry: SnapshotEntry?, _ place: RowPlace) throws(SluiceError) {
    var fixed = fixed
    fixed.hasEntry = entry != nil
    payload.removeAll()
    payload.append(raw: fixed)
    if let entry { EntryPayload.append(entry, to: payload) }
    try append(place)
  }

  private func append(_ place: RowPlace) throws(SluiceError) {
    key.removeAll()
    key.append(raw: place.offset.bigEndian)
    try sorter.append(key: key.view, payload: payload.view)
  }

  /// Goes on to the next row; nil after the last one.
  func next() throws(SluiceError) -> RowPlace? {
    if entries == nil { entries = try sorter.finish() }
    guard let entries, try entries.next() else { return nil }
    let fixed = entries.payload.load(as: Fixed.self)
    self.fixed = fixed
    return RowPlace(
      offset: UInt64(bigEndian: entries.key.load(as: UInt64.self)), length: fixed.length, line: fixed.line)
  }

  /// What to do with the row that `next` named.
  var task: RowTask { fixed?.task ?? .reject }
  /// The decision of a row to be written.
  var decision: KeyDecision { fixed?.decision ?? KeyDecision() }
  /// The digest that the bytes of a row to be decided on had the first time.
  var source: Digest128 { fixed?.source ?? Digest128(first: 0, second: 0) }
  /// Where `entry` comes from.
  var segment: Int { Int(fixed?.segment ?? 0) }

  /// What the snapshot has of the key of the row, which the caller says; nil when it does not know it.
  func entry(key: ByteView) -> SnapshotEntry? {
    guard let fixed, fixed.hasEntry, let entries else { return nil }
    return EntryPayload.read(entries.payload.dropping(MemoryLayout<Fixed>.size), key: key)
  }
}
