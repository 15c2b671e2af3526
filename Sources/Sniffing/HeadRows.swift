import Streams
import Tabular

/// The first rows of a text, split by one dialect with the real reader.
struct HeadRows {
  /// Rows that are looked at to tell a dialect from another.
  static let limit = 1000
  /// Cells of a row that are looked at; no feed has as many columns.
  static let widest = 5000

  /// Cells, blanks trimmed, doubled quotes undone.
  var rows: [[String]] = []
  /// The physical line of each row, from 1.
  var lines: [Int] = []
  /// Rows with text behind a closing quote.
  var misplaced = 0
  /// Cells in quotes.
  var quoted = 0

  /// Splits `text`, which is UTF-8 and ends in the middle unless it `isWhole`; nil when the dialect can not be that of
  /// the text: a quote is never closed, or a row never ends.
  init?(_ text: [UInt8], _ dialect: CSVDialect, isWhole: Bool, batch: RowBatch) {
    var rest = isWhole ? text[...] : text.prefix((text.lastIndex(of: 0x0A) ?? text.count - 1) + 1)
    for _ in 0..<2 {
      switch read(rest, dialect, batch) {
      case nil: return
      case .unclosed(let line) where !isWhole && line > 1:
        // The text is cut in the middle of a quoted cell: what stands before it will do.
        var ends = rest.indices.lazy.filter { rest[$0] == 0x0A }.dropFirst(line - 2).makeIterator()
        guard let end = ends.next() else { return nil }
        rest = rest[...end]
      default: return nil
      }
    }
    return nil
  }

  private enum Failure {
    case unclosed(line: Int)
    case other
  }

  private mutating func read(_ text: ArraySlice<UInt8>, _ dialect: CSVDialect, _ batch: RowBatch) -> Failure? {
    self.rows = []
    lines = []
    (misplaced, quoted) = (0, 0)
    var dialect = dialect
    dialect.hasHeader = false
    do throws(SluiceError) {
      let reader = try DropReader(
        source: BytesSource(Array(text)), name: "sample", format: .csv(dialect), hashing: false)
      repeat {
        try reader.fill(batch)
        take(batch, dialect)
      } while !batch.isLast && rows.count < Self.limit
      return nil
    } catch {
      return error.code == "csv-unclosed-quote" ? .unclosed(line: error.position?.line ?? 1) : .other
    }
  }

  private mutating func take(_ batch: RowBatch, _ dialect: CSVDialect) {
    for index in 0..<min(batch.rowCount, Self.limit - rows.count) {
      let head = batch.head(index)
      if head.defect == .misplacedQuote { misplaced += 1 }
      lines.append(batch.firstLine + Int(head.lineOffset))
      rows.append(
        (0..<min(Int(head.fieldCount), Self.widest)).map { field in
          let slice = batch.slice(Int(head.firstField) + field)
          if slice.flags.contains(.quoted) { quoted += 1 }
          let text = batch.text(slice, dialect.cells)
          return String(text.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
        })
    }
  }
}
