/// How a CSV drop is written.
package struct CSVDialect: Equatable, Sendable {
  /// Field delimiter, one byte.
  package var delimiter: UInt8
  /// Quote byte; nil: quotes are ordinary characters.
  package var quote: UInt8?
  /// Whether the first row names the columns.
  package var hasHeader: Bool
  /// Lines before the header that are passed over.
  package var skippedLines: Int

  /// RFC 4180 but for what is said.
  package init(delimiter: UInt8 = 0x2C, quote: UInt8? = 0x22, hasHeader: Bool = true, skippedLines: Int = 0) {
    self.delimiter = delimiter
    self.quote = quote
    self.hasHeader = hasHeader
    self.skippedLines = skippedLines
  }
}

/// How an XML drop is laid out.
package struct XMLLayout: Equatable, Sendable {
  /// Absolute path of the record element as written (`/BMECAT/T_NEW_CATALOG/ARTICLE`).
  package var record: String
  /// Prefix to namespace URI; empty: namespaces are ignored and local names compared.
  package var namespaces: [String: String]

  /// A layout.
  package init(record: String, namespaces: [String: String] = [:]) {
    self.record = record
    self.namespaces = namespaces
  }
}

/// The format of a feed's drops.
package enum SourceFormat: Equatable, Sendable {
  case csv(CSVDialect)
  case xml(XMLLayout)
}

/// How numbers are written in a feed.
package struct NumberNotation: Equatable, Sendable {
  /// Decimal sign, `.` or `,`.
  package var decimal: UInt8
  /// Thousands separator that may stand in the whole part; nil: none.
  package var thousands: UInt8?

  /// A notation.
  package init(decimal: UInt8 = 0x2E, thousands: UInt8? = nil) {
    self.decimal = decimal
    self.thousands = thousands
  }
}
