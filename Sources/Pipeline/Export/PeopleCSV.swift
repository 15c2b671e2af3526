import Streams
import Tabular

/// Cells of CSV files that people open in a spreadsheet.
enum PeopleCSV {
  /// The beginning of a file: a byte order mark, without which spreadsheets take it for another encoding.
  static let mark = "\u{FEFF}"

  /// Appends a row. A text that a spreadsheet would take for a formula gets an apostrophe in front; numbers stay.
  static func append(_ values: [String?], to arena: ByteArena) {
    for (index, value) in values.enumerated() {
      if index > 0 { arena.append(0x2C as UInt8) }
      guard let value else { continue }
      Array(safe(value).utf8).withView { CSVCell.append($0, to: arena) }
    }
    arena.append(0x0D as UInt8)
    arena.append(0x0A as UInt8)
  }

  private static func safe(_ value: String) -> String {
    guard let first = value.unicodeScalars.first, "=+-@\t\r".unicodeScalars.contains(first) else { return value }
    return isNumber(value) ? value : "'" + value
  }

  private static func isNumber(_ value: String) -> Bool {
    let digits = value.hasPrefix("-") ? value.dropFirst() : value[...]
    let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count <= 2 && parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
  }
}
