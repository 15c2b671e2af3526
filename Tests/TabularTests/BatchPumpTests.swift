import Streams
import Tabular
import Testing

@Suite("Handing batches over")
struct BatchPumpTests {
  /// Gives numbered batches, and ends or fails after some of them.
  private final class CountingReader: RowReader {
    private let batches: Int
    private let error: SluiceError?
    private(set) var filled = 0
    private(set) var distinct: Set<ObjectIdentifier> = []

    init(batches: Int, error: SluiceError? = nil) {
      self.batches = batches
      self.error = error
    }

    func fill(_ batch: RowBatch) throws(SluiceError) {
      if filled == batches, let error { throw error }
      batch.removeAll()
      batch.firstLine = filled
      distinct.insert(ObjectIdentifier(batch))
      filled += 1
      batch.isLast = filled == batches && error == nil
    }
  }

  private static let broken = SluiceError(.damaged, "broken", cause: "test", remedy: "none")

  @Test("Every batch arrives once and in order, with and without a thread", arguments: [true, false], [1, 2, 3, 200])
  func order(threaded: Bool, count: Int) throws {
    let reader = CountingReader(batches: count)
    var seen: [Int] = []
    try BatchPump.run(reader, batches: 3, capacity: 64, threaded: threaded) { (batch) throws(SluiceError) in
      seen.append(batch.firstLine)
    }
    #expect(seen == Array(0..<count))
    #expect(reader.distinct.count <= 3)
  }

  @Test("The reader's error comes after the batches before it", arguments: [true, false], [0, 1, 5, 50])
  func readerFails(threaded: Bool, count: Int) {
    var seen = 0
    let error = failure {
      try BatchPump.run(
        CountingReader(batches: count, error: BatchPumpTests.broken), batches: 2, capacity: 64, threaded: threaded
      ) { (_) throws(SluiceError) in seen += 1 }
    }
    #expect(error == BatchPumpTests.broken)
    #expect(seen == count)
  }

  @Test("The worker's error stops the reader a few batches later", arguments: [true, false])
  func workerFails(threaded: Bool) {
    let reader = CountingReader(batches: 1_000_000)
    var seen = 0
    let error = failure {
      try BatchPump.run(reader, batches: 4, capacity: 64, threaded: threaded) { (_) throws(SluiceError) in
        seen += 1
        if seen == 3 { throw BatchPumpTests.broken }
      }
    }
    #expect(error == BatchPumpTests.broken)
    #expect(seen == 3)
    #expect(reader.filled <= 3 + 4)
  }
}
