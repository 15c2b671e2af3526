import Streams
import Tabular

/// Sums up columns of a drop exactly, rejected rows included: what a trailer's control sums are compared with.
public final class ColumnTotals {
  /// Decimals of the sums.
  public static let scale: UInt8 = 6

  /// The sum of a column.
  public struct Total: Equatable, Sendable {
    /// At `scale`.
    public var sum: Int128 = 0
    /// Cells that hold no number, or one with more decimals or digits than can be summed up.
    public var unreadable = 0
  }

  private let columns: [Int]
  private let notation: NumberNotation
  /// In the order of the columns.
  public private(set) var totals: [Total]

  /// Sums of `columns`, which are indices of the reader's fields.
  public init(columns: [Int], notation: NumberNotation) {
    self.columns = columns
    self.notation = notation
    totals = Array(repeating: Total(), count: columns.count)
  }

  /// Adds the rows of a batch. An empty cell is a zero.
  public func add(_ batch: RowBatch) {
    for place in columns.indices {
      let column = columns[place]
      var total = totals[place]
      for row in 0..<batch.rowCount {
        let head = batch.head(row)
        guard column < head.fieldCount else {
          total.unreadable += 1
          continue
        }
        let cell = batch.view(batch.slice(Int(head.firstField) + column)).trimmed
        if cell.count == 0 { continue }
        let reading = DecimalText.parse(cell, notation: notation, scale: Self.scale)
        if reading.fault == nil { total.sum += Int128(reading.mantissa) } else { total.unreadable += 1 }
      }
      totals[place] = total
    }
  }
}
