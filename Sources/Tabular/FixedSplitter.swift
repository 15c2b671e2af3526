import Streams

/// Splits a window of bytes into lines, and these into columns of fixed width.
///
/// Widths are in characters. A line that ends before its last column has a defect unless the dialect pads; what stands
/// behind the last column is not looked at. Lines of nothing but blanks are no rows.
struct FixedSplitter {
  private let columns: [FixedColumn]
  private let ends: LineEnds
  private let comment: ShortText
  private let records: RecordTypes?
  private let trailer: [UInt8]
  private let isPadded: Bool
  private let rowLimit: Int

  init(_ dialect: CSVDialect, columns: [FixedColumn], rowLimit: Int) {
    self.columns = columns
    ends = LineEnds(dialect.lineEnd)
    comment = ShortText(dialect.comment)
    records = dialect.records
    trailer = dialect.trailer.map { Array($0.starts.utf8) } ?? []
    isPadded = dialect.isPadded
    self.rowLimit = rowLimit
  }

  /// Splits the first `end` bytes of `batch` and adds the rows to it.
  func split(_ batch: RowBatch, end: Int, maximumRows: Int) -> CSVSplitter.Progress {
    let window = ByteView(base: batch.bytes, count: end)
    var progress = CSVSplitter.Progress()
    while progress.position < end, let (lineEnd, next) = ends.next(in: window, from: progress.position) {
      let line = window.slice(from: progress.position, count: lineEnd &- progress.position)
      if line.count > rowLimit {
        progress.stop = .overlong
        return progress
      }
      if !line.trimmed.isEmpty, !comment.stands(in: line, at: 0) {
        guard batch.rowCount < maximumRows, add(line, at: progress, to: batch) else {
          progress.stop = .full
          return progress
        }
      }
      progress.position = next
      progress.lines &+= 1
    }
    return progress
  }

  /// Adds a line's row unless it is of a type that is passed over; false when the batch has no room.
  private func add(_ line: ByteView, at progress: CSVSplitter.Progress, to batch: RowBatch) -> Bool {
    let firstField = batch.fieldCount
    let start = progress.position
    var missing: Int?
    var character = 0
    var byte = 0
    for index in 0..<columns.count {
      let column = columns[index]
      advance(line, &byte, &character, to: column.start)
      let fieldStart = byte
      advance(line, &byte, &character, to: column.end)
      if character < column.end, missing == nil { missing = index }
      guard batch.appendField(FieldSlice(start: start &+ fieldStart, count: byte &- fieldStart)) else {
        batch.truncateFields(to: firstField)
        return false
      }
    }
    var head = RowHead(
      firstField: firstField, fieldCount: columns.count, start: start, length: line.count,
      lineOffset: progress.lines)
    switch records?.verdict(on: batch, firstField, columns.count, trailer: trailer) ?? .data {
    case .skipped:
      batch.truncateFields(to: firstField)
      return true
    case .unknown(let cell):
      head.defect = .recordType
      head.defectField = UInt16(clamping: cell)
    case .data:
      if let missing, !isPadded {
        head.defect = .short
        head.defectField = UInt16(clamping: missing)
      }
    }
    if batch.appendRow(head) { return true }
    batch.truncateFields(to: firstField)
    return false
  }

  /// Goes on to the character `target`, or to the line's end.
  @inline(__always)
  private func advance(_ line: ByteView, _ byte: inout Int, _ character: inout Int, to target: Int) {
    while character < target, byte < line.count {
      byte &+= 1
      // Bytes 10xxxxxx go on with the character before them.
      while byte < line.count, line[byte] & 0xC0 == 0x80 { byte &+= 1 }
      character &+= 1
    }
  }
}

extension RecordTypes {
  /// What a row is.
  enum Verdict {
    case data
    case skipped
    /// Neither; the cell that would say it, from 0.
    case unknown(cell: Int)
  }

  /// What the row of the `count` fields from `firstField` on is. A trailer, which begins with `trailer`, is data here.
  func verdict(on batch: RowBatch, _ firstField: Int, _ count: Int, trailer: [UInt8]) -> Verdict {
    if !trailer.isEmpty, count > 0, batch.view(batch.slice(firstField)).trimmed.holds(trailer) { return .data }
    guard cell <= count else { return .unknown(cell: cell - 1) }
    let code = batch.view(batch.slice(firstField &+ cell &- 1)).trimmed
    for index in 0..<data.count where code.holds(data[index]) { return .data }
    for index in 0..<skipped.count where code.holds(skipped[index]) { return .skipped }
    return .unknown(cell: cell - 1)
  }
}

extension ByteView {
  /// Whether these are exactly the bytes of `text`.
  @inline(__always)
  func holds(_ text: [UInt8]) -> Bool { count == text.count && starts(with: text) }

  /// Whether the first of these bytes are those of `text`.
  @inline(__always)
  func starts(with text: [UInt8]) -> Bool {
    guard text.count <= count else { return false }
    for index in 0..<text.count where self[index] != text[index] { return false }
    return true
  }
}
