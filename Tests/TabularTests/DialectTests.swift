import Streams
import TestSupport
import Testing

@testable import Tabular

/// What differs between two dialects is tried alone in `DialectReadingTests`, all of it together here.
@Suite("Splitting rare dialects")
struct DialectTests {
  /// A dialect and the bytes that mean something in it.
  private struct Case {
    var dialect: CSVDialect
    var alphabet: [[UInt8]]
    var end: [UInt8] = [0x0A]
    var name: String
  }

  private static func texts(_ texts: String...) -> [[UInt8]] { texts.map { Array($0.utf8) } }

  private static let cases: [Case] = {
    var long = CSVDialect()
    long.separator = Array("||".utf8)
    var mixed = CSVDialect(quote: nil)
    mixed.separator = Array("~|~".utf8)
    mixed.lineEnd = .text(Array("&|\n".utf8))
    mixed.isPadded = true
    var backslash = CSVDialect(delimiter: 0x3B)
    backslash.escape = 0x5C
    backslash.comment = Array("--".utf8)
    var bare = CSVDialect(delimiter: 0x09, quote: nil)
    bare.escape = 0x5C
    bare.lineEnd = .any
    bare.blankLines = .keep
    var mac = CSVDialect(delimiter: 0x3B)
    mac.lineEnd = .carriageReturn
    mac.blankLines = .skipDelimiters
    mac.repeatsHeader = true
    var any = CSVDialect(delimiter: 0x3B)
    any.lineEnd = .any
    any.comment = [0x23]
    any.isPadded = true
    var records = CSVDialect(delimiter: 0x3B)
    records.records = RecordTypes(data: ["A"], skipped: ["B", ""])
    records.repeatsHeader = true
    records.blankLines = .keep
    return [
      Case(dialect: long, alphabet: texts("|", "||", "\"", "\"\"", "a", "\n", "\r\n", " ", "ä"), name: "||"),
      Case(
        dialect: mixed, alphabet: texts("~|~", "~", "|", "&|\n", "&|", "\n", "a", "&", " "),
        end: Array("&|\n".utf8), name: "~|~ and &|"),
      Case(
        dialect: backslash,
        alphabet: texts("\\", "\"", ";", "a", "\n", "\r\n", "--", "-", "\n--", "n", "\";", ";\""), name: "backslash"),
      Case(
        dialect: bare, alphabet: texts("\\", "\t", "a", "\n", "\r", "\r\n", "N", "\n\n"), name: "tab and backslash"),
      Case(
        dialect: mac, alphabet: texts("\r", ";", "\"", "a", "\n", " ", "\ra;b;c\r", "\r;;\r", "\"\""), end: [0x0D],
        name: "CR"),
      Case(
        dialect: any, alphabet: texts("\r", "\n", "\r\n", ";", "\"", "a", "#", "\n#", " ", "\"\r", "\r\""),
        name: "any line end"),
      Case(
        dialect: records, alphabet: texts("A;", "B;", "C;", ";", "\n", "\"", "a", " ", "\na;b;c\n", "A;1;2\n"),
        name: "records"),
    ]
  }()

  private static func header(_ dialect: CSVDialect) -> [UInt8] {
    let names: [[UInt8]] = [[0x61], [0x62], [0x63]]
    return Array(names.joined(separator: dialect.separator))
  }

  @Test("The splitter and the model agree on random texts", arguments: 0..<7)
  func agrees(number: Int) throws {
    let one = Self.cases[number]
    var random = SeededGenerator(seed: UInt64(41 + number))
    let bad: [[UInt8]] = [[0x00], [0xFF], [0xC3]]
    for round in 0..<400 {
      let alphabet = one.alphabet + (random.chance(0.2) ? bad : [])
      let body = (0..<random.below(70)).flatMap { _ in alphabet[random.below(alphabet.count)] }
      let header = Self.header(one.dialect)
      let expected = DialectModel.outcome(one.dialect, columnCount: 3, body, line: 2, header: header)
      let chunk = chunkSizes[random.below(chunkSizes.count)]
      for capacity in [512, 4096] {
        let found = try CSVReaderTests.read(
          header + one.end + body, dialect: one.dialect, chunk: chunk, capacity: capacity
        ).outcome
        #expect(
          found == expected,
          "\(one.name), round \(round), chunks of \(chunk), \(String(decoding: body, as: UTF8.self).debugDescription)")
      }
    }
  }

  @Test("Windows that end anywhere give the same rows", arguments: 0..<7)
  func windows(number: Int) throws {
    let one = Self.cases[number]
    var random = SeededGenerator(seed: UInt64(97 + number))
    let header = Self.header(one.dialect) + one.end
    for round in 0..<60 {
      // Short rows, so that none is longer than the smallest window.
      var body: [UInt8] = []
      for _ in 0..<40 {
        let row = (0..<random.below(6)).flatMap { _ in one.alphabet[random.below(one.alphabet.count)] }
        body += row.filter { $0 != one.dialect.quote && $0 != one.dialect.escape } + one.end
      }
      let whole = try CSVReaderTests.read(header + body, dialect: one.dialect).outcome
      for capacity in [128, 131, 200] {
        let found = try CSVReaderTests.read(header + body, dialect: one.dialect, chunk: 7, capacity: capacity).outcome
        #expect(found == whole, "\(one.name), round \(round), windows of \(capacity)")
      }
    }
  }

  @Test("The general splitter says of plain dialects what the fast one says", arguments: [5, 6, 7] as [UInt64])
  func twins(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let letters: [UInt8] = [0x22, 0x22, 0x3B, 0x3B, 0x0A, 0x0D, 0x61, 0x61, 0x20, 0xC3, 0xA4]
    for round in 0..<300 {
      let body = (0..<random.below(120)).map { _ in letters[random.below(letters.count)] } + [0x0A]
      let plain = CSVDialect(delimiter: 0x3B)
      #expect(
        split(body, .plain(CSVSplitter(plain, columnCount: 3, rowLimit: 1000)))
          == split(body, .general(DialectSplitter(plain, columnCount: 3, rowLimit: 1000))), "round \(round), \(body)")
    }
  }

  private func split(_ bytes: [UInt8], _ splitter: RowSplitter) -> [String] {
    let batch = RowBatch(capacity: 4096)
    for (place, byte) in bytes.enumerated() { batch.bytes[place] = byte }
    let progress = splitter.split(batch, end: bytes.count, maximumRows: 100)
    let rows = (0..<batch.rowCount).map { index in
      let head = batch.head(index)
      let fields = (0..<Int(head.fieldCount)).map { field in
        let slice = batch.slice(Int(head.firstField) + field)
        return "\(slice.start)+\(slice.count)/\(slice.flags.rawValue)"
      }
      return "\(head) \(fields)"
    }
    return rows + ["\(progress)"]
  }
}
