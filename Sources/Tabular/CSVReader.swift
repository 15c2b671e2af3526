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
  private static let endMark: UInt8 = 0x1A

  private let source: any ByteSource
  /// The drop's dialect; its line end is found out by now.
  private(set) var dialect: CSVDialect
  private var ends: LineEnds
  private let limits: ReadLimits
  /// Names of the columns, blanks trimmed; "1", "2", … when the file names none.
  private(set) var columns: [String] = []
  /// The text of the header.
  private var header: [UInt8] = []
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
  /// `csv-unclosed-quote`, `csv-dangling-escape`, `row-too-long`, `skip-to-missing`, `records-missing` or
  /// `footer-too-long`, all damaged, and whatever the source throws.
  init(_ source: any ByteSource, dialect: CSVDialect, limits: ReadLimits) throws(SluiceError) {
    self.source = dialect.footerLines > 0 ? FooterSource(source, lines: dialect.footerLines) : source
    self.dialect = dialect
    self.limits = limits
    ends = LineEnds(dialect.lineEnd)
    pending = ByteArena(capacity: CSVReader.headerWindow)
    try readPending()
    if dialect.lineEnd == .automatic, CSVReader.endsInReturns(pending.view) {
      self.dialect.lineEnd = .carriageReturn
      ends = LineEnds(.carriageReturn)
    }
    try CSVHeader.refuseHTML(pending.view)
    try skipLines()
    columns = try readHeader()
  }

  func fill(_ batch: RowBatch) throws(SluiceError) {
    batch.removeAll()
    batch.firstLine = line
    let rowLimit = min(limits.rowBytes, batch.capacity - max(2, ends.closing.count))
    let splitter = RowSplitter(dialect, columnCount: columns.count, rowLimit: rowLimit, header: header)
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
      throw CSVReader.unfinished(splitter.openQuote(in: rest), line: line + progress.lines)
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
    var filled = start + kept
    if !isSourceRead, room > 0 {
      let got = try source.fill(batch.bytes + filled, upTo: room)
      isSourceRead = got < room
      filled += got
    }
    // DOS marks the end of a text.
    if isAtEnd { while filled > start, batch.bytes[filled - 1] == CSVReader.endMark { filled -= 1 } }
    return filled
  }

  /// Splits the first `filled` bytes of the batch; the last row of the input needs no line end.
  private func split(_ batch: RowBatch, _ splitter: RowSplitter, _ filled: Int) -> CSVSplitter.Progress {
    let end = isAtEnd ? closeLastLine(of: batch, filled) : filled
    return splitter.split(batch, end: end, maximumRows: batch.maximumRows)
  }

  /// Ends the last line of the input, for which the batch has slack; returns the window's end.
  private func closeLastLine(of batch: RowBatch, _ filled: Int) -> Int {
    guard filled > 0, !ends.closes(ByteView(base: batch.bytes, count: filled)) else { return filled }
    for (place, byte) in ends.closing.enumerated() { batch.bytes[filled + place] = byte }
    return filled + ends.closing.count
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

  /// Whether a text has lines that end in CR alone. Its last byte proves nothing: LF may follow.
  private static func endsInReturns(_ view: ByteView) -> Bool {
    guard view.firstIndex(of: 0x0A) == nil, let place = view.firstIndex(of: 0x0D) else { return false }
    return place + 1 < view.count
  }

  private func skipLines() throws(SluiceError) {
    for _ in 0..<dialect.skippedLines {
      guard try skipLine() != nil else { throw CSVHeader.empty }
    }
    guard !dialect.skippedTo.isEmpty else { return }
    while let isThere = try skipLine() {
      if isThere { return }
    }
    throw CSVHeader.noStart(dialect.skippedTo)
  }

  /// Passes over a line: whether it begins with the text behind which the header stands; nil when no line is left.
  private func skipLine() throws(SluiceError) -> Bool? {
    let wanted = dialect.skippedTo
    var isThere: Bool?
    while true {
      let waiting = pending.view(from: pendingStart)
      if isThere == nil, waiting.count >= wanted.count { isThere = !wanted.isEmpty && waiting.starts(with: wanted) }
      if let (_, next) = ends.next(in: waiting, from: 0) {
        pendingStart += next
        offset += next
        line += 1
        return isThere ?? false
      }
      // Of a line that is known only the beginning of a line end is still needed.
      if isThere != nil { drop(max(0, waiting.count - ShortText.maximumCount)) }
      guard try readPending() else { return nil }
    }
  }

  /// Forgets the first `count` of the pending bytes.
  private func drop(_ count: Int) {
    let rest = pending.view(from: pendingStart + count).array
    pending.removeAll()
    rest.withView { pending.append($0) }
    pendingStart = 0
    offset += count
  }

  /// Reads the first row through a batch of its own; without a header it stays pending and only tells the columns.
  private func readHeader() throws(SluiceError) -> [String] {
    let splitter = RowSplitter(dialect, columnCount: 0, rowLimit: limits.rowBytes)
    while true {
      let waiting = pending.view(from: pendingStart)
      let batch = RowBatch(capacity: waiting.count + ShortText.maximumCount)
      memcpy(batch.bytes, waiting.base, waiting.count)
      let end = isSourceRead ? closeLastLine(of: batch, waiting.count) : waiting.count
      let progress = splitter.split(batch, end: end, maximumRows: 1)
      if batch.rowCount == 1 { return try takeHeader(batch, progress, waiting.count) }
      let position = min(progress.position, waiting.count)
      let rest = waiting.count - position
      if progress.stop != .exhausted || rest > limits.rowBytes {
        throw overlong(
          splitter, batch, from: position, waiting.count, limit: limits.rowBytes, line: line + progress.lines)
      }
      let holdsRecords = !dialect.hasHeader && dialect.records != nil && position > 0
      if holdsRecords, isSourceRead || waiting.count > limits.rowBytes { throw CSVHeader.noRecords }
      if isSourceRead {
        guard rest > 0 else { throw CSVHeader.empty }
        let row = ByteView(base: batch.bytes + position, count: rest)
        throw CSVReader.unfinished(splitter.openQuote(in: row), line: line + progress.lines)
      }
      if !holdsRecords {
        // Lines before the header that hold nothing may be many.
        drop(position)
        line += progress.lines
      }
      try readPending()
    }
  }

  /// The names of the columns; the header is not pending any more.
  private func takeHeader(
    _ batch: RowBatch, _ progress: CSVSplitter.Progress, _ count: Int
  ) throws(SluiceError) -> [String] {
    if let fixed = dialect.fixed { return fixed.map(\.name) }
    let head = batch.head(0)
    let names = try CSVHeader.names(of: batch, dialect: dialect, line: line + Int(head.lineOffset))
    guard dialect.hasHeader else { return names }
    header = batch.rawView(head).array
    let next = min(progress.position, count)
    pendingStart += next
    offset += next
    line += progress.lines
    return names
  }

  // MARK: - Errors

  /// The error for a row over the limit: an open quote that swallows the rest of the file, or a row that is too long.
  private func overlong(
    _ splitter: RowSplitter, _ batch: RowBatch, from start: Int, _ end: Int, limit: Int, line: Int
  ) -> SluiceError {
    let view = ByteView(base: batch.bytes + start, count: min(end - start, limit + 1))
    if let opening = splitter.openQuote(in: view) { return CSVReader.unfinished(opening, line: line) }
    return SluiceError(
      .damaged, "row-too-long", position: Position(line: line),
      cause: "the row is longer than \(limit) bytes, or has more fields than a batch holds",
      remedy: "check the line ends and the delimiter of the file")
  }

  /// The error for a last row that is not whole: a quote that is open, or an escape with nothing behind it.
  private static func unfinished(_ opening: (lines: Int, column: Int)?, line: Int) -> SluiceError {
    guard let opening else {
      return SluiceError(
        .damaged, "csv-dangling-escape", position: Position(line: line),
        cause: "the file ends behind an escape, in the row that starts here",
        remedy: "have the file sent again, or correct escape in the feed's format")
    }
    return SluiceError(
      .damaged, "csv-unclosed-quote", position: Position(line: line + opening.lines, column: opening.column),
      cause: "a quote is opened here and never closed",
      remedy: "have quotes inside fields doubled by the sender, or declare that the file has no quotes")
  }
}
