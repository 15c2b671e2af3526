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
final class RejectCollector {
  /// Rejects of one drop that become ledger rows; all are in the file.
  static let maximumNotes = 1_000

  private let plan: FeedPlan
  private let columns: [String]
  /// How many of the columns are the drop's own: not the reasons that a reject file has behind them.
  private let ownCount: Int
  private let directory: String
  private let delimiter: UInt8
  private let quote: UInt8?
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
    let hasReasons = isReturned && columns.suffix(4) == Self.reasonColumns[...]
    ownCount = columns.count - (hasReasons ? Self.reasonColumns.count : 0)
    if case .csv(let dialect) = plan.feed.format {
      delimiter = dialect.delimiter
      quote = dialect.quote
      encoding = plan.feed.encoding ?? .utf8
    } else {
      delimiter = 0x2C
      quote = 0x22
      encoding = .utf8
    }
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
    appendCells(batch, head)
    for text in [String(note.line), String(note.column), note.rule, note.message] {
      line.append(delimiter)
      append(text)
    }
    try write(to: file)
  }

  /// The row's own bytes where the reader kept them, padded to the header's width; else its fields.
  private func appendCells(_ batch: RowBatch, _ head: RowHead) {
    if head.length > 0, ownCount < columns.count, Int(head.fieldCount) > ownCount, ownCount > 0 {
      // Up to the delimiter before the reasons of last time.
      let own = max(ownCount, Int(head.fieldCount) - Self.reasonColumns.count)
      let reason = batch.slice(Int(head.firstField) + own)
      let end = reason.start - (reason.flags.contains(.quoted) ? 2 : 1)
      line.append(batch.rawView(head).slice(from: 0, count: max(0, end - Int(head.start))))
      return
    }
    if head.length > 0 {
      line.append(batch.rawView(head))
    } else {
      for index in 0..<Int(head.fieldCount) {
        if index > 0 { line.append(delimiter) }
        append(batch.view(batch.slice(Int(head.firstField) + index)))
      }
    }
    for _ in Int(head.fieldCount)..<max(ownCount, Int(head.fieldCount)) { line.append(delimiter) }
  }

  /// A field of a document; the values of several matches with bars between them, as messages show them.
  private func append(_ field: ByteView) {
    guard field.firstIndex(of: listSeparator) != nil else {
      CSVCell.append(field, to: line, delimiter: delimiter, quote: quote)
      return
    }
    append(field.text.replacing("\u{1F}", with: " | "))
  }

  private func append(_ text: String) {
    Array(text.utf8).withView { CSVCell.append($0, to: line, delimiter: delimiter, quote: quote) }
  }

  private func currentFile() throws(SluiceError) -> StagedFile {
    if let file { return file }
    let started = try StagedFile(directory: directory, name: Self.stagedName)
    file = started
    for (index, column) in (columns.prefix(ownCount) + Self.reasonColumns).enumerated() {
      if index > 0 { line.append(delimiter) }
      append(column)
    }
    try write(to: started)
    return started
  }

  private func write(to file: StagedFile) throws(SluiceError) {
    line.append(0x0A as UInt8)
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
