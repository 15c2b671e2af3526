import Streams

/// Takes what stands behind the data out of the rows of a drop, from the row on that begins as the footer does.
final class FooterWatch {
  /// The most rows of a footer: more of them are data that begin like it.
  static let longest = 100

  private let starts: [[UInt8]]
  /// Rows taken out so far.
  private var rows = 0
  private var firstLine = 0

  /// The footer begins with a row whose first cell begins with one of these texts.
  init(_ starts: [String]) { self.starts = starts.map { Array($0.utf8) } }

  /// Looks through a batch and takes the footer out of it. Throws `footer-too-long` (damaged) when it has more rows
  /// than a footer may have.
  func take(_ batch: RowBatch) throws(SluiceError) {
    guard let first = rows > 0 ? 0 : (0..<batch.rowCount).first(where: { isFooter(batch, batch.head($0)) }),
      first < batch.rowCount
    else { return }
    if rows == 0 { firstLine = batch.firstLine + Int(batch.head(first).lineOffset) }
    rows += batch.rowCount - first
    batch.removeRows(from: first)
    guard rows <= FooterWatch.longest else {
      throw SluiceError(
        .damaged, "footer-too-long", position: Position(line: firstLine),
        cause: "the row begins as the footer does, but more than \(FooterWatch.longest) rows follow it",
        remedy: "if data rows may begin like that, describe the footer otherwise: by more of its text, or skip_footer")
    }
  }

  private func isFooter(_ batch: RowBatch, _ head: RowHead) -> Bool {
    guard head.fieldCount > 0 else { return false }
    let cell = batch.view(batch.slice(Int(head.firstField))).trimmed
    for index in 0..<starts.count where cell.starts(with: starts[index]) { return true }
    return false
  }
}
