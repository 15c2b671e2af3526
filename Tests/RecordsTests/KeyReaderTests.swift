import Records
import Streams
import Tabular
import Testing

@Suite("Keys read the short way")
struct KeyReaderTests {
  private static let parts: [(field: Int, isFolded: Bool)] = [(0, true), (1, false)]

  private let fields = [
    FieldRules(name: "sku", source: .column("SKU"), maximumLength: 12),
    FieldRules(name: "source", source: .column("SOURCE")),
    FieldRules(name: "tier", source: .column("TIER"), notation: .number(scale: 2)),
    FieldRules(name: "plant", source: .column("SOURCE"), defaultText: "main"),
  ]

  private func validator() throws -> Validator {
    try Validator(fields: fields, columns: ["SKU", "SOURCE", "TIER"])
  }

  private struct Key: Equatable {
    var key: String
    var spelling: String
  }

  private func short(_ batch: RowBatch, _ reader: KeyReader) -> Key? {
    let (key, spelling) = (ByteArena(capacity: 64), ByteArena(capacity: 64))
    guard reader.read(batch, batch.head(0), into: key, spelling: spelling) else { return nil }
    return Key(key: key.view.text, spelling: spelling.view.text)
  }

  private func long(_ batch: RowBatch, _ validator: Validator) -> Key? {
    let record = Record(fieldCount: fields.count, scratchCapacity: 1024)
    let (key, spelling) = (ByteArena(capacity: 64), ByteArena(capacity: 64))
    guard validator.read(FixedBuffer<Int32>([0, 1]), of: batch, batch.head(0), into: record),
      KeyEncoder(parts: Self.parts).encode(record, into: key, spelling: spelling)
    else { return nil }
    return Key(key: key.view.text, spelling: spelling.view.text)
  }

  @Test(
    "What the short way reads is what the long way reads, and plain keys take it", arguments: [1, 2, 3] as [UInt64])
  func same(seed: UInt64) throws {
    var random = Dice(seed: seed)
    let validator = try validator()
    let reader = try #require(KeyReader(validator, parts: Self.parts))
    let alphabet = Array("aBÄİ- \t\u{0}\u{1F}1")
    var taken = 0
    for _ in 0..<3000 {
      let cells = (0..<3).map { _ in
        Cell(random.text(from: alphabet, longest: random.below(8) == 0 ? 16 : 4), random.below(9) == 0 ? .escaped : [])
      }
      let batch = RowBatch.row(cells)
      guard let short = short(batch, reader) else { continue }
      taken += 1
      #expect(short == long(batch, validator), "\(cells.map(\.text))")
    }
    #expect(taken > 300)
    let plain = RowBatch.row(["A-1", "main", "3"])
    #expect(short(plain, reader) == Key(key: "a-1\u{0}main", spelling: "A-1\u{0}main"))
  }

  @Test("Numbers and fields with a default take the long way")
  func notPlain() throws {
    let validator = try validator()
    #expect(KeyReader(validator, parts: [(2, false)]) == nil)
    #expect(KeyReader(validator, parts: [(0, true), (3, false)]) == nil)
  }
}
