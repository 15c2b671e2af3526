import Streams

/// Writes cells so that a reader of the same dialect reads them as they were.
public struct CellWriter: Sendable {
  private let dialect: CSVDialect
  private let delimiter: ShortText
  private let comment: ShortText
  private let lineEnd: ShortText
  private let isCommon: Bool

  /// A writer of this dialect; of columns of fixed width it writes nothing that could be read again.
  public init(_ dialect: CSVDialect) {
    self.dialect = dialect
    delimiter = ShortText(dialect.separator)
    comment = ShortText(dialect.comment)
    lineEnd = ShortText(dialect.writtenLineEnd)
    isCommon =
      dialect.separator.count == 1 && dialect.quote == 0x22 && dialect.escape == nil && dialect.comment.isEmpty
      && dialect.lineEnd == .automatic
  }

  /// Appends what stands between cells.
  public func appendDelimiter(to arena: ByteArena) { dialect.separator.withView { arena.append($0) } }

  /// Appends what ends a line.
  public func appendLineEnd(to arena: ByteArena) { dialect.writtenLineEnd.withView { arena.append($0) } }

  /// Appends a text as one cell: in quotes where it needs them, with escapes where the dialect has no quotes. Where it
  /// has neither, a blank takes the place of a delimiter or line end.
  public func append(_ cell: ByteView, to arena: ByteArena) {
    if isCommon { return CSVCell.append(cell, to: arena, delimiter: dialect.delimiter) }
    if let quote = dialect.quote {
      guard needsQuotes(cell, quote) else { return arena.append(cell) }
      arena.append(quote)
      for index in 0..<cell.count {
        if cell[index] == quote || cell[index] == dialect.escape { arena.append(dialect.escape ?? quote) }
        arena.append(cell[index])
      }
      return arena.append(quote)
    }
    for index in 0..<cell.count {
      let isSpecial = isSpecial(cell, index) || index == 0 && comment.stands(in: cell, at: 0)
      guard isSpecial else {
        arena.append(cell[index])
        continue
      }
      guard let escape = dialect.escape, let written = escaped(cell[index], escape) else {
        arena.append(0x20 as UInt8)
        continue
      }
      arena.append(escape)
      arena.append(written)
    }
  }

  /// What is written behind an escape; nil for a carriage return behind one that knows no letter for it: with a line
  /// end behind it, it would become a part of that.
  private func escaped(_ byte: UInt8, _ escape: UInt8) -> UInt8? {
    guard escape == 0x5C else { return byte == 0x0D ? nil : byte }
    return byte == 0x0A ? 0x6E : byte == 0x0D ? 0x72 : byte
  }

  private func needsQuotes(_ cell: ByteView, _ quote: UInt8) -> Bool {
    guard cell.count > 0 else { return false }
    if cell.trimmed.count < cell.count || comment.stands(in: cell, at: 0) { return true }
    for index in 0..<cell.count where cell[index] == quote || isSpecial(cell, index) { return true }
    return false
  }

  /// Whether a byte could end the cell, or is an escape.
  private func isSpecial(_ cell: ByteView, _ index: Int) -> Bool {
    let byte = cell[index]
    return byte == 0x0A || byte == 0x0D || byte == dialect.escape || UInt16(byte) == delimiter.first
      || UInt16(byte) == lineEnd.first
  }
}
