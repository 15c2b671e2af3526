import Feeds
import Records
import Streams
import Tabular

/// Compares what the trailer of a drop says with what was read.
struct TrailerCheck {
  private let trailer: CSVTrailer
  private let notation: NumberNotation
  /// Sums up the columns; to be told of each batch.
  let totals: ColumnTotals

  /// nil when the feed's drops have no trailer. Throws `column-missing` for a sum over a column that is not there.
  init?(_ feed: FeedDefinition, columns: [String]) throws(SluiceError) {
    guard case .csv(let dialect) = feed.format, let trailer = dialect.trailer else { return nil }
    self.trailer = trailer
    notation = feed.numbers
    var places: [Int] = []
    for sum in trailer.sums {
      guard let place = columns.firstIndex(of: sum.column) else {
        throw SluiceError(
          .damaged, "column-missing", field: sum.column,
          cause: "the header has no column of this name, which the trailer sums up",
          remedy: "have the column delivered, or correct sums in the feed's trailer")
      }
      places.append(place)
    }
    totals = ColumnTotals(columns: places, notation: notation)
  }

  /// Throws `trailer-mismatch` (incomplete) when the number of rows or a sum differs, and `trailer-unreadable`
  /// (damaged) when the trailer holds no number where it should.
  func check(_ row: TrailerRow?, rows: Int) throws(SluiceError) {
    guard let row else { return }
    if let cell = trailer.rows {
      let stated = try number(row, cell: cell, scale: 0)
      if stated != Int128(rows + trailer.alsoCounted) {
        throw mismatch(row, "the trailer row counts \(stated) rows, but there are \(rows + trailer.alsoCounted)")
      }
    }
    for (sum, total) in zip(trailer.sums, totals.totals) {
      let stated = try number(row, cell: sum.cell, scale: ColumnTotals.scale)
      guard stated != total.sum || total.unreadable > 0 else { continue }
      let unreadable = total.unreadable > 0 ? ", and \(total.unreadable) cells hold no number" : ""
      throw mismatch(
        row,
        "the trailer row says that \(sum.column) sums up to \(text(stated)), but it is \(text(total.sum))"
          + unreadable)
    }
  }

  private func number(_ row: TrailerRow, cell: Int, scale: UInt8) throws(SluiceError) -> Int128 {
    if row.cells.indices.contains(cell - 1) {
      let reading = Array(row.cells[cell - 1].utf8).withView { text in
        DecimalText.parse(text, notation: notation, scale: scale)
      }
      if reading.fault == nil { return Int128(reading.mantissa) }
    }
    throw SluiceError(
      .damaged, "trailer-unreadable", position: Position(line: row.line, column: cell),
      cause: "the trailer row holds no number in its cell \(cell)",
      remedy: "have the file sent again, or correct the cells in the feed's trailer")
  }

  private func mismatch(_ row: TrailerRow, _ cause: String) -> SluiceError {
    SluiceError(
      .incomplete, "trailer-mismatch", position: Position(line: row.line), cause: cause,
      remedy: "have the file sent again: rows of it are missing or were changed")
  }

  /// A sum without needless zeros.
  private func text(_ sum: Int128) -> String {
    var power: Int128 = 1
    for _ in 0..<ColumnTotals.scale { power *= 10 }
    let (whole, rest) = sum.magnitude.quotientAndRemainder(dividingBy: power.magnitude)
    var text = (sum < 0 ? "-" : "") + String(whole)
    guard rest != 0 else { return text }
    var digits = String(power.magnitude + rest).dropFirst()
    while digits.last == "0" { digits.removeLast() }
    text += "." + digits
    return text
  }
}
