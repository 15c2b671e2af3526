import Streams

/// The last row of a CSV drop that says what the drop holds, as a definition describes it.
public struct CSVTrailer: Equatable, Sendable {
  /// A sum that the trailer states.
  public struct Sum: Equatable, Sendable {
    /// Name of the column that is summed up.
    public var column: String
    /// Cell of the trailer that holds the sum, from 1.
    public var cell: Int

    /// A sum.
    public init(column: String, cell: Int) {
      self.column = column
      self.cell = cell
    }
  }

  /// The first cell of the trailer, which no data row has.
  public var starts: String
  /// Cell of the trailer that holds the number of rows, from 1; nil: none does.
  public var rows: Int?
  /// Rows that the number counts beside the data rows: header, trailer.
  public var alsoCounted: Int
  /// The sums.
  public var sums: [Sum]

  /// A description.
  public init(starts: String, rows: Int? = nil, alsoCounted: Int = 0, sums: [Sum] = []) {
    self.starts = starts
    self.rows = rows
    self.alsoCounted = alsoCounted
    self.sums = sums
  }
}

/// The trailer of a drop as it was read.
public struct TrailerRow: Equatable, Sendable {
  /// Its line.
  public var line: Int
  /// Its cells, blanks trimmed.
  public var cells: [String]
}

/// Takes the trailer out of the rows of a drop.
final class TrailerWatch {
  private let starts: [UInt8]
  private let name: String
  /// The trailer, once it was read.
  private(set) var row: TrailerRow?

  init(_ trailer: CSVTrailer) {
    starts = Array(trailer.starts.utf8)
    name = trailer.starts
  }

  /// Looks through a batch and takes the trailer out of it.
  ///
  /// Throws `trailer-missing` (incomplete) after the last batch, and `trailer-early` (damaged) when rows follow it.
  func take(_ batch: RowBatch) throws(SluiceError) {
    for index in 0..<batch.rowCount {
      if let row { throw early(row) }
      let head = batch.head(index)
      guard isTrailer(batch, head) else { continue }
      let cells = (0..<Int(head.fieldCount)).map { batch.view(batch.slice(Int(head.firstField) + $0)).trimmed.text }
      let found = TrailerRow(line: batch.firstLine + Int(head.lineOffset), cells: cells)
      guard index == batch.rowCount - 1 else { throw early(found) }
      row = found
      batch.removeRows(from: index)
    }
    if batch.isLast, row == nil {
      throw SluiceError(
        .incomplete, "trailer-missing", cause: "the file does not end with its trailer row \"\(name)\"",
        remedy: "nothing if it is still being sent; else have it sent again")
    }
  }

  private func isTrailer(_ batch: RowBatch, _ head: RowHead) -> Bool {
    guard head.fieldCount > 0 else { return false }
    let cell = batch.view(batch.slice(Int(head.firstField))).trimmed
    guard cell.count == starts.count else { return false }
    for index in 0..<cell.count where cell[index] != starts[index] { return false }
    return true
  }

  private func early(_ row: TrailerRow) -> SluiceError {
    SluiceError(
      .damaged, "trailer-early", position: Position(line: row.line),
      cause: "rows follow the trailer row \"\(name)\", which should be the last one",
      remedy: "have the file sent again; if data rows may start like that, describe the trailer otherwise")
  }
}
