import Diff
import Feeds
import Streams
import Tabular

/// The rows of a drop as the first pass leaves them: key, digests and place, sorted by key.
///
/// Every byte here is written and read once for each row of a shuffled drop, so that what most rows do not have takes
/// no room.
final class KeyedRows {
  /// What is known of a row beside its key and digests.
  struct Row {
    /// Where it can be read again.
    var place: RowPlace
    /// Bit n: the record belongs to state target n.
    var members: UInt32 = 0
    var isReject = false
    var isPositive = false
    /// The row says that its key is gone.
    var isDelete = false
    /// What `duplicates: { latest: FIELD }` compares; nil for other rules.
    var rank: Int64?
  }

  /// Place and flags as they are stored: members in the low 14 bits, then one bit each for what follows.
  private struct Fixed: BitwiseCopyable {
    static let members: UInt32 = 0x3FFF
    static let reject: UInt32 = 1 << 14
    static let positive: UInt32 = 1 << 15
    static let rank: UInt32 = 1 << 16
    static let spelling: UInt32 = 1 << 17
    static let delete: UInt32 = 1 << 18

    var place: RowPlace
    var word: UInt32
  }

  private let sorter: ExternalSorter
  private let payload = ByteArena(capacity: 256)
  private var entries: SortedEntries?
  /// Whether `row` and `key` stand on an entry.
  private(set) var hasRow = false

  init(directory: String, memory: Int) {
    sorter = ExternalSorter(directory: directory, memory: memory, concurrent: true)
  }

  /// Adds a row; `spelling` is empty when the key is spelled as it is.
  func append(key: ByteView, row: Row, spelling: ByteView, digests: ByteView) throws(SluiceError) {
    var word = row.members
    if row.isReject { word |= Fixed.reject }
    if row.isPositive { word |= Fixed.positive }
    if row.isDelete { word |= Fixed.delete }
    if row.rank != nil { word |= Fixed.rank }
    if !spelling.isEmpty { word |= Fixed.spelling }
    let fixed = Fixed(place: row.place, word: word)
    if spelling.isEmpty, row.rank == nil { return try sorter.append(key: key, fixed: fixed, rest: digests) }
    payload.removeAll()
    if let rank = row.rank { payload.append(raw: rank) }
    if !spelling.isEmpty {
      payload.append(raw: UInt16(clamping: spelling.count))
      payload.append(spelling)
    }
    payload.append(digests)
    try sorter.append(key: key, fixed: fixed, rest: payload.view)
  }

  /// Goes on to the next row in key order, rows of one key in the order of the drop.
  func advance() throws(SluiceError) {
    if entries == nil { entries = try sorter.finish() }
    hasRow = try entries?.next() ?? false
  }

  /// Key of the current row.
  var key: ByteView { entries?.key ?? ByteView() }

  /// The current row with its spelling (empty: as the key itself) and digests.
  var current: (row: Row, spelling: ByteView, digests: ByteView) {
    let payload = entries?.payload ?? ByteView()
    let fixed = payload.load(as: Fixed.self)
    var row = Row(place: fixed.place, members: fixed.word & Fixed.members)
    row.isReject = fixed.word & Fixed.reject != 0
    row.isPositive = fixed.word & Fixed.positive != 0
    row.isDelete = fixed.word & Fixed.delete != 0
    var rest = payload.dropping(MemoryLayout<Fixed>.size)
    if fixed.word & Fixed.rank != 0 {
      row.rank = rest.load(as: Int64.self)
      rest = rest.dropping(8)
    }
    guard fixed.word & Fixed.spelling != 0 else { return (row, ByteView(), rest) }
    let count = Int(rest.load(as: UInt16.self))
    return (row, rest.slice(from: 2, count: count), rest.dropping(2 + count))
  }
}

/// The row that stands for its key, copied out of the sorter so that the rows after it can be looked at.
final class Winner {
  private(set) var row: KeyedRows.Row?
  /// The row is known to be valid.
  var isVerified = false
  private let bytes = ByteArena(capacity: 512)
  private var spellingCount = 0

  /// Forgets the row.
  func removeAll() {
    row = nil
    isVerified = false
  }

  /// Takes a row.
  func take(_ row: KeyedRows.Row, spelling: ByteView, digests: ByteView, isVerified: Bool = false) {
    self.row = row
    self.isVerified = isVerified
    bytes.removeAll()
    bytes.append(spelling)
    spellingCount = bytes.count
    bytes.append(digests)
  }

  var spelling: ByteView { bytes.view(from: 0, count: spellingCount) }
  var digests: ByteView { bytes.view(from: spellingCount) }
}
