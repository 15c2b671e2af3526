import Feeds
import Outbox
import Records
import Streams
import Tabular

/// One rejected row as the ledger keeps it.
package struct RejectNote: Codable, Sendable, Equatable {
  package var line: Int
  package var column: Int
  package var field: String
  package var rule: String
  package var message: String
}

/// Writes the rejects of a drop to a file in the drop's own dialect and encoding, with the place and the reason behind
/// each row, and keeps the first of them for the ledger.
///
/// The file can come back once it is corrected (`SourceFormat.ofRejects`): it has a header unless columns have a fixed
/// width, nothing before it and nothing behind the rows.
final class RejectCollector {
  /// Rejects of one drop that become ledger rows; all are in the file.
  static let maximumNotes = 1_000

  private let plan: FeedPlan
  private let columns: [String]
  /// How many of the columns are the drop's own: not the reasons that a reject file has behind them.
  private let ownCount: Int
  private let isReturned: Bool
  private let directory: String
  private let dialect: CSVDialect
  private let writer: CellWriter
  private let encoding: TextEncoding
  private var file: StagedFile?
  private let line = ByteArena(capacity: 1 << 12)
  private let encoded = ByteArena(capacity: 1 << 12)
  private(set) var notes: [RejectNote] = []
  private(set) var count = 0

  /// The name of the staged file.
  static let stagedName = "rejects.csv"
  /// What stands behind the columns of the drop.
  static let reasonColumns = ["_line", "_column", "_rule", "_message"]

  /// `isReturned`: the drop is a reject file itself, whose reasons of old go.
  init(plan: FeedPlan, columns: [String], directory: String, isReturned: Bool) {
    self.plan = plan
    self.columns = columns
    self.directory = directory
    self.isReturned = isReturned
    let hasReasons = isReturned && columns.suffix(4) == Self.reasonColumns[...]
    ownCount = columns.count - (hasReasons ? Self.reasonColumns.count : 0)
    if case .csv(let dialect) = plan.feed.format {
      self.dialect = dialect
      encoding = plan.feed.encoding ?? .utf8
    } else {
      dialect = CSVDialect()
      encoding = .utf8
    }
    writer = CellWriter(dialect)
  }

  /// Adds the row, refused for the reason given.
  func add(_ refusal: Refusal, batch: RowBatch, row: Int) throws(SluiceError) {
    count += 1
    let head = batch.head(row)
    let note = refusal.note(
      line: batch.firstLine + Int(head.lineOffset), fields: plan.feed.fields, columns: columns,
      keyNames: plan.keyNames)
    if notes.count < Self.maximumNotes { notes.append(note) }
    let file = try currentFile()
    let reason = [String(note.line), String(note.column), note.rule, note.message]
    if let fixed = dialect.fixed {
      appendLine(batch.rawView(head), width: fixed.map(\.end).max() ?? 0)
      line.append("  " + reason.joined(separator: "  ").replacing("\n", with: " "))
    } else {
      appendCells(batch, head)
      for text in reason {
        writer.appendDelimiter(to: line)
        append(text)
      }
    }
    try write(to: file)
  }

  /// A line of fixed columns. Where it ends too early question marks stand for what is missing, so that nobody takes
  /// the rest for a whole value. Behind the columns of a reject file stand the reasons of last time.
  private func appendLine(_ raw: ByteView, width: Int) {
    var characters = 0
    var end = 0
    while end < raw.count, !isReturned || characters < width {
      end += 1
      while end < raw.count, raw[end] & 0xC0 == 0x80 { end += 1 }
      characters += 1
    }
    line.append(raw.slice(from: 0, count: end))
    if characters < width { line.append(String(repeating: "?", count: width - characters)) }
  }

  /// The row's own bytes where the reader kept them, padded to the header's width; else its fields.
  private func appendCells(_ batch: RowBatch, _ head: RowHead) {
    var cells = Int(head.fieldCount)
    // A row that was too long before stays so.
    if ownCount < columns.count { cells = min(cells, max(ownCount, cells - Self.reasonColumns.count)) }
    if head.length > 0 {
      // Cells that the reader added to the row are not in its bytes.
      while cells > 0, batch.slice(Int(head.firstField) + cells - 1).flags.contains(.absent) { cells -= 1 }
      line.append(raw(batch, head, cells: cells))
    } else {
      for index in 0..<cells {
        if index > 0 { writer.appendDelimiter(to: line) }
        append(batch.view(batch.slice(Int(head.firstField) + index)))
      }
    }
    for _ in cells..<max(ownCount, cells) { writer.appendDelimiter(to: line) }
  }

  /// The row's own bytes up to the end of its cells: behind them stand empty ones that the reader dropped, or the
  /// reasons of last time.
  private func raw(_ batch: RowBatch, _ head: RowHead, cells: Int) -> ByteView {
    let raw = batch.rawView(head)
    guard dialect.isPadded || ownCount < columns.count, cells > 0 else { return raw }
    let last = batch.slice(Int(head.firstField) + cells - 1)
    let end = last.start + last.count + (last.flags.contains(.quoted) ? 1 : 0)
    return raw.slice(from: 0, count: min(max(0, end - Int(head.start)), raw.count))
  }

  /// A field of a document; the values of several matches with bars between them, as messages show them.
  private func append(_ field: ByteView) {
    guard field.firstIndex(of: listSeparator) != nil else { return writer.append(field, to: line) }
    append(field.text.replacing("\u{1F}", with: " | "))
  }

  private func append(_ text: String) { Array(text.utf8).withView { writer.append($0, to: line) } }

  private func currentFile() throws(SluiceError) -> StagedFile {
    if let file { return file }
    let started = try StagedFile(directory: directory, name: Self.stagedName)
    file = started
    if dialect.fixed != nil { return started }
    for (index, column) in (columns.prefix(ownCount) + Self.reasonColumns).enumerated() {
      if index > 0 { writer.appendDelimiter(to: line) }
      append(column)
    }
    try write(to: started)
    return started
  }

  private func write(to file: StagedFile) throws(SluiceError) {
    writer.appendLineEnd(to: line)
    if encoding == .utf8 {
      try file.append(line.view)
    } else {
      encoded.removeAll()
      encoding.encode(line.view, into: encoded)
      try file.append(encoded.view)
    }
    line.removeAll()
  }

  /// Finishes the file; nil when nothing was rejected.
  func finish(isDurable: Bool) throws(SluiceError) -> StagedSummary? { try file?.finish(durable: isDurable) }
}
