import Streams
import TestSupport
import Testing

@testable import Tabular

@Suite("Reading rows again")
struct RowStoreTests {
  private static let csv = SourceFormat.csv(CSVDialect(delimiter: 0x3B))

  private func write(_ bytes: [UInt8], to path: String) throws {
    let file = try OutputFile(path: path)
    try bytes.withView { (view) throws(SluiceError) in try file.append(view) }
    try file.finish(durable: false)
  }

  private func fields(_ batch: RowBatch, _ row: Int) -> [String] {
    let head = batch.head(row)
    return (0..<Int(head.fieldCount)).map { batch.view(batch.slice(Int(head.firstField) + $0)).text }
  }

  /// Reads all rows of a file through small batches, and then each of them again, last one first.
  private func check(_ path: String, _ format: SourceFormat, encoding: TextEncoding? = nil, paths: [String] = []) throws
  {
    let directory = try TemporaryDirectory()
    let reader = try DropReader(
      path: path, format: format, encoding: encoding, paths: paths, storeDirectory: directory.path)
    var rows: [(place: RowPlace, fields: [String], defect: RowHead.Defect)] = []
    let batch = RowBatch(capacity: 1 << 12)
    repeat {
      try reader.fill(batch)
      for row in 0..<batch.rowCount { rows.append((batch.place(row), fields(batch, row), batch.head(row).defect)) }
    } while !batch.isLast
    let store = try #require(try reader.store())
    #expect(rows.count > 200)
    for row in rows.reversed() {
      let again = try #require(try store.fetch(row.place))
      #expect(again.rowCount == 1)
      #expect(fields(again, 0) == row.fields)
      #expect(again.head(0).defect == row.defect)
      #expect(again.firstLine == Int(row.place.line))
    }
    #expect(zip(rows, rows.dropFirst()).allSatisfy { $0.place.offset < $1.place.offset })
    let beyond = RowPlace(offset: 1 << 40, length: 10, line: 1)
    #expect(try store.fetch(beyond) == nil)
  }

  private static let lines =
    "sku;text;qty\r\n"
    + (1...300).map { "A\($0);\"a \"\"quoted\"\"\nGröße; \($0)\";\($0 % 7 == 0 ? "1;2" : "3")\r\n" }.joined() + "Z;;1"

  @Test("Rows of a plain file are read from the file itself, behind its byte order mark too")
  func plain() throws {
    let directory = try TemporaryDirectory()
    try write(Array(Self.lines.utf8), to: directory("plain.csv"))
    try check(directory("plain.csv"), Self.csv)
    try write([0xEF, 0xBB, 0xBF] + Array(Self.lines.utf8), to: directory("marked.csv"))
    try check(directory("marked.csv"), Self.csv)
  }

  @Test("Rows of another encoding are read from what was kept of them")
  func transcoded() throws {
    let directory = try TemporaryDirectory()
    let bytes = Self.lines.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
    try write(bytes, to: directory("latin.csv"))
    try check(directory("latin.csv"), Self.csv, encoding: .windows1252)
    let words = Self.lines.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
    try write([0xFF, 0xFE] + words, to: directory("wide.csv"))
    try check(directory("wide.csv"), Self.csv, encoding: .utf16)
  }

  @Test("Records of a document are read from what was kept of them, absent and repeated elements included")
  func document() throws {
    let directory = try TemporaryDirectory()
    let records = (1...300).map { number in
      "<p id=\"\(number)\"><a>A\(number)</a>\(number % 3 == 0 ? "" : "<b>x</b><b>y</b>")<c/></p>"
    }
    try write(Array("<list>\(records.joined(separator: "\n"))</list>".utf8), to: directory("list.xml"))
    try check(
      directory("list.xml"), .xml(XMLLayout(record: "/list/p")), paths: ["@id", "a", "b", "c"])
  }

  @Test("A row that is cut off since is not there any more")
  func shortened() throws {
    let directory = try TemporaryDirectory()
    try write(Array("a;b\n1;2\n3;4\n".utf8), to: directory("x.csv"))
    let reader = try DropReader(path: directory("x.csv"), format: Self.csv, storeDirectory: directory.path)
    let batch = RowBatch(capacity: 1 << 12)
    try reader.fill(batch)
    let place = batch.place(1)
    try FileSystem.remove(directory("x.csv"))
    try write(Array("a;b\n1;2\n".utf8), to: directory("x.csv"))
    let store = try #require(try reader.store())
    #expect(try store.fetch(place) == nil)
  }
}
