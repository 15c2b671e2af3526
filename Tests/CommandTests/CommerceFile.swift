import TestSupport

/// A Commerce file of some expectation, read by a reader that shares nothing with the product (RFC 4180, strictly).
struct CommerceFile: Sendable, CustomStringConvertible {
  /// Path below `Tests/Cases`.
  let path: String
  /// The file's bytes.
  let bytes: [UInt8]

  /// All Commerce CSV files of all expectations, in byte order of their paths.
  static func all() throws -> [CommerceFile] {
    let cases = "\(BuildProducts.repository)/Tests/Cases"
    return try FileTree.files(below: cases)
      .filter { $0.contains("/expected/commerce/") && $0.hasSuffix(".csv") }
      .map { CommerceFile(path: $0, bytes: try FileTree.read("\(cases)/\($0)")) }
  }

  var description: String { path }

  /// The file's own name.
  var name: String { path.split(separator: "/").last.map(String.init) ?? path }

  /// The directory that it stands in, and the number of its publication: what Commerce imports together.
  var publication: String { String(path.dropLast(name.count)) + name.prefix(8) }

  /// `stock_sources` of `00000001-20-20261123T021500Z-stock.stock_sources.append.csv`.
  var entity: String { nameParts.entity }

  /// `new`, `update`, or nothing.
  var form: String { nameParts.form }

  /// `append`, `replace` or `delete`.
  var behaviour: String {
    let word = name.split(separator: ".").dropFirst(2).first ?? ""
    return String(word.split(separator: "-").first ?? "")
  }

  private var nameParts: (entity: String, form: String) {
    let word = name.split(separator: ".").dropFirst().first ?? ""
    let parts = word.split(separator: "-").map(String.init)
    return (parts.first ?? "", parts.count > 1 ? parts[1] : "")
  }

  /// The rows, header first. Throws for anything that RFC 4180 with LF does not allow.
  func rows() throws -> [[String]] {
    var reader = StrictCSV(bytes)
    return try reader.rows()
  }

  /// The data rows by column name; a name that stands twice is an error.
  func records() throws -> [[String: String]] {
    let rows = try rows()
    guard let header = rows.first else { throw TestFailure("\(path) is empty") }
    return try rows.dropFirst().map { row in
      guard row.count == header.count else { throw TestFailure("\(path): \(row.count) cells in \(row)") }
      return try Dictionary(zip(header, row)) { _, _ in throw TestFailure("\(path) has a column twice") }
    }
  }
}

/// Reads comma-separated values one byte at a time: quotes only around whole cells, doubled inside, rows ended by LF.
private struct StrictCSV {
  private let bytes: [UInt8]
  private var position = 0
  private static let (comma, quote, feed, carriage) = (UInt8(0x2C), UInt8(0x22), UInt8(0x0A), UInt8(0x0D))

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func rows() throws -> [[String]] {
    var rows: [[String]] = []
    while position < bytes.count { rows.append(try row()) }
    return rows
  }

  private mutating func row() throws -> [String] {
    var cells: [String] = []
    while true {
      cells.append(try cell())
      guard position < bytes.count else { throw TestFailure("the last row has no line feed") }
      position += 1
      if bytes[position - 1] == Self.feed { return cells }
    }
  }

  /// One cell; stops at the comma or line feed behind it.
  private mutating func cell() throws -> String {
    var text: [UInt8] = []
    if position < bytes.count, bytes[position] == Self.quote {
      position += 1
      while true {
        guard position < bytes.count else { throw TestFailure("a quote is never closed") }
        let byte = bytes[position]
        position += 1
        if byte == Self.quote {
          guard position < bytes.count, bytes[position] == Self.quote else { break }
          position += 1
        }
        text.append(byte)
      }
      guard position < bytes.count, [Self.comma, Self.feed].contains(bytes[position]) else {
        throw TestFailure("text behind a closing quote at byte \(position)")
      }
    } else {
      while position < bytes.count, bytes[position] != Self.comma, bytes[position] != Self.feed {
        guard bytes[position] != Self.quote, bytes[position] != Self.carriage else {
          throw TestFailure("a quote or carriage return in a bare cell at byte \(position)")
        }
        text.append(bytes[position])
        position += 1
      }
    }
    guard let string = String(validating: text, as: UTF8.self) else {
      throw TestFailure("bytes that are not UTF-8 before byte \(position)")
    }
    return string
  }
}
