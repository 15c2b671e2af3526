import Streams

/// Splits a window of bytes, which stands in a batch, into rows and fields, for the dialects that `CSVSplitter` does
/// not know: delimiters of several bytes, escapes, other line ends, comments, padded rows, types of records.
///
/// Nothing is copied and nothing allocated. The last row must have a line end to be found: at the end of the input the
/// caller adds one. A model in the tests says the same a character at a time.
struct DialectSplitter {
  private let delimiter: ShortText
  /// Above 255 when the dialect has none; so with `escape`.
  private let quote: UInt16
  private let escape: UInt16
  private let ends: LineEnds
  private let comment: ShortText
  private let blankLines: CSVDialect.BlankLines
  private let isPadded: Bool
  private let records: RecordTypes?
  private let trailer: [UInt8]
  /// The header's text, which rows may repeat.
  private let header: [UInt8]
  /// Whether the rows are those before the first batch, of which the first tells the columns.
  private let isAtStart: Bool
  private let hasHeader: Bool
  private let columnCount: Int
  private let rowLimit: Int

  init(_ dialect: CSVDialect, columnCount: Int, rowLimit: Int, header: [UInt8] = []) {
    delimiter = ShortText(dialect.separator)
    quote = dialect.quote.map { UInt16($0) } ?? 0xFFFF
    escape = dialect.escape.map { UInt16($0) } ?? 0xFFFF
    ends = LineEnds(dialect.lineEnd)
    comment = ShortText(dialect.comment)
    blankLines = dialect.blankLines
    isPadded = dialect.isPadded
    records = dialect.records
    trailer = dialect.trailer.map { Array($0.starts.utf8) } ?? []
    self.header = dialect.repeatsHeader ? header : []
    isAtStart = columnCount == 0
    hasHeader = dialect.hasHeader
    self.columnCount = columnCount
    self.rowLimit = rowLimit
  }

  /// A row under construction.
  private struct Row {
    let start: Int
    let firstField: Int
    var fields = 0
    /// End of its bytes, line end left out.
    var end = 0
    /// Line ends inside its cells.
    var innerLines = 0
    var defect = RowHead.Defect.none
    var defectField = 0
    var isOutOfRoom = false
  }

  /// What ends a cell: where its content ends, where the next cell or row starts, and which of these it is.
  private struct Ending {
    var place: Int
    var next: Int
    var isRow: Bool
  }

  /// Splits the first `end` bytes of `batch` and adds the rows to it.
  func split(_ batch: RowBatch, end: Int, maximumRows: Int) -> CSVSplitter.Progress {
    let window = ByteView(base: batch.bytes, count: end)
    var progress = CSVSplitter.Progress()
    while progress.position < end {
      let start = progress.position
      if isAtStart, batch.rowCount == maximumRows {
        // What follows the header is looked at when it is known to be one.
        progress.stop = .full
        return progress
      }
      if let line = lineWithoutRow(window, start) {
        guard line.next > start else { return progress }
        if line.end &- start > rowLimit {
          progress.stop = .overlong
          return progress
        }
        progress.position = line.next
        progress.lines &+= 1
        continue
      }
      var row = Row(start: start, firstField: batch.fieldCount)
      let next = readRow(batch, window, &row)
      var stop: CSVSplitter.Stop?
      if row.isOutOfRoom {
        stop = .full
      } else if next == nil {
        stop = .exhausted
      } else if row.end &- start > rowLimit {
        stop = .overlong
      } else if isRow(batch, &row) {
        stop = batch.rowCount < maximumRows && finish(batch, &row, line: progress.lines) ? nil : .full
      } else {
        batch.truncateFields(to: row.firstField)
      }
      guard stop == nil, let next else {
        batch.truncateFields(to: row.firstField)
        progress.stop = stop ?? .exhausted
        return progress
      }
      progress.position = next
      progress.lines &+= row.innerLines &+ 1
    }
    return progress
  }

  // MARK: Rows

