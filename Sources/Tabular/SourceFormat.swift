/// How an XML drop is laid out.
public struct XMLLayout: Equatable, Sendable {
  /// Absolute path of the record element as written (`/BMECAT/T_NEW_CATALOG/ARTICLE`).
  public var record: String
  /// Prefix to namespace URI; empty: namespaces are ignored and local names compared.
  public var namespaces: [String: String]

  /// A layout.
  public init(record: String, namespaces: [String: String] = [:]) {
    self.record = record
    self.namespaces = namespaces
  }
}

/// The format of a feed's drops.
public enum SourceFormat: Equatable, Sendable {
  case csv(CSVDialect)
  case xml(XMLLayout)

  /// The format of a reject file of such drops: the same dialect, always with a header unless columns have a fixed
  /// width, nothing before it and nothing behind the rows.
  public var ofRejects: SourceFormat {
    guard case .csv(var dialect) = self else { return .csv(CSVDialect()) }
    dialect.hasHeader = dialect.fixed == nil
    dialect.skippedLines = 0
    dialect.skippedTo = []
    dialect.footer = []
    dialect.footerLines = 0
    dialect.trailer = nil
    // Rows that are passed over are no rejects, and the header may begin like them.
    dialect.records?.skipped = []
    return .csv(dialect)
  }

  /// How quotes and escapes inside cells are undone.
  public var cells: CellText {
    if case .csv(let dialect) = self { return dialect.cells }
    return CellText(quote: nil)
  }
}

/// How numbers are written in a feed.
public struct NumberNotation: Equatable, Sendable {
  /// Decimal sign, `.` or `,`.
  public var decimal: UInt8
  /// Thousands separator that may stand in the whole part; nil: none.
  public var thousands: UInt8?

  /// A notation.
  public init(decimal: UInt8 = 0x2E, thousands: UInt8? = nil) {
    self.decimal = decimal
    self.thousands = thousands
  }
}
