import Streams

/// Checks and names at the start of a CSV drop.
enum CSVHeader {
  /// Names of the columns: those of the first row of `batch`, or ordinals when the dialect has no header.
  ///
  /// Blanks at both ends of a name do not count. Two columns of one name are refused, but for columns without a name,
  /// which delimiters at the end of each line produce and nobody can refer to.
  static func names(of batch: RowBatch, dialect: CSVDialect, line: Int) throws(SluiceError) -> [String] {
    let head = batch.head(0)
    let count = Int(head.fieldCount)
    guard dialect.hasHeader else { return (1...max(count, 1)).map { String($0) } }
    if head.defect == .misplacedQuote {
      throw SluiceError(
        .damaged, "csv-misplaced-quote", position: Position(line: line, column: Int(head.defectField) + 1),
        cause: "text follows a closing quote in the header", remedy: "have quotes inside names doubled by the sender")
    }
    var names: [String] = []
    var places: [String: Int] = [:]
    for index in 0..<count {
      let slice = batch.slice(Int(head.firstField) + index)
      let name = try text(batch.view(slice), slice.flags, dialect, Position(line: line, column: index + 1))
      if !name.isEmpty, let first = places.updateValue(index, forKey: name) {
        throw SluiceError(
          .damaged, "header-duplicate", position: Position(line: line, column: index + 1), field: name,
          cause: "columns \(first + 1) and \(index + 1) have the same name",
          remedy: "have the columns renamed by the sender")
      }
      names.append(name)
    }
    return names
  }

  private static func text(
    _ view: ByteView, _ flags: FieldSlice.Flags, _ dialect: CSVDialect, _ position: Position
  ) throws(SluiceError) -> String {
    guard UTF8Check.firstBadByte(view) == nil else {
      throw SluiceError(
        .damaged, "bad-byte", position: position, cause: "the header holds a byte that is wrong in its encoding",
        remedy: "declare the encoding in which the file is written")
    }
    guard flags.contains(.escaped) else { return view.trimmed.text }
    return Array(dialect.cells.text(view, flags).utf8).withView { $0.trimmed.text }
  }

  /// Throws `not-tabular` when the bytes begin as an HTML page, which is what servers send in place of a file.
  static func refuseHTML(_ view: ByteView) throws(SluiceError) {
    var start = 0
    while start < view.count, view[start] <= 0x20 { start += 1 }
    let beginning = view.slice(from: start, count: min(view.count - start, 14)).text.lowercased()
    guard beginning.hasPrefix("<!doctype html") || beginning.hasPrefix("<html") else { return }
    throw SluiceError(
      .damaged, "not-tabular", position: Position(line: 1), cause: "this is an HTML page, not a table",
      remedy: "open the file: it usually holds the error message of the system that should have written it")
  }

  /// The error for a drop without a header and without rows.
  static var empty: SluiceError {
    SluiceError(
      .damaged, "empty-file", cause: "the file holds no header and no rows",
      remedy: "have the file sent again; a table without rows still has its header")
  }

  /// The error for a drop in which no line begins with the text behind which the table starts.
  static func noStart(_ text: [UInt8]) -> SluiceError {
    SluiceError(
      .damaged, "skip-to-missing", cause: "no line begins with \"\(String(decoding: text, as: UTF8.self))\"",
      remedy: "have the file sent again, or correct skip_to in the feed's format")
  }

  /// The error for a drop without a header that has no row of the types that are data.
  static var noRecords: SluiceError {
    SluiceError(
      .damaged, "records-missing", cause: "no row is of a type that the feed's records call data",
      remedy: "have the file sent again, or correct records in the feed's format")
  }
}
