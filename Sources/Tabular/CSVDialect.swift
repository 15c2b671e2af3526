/// How a drop of text is laid out in rows and cells: delimited, or in columns of fixed width.
public struct CSVDialect: Equatable, Sendable {
  /// What ends a line.
  public enum LineEnd: Equatable, Sendable {
    /// LF or CR LF; CR when the beginning of the drop has no LF.
    case automatic
    /// CR alone.
    case carriageReturn
    /// LF, CR LF or CR, mixed as they come.
    case any
    /// These bytes, 1 to `ShortText.maximumCount`.
    case text([UInt8])
  }

  /// What becomes of lines that hold nothing.
  public enum BlankLines: String, CaseIterable, Sendable {
    /// Lines without anything in them are passed over.
    case skip
    /// So are lines of nothing but delimiters and blanks.
    case skipDelimiters = "skip_delimiters"
    /// A line without anything in it is a row of one empty cell.
    case keep
  }

  /// Field delimiter, 1 to `ShortText.maximumCount` bytes.
  public var separator: [UInt8]
  /// Quote byte; nil: quotes are ordinary characters.
  public var quote: UInt8?
  /// Byte that takes the meaning from the character behind it; nil: none does.
  public var escape: UInt8?
  /// What ends a line.
  public var lineEnd = LineEnd.automatic
  /// Whether the first row names the columns.
  public var hasHeader: Bool
  /// Whether rows that repeat the header byte by byte are passed over.
  public var repeatsHeader = false
  /// Lines before the header that are passed over.
  public var skippedLines: Int
  /// Beginning of the line behind which the header stands; empty: there is none.
  public var skippedTo: [UInt8] = []
  /// What lines that are no rows begin with, at most `ShortText.maximumCount` bytes; empty: there are none.
  public var comment: [UInt8] = []
  /// What becomes of blank lines.
  public var blankLines = BlankLines.skip
  /// Whether rows that lack cells at their end are filled up, and empty cells too many at their end are dropped.
  public var isPadded = false
  /// Which rows are data, by a cell that says so; nil: all are.
  public var records: RecordTypes?
  /// What the first cell of the first row behind the data begins with; empty: the data end with the drop.
  public var footer: [String] = []
  /// Lines at the end of the drop that are passed over, those without anything in them not counted.
  public var footerLines = 0
  /// The last row, which says what the drop holds; nil: the last row is data.
  public var trailer: CSVTrailer?
  /// Columns by their place in the line, in that order and not overlapping; nil: cells are delimited.
  public var fixed: [FixedColumn]?

  /// RFC 4180 but for what is said.
  public init(delimiter: UInt8 = 0x2C, quote: UInt8? = 0x22, hasHeader: Bool = true, skippedLines: Int = 0) {
    separator = [delimiter]
    self.quote = quote
    self.hasHeader = hasHeader
    self.skippedLines = skippedLines
  }

  /// Columns of fixed width, without a header.
  public init(fixed: [FixedColumn]) {
    self.init(quote: nil, hasHeader: false)
    self.fixed = fixed
  }

  /// The delimiter, or its first byte.
  public var delimiter: UInt8 {
    get { separator.first ?? 0x2C }
    set { separator = [newValue] }
  }

  /// How quotes and escapes inside cells are undone.
  public var cells: CellText { CellText(quote: quote, escape: escape) }

  /// What a line is ended with when it is written.
  public var writtenLineEnd: [UInt8] {
    switch lineEnd {
    case .automatic, .any: [0x0A]
    case .carriageReturn: [0x0D]
    case .text(let bytes): bytes
    }
  }

  /// Whether `CSVSplitter` can split such drops: RFC 4180 with any single bytes as delimiter and quote.
  var isPlain: Bool {
    separator.count == 1 && escape == nil && lineEnd == .automatic && !repeatsHeader && comment.isEmpty
      && blankLines == .skip && !isPadded && records == nil && fixed == nil
  }
}

/// Which rows of a drop are data, by the code in one of their cells.
public struct RecordTypes: Equatable, Sendable {
  /// The cell that holds the code, from 1.
  public var cell: Int
  /// Codes of rows that are data; any other row that is not skipped is rejected.
  public var data: [[UInt8]]
  /// Codes of rows that are passed over.
  public var skipped: [[UInt8]]

  /// Types of records; codes are compared exactly, blanks around them dropped.
  public init(cell: Int = 1, data: [String], skipped: [String] = []) {
    self.cell = cell
    self.data = data.map { Array($0.utf8) }
    self.skipped = skipped.map { Array($0.utf8) }
  }
}

/// A column of fixed width.
public struct FixedColumn: Equatable, Sendable {
  /// Its name.
  public var name: String
  /// Characters of the line before it.
  public var start: Int
  /// Its width in characters.
  public var count: Int

  /// A column of `count` characters (at least 1) behind the first `start` ones.
  public init(name: String, start: Int, count: Int) {
    self.name = name
    self.start = start
    self.count = count
  }

  /// Characters of the line before what stands behind it.
  public var end: Int { start + count }
}
