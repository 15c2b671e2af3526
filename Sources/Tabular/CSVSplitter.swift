import Glibc
import Streams

/// Splits a window of bytes, which stands in a batch, into rows and fields (RFC 4180, and what exports make of it).
///
/// Nothing is copied and nothing allocated. The last row must end in a line feed to be found: at the end of the input
/// the caller adds one. A `ReferenceSplitter` in the tests says the same a byte at a time.
struct CSVSplitter {
  /// Why splitting stopped.
  enum Stop {
    /// The rest of the window is no whole row.
    case exhausted
    /// The batch has no room for another row or field, or `maximumRows` are there.
    case full
    /// The row at `position` is longer than the limit.
    case overlong
  }

  /// How far splitting came.
  struct Progress {
    /// Bytes of the window that are split: the start of the next row.
    var position = 0
    /// Lines before `position`.
    var lines = 0
    var stop = Stop.exhausted
  }

  private static let lineFeed: UInt8 = 0x0A
  private static let carriageReturn: UInt8 = 0x0D

  private let delimiter: UInt8
  /// Above 255 when the dialect has no quotes.
  private let quote: UInt16
  /// How many fields a row must have; 0: any number.
  private let columnCount: Int
  private let rowLimit: Int

  init(_ dialect: CSVDialect, columnCount: Int, rowLimit: Int) {
    delimiter = dialect.delimiter
    quote = dialect.quote.map { UInt16($0) } ?? 0xFFFF
    self.columnCount = columnCount
    self.rowLimit = rowLimit
  }

  /// A row under construction.
  private struct Row {
    let start: Int
    var fields = 0
    /// End of its bytes, line end left out.
    var end = 0
    /// Line feeds inside its quotes.
    var innerLines = 0
    var defect = RowHead.Defect.none
    var defectField = 0
    var isOutOfRoom = false
  }

  /// Splits the first `end` bytes of `batch`, into which 64 more can be read, and adds the rows to it.
  func split(_ batch: RowBatch, end: Int, maximumRows: Int) -> Progress {
    let bytes = UnsafePointer(batch.bytes)
    var scanner = StructuralScanner(bytes: bytes, end: end, delimiter: delimiter)
    var progress = Progress()
    while progress.position < end {
      let start = progress.position
      if let blank = blankLine(bytes, start, end) {
        scanner.seek(blank)
        progress.position = blank
        progress.lines &+= 1
        continue
      }
      let firstField = batch.fieldCount
      var row = Row(start: start)
      let terminator = readRow(batch, &scanner, &row, end)
      let isComplete = terminator < end && !row.isOutOfRoom
      if isComplete, row.end &- start > rowLimit {
        progress.stop = .overlong
      } else if isComplete, batch.rowCount < maximumRows {
        if batch.appendRow(head(row, firstField: firstField, line: progress.lines)) {
          progress.position = terminator &+ 1
          progress.lines &+= row.innerLines &+ 1
          continue
        }
        progress.stop = .full
      } else if isComplete || row.isOutOfRoom {
        progress.stop = .full
      }
      batch.truncateFields(to: firstField)
      break
    }
    return progress
  }

