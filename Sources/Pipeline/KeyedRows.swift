import Diff
import Feeds
import Streams

/// The rows of a drop as the first pass leaves them: key, digests and place, sorted by key.
final class KeyedRows {
  /// What is known of a row beside its key and digests.
  struct Row: BitwiseCopyable {
    var ordinal: UInt64
    /// What `duplicates: { latest: FIELD }` compares.
    var rank: Int64 = 0
    var line: UInt32 = 0
    var members: UInt32 = 0
    var isReject = false
    var isPositive = false
    var spellingCount: UInt16 = 0
  }

  private let sorter: ExternalSorter
  private let payload = ByteArena(capacity: 256)
  private var entries: SortedEntries?
  /// Whether `row` and `key` stand on an entry.
  private(set) var hasRow = false

  init(directory: String, memory: Int) { sorter = ExternalSorter(directory: directory, memory: memory) }

  /// Adds a row.
  func append(key: ByteView, row: Row, spelling: ByteView, digests: ByteView) throws(SluiceError) {
    var row = row
    row.spellingCount = UInt16(clamping: spelling.count)
    payload.removeAll()
    payload.append(raw: row)
    payload.append(spelling)
    payload.append(digests)
    try sorter.append(key: key, payload: payload.view)
  }

  /// Goes on to the next row in key order, rows of one key in the order of the drop.
  func advance() throws(SluiceError) {
    if entries == nil { entries = try sorter.finish() }
    hasRow = try entries?.next() ?? false
  }

  /// Key of the current row.
  var key: ByteView { entries?.key ?? ByteView() }
  /// The current row.
  var row: Row { payloadView.load(as: Row.self) }
  /// How the row spells its key; empty: as the key itself.
  var spelling: ByteView {
    payloadView.slice(from: MemoryLayout<Row>.size, count: Int(row.spellingCount))
  }
  /// Digests of the row.
  var digests: ByteView { payloadView.dropping(MemoryLayout<Row>.size + Int(row.spellingCount)) }

  private var payloadView: ByteView { entries?.payload ?? ByteView() }
}

/// The row that stands for its key, copied out of the sorter so that the rows after it can be looked at.
final class Winner {
  private(set) var row: KeyedRows.Row?
  private let bytes = ByteArena(capacity: 512)
  private var spellingCount = 0

  /// Forgets the row.
  func removeAll() { row = nil }

  /// Takes the row that `rows` stands on.
  func take(_ rows: KeyedRows) {
    row = rows.row
    bytes.removeAll()
    bytes.append(rows.spelling)
    spellingCount = bytes.count
    bytes.append(rows.digests)
  }

  var spelling: ByteView { bytes.view(from: 0, count: spellingCount) }
  var digests: ByteView { bytes.view(from: spellingCount) }
}
