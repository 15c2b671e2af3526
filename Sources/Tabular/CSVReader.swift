import Glibc
import Streams

/// Reads the rows of a CSV drop, UTF-8 by now, into batches.
///
/// A batch's bytes are the window: the source writes straight into it, behind the unfinished row that the batch before
/// left over, and the fields are slices of it.
final class CSVReader: RowReader {
  private static let headerWindow = 64 << 10
  /// What is read at once: small enough to stay near the processor until it is split.
  private static let window = 256 << 10

  private let source: any ByteSource
  private let dialect: CSVDialect
  private let limits: ReadLimits
  /// Names of the columns, blanks trimmed; "1", "2", … when the file names none.
  private(set) var columns: [String] = []
  /// Bytes that were read but not handed out yet.
  private let pending: ByteArena
  private var pendingStart = 0
  /// Line at which the pending bytes start.
  private var line = 1
  /// Bytes of the text before the pending ones.
  private var offset = 0
  private var isSourceRead = false
  /// Bytes of the text that the last batch holds.
  private(set) var batchBytes = 0

  /// Reads the header.
  ///
  /// Throws `empty-file`, `not-tabular` (an HTML page), `header-duplicate`, `bad-byte`, `csv-misplaced-quote`,
  /// `csv-unclosed-quote` or `row-too-long`, all damaged, and whatever the source throws.
  init(_ source: any ByteSource, dialect: CSVDialect, limits: ReadLimits) throws(SluiceError) {
    self.source = source
    self.dialect = dialect
    self.limits = limits
    pending = ByteArena(capacity: CSVReader.headerWindow)
    try readPending()
    try CSVHeader.refuseHTML(pending.view)
    try skipLines()
    columns = try readHeader()
  }

  func fill(_ batch: RowBatch) throws(SluiceError) {
    batch.removeAll()
    batch.firstLine = line
    let rowLimit = min(limits.rowBytes, batch.capacity - 2)
    let splitter = CSVSplitter(dialect, columnCount: columns.count, rowLimit: rowLimit)
    var filled = try fillWindow(of: batch, from: 0, upTo: min(CSVReader.window, batch.capacity))
    var progress = split(batch, splitter, filled)
    if progress.position == 0, progress.stop == .exhausted, !isAtEnd, filled < batch.capacity {
      // The row is longer than the window.
      filled = try fillWindow(of: batch, from: filled, upTo: batch.capacity)
      progress = split(batch, splitter, filled)
    }
    let isEnd = isAtEnd
    let done = min(progress.position, filled)
    let isStuck = done == 0 && filled > 0 && batch.rowCount == 0
    if progress.stop == .overlong || isStuck && (progress.stop == .full || !isEnd) {
      throw overlong(splitter, batch, from: done, filled, limit: rowLimit, line: line + progress.lines)
    }
    if progress.stop == .exhausted, isEnd, done < filled {
      let rest = ByteView(base: batch.bytes + done, count: filled - done)
      throw CSVReader.unclosed(splitter.openQuote(in: rest), line: line + progress.lines)
    }
    batch.setStore(.text, offset: UInt64(offset))
    batchBytes = done
    offset += done
    keep(batch, from: done, to: filled)
    line += progress.lines
    TextCheck.markBadRows(of: batch, upTo: done)
    batch.isLast = isSourceRead && pendingStart == pending.count
  }

  // MARK: - The window

  /// Whether everything that there is was put into a batch.
  private var isAtEnd: Bool { isSourceRead && pendingStart == pending.count }

  /// Moves what is pending to the batch, behind its first `start` bytes, and reads until there are `limit` bytes;
  /// returns how many there are.
  private func fillWindow(of batch: RowBatch, from start: Int, upTo limit: Int) throws(SluiceError) -> Int {
    let kept = min(pending.count - pendingStart, limit - start)
    if kept > 0 { memcpy(batch.bytes + start, pending.view(from: pendingStart).base, kept) }
    pendingStart += kept
    let room = limit - start - kept
    guard !isSourceRead, room > 0 else { return start + kept }
    let got = try source.fill(batch.bytes + start + kept, upTo: room)
    isSourceRead = got < room
    return start + kept + got
  }

  /// Splits the first `filled` bytes of the batch; the last row of the input needs no line end.
  private func split(_ batch: RowBatch, _ splitter: CSVSplitter, _ filled: Int) -> CSVSplitter.Progress {
    let end = isAtEnd ? CSVReader.closeLastLine(of: batch, filled) : filled
    return splitter.split(batch, end: end, maximumRows: batch.maximumRows)
  }

