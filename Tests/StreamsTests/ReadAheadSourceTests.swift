import Streams
import TestSupport
import Testing

@Suite("Reading ahead")
struct ReadAheadSourceTests {
  /// Gives `count` bytes, then ends or fails.
  private final class Counting: ByteSource {
    let count: Int
    let failure: SluiceError?
    private(set) var given = 0

    init(_ count: Int, failure: SluiceError? = nil) {
      self.count = count
      self.failure = failure
    }

    func read(into target: UnsafeMutablePointer<UInt8>, upTo limit: Int) throws(SluiceError) -> Int {
      if given == count, let failure { throw failure }
      let length = min(limit, count - given, 7)
      for index in 0..<length { target[index] = UInt8(truncatingIfNeeded: (given + index) % 251) }
      given += length
      return length
    }
  }

  @Test("The same bytes come out, whatever the sizes", arguments: [0, 1, 15, 16, 17, 64, 1000])
  func bytes(count: Int) throws {
    for piece in [1, 5, 16, 100] {
      let source = Counting(count)
      let ahead = try ReadAheadSource(source, chunkSize: 16, chunks: 2) { source.given }
      #expect(try readAll(ahead, piece: piece) == (0..<count).map { UInt8($0 % 251) })
      if count > 0 { #expect(ahead.position == count) }
      #expect(source.given == count)
    }
  }

  @Test("An error comes after the bytes before it, as far as whole pieces go")
  func errorComesLast() throws {
    let error = SluiceError(.damaged, "gzip-corrupt", cause: "x", remedy: "y")
    let ahead = try ReadAheadSource(Counting(40, failure: error), chunkSize: 16, chunks: 2) { 0 }
    let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: 32)
    defer { buffer.deallocate() }
    #expect(try ahead.fill(buffer, upTo: 32) == 32)
    let found = failure { _ = try ahead.read(into: buffer, upTo: 1) }
    #expect(found?.code == "gzip-corrupt")
  }

  @Test("One that is given up ends its thread")
  func abandoned() throws {
    let source = Counting(1 << 20)
    var ahead: ReadAheadSource? = try ReadAheadSource(source, chunkSize: 16, chunks: 2) { source.given }
    #expect(ahead?.position == 0)
    ahead = nil
    #expect(source.given <= 32)
  }
}
