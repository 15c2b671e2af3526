import Tabular

/// A reader of whole texts in any delimited dialect that tries every rule at every byte and is meant to be read: the
/// model that `DialectSplitter` is compared with. It knows no windows, batches or limits.
struct DialectModel {
  typealias Row = ReferenceSplitter.Row
  typealias Field = ReferenceSplitter.Field

  let dialect: CSVDialect
  let columnCount: Int
  let bytes: [UInt8]
  private var index = 0
  private var line: Int
  private var rows: [Row] = []

  /// A model of the rows of `bytes`, which start at `line` of the file behind a header of `columnCount` columns.
  init(_ dialect: CSVDialect, columnCount: Int, _ bytes: [UInt8], line: Int) {
    self.dialect = dialect
    self.columnCount = columnCount
    self.line = line
    let closing = dialect.writtenLineEnd
    let isClosed = bytes.suffix(closing.count).elementsEqual(closing)
    self.bytes = bytes.isEmpty || isClosed ? bytes : bytes + closing
  }

  /// The rows, or the damage.
  static func outcome(
    _ dialect: CSVDialect, columnCount: Int, _ bytes: [UInt8], line: Int, header: [UInt8]
  ) -> ReferenceSplitter.Outcome {
    var model = DialectModel(dialect, columnCount: columnCount, bytes, line: line)
    while model.index < model.bytes.count {
      if let damage = model.step(header) { return damage }
    }
    return .rows(model.rows)
  }

  // MARK: What stands at a place

  private func stands(_ text: [UInt8], at place: Int) -> Bool {
    !text.isEmpty && bytes[place...].starts(with: text)
  }

  /// How many bytes the line end at a place has; 0: there is none.
  private func lineEnd(at place: Int) -> Int {
    guard place < bytes.count else { return 0 }
    switch dialect.lineEnd {
    case .automatic: return stands([0x0A], at: place) ? 1 : stands([0x0D, 0x0A], at: place) ? 2 : 0
    case .carriageReturn: return bytes[place] == 0x0D ? 1 : 0
    case .any: return stands([0x0D, 0x0A], at: place) ? 2 : bytes[place] == 0x0A || bytes[place] == 0x0D ? 1 : 0
    case .text(let text): return stands(text, at: place) ? text.count : 0
    }
  }

  private func lines(in part: ArraySlice<UInt8>) -> Int {
    var model = self
    model = DialectModel(dialect, columnCount: 0, whole: Array(part))
    var count = 0
    var place = 0
    while place < part.count {
      let end = model.lineEnd(at: place)
      count += end > 0 ? 1 : 0
      place += max(end, 1)
    }
    return count
  }

  private init(_ dialect: CSVDialect, columnCount: Int, whole bytes: [UInt8]) {
    self.dialect = dialect
    self.columnCount = columnCount
    self.bytes = bytes
    line = 1
  }

  // MARK: Lines and rows

  private mutating func step(_ header: [UInt8]) -> ReferenceSplitter.Outcome? {
    let blank = lineEnd(at: index)
    if blank > 0, dialect.blankLines != .keep {
      index += blank
      line += 1
      return nil
    }
    if stands(dialect.comment, at: index) {
      while lineEnd(at: index) == 0 { index += 1 }
      index += lineEnd(at: index)
      line += 1
      return nil
    }
    return readRow(header)
  }

  private mutating func readRow(_ header: [UInt8]) -> ReferenceSplitter.Outcome? {
    let start = index
    var row = Row(line: line)
    var starts: [Int] = []
    while true {
      let fieldStart = index
      var isJunk = false
      let isQuoted = dialect.quote.map { stands([$0], at: index) } ?? false
      var closing: Int?
      var isEscaped = false
      if isQuoted {
        index += 1
        while closing == nil {
          guard index < bytes.count else {
            return .damaged(
              "csv-unclosed-quote", line: row.line + lines(in: bytes[start..<fieldStart]), column: row.fields.count + 1)
          }
          if bytes[index] == dialect.escape {
            isEscaped = true
            index += 2
          } else if bytes[index] == dialect.quote {
            if index + 1 < bytes.count, bytes[index + 1] == dialect.quote {
              isEscaped = true
              index += 2
            } else {
              closing = index
              index += 1
            }
          } else {
            index += 1
          }
        }
      }
      while lineEnd(at: index) == 0, index >= bytes.count || !stands(dialect.separator, at: index) {
        if isQuoted { isJunk = true }
        guard index < bytes.count else { return .damaged("csv-dangling-escape", line: row.line, column: nil) }
        if bytes[index] == dialect.escape {
          if !isQuoted { isEscaped = true }
          index += 1 + max(lineEnd(at: index + 1), 1)
        } else {
          index += 1
        }
      }
      if isJunk, row.defect == .none {
        row.defect = .misplacedQuote
        row.defectField = row.fields.count
      }
      let isPlainQuoted = isQuoted && !isJunk
      let content = isPlainQuoted ? fieldStart + 1..<(closing ?? index) : fieldStart..<index
      let flags: UInt8 = (isPlainQuoted ? 1 : 0) | (isEscaped && !isJunk ? 2 : 0)
      row.fields.append(Field(bytes: Array(bytes[content]), flags: flags))
      starts.append(content.lowerBound)
      let end = lineEnd(at: index)
      if end > 0 {
        row.raw = Array(bytes[start..<index])
        index += end
        line += lines(in: row.raw[...]) + 1
        finish(row, start, starts, header)
        return nil
      }
      index += dialect.separator.count
    }
  }

  private mutating func finish(_ given: Row, _ start: Int, _ starts: [Int], _ header: [UInt8]) {
    var row = given
    if dialect.blankLines == .skipDelimiters, row.fields.allSatisfy({ $0.flags == 0 && Self.isBlank($0.bytes) }) {
      return
    }
    if dialect.repeatsHeader, row.raw == header { return }
    if let records = dialect.records {
      let cell = row.fields.indices.contains(records.cell - 1) ? Self.trimmed(row.fields[records.cell - 1].bytes) : nil
      if let cell, records.skipped.contains(cell), !records.data.contains(cell) { return }
      if cell.map(records.data.contains) != true {
        row.defect = .recordType
        row.defectField = records.cell - 1
      }
    }
    var starts = starts
    if dialect.isPadded, row.defect == .none {
      while row.fields.count < columnCount {
        row.fields.append(Field(bytes: [], flags: 4))
        starts.append(start + row.raw.count)
      }
      if row.fields.count > columnCount, row.fields[columnCount...].allSatisfy({ Self.isBlank($0.bytes) }) {
        row.fields.removeLast(row.fields.count - columnCount)
        starts.removeLast(starts.count - columnCount)
      }
    }
    if row.defect == .none {
      if row.fields.count != columnCount {
        row.defect = row.fields.count < columnCount ? .short : .long
        row.defectField = min(row.fields.count, columnCount)
      } else if let bad = ReferenceSplitter.firstBadByte(row.raw) {
        row.defect = .badByte
        row.defectField = starts.lastIndex { $0 <= start + bad } ?? 0
      }
    }
    rows.append(row)
  }

  private static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
    let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
    let rest = Array(bytes.drop(while: isBlank))
    return Array(rest.reversed().drop(while: isBlank).reversed())
  }

  private static func isBlank(_ bytes: [UInt8]) -> Bool { trimmed(bytes).isEmpty }
}
