import Foundation
import Streams

/// What commands say: results on standard output, everything else on standard error.
enum Console {
  /// A line of a result.
  static func line(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

  /// A line for the person who runs the command.
  static func error(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

  /// One JSON object on a line of its own.
  static func json(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    line(String(decoding: try encoder.encode(value), as: UTF8.self))
  }

  /// Runs `body`, which prints, for callers whose errors are typed: what can not be printed is an error of the
  /// environment.
  static func printing(_ body: () throws -> Void) throws(SluiceError) {
    do {
      try body()
    } catch {
      throw SluiceError(
        .environment, "output-failed", cause: "the report can not be printed: \(error)",
        remedy: "check where standard output goes")
    }
  }

  /// Whether standard error is a terminal, so that a progress line makes sense.
  static var hasTerminal: Bool { isatty(STDERR_FILENO) == 1 }
}

/// A table with aligned columns.
struct TextTable {
  private var rows: [[String]]

  /// A table with its header.
  init(_ header: [String]) { rows = [header] }

  /// Adds a row.
  mutating func add(_ row: [String]) { rows.append(row) }

  /// Whether there is anything but the header.
  var isEmpty: Bool { rows.count == 1 }

  /// The lines of the table.
  var lines: [String] {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = zip(row, widths).map { cell, width in cell + String(repeating: " ", count: width - cell.count) }
      var line = cells.joined(separator: "  ")
      while line.hasSuffix(" ") { line.removeLast() }
      return line
    }
  }
}
