import Streams
import Tabular

/// Reads the file that says which rows of an output are to be sent again: a table with the columns that name a row, in
/// any order, and perhaps others, such as the error list of an import or rows cut out of the output itself.
enum ResendRows {
  /// Bytes of such a file, and of a request, that are read.
  static let largest = 64 << 20

  /// The cells of `columns` in each row of the table at `path`. Throws `column-missing`, and the errors of reading.
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
      for row in 0..<batch.rowCount {
        let head = batch.head(row)
        rows.append(
          places.map { place in
            place < Int(head.fieldCount) ? batch.view(batch.slice(Int(head.firstField) + place)).text : ""
          })
      }
    } while !batch.isLast
    return rows
  }
}