  /// The position after a line without anything in it.
  @inline(__always)
  private func blankLine(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int? {
    let first = bytes[start]
    if first > CSVSplitter.carriageReturn { return nil }
    if first == CSVSplitter.lineFeed { return start &+ 1 }
    guard first == CSVSplitter.carriageReturn, start &+ 1 < end, bytes[start &+ 1] == CSVSplitter.lineFeed else {
      return nil
    }
    return start &+ 2
  }

  @inline(__always)
  private func head(_ row: Row, firstField: Int, line: Int) -> RowHead {
    var head = RowHead(
      firstField: firstField, fieldCount: row.fields, start: row.start, length: row.end &- row.start,
      lineOffset: line)
    if row.defect != .none {
      head.defect = row.defect
      head.defectField = UInt16(clamping: row.defectField)
    } else if row.fields != columnCount, columnCount != 0 {
      head.defect = row.fields < columnCount ? .short : .long
      head.defectField = UInt16(clamping: min(row.fields, columnCount))
    }
    return head
  }

  /// Adds the fields of a row to the batch; returns the place of its line feed, or `end` when the row is not whole.
  @inline(__always)
  private func readRow(_ batch: RowBatch, _ scanner: inout StructuralScanner, _ row: inout Row, _ end: Int) -> Int {
    let bytes = UnsafePointer(batch.bytes)
    var fieldStart = row.start
    while true {
      let slice: FieldSlice
      let terminator: Int
      if fieldStart < end, UInt16(bytes[fieldStart]) == quote {
        (slice, terminator) = quotedField(bytes, fieldStart, end, &scanner, &row)
        if terminator >= end { return end }
      } else {
        terminator = scanner.next()
        if terminator >= end { return end }
        row.end = contentEnd(bytes, from: fieldStart, terminator)
        slice = FieldSlice(start: fieldStart, count: row.end &- fieldStart)
      }
      guard batch.appendField(slice) else {
        row.isOutOfRoom = true
        return terminator
      }
      row.fields &+= 1
      if bytes[terminator] == CSVSplitter.lineFeed { return terminator }
      fieldStart = terminator &+ 1
    }
  }

  /// Where a field without quotes ends: before its delimiter, its line feed, or the carriage return before that.
  @inline(__always)
  private func contentEnd(_ bytes: UnsafePointer<UInt8>, from start: Int, _ terminator: Int) -> Int {
    let hasReturn =
      bytes[terminator] == CSVSplitter.lineFeed && terminator > start
      && bytes[terminator &- 1] == CSVSplitter.carriageReturn
    return hasReturn ? terminator &- 1 : terminator
  }

  /// A field that starts with a quote, and the place of what ends it (`end`: it is not whole).
  @inline(never)
  private func quotedField(
    _ bytes: UnsafePointer<UInt8>, _ fieldStart: Int, _ end: Int, _ scanner: inout StructuralScanner,
    _ row: inout Row
  ) -> (FieldSlice, Int) {
    var flags = FieldSlice.Flags.quoted
    guard let closing = closingQuote(bytes, from: fieldStart &+ 1, end, &flags), closing &+ 1 < end else {
      return (FieldSlice(start: 0, count: 0), end)
    }
    row.innerLines &+= lineFeeds(bytes, from: fieldStart &+ 1, to: closing)
    var terminator = closing &+ 1
    if bytes[terminator] == CSVSplitter.carriageReturn, terminator &+ 1 < end,
      bytes[terminator &+ 1] == CSVSplitter.lineFeed
    {
      terminator &+= 1
    }
    if bytes[terminator] == delimiter || bytes[terminator] == CSVSplitter.lineFeed {
      scanner.seek(terminator &+ 1)
      row.end = closing &+ 1
      return (FieldSlice(start: fieldStart &+ 1, count: closing &- fieldStart &- 1, flags: flags), terminator)
    }
    scanner.seek(closing &+ 1)
    terminator = scanner.next()
    if terminator >= end { return (FieldSlice(start: 0, count: 0), end) }
    if row.defect == .none {
      row.defect = .misplacedQuote
      row.defectField = row.fields
    }
    row.end = contentEnd(bytes, from: fieldStart, terminator)
    return (FieldSlice(start: fieldStart, count: row.end &- fieldStart), terminator)
  }

  @inline(__always)
  private func closingQuote(
    _ bytes: UnsafePointer<UInt8>, from start: Int, _ end: Int, _ flags: inout FieldSlice.Flags
  ) -> Int? {
    var cursor = start
    while cursor < end, let found = memchr(bytes + cursor, Int32(quote), end &- cursor) {
      let place = UnsafeRawPointer(found) - UnsafeRawPointer(bytes)
      guard place &+ 1 < end, UInt16(bytes[place &+ 1]) == quote else { return place }
      flags.insert(.escaped)
      cursor = place &+ 2
    }
    return nil
  }

  @inline(__always)
  private func lineFeeds(_ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int {
    var count = 0
    var cursor = start
    while cursor < end, let found = memchr(bytes + cursor, Int32(CSVSplitter.lineFeed), end &- cursor) {
      count &+= 1
      cursor = UnsafeRawPointer(found) - UnsafeRawPointer(bytes) &+ 1
    }
    return count
  }

  /// The quote that is open after these first bytes of a row: how many lines below the row's start, and in which
  /// column (from 1) it stands; nil when none is. Slow, for error messages.
  func openQuote(in view: ByteView) -> (lines: Int, column: Int)? {
    var index = 0
    var lines = 0
    var column = 1
    while index < view.count {
      if UInt16(view[index]) == quote {
        let opening = (lines: lines, column: column)
        index += 1
        while index < view.count {
          if view[index] == CSVSplitter.lineFeed { lines += 1 }
          if UInt16(view[index]) == quote {
            guard index + 1 < view.count, UInt16(view[index + 1]) == quote else { break }
            index += 1
          }
          index += 1
        }
        if index >= view.count { return opening }
      }
      while index < view.count, view[index] != delimiter { index += 1 }
      index += 1
      column += 1
    }
    return nil
  }
}
