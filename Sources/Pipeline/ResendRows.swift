import Streams
import Tabular

/// Reads the file that says which rows of an output are to be sent again: a table with the columns that name a row, in
/// any order, and perhaps others, such as the error list of an import or rows cut out of the output itself.
enum ResendRows {
  /// Rows that may be asked for: they are kept in the request.
  private static let most = 100_000

  /// The cells of `columns` in each row of the table at `path`. Throws `column-missing`,
  /// `rows-too-many`, and the errors of reading.
  static func read(_ path: String, columns: [String]) throws(SluiceError) -> [[String]] {
    let reader = try DropReader(path: path, format: .csv(CSVDialect()), hashing: false)
    var places: [Int] = []
    for column in columns {
      guard let place = reader.columns.firstIndex(of: column) else {
        throw SluiceError(
          .definition, "column-missing", file: path, field: column,
          cause: "the file has no column of this name, which is needed to find a row",
          remedy: "give it the columns " + columns.joined(separator: ", "))
      }
      places.append(place)
    }
    var rows: [[String]] = []
    let batch = RowBatch()
    repeat {
      try reader.fill(batch)
      guard rows.count + batch.rowCount <= most else {
        throw SluiceError(
          .definition, "rows-too-many", file: path, cause: "the file has more than \(most) rows",
          remedy: "resend the whole output, or the feed with `sluice resync`")
      }
      for row in 0..<batch.rowCount {
        let head = batch.head(row)
        rows.append(
          places.map { place in
            place < Int(head.fieldCount) ? batch.text(batch.slice(Int(head.firstField) + place), CellText()) : ""
          })
      }
    } while !batch.isLast
    return rows
  }
}