  /// Ends the last line of the input with a line feed, for which the batch has slack; returns the window's end.
  private static func closeLastLine(of batch: RowBatch, _ filled: Int) -> Int {
    guard filled > 0, batch.bytes[filled - 1] != 0x0A else { return filled }
    batch.bytes[filled] = 0x0A
    return filled + 1
  }

  /// Keeps the bytes that are not split yet for the next batch, before those that were pending already.
  private func keep(_ batch: RowBatch, from start: Int, to end: Int) {
    if start == end { return }
    if pendingStart == pending.count {
      pending.removeAll()
      pending.append(ByteView(base: batch.bytes + start, count: end - start))
      pendingStart = 0
    } else {
      // These bytes came from the pending ones and still stand there.
      pendingStart -= end - start
    }
  }

  // MARK: - Before the first row

  /// Reads another piece of the input behind the pending bytes; false at its end.
  @discardableResult
  private func readPending() throws(SluiceError) -> Bool {
    let before = pending.count
    try pending.fill(upTo: CSVReader.headerWindow) { (target) throws(SluiceError) in
      try source.fill(target, upTo: CSVReader.headerWindow)
    }
    isSourceRead = pending.count - before < CSVReader.headerWindow
    return pending.count > before
  }

  private func skipLines() throws(SluiceError) {
    for _ in 0..<dialect.skippedLines {
      while true {
        if let place = pending.view(from: pendingStart).firstIndex(of: 0x0A) {
          pendingStart += place + 1
          offset += place + 1
          line += 1
          break
        }
        // Nothing of this line so far is needed.
        offset += pending.count - pendingStart
        pending.removeAll()
        pendingStart = 0
        guard try readPending() else { throw CSVHeader.empty }
      }
    }
  }

  /// Reads the first row through a batch of its own; without a header it stays pending and only tells the columns.
  private func readHeader() throws(SluiceError) -> [String] {
    let splitter = CSVSplitter(dialect, columnCount: 0, rowLimit: limits.rowBytes)
    while true {
      let waiting = pending.view(from: pendingStart)
      let batch = RowBatch(capacity: waiting.count + 2)
      memcpy(batch.bytes, waiting.base, waiting.count)
      let end = isSourceRead ? CSVReader.closeLastLine(of: batch, waiting.count) : waiting.count
      let progress = splitter.split(batch, end: end, maximumRows: 1)
      if batch.rowCount == 1 {
        let head = batch.head(0)
        let start = dialect.hasHeader ? min(progress.position, waiting.count) : Int(head.start)
        let headLine = line + Int(head.lineOffset)
        let names = try CSVHeader.names(of: batch, dialect: dialect, line: headLine)
        pendingStart += start
        offset += start
        line = dialect.hasHeader ? line + progress.lines : headLine
        return names
      }
      let rest = waiting.count - progress.position
      if progress.stop != .exhausted || rest > limits.rowBytes {
        let from = min(progress.position, waiting.count)
        throw overlong(splitter, batch, from: from, waiting.count, limit: limits.rowBytes, line: line + progress.lines)
      }
      if isSourceRead {
        guard rest > 0 else { throw CSVHeader.empty }
        let row = ByteView(base: batch.bytes + progress.position, count: rest)
        throw CSVReader.unclosed(splitter.openQuote(in: row), line: line + progress.lines)
      }
      try readPending()
    }
  }

  // MARK: - Errors

  /// The error for a row over the limit: an open quote that swallows the rest of the file, or a row that is too long.
  private func overlong(
    _ splitter: CSVSplitter, _ batch: RowBatch, from start: Int, _ end: Int, limit: Int, line: Int
  ) -> SluiceError {
    let view = ByteView(base: batch.bytes + start, count: min(end - start, limit + 1))
    if let opening = splitter.openQuote(in: view) { return CSVReader.unclosed(opening, line: line) }
    return SluiceError(
      .damaged, "row-too-long", position: Position(line: line),
      cause: "the row is longer than \(limit) bytes, or has more fields than a batch holds",
      remedy: "check the line ends and the delimiter of the file")
  }

  private static func unclosed(_ opening: (lines: Int, column: Int)?, line: Int) -> SluiceError {
    SluiceError(
      .damaged, "csv-unclosed-quote",
      position: Position(line: line + (opening?.lines ?? 0), column: opening?.column),
      cause: "a quote is opened here and never closed",
      remedy: "have quotes inside fields doubled by the sender, or declare that the file has no quotes")
  }
}
