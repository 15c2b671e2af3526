/// How a CSV drop is written.
public struct CSVDialect: Equatable, Sendable {
  /// Field delimiter, one byte.
  public var delimiter: UInt8
  /// Quote byte; nil: quotes are ordinary characters.
  public var quote: UInt8?
  /// Whether the first row names the columns.
  public var hasHeader: Bool
  /// Lines before the header that are passed over.
  public var skippedLines: Int
  /// The last row, which says what the drop holds; nil: the last row is data.
  public var trailer: CSVTrailer?

  /// RFC 4180 but for what is said.
  public init(delimiter: UInt8 = 0x2C, quote: UInt8? = 0x22, hasHeader: Bool = true, skippedLines: Int = 0) {
    self.delimiter = delimiter
    self.quote = quote
    self.hasHeader = hasHeader
    self.skippedLines = skippedLines
  }
}

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

  /// The format of a reject file of such drops: the same dialect, always with a header, nothing before it and no
  /// trailer behind the rows.
  public var ofRejects: SourceFormat {
    guard case .csv(var dialect) = self else { return .csv(CSVDialect()) }
    dialect.hasHeader = true
    dialect.skippedLines = 0
    dialect.trailer = nil
    return .csv(dialect)
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
