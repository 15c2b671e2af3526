import Records
import Streams
import Tabular

/// One pass over all rows of the samples of a feed: what each column holds, which could be the key, and what is wrong.
struct SampleScan {
  /// A row that can not be used as it stands.
  struct Defect: Equatable {
    var kind: RowHead.Defect
    var line: Int
  }

  /// Rows of the beginning from which candidates for a key are made.
  private static let headRows = 1000
  /// Bytes of bad rows that are kept to tell the encoding from.
  private static let badBytes = 32 << 10
  private static let shownDefects = 3

  /// Names of the columns, or the XML paths.
  let columns: [String]
  /// What each column holds.
  private(set) var profiles: [ColumnProfile]
  private(set) var keys: KeyCandidates
  /// Rows read.
  private(set) var rows = 0
  /// How many rows have each kind of defect, and the first of them.
  private(set) var defects: [RowHead.Defect: Int] = [:]
  private(set) var firstDefects: [Defect] = []
  /// Rows with characters beyond ASCII that are right.
  private(set) var foreign = 0
  /// Bytes of rows that are wrong in the encoding.
  private(set) var badRows: [UInt8] = []
  /// The last row: its cells, line, and whether it can not be used as it stands.
  private(set) var last: (cells: [String], line: Int, isBad: Bool) = ([], 0, false)
  private let quote: UInt8?
  private let scratch = ByteArena(capacity: 4096)

  /// Reads all of `paths`; throws what is wrong with one of them.
  init(
    paths: [String], format: SourceFormat, encoding: TextEncoding?, xmlPaths: [String], batch: RowBatch
  ) throws(SluiceError) {
    if case .csv(let dialect) = format { quote = dialect.quote } else { quote = nil }
    let first = try DropReader(
      path: paths[0], format: format, encoding: encoding, paths: xmlPaths, hashing: false)
    columns = first.columns
    profiles = Array(repeating: ColumnProfile(), count: columns.count)
    keys = KeyCandidates(names: columns)
    try read(first, batch, isFirst: true)
    for path in paths.dropFirst() {
      let reader = try DropReader(path: path, format: format, encoding: encoding, paths: xmlPaths, hashing: false)
      keys.beginFile()
      try read(reader, batch, isFirst: false)
    }
  }

  /// Rows with a defect.
  var defectCount: Int { defects.values.reduce(0, +) }

  private mutating func read(_ reader: DropReader, _ batch: RowBatch, isFirst: Bool) throws(SluiceError) {
    var isHead = isFirst
    repeat {
      try reader.fill(batch)
      if isHead {
        keys.combine(head(of: batch))
        isHead = false
      }
      for row in 0..<batch.rowCount { take(batch, row) }
      if isFirst, batch.rowCount > 0 { noteLast(batch) }
    } while !batch.isLast
  }

  private mutating func noteLast(_ batch: RowBatch) {
    let head = batch.head(batch.rowCount - 1)
    let cells = (0..<min(Int(head.fieldCount), 1000)).map {
      batch.view(batch.slice(Int(head.firstField) + $0)).trimmed.text
    }
    last = (cells, batch.firstLine + Int(head.lineOffset), head.defect == .short || head.defect == .long)
  }

  private func head(of batch: RowBatch) -> [[String]] {
    (0..<min(batch.rowCount, Self.headRows)).map { row in
      let head = batch.head(row)
      return (0..<Int(head.fieldCount)).map { batch.view(batch.slice(Int(head.firstField) + $0)).trimmed.text }
    }
  }

  private mutating func take(_ batch: RowBatch, _ row: Int) {
    let head = batch.head(row)
    rows += 1
    guard head.defect == .none else {
      defects[head.defect, default: 0] += 1
      if firstDefects.count < Self.shownDefects {
        firstDefects.append(Defect(kind: head.defect, line: batch.firstLine + Int(head.lineOffset)))
      }
      if head.defect == .badByte, badRows.count < Self.badBytes {
        // What was wrong in UTF-8 is as it stands in the file.
        badRows += batch.rawView(head).array.prefix(4096) + [0x0A]
      }
      return
    }
    if batch.rawView(head).buffer.contains(where: { $0 >= 0x80 }) { foreign += 1 }
    for column in 0..<min(Int(head.fieldCount), columns.count) {
      let slice = batch.slice(Int(head.firstField) + column)
      let isAbsent = slice.flags.contains(.absent)
      let view = text(batch, slice)
      profiles[column].take(view, isAbsent: isAbsent)
      if keys.wants(column) { keys.note(column, view, isAbsent: isAbsent) }
    }
    keys.endRow()
  }

  /// The trimmed text of a cell; borrowed until the next one.
  private func text(_ batch: RowBatch, _ slice: FieldSlice) -> ByteView {
    let view = batch.view(slice)
    guard slice.flags.contains(.escaped), let quote else { return view.trimmed }
    scratch.removeAll()
    var index = 0
    while index < view.count {
      scratch.append(view[index])
      index += view[index] == quote && index + 1 < view.count && view[index + 1] == quote ? 2 : 1
    }
    return scratch.view.trimmed
  }
}
