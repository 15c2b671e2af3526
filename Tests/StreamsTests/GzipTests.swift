import Streams
import Testing

@Suite("Reading gzip")
struct GzipTests {
  /// "sku;qty\nA;1\nB;2\nB;2\nB;2\n", compressed by Python's gzip.
  private static let small = bytes("1f8b08000000000002ff2bce2eb52e2ca9e472b436e472b236826300a06b465118000000")
  private static let smallText = Array("sku;qty\nA;1\nB;2\nB;2\nB;2\n".utf8)
  /// 200,000 zeros in 229 bytes, compressed by Python's gzip.
  private static let zeros =
    bytes("1f8b08000000000002ffedc13101000000c2a0f54f6d067fa0") + [UInt8](repeating: 0, count: 193)
    + bytes("80d7007b58e05c400d0300")

  private static func bytes(_ text: String) -> [UInt8] {
    let digits = Array(text)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(String(digits[$0...$0 + 1]), radix: 16) ?? 0 }
  }

  private func inflate(
    _ bytes: [UInt8], chunk: Int = .max, piece: Int = 1000, limits: InflateLimits = InflateLimits()
  ) throws -> [UInt8] {
    try readAll(GzipInflater(ChunkedSource(bytes, chunk: chunk), limits: limits), piece: piece)
  }

  private func code(_ bytes: [UInt8], limits: InflateLimits = InflateLimits()) -> String? {
    failure { _ = try inflate(bytes, limits: limits) }.map { "\($0.kind.rawValue) \($0.code)" }
  }

  @Test("gzip is known by its first two bytes")
  func recognition() {
    #expect(GzipInflater.recognises(GzipTests.small))
    #expect(!GzipInflater.recognises([0x1F]))
    #expect(!GzipInflater.recognises(Array("sku;qty".utf8)))
  }

  @Test("Members follow one another, and zeros may fill up the end", arguments: chunkSizes)
  func members(chunk: Int) throws {
    let one = GzipTests.smallText
    #expect(try inflate(GzipTests.small, chunk: chunk) == one)
    #expect(try inflate(GzipTests.small, chunk: chunk, piece: 1) == one)
    #expect(try inflate(GzipTests.small + GzipTests.small, chunk: chunk) == one + one)
    let padded = GzipTests.small + [UInt8](repeating: 0, count: 700)
    #expect(try inflate(padded, chunk: chunk) == one)
    #expect(try inflate(GzipTests.zeros, chunk: chunk) == [UInt8](repeating: 0, count: 200_000))
  }

  @Test("A file that is cut anywhere is truncated, not damaged")
  func truncation() {
    for length in 2..<GzipTests.small.count {
      #expect(code(Array(GzipTests.small.prefix(length))) == "incomplete gzip-truncated", "\(length) bytes")
    }
    #expect(code(GzipTests.small + [0x1F]) == "incomplete gzip-truncated")
  }

  @Test("A wrong checksum, a wrong length, wrong data and garbage behind the end are damage")
  func damage() {
    for index in GzipTests.small.count - 8..<GzipTests.small.count {
      var changed = GzipTests.small
      changed[index] ^= 0x40
      #expect(code(changed) == "damaged gzip-corrupt", "byte \(index)")
    }
    #expect(code(GzipTests.small + Array("sku".utf8)) == "damaged gzip-corrupt")
    #expect(code(GzipTests.small + [0, 0, 1]) == "damaged gzip-corrupt")
    #expect(code(GzipTests.small + [0x1F, 0x20, 0, 0]) == "damaged gzip-corrupt")
    #expect(code([0x1F, 0x8B, 7, 0, 0, 0, 0, 0, 0, 0]) == "damaged gzip-corrupt")
  }

  @Test("Output beyond the limits of size or ratio is a bomb")
  func bomb() {
    #expect(code(GzipTests.zeros, limits: InflateLimits(outputBytes: 199_999)) == "damaged gzip-bomb")
    #expect(code(GzipTests.zeros, limits: InflateLimits(outputBytes: 200_000)) == nil)
    #expect(code(GzipTests.zeros, limits: InflateLimits(ratio: 500, ratioFrom: 100_000)) == "damaged gzip-bomb")
    #expect(code(GzipTests.zeros, limits: InflateLimits(ratio: 1000, ratioFrom: 100_000)) == nil)
    #expect(code(GzipTests.zeros, limits: InflateLimits(ratio: 500, ratioFrom: 300_000)) == nil)
  }
}