  /// A blank line or comment at `start`: its end and where the next line starts (`start`: the window ends too early to
  /// tell); nil when a row starts here.
  @inline(__always)
  private func lineWithoutRow(_ window: ByteView, _ start: Int) -> (end: Int, next: Int)? {
    switch ends.look(in: window, at: start) {
    case .end(let count): return blankLines == .keep && !isAtStart ? nil : (start, start &+ count)
    case .unknown: return (start, start)
    case .none: break
    }
    guard comment.stands(in: window, at: start) else { return nil }
    return ends.next(in: window, from: start) ?? (start, start)
  }

  /// Whether what was read is a row for the batch; marks one of an unknown type.
  @inline(__always)
  private func isRow(_ batch: RowBatch, _ row: inout Row) -> Bool {
    if blankLines == .skipDelimiters, isBlank(batch, row) { return false }
    if !header.isEmpty, row.end &- row.start == header.count {
      if ByteView(base: batch.bytes + row.start, count: header.count).holds(header) { return false }
    }
    guard let records else { return true }
    switch records.verdict(on: batch, row.firstField, row.fields, trailer: trailer) {
    case .data: return true
    case .skipped: return false
    case .unknown(let cell):
      // The header has no type; without one the first row of data tells the columns.
      if isAtStart { return hasHeader }
      row.defect = .recordType
      row.defectField = cell
      return true
    }
  }

  private func isBlank(_ batch: RowBatch, _ row: Row) -> Bool {
    for index in row.firstField..<row.firstField &+ row.fields {
      let slice = batch.slice(index)
      if slice.flags != [] || !batch.view(slice).trimmed.isEmpty { return false }
    }
    return true
  }

  /// Fills the row up where the dialect says so, and adds it; false when the batch has no room.
  @inline(__always)
  private func finish(_ batch: RowBatch, _ row: inout Row, line: Int) -> Bool {
    if isPadded, row.fields != columnCount, columnCount != 0, row.defect == .none {
      guard pad(batch, &row) else { return false }
    }
    var head = RowHead(
      firstField: row.firstField, fieldCount: row.fields, start: row.start, length: row.end &- row.start,
      lineOffset: line)
    if row.defect != .none {
      head.defect = row.defect
      head.defectField = UInt16(clamping: row.defectField)
    } else if row.fields != columnCount, columnCount != 0 {
      head.defect = row.fields < columnCount ? .short : .long
      head.defectField = UInt16(clamping: min(row.fields, columnCount))
    }
    return batch.appendRow(head)
  }

  private func pad(_ batch: RowBatch, _ row: inout Row) -> Bool {
    if row.fields > columnCount {
      for index in row.firstField &+ columnCount..<row.firstField &+ row.fields
      where !batch.view(batch.slice(index)).trimmed.isEmpty { return true }
      batch.truncateFields(to: row.firstField &+ columnCount)
      row.fields = columnCount
      return true
    }
    while row.fields < columnCount {
      guard batch.appendField(FieldSlice(start: row.end, count: 0, flags: .absent)) else { return false }
      row.fields &+= 1
    }
    return true
  }

  // MARK: Fields

  /// Adds the fields of a row to the batch; returns where the next row starts, or nil when this one is not whole.
  @inline(__always)
  private func readRow(_ batch: RowBatch, _ window: ByteView, _ row: inout Row) -> Int? {
    var fieldStart = row.start
    while true {
      var slice = FieldSlice(start: fieldStart, count: 0)
      let ending: Ending
      if fieldStart < window.count, UInt16(window[fieldStart]) == quote {
        guard let found = quotedField(window, fieldStart, &slice, &row) else { return nil }
        ending = found
      } else {
        var isEscaped = false
        guard let found = nextEnding(window, from: fieldStart, &isEscaped) else { return nil }
        ending = found
        let count = ending.place &- fieldStart
        slice = FieldSlice(start: fieldStart, count: count, flags: isEscaped ? .escaped : [])
        if isEscaped { row.innerLines &+= ends.count(in: window.slice(from: fieldStart, count: count)) }
        row.end = ending.place
      }
      guard batch.appendField(slice) else {
        row.isOutOfRoom = true
        return nil
      }
      row.fields &+= 1
      if ending.isRow { return ending.next }
      fieldStart = ending.next
    }
  }

