import Diff
import Streams

/// What the second pass has to do with a row of the drop.
enum RowTask: UInt8, BitwiseCopyable {
  /// Write the record by its decision.
  case write
  /// A reject: goes to the reject file.
  case reject
  /// Valid, but its key stands more than once and the feed says `duplicates: reject`.
  case duplicate
}

/// The rows that the second pass looks at, sorted by their place in the drop.
final class ChangeList {
  private struct Fixed: BitwiseCopyable {
    var task: RowTask
    var hasOldSpelling: Bool
    var decision: KeyDecision
  }

  private let sorter: ExternalSorter
  private let key = ByteArena(capacity: 16)
  private let payload = ByteArena(capacity: 256)
  private var entries: SortedEntries?
  private var fixed: Fixed?

  init(directory: String, memory: Int) { sorter = ExternalSorter(directory: directory, memory: memory) }

  var count: Int { sorter.count }

  /// Adds a reject of the row `ordinal` (from 0).
  func append(_ task: RowTask, ordinal: UInt64) throws(SluiceError) {
    try append(Fixed(task: task, hasOldSpelling: false, decision: KeyDecision()), spelling: ByteView(), ordinal)
  }

  /// Adds a decided record. `spelling` is what the snapshot has, nil when it does not know the key.
  func append(_ decision: KeyDecision, spelling: ByteView?, ordinal: UInt64) throws(SluiceError) {
    let fixed = Fixed(task: .write, hasOldSpelling: spelling != nil, decision: decision)
    try append(fixed, spelling: spelling ?? ByteView(), ordinal)
  }

  private func append(_ fixed: Fixed, spelling: ByteView, _ ordinal: UInt64) throws(SluiceError) {
    key.removeAll()
    key.append(raw: ordinal.bigEndian)
    payload.removeAll()
    payload.append(raw: fixed)
    payload.append(spelling)
    try sorter.append(key: key.view, payload: payload.view)
  }

  /// Goes on to the next task; nil after the last one.
  func next() throws(SluiceError) -> UInt64? {
    if entries == nil { entries = try sorter.finish() }
    guard let entries, try entries.next() else { return nil }
    fixed = entries.payload.load(as: Fixed.self)
    return UInt64(bigEndian: entries.key.load(as: UInt64.self))
  }

  /// What to do with the row that `next` named.
  var task: RowTask { fixed?.task ?? .reject }
  /// The decision of a row to be written.
  var decision: KeyDecision { fixed?.decision ?? KeyDecision() }
  /// How the snapshot spells the key; nil when it does not know it.
  var spelling: ByteView? {
    guard let fixed, fixed.hasOldSpelling else { return nil }
    return entries?.payload.dropping(MemoryLayout<Fixed>.size)
  }
}
