import Records
import Streams
import Tabular
import TestSupport
import Testing

@Suite("Digests of rows' own bytes")
struct SourceDigestTests {
  private let key = DigestKey(first: 1, second: 2)

  /// The digest of columns of the one row of a CSV text with the header `a,b,c,d`.
  private func digest(_ row: String, _ columns: Set<Int>, key: DigestKey? = nil) throws -> Digest128 {
    let directory = try TemporaryDirectory()
    let file = try OutputFile(path: directory("x.csv"))
    try file.append("a,b,c,d\n\(row)\n")
    try file.finish(durable: false)
    let reader = try DropReader(path: directory("x.csv"), format: .csv(CSVDialect()))
    let batch = RowBatch(capacity: 1 << 12)
    try reader.fill(batch)
    return SourceDigest(columns: columns, columnCount: 4, key: key ?? self.key).digest(batch, batch.head(0))
  }

  @Test("A column that no field reads does not count", arguments: ["1,2,3,x", "1,2,3,", "1,2,3,\"y\"\"z\""])
  func unusedColumn(row: String) throws {
    #expect(try digest(row, [0, 1, 2]) == digest("1,2,3,4", [0, 1, 2]))
  }

  @Test("A column between others that is not read does not count either")
  func gap() throws {
    #expect(try digest("1,2,3,4", [0, 2, 3]) == digest("1,other,3,4", [0, 2, 3]))
    #expect(try digest("1,2,3,4", [0, 2, 3]) != digest("1,2,x,4", [0, 2, 3]))
  }

  @Test("No other row has the same digest by the place of a delimiter, of quotes or of blanks")
  func ambiguity() throws {
    let rows = ["12,3,,4", "1,23,,4", "1,\"2\",3,4", "1,2,3,4", "1, 2,3,4", "\"1,2\",,3,4", "\"1\",2,3,4"]
    for columns in [[0, 1, 2, 3], [0, 2, 3], [0, 1, 3]] as [Set<Int>] {
      for (index, row) in rows.enumerated() {
        for other in rows[(index + 1)...] {
          let hidden = !columns.contains(1) || !columns.contains(2)
          if hidden { continue }
          #expect(try digest(row, columns) != digest(other, columns), "\(row) and \(other)")
        }
      }
    }
  }

  @Test("Another key gives another digest")
  func keyed() throws {
    #expect(try digest("1,2,3,4", [0, 1]) != digest("1,2,3,4", [0, 1], key: DigestKey(first: 1, second: 3)))
  }
}