  /// The next delimiter or line end that is not escaped; nil when the window has none.
  @inline(__always)
  private func nextEnding(_ window: ByteView, from start: Int, _ isEscaped: inout Bool) -> Ending? {
    let delimiterStart = delimiter.first
    var cursor = start
    while cursor < window.count {
      let byte = UInt16(window[cursor])
      if byte == escape {
        guard cursor &+ 1 < window.count else { return nil }
        isEscaped = true
        switch ends.look(in: window, at: cursor &+ 1) {
        case .end(let count): cursor &+= 1 &+ count
        case .none: cursor &+= 2
        case .unknown: return nil
        }
        continue
      }
      if byte == ends.starts.0 || byte == ends.starts.1 {
        switch ends.look(in: window, at: cursor) {
        case .end(let count): return Ending(place: cursor, next: cursor &+ count, isRow: true)
        case .unknown: return nil
        case .none: break
        }
      }
      if byte == delimiterStart, delimiter.stands(in: window, at: cursor) {
        return Ending(place: cursor, next: cursor &+ delimiter.count, isRow: false)
      }
      cursor &+= 1
    }
    return nil
  }

  /// A field that starts with a quote, and what ends it; nil when it is not whole.
  private func quotedField(
    _ window: ByteView, _ fieldStart: Int, _ slice: inout FieldSlice, _ row: inout Row
  ) -> Ending? {
    var flags = FieldSlice.Flags.quoted
    guard let closing = closingQuote(window, from: fieldStart &+ 1, &flags), closing &+ 1 < window.count else {
      return nil
    }
    let content = closing &- fieldStart &- 1
    row.innerLines &+= ends.count(in: window.slice(from: fieldStart &+ 1, count: content))
    let behind = closing &+ 1
    var ending: Ending?
    switch ends.look(in: window, at: behind) {
    case .end(let count): ending = Ending(place: behind, next: behind &+ count, isRow: true)
    case .unknown: return nil
    case .none:
      if delimiter.stands(in: window, at: behind) {
        ending = Ending(place: behind, next: behind &+ delimiter.count, isRow: false)
      }
    }
    if let ending {
      row.end = ending.place
      slice = FieldSlice(start: fieldStart &+ 1, count: content, flags: flags)
      return ending
    }
    var isEscaped = false
    guard let late = nextEnding(window, from: behind, &isEscaped) else { return nil }
    if isEscaped { row.innerLines &+= ends.count(in: window.slice(from: behind, count: late.place &- behind)) }
    if row.defect == .none {
      row.defect = .misplacedQuote
      row.defectField = row.fields
    }
    row.end = late.place
    slice = FieldSlice(start: fieldStart, count: late.place &- fieldStart)
    return late
  }

  @inline(__always)
  private func closingQuote(_ window: ByteView, from start: Int, _ flags: inout FieldSlice.Flags) -> Int? {
    var cursor = start
    while cursor < window.count {
      let byte = UInt16(window[cursor])
      if byte == escape {
        flags.insert(.escaped)
        cursor &+= 2
      } else if byte == quote {
        guard cursor &+ 1 < window.count, UInt16(window[cursor &+ 1]) == quote else { return cursor }
        flags.insert(.escaped)
        cursor &+= 2
      } else {
        cursor &+= 1
      }
    }
    return nil
  }

  /// The quote that is open after these first bytes of a row, as `CSVSplitter` says it. Slow, for error messages.
  func openQuote(in view: ByteView) -> (lines: Int, column: Int)? {
    var row = Row(start: 0, firstField: 0)
    var start = 0
    while start < view.count {
      var slice = FieldSlice(start: 0, count: 0)
      let ending: Ending?
      if UInt16(view[start]) == quote {
        var flags = FieldSlice.Flags.quoted
        guard closingQuote(view, from: start + 1, &flags) != nil else { return (row.innerLines, row.fields + 1) }
        ending = quotedField(view, start, &slice, &row)
      } else {
        var isEscaped = false
        ending = nextEnding(view, from: start, &isEscaped)
        if isEscaped, let ending {
          row.innerLines += ends.count(in: view.slice(from: start, count: ending.place - start))
        }
      }
      guard let ending, !ending.isRow else { return nil }
      row.fields += 1
      start = ending.next
    }
    return nil
  }
}
