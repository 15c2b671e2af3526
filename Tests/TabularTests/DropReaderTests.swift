import Streams
import Tabular
import TestSupport
import Testing

@Suite("Reading drops")
struct DropReaderTests {
  private static let csv = SourceFormat.csv(CSVDialect(delimiter: 0x3B))

  private func rows(_ reader: DropReader) throws -> [String] {
    let batch = RowBatch(capacity: 4096)
    var rows: [String] = []
    repeat {
      try reader.fill(batch)
      for index in 0..<batch.rowCount { rows.append(batch.rawView(batch.head(index)).text) }
    } while !batch.isLast
    return rows
  }

  /// "sku;qty\nA;1\nB;2\nB;2\nB;2\n" in gzip.
  private static let gzip: [UInt8] = [
    0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0x02, 0xff, 0x2b, 0xce, 0x2e, 0xb5, 0x2e, 0x2c, 0xa9, 0xe4, 0x72, 0xb4, 0x36, 0xe4,
    0x72, 0xb2, 0x36, 0x82, 0x63, 0x00, 0xa0, 0x6b, 0x46, 0x51, 0x18, 0, 0, 0,
  ]

  @Test("A file is read, counted and hashed; gzip is seen by content and hashed twice")
  func files() throws {
    let directory = try TemporaryDirectory()
    let text = Array("sku;qty\nA;1\nB;2\n".utf8)
    let file = try OutputFile(path: directory("plain.csv.gz"), hashing: true)
    try text.withView { (view) throws(SluiceError) in try file.append(view) }
    try file.finish(durable: false)
    let reader = try DropReader(path: directory("plain.csv.gz"), format: DropReaderTests.csv)
    #expect(reader.identity?.size == 16)
    #expect(!reader.isCompressed)
    #expect(reader.summary == nil)
    #expect(try rows(reader) == ["A;1", "B;2"])
    let summary = try #require(reader.summary)
    #expect(summary.rawBytes == 16 && summary.contentBytes == 16)
    #expect(summary.sha256 == file.sha256 && summary.contentSHA256 == file.sha256)
  }

  @Test("Hashes and counts of gzip are those of the file and of what is in it", arguments: chunkSizes)
  func gzip(chunk: Int) throws {
    let reader = try DropReader(
      source: ChunkedSource(DropReaderTests.gzip, chunk: chunk), name: "x.csv", format: DropReaderTests.csv)
    #expect(reader.isCompressed)
    #expect(try rows(reader) == ["A;1", "B;2", "B;2", "B;2"])
    let content = Array("sku;qty\nA;1\nB;2\nB;2\nB;2\n".utf8)
    let summary = try #require(reader.summary)
    #expect(summary.rawBytes == DropReaderTests.gzip.count && summary.contentBytes == content.count)
    #expect(
      try summary.sha256
        == DropReaderTests.gzip.withView { (view) throws(SluiceError) in
          try ContentHash.sha256(view)
        })
    #expect(
      try summary.contentSHA256 == content.withView { (view) throws(SluiceError) in try ContentHash.sha256(view) })
  }

  @Test("Without hashing there are counts only")
  func noHashing() throws {
    let reader = try DropReader(
      source: ChunkedSource(Array("a\n1\n".utf8)), name: "x", format: DropReaderTests.csv, hashing: false)
    _ = try rows(reader)
    #expect(reader.summary == ReadSummary(rawBytes: 4, contentBytes: 4, sha256: nil, contentSHA256: nil))
  }

  @Test("Damage names the file, whichever layer finds it")
  func errors() throws {
    let cut = Array(DropReaderTests.gzip.dropLast(3))
    let error = try #require(
      failure {
        let reader = try DropReader(source: ChunkedSource(cut), name: "x.gz", format: DropReaderTests.csv)
        _ = try rows(reader)
      })
    #expect(error.code == "gzip-truncated" && error.kind == .incomplete && error.file == "x.gz")
    let mismatch = failure {
      _ = try DropReader(
        source: ChunkedSource([0xFF, 0xFE, 0x41, 0]), name: "y", format: DropReaderTests.csv, encoding: .utf8)
    }
    #expect(mismatch?.code == "encoding-mismatch" && mismatch?.file == "y")
    let missing = failure { _ = try DropReader(path: "/nowhere/z.csv", format: DropReaderTests.csv) }
    #expect(missing?.code == "file-missing")
  }

  @Test("An undefined byte of a single-byte encoding makes a bad row, and the row goes back as it came")
  func badByte() throws {
    let bytes = Array("a;b\n1;".utf8) + [0xE4, 0x81, 0x0A] + Array("2;x\n".utf8)
    let reader = try DropReader(
      source: ChunkedSource(bytes), name: "x", format: DropReaderTests.csv, encoding: .windows1252)
    let batch = RowBatch(capacity: 4096)
    try reader.fill(batch)
    #expect(batch.rowCount == 2)
    #expect(batch.head(0).defect == .badByte && batch.head(0).defectField == 1)
    #expect(batch.head(1).defect == .none)
    let arena = ByteArena(capacity: 64)
    TextEncoding.windows1252.encode(batch.rawView(batch.head(0)), into: arena)
    #expect(arena.view.array == Array("1;".utf8) + [0xE4, 0x81])
  }

  @Test("UTF-16 drops are read like others")
  func utf16() throws {
    var bytes: [UInt8] = [0xFF, 0xFE]
    for unit in "a;b\r\n1;ä€😀\r\n".utf16 { bytes += [UInt8(truncatingIfNeeded: unit), UInt8(unit >> 8)] }
    let reader = try DropReader(
      source: ChunkedSource(bytes, chunk: 3), name: "x", format: DropReaderTests.csv, encoding: .utf16)
    #expect(try rows(reader) == ["1;ä€😀"])
  }
}
