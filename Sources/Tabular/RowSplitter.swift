import Streams

/// The splitter that a dialect needs, chosen once for a window and not once for a byte.
enum RowSplitter {
  case plain(CSVSplitter)
  case general(DialectSplitter)
  case fixed(FixedSplitter)

  /// A splitter of rows of `columnCount` cells (0: any number) and at most `rowLimit` bytes, line end left out.
  /// `header` is the text of the header, for dialects that repeat it.
  init(_ dialect: CSVDialect, columnCount: Int, rowLimit: Int, header: [UInt8] = []) {
    if let columns = dialect.fixed {
      self = .fixed(FixedSplitter(dialect, columns: columns, rowLimit: rowLimit))
    } else if dialect.isPlain {
      self = .plain(CSVSplitter(dialect, columnCount: columnCount, rowLimit: rowLimit))
    } else {
      self = .general(DialectSplitter(dialect, columnCount: columnCount, rowLimit: rowLimit, header: header))
    }
  }

  /// Splits the first `end` bytes of `batch` and adds the rows to it.
  func split(_ batch: RowBatch, end: Int, maximumRows: Int) -> CSVSplitter.Progress {
    switch self {
    case .plain(let splitter): splitter.split(batch, end: end, maximumRows: maximumRows)
    case .general(let splitter): splitter.split(batch, end: end, maximumRows: maximumRows)
    case .fixed(let splitter): splitter.split(batch, end: end, maximumRows: maximumRows)
    }
  }

  /// The quote that is open after these first bytes of a row, as `CSVSplitter` says it.
  func openQuote(in view: ByteView) -> (lines: Int, column: Int)? {
    switch self {
    case .plain(let splitter): splitter.openQuote(in: view)
    case .general(let splitter): splitter.openQuote(in: view)
    case .fixed: nil
    }
  }
}
