import Foundation
import Records
import Streams

/// Loads the lookup tables of a project, each once.
final class LookupFiles {
  /// A table and the bytes that it was made of.
  struct Loaded {
    var table: LookupTable
    var content: [UInt8]
  }

  private let directory: String
  /// The tables by their path, when they are not to be read from files.
  private let contents: [String: [UInt8]]?
  private var loaded: [String: Result<Loaded, SluiceError>] = [:]

  /// Tables are looked for below `directory`, the project.
  init(directory: String) {
    self.directory = directory
    contents = nil
  }

  /// Tables with these contents, by path.
  init(contents: [String: [UInt8]]) {
    directory = ""
    self.contents = contents
  }

  /// The table at `path` (relative to the project). Errors in the table name its file and line, others name none.
  func load(_ path: String) throws(SluiceError) -> Loaded {
    if let known = loaded[path] { return try known.get() }
    let result: Result<Loaded, SluiceError>
    do throws(SluiceError) {
      result = .success(try read(path))
    } catch {
      result = .failure(error)
    }
    loaded[path] = result
    return try result.get()
  }

  private func read(_ path: String) throws(SluiceError) -> Loaded {
    guard !path.hasPrefix("/"), !path.split(separator: "/").contains("..") else {
      throw SluiceError(
        .definition, "lookup-outside", cause: "the lookup file \(path) lies outside the project",
        remedy: "copy it into the project and write its path from there, as in lookups/plants.csv")
    }
    let file = directory + "/" + path
    guard let content = contents.map({ $0[path] }) ?? FileManager.default.contents(atPath: file).map([UInt8].init)
    else {
      throw SluiceError(
        .definition, "lookup-missing", cause: "the lookup file \(path) does not exist or can not be read",
        remedy: "create it in the project's directory, or correct the path")
    }
    return Loaded(table: LookupTable(path: path, entries: try Self.entries(of: content, path: path)), content: content)
  }

  /// The rows below the header of a two-column table (RFC 4180 with comma or semicolon).
  static func entries(of content: [UInt8], path: String) throws(SluiceError) -> [(key: [UInt8], value: [UInt8])] {
    func wrong(_ line: Int, _ cause: String, _ remedy: String) -> SluiceError {
      SluiceError(
        .definition, "lookup-invalid", file: path, position: Position(line: line), cause: cause, remedy: remedy)
    }
    guard String(validating: content, as: UTF8.self) != nil else {
      throw wrong(1, "the lookup file is not UTF-8", "save it as UTF-8")
    }
    let bytes = content.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(content.dropFirst(3)) : content
    let header = bytes.prefix { $0 != 0x0A && $0 != 0x0D }
    let delimiter: UInt8 = header.contains(0x3B) && !header.contains(0x2C) ? 0x3B : 0x2C
    var entries: [(key: [UInt8], value: [UInt8])] = []
    var firstLines: [[UInt8]: Int] = [:]
    var isHeader = true
    var reader = LookupRows(bytes: bytes, delimiter: delimiter)
    while let row = reader.next() {
      guard row.isWellFormed, row.cells.count == 2 else {
        throw wrong(
          row.line, row.isWellFormed ? "the row has \(row.cells.count) columns instead of two" : "a quote is misplaced",
          "write a header and rows of two cells, key and value, with comma or semicolon between them")
      }
      defer { isHeader = false }
      if isHeader { continue }
      if let first = firstLines.updateValue(row.line, forKey: row.cells[0]) {
        var error = wrong(row.line, "the key is there twice, first in line \(first)", "keep one of the rows")
        error.code = "lookup-duplicate"
        error.value = String(decoding: row.cells[0], as: UTF8.self)
        throw error
      }
      entries.append((key: row.cells[0], value: row.cells[1]))
    }
    if isHeader { throw wrong(1, "the lookup file is empty", "write a header and rows of two cells, key and value") }
    return entries
  }
}

/// Rows of a small CSV text; blank lines are passed over.
private struct LookupRows {
  struct Row {
    var line: Int
    var cells: [[UInt8]]
    var isWellFormed: Bool
  }

  let bytes: [UInt8]
  let delimiter: UInt8
  private var index = 0
  private var line = 1

  init(bytes: [UInt8], delimiter: UInt8) {
    self.bytes = bytes
    self.delimiter = delimiter
  }

  mutating func next() -> Row? {
    skipBlankLines()
    guard index < bytes.count else { return nil }
    var row = Row(line: line, cells: [], isWellFormed: true)
    while true {
      row.cells.append(cell(&row.isWellFormed))
      guard index < bytes.count, bytes[index] == delimiter else { break }
      index += 1
    }
    if index < bytes.count, !isLineEnd(bytes[index]) {
      row.isWellFormed = false
      while index < bytes.count, !isLineEnd(bytes[index]) { index += 1 }
    }
    return row
  }

  private func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

  private mutating func skipBlankLines() {
    while index < bytes.count, isLineEnd(bytes[index]) { skipByte() }
  }

  private mutating func skipByte() {
    // A carriage return counts as a line end of its own only without a line feed behind it.
    if bytes[index] == 0x0A || (bytes[index] == 0x0D && (index + 1 == bytes.count || bytes[index + 1] != 0x0A)) {
      line += 1
    }
    index += 1
  }

  private mutating func cell(_ isWellFormed: inout Bool) -> [UInt8] {
    var cell: [UInt8] = []
    guard index < bytes.count, bytes[index] == 0x22 else {
      while index < bytes.count, bytes[index] != delimiter, !isLineEnd(bytes[index]) {
        cell.append(bytes[index])
        index += 1
      }
      return cell
    }
    index += 1
    while index < bytes.count {
      if bytes[index] == 0x22 {
        index += 1
        guard index < bytes.count, bytes[index] == 0x22 else { return cell }
      }
      cell.append(bytes[index])
      skipByte()
    }
    isWellFormed = false
    return cell
  }
}
