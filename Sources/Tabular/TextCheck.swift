import Streams

/// Marks the rows of a batch that hold bytes which are no text.
enum TextCheck {
  /// Marks each row within the first `end` bytes that has a NUL or is not UTF-8, unless it has another defect already.
  ///
  /// One pass over the whole window; rows are looked at one by one only after something was found.
  static func markBadRows(of batch: RowBatch, upTo end: Int) {
    var start = 0
    var row = 0
    while let bad = UTF8Check.firstBadByte(ByteView(base: batch.bytes + start, count: end - start)) {
      let place = start + bad
      while row < batch.rowCount, rowEnd(batch.head(row)) <= place { row += 1 }
      guard row < batch.rowCount else { return }
      let head = batch.head(row)
      if place < Int(head.start) {
        // It stands in a line between the rows: a comment, or a record that is passed over.
        start = Int(head.start)
        continue
      }
      if head.defect == .none { batch.mark(row, .badByte, field: field(at: place, in: batch, head)) }
      start = rowEnd(head)
    }
  }

  private static func rowEnd(_ head: RowHead) -> Int { Int(head.start) + Int(head.length) }

  /// The last field of a row that starts at or before a byte.
  private static func field(at place: Int, in batch: RowBatch, _ head: RowHead) -> Int {
    var found = 0
    for index in 0..<Int(head.fieldCount) where batch.slice(Int(head.firstField) + index).start <= place {
      found = index
    }
    return found
  }
}
