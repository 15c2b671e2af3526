import Streams
import Tabular

/// A splitter that goes byte by byte and is meant to be read: the twin that the fast one is compared with.
struct ReferenceSplitter {
  struct Field: Equatable {
    var bytes: [UInt8]
    var flags: UInt8
  }

  struct Row: Equatable {
    var fields: [Field] = []
    var raw: [UInt8] = []
    var line = 1
    var defect = RowHead.Defect.none
    var defectField = 0
  }

  enum Outcome: Equatable {
    case rows([Row])
    /// A damaged file: reason code, line, and column where one is known.
    case damaged(String, line: Int, column: Int?)
  }

  private enum State { case start, plain, quoted, quoteSeen, junk }

  let delimiter: UInt8
  let quote: UInt8?
  let columnCount: Int
  let rowLimit: Int

  /// The rows of `bytes`, which start at `line` of the file.
  func split(_ bytes: [UInt8], line firstLine: Int) -> Outcome {
    var input = bytes
    if let last = input.last, last != 0x0A { input.append(0x0A) }
    var rows: [Row] = []
    var index = 0
    var line = firstLine
    while index < input.count {
      if input[index] == 0x0A {
        index += 1
        line += 1
        continue
      }
      if input[index] == 0x0D, index + 1 < input.count, input[index + 1] == 0x0A {
        index += 2
        line += 1
        continue
      }
      switch readRow(input, &index, &line) {
      case .rows(let found): rows += found
      case let damage: return damage
      }
    }
    return .rows(rows)
  }

  private func readRow(_ input: [UInt8], _ index: inout Int, _ line: inout Int) -> Outcome {
    let start = index
    var row = Row(line: line)
    var state = State.start
    var fieldStart = start
    var starts: [Int] = []
    var opening = (line: line, column: 1)
    var quoteEnd = 0
    var isEscaped = false
    while index < input.count {
      if index - start == rowLimit + 1, !endsHere(input, index, state) { return overlong(state, opening, row) }
      let byte = input[index]
      let isEnd = byte == 0x0A && state != .quoted
      switch state {
      case .start where byte == quote:
        state = .quoted
        opening = (line, row.fields.count + 1)
        isEscaped = false
      case .quoted:
        if byte == 0x0A { line += 1 }
        if byte == quote {
          state = .quoteSeen
          quoteEnd = index
        }
      case .quoteSeen where byte == quote:
        state = .quoted
        isEscaped = true
      case .quoteSeen where byte == 0x0D && index + 1 < input.count && input[index + 1] == 0x0A: break
      case .start, .plain, .quoteSeen, .junk:
        guard byte == delimiter || isEnd else {
          if state == .quoteSeen, row.defect == .none {
            row.defect = .misplacedQuote
            row.defectField = row.fields.count
          }
          state = state == .quoteSeen || state == .junk ? .junk : .plain
          break
        }
        var end = index
        if isEnd, end > fieldStart, input[end - 1] == 0x0D { end -= 1 }
        if state == .quoteSeen {
          let flags: UInt8 = isEscaped ? 3 : 1
          row.fields.append(Field(bytes: Array(input[fieldStart + 1..<quoteEnd]), flags: flags))
          starts.append(fieldStart + 1)
        } else {
          row.fields.append(Field(bytes: Array(input[fieldStart..<end]), flags: 0))
          starts.append(fieldStart)
        }
        fieldStart = index + 1
        state = .start
        if isEnd {
          row.raw = Array(input[start..<end])
          if row.raw.count > rowLimit { return .damaged("row-too-long", line: row.line, column: nil) }
          finish(&row, start, starts)
          line += 1
          index += 1
          return .rows([row])
        }
      }
      index += 1
    }
    return .damaged("csv-unclosed-quote", line: opening.line, column: opening.column)
  }

  /// Whether the line end before `index` is in progress: its carriage return does not count for the row's length.
  private func endsHere(_ input: [UInt8], _ index: Int, _ state: State) -> Bool {
    state != .quoted && input[index] == 0x0A && input[index - 1] == 0x0D
  }

  private func overlong(_ state: State, _ opening: (line: Int, column: Int), _ row: Row) -> Outcome {
    if state == .quoted { return .damaged("csv-unclosed-quote", line: opening.line, column: opening.column) }
    return .damaged("row-too-long", line: row.line, column: nil)
  }

  private func finish(_ row: inout Row, _ start: Int, _ starts: [Int]) {
    if row.defect != .none { return }
    if row.fields.count != columnCount {
      row.defect = row.fields.count < columnCount ? .short : .long
      row.defectField = min(row.fields.count, columnCount)
    } else if let bad = ReferenceSplitter.firstBadByte(row.raw) {
      row.defect = .badByte
      row.defectField = starts.lastIndex { $0 <= start + bad } ?? 0
    }
  }

  /// The first NUL or ill-formed sequence, by the standard library's decoder.
  static func firstBadByte(_ bytes: [UInt8]) -> Int? {
    var iterator = bytes.makeIterator()
    var parser = Unicode.UTF8.ForwardParser()
    var place = 0
    while true {
      switch parser.parseScalar(from: &iterator) {
      case .valid(let scalar):
        if scalar.first == 0 { return place }
        place += scalar.count
      case .error: return place
      case .emptyInput: return nil
      }
    }
  }
}
