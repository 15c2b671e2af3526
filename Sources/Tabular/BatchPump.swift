import Streams

/// Runs a reader on a thread of its own, a few batches ahead of the caller.
public enum BatchPump {
  /// Reads all batches of `reader` and calls `body` for each, in order, on the calling thread.
  ///
  /// With `threaded` false the same happens without a second thread, and so it does for a plain file that is smaller
  /// than what a thread costs. An error of the reader is thrown after `body` has
  /// had the batches before it; an error of `body` stops the reader. The reader's thread has ended when this returns
  /// or throws. Not more than `batches` (at least 2) of `capacity` bytes each are in use. `prepare` is called for each
  /// batch before that, on the reader's thread.
  public static func run(
    _ reader: any RowReader, batches: Int = 3, capacity: Int = 1 << 20, threaded: Bool = true,
    prepare: @escaping (RowBatch) -> Void = { _ in }, body: (RowBatch) throws(SluiceError) -> Void
  ) throws(SluiceError) {
    let isSmall = (reader as? DropReader)?.isSmall ?? false
    guard threaded, !isSmall else { return try runInline(reader, capacity: capacity, prepare, body) }
    let queue = HandoverQueue((0..<max(batches, 2)).map { _ in RowBatch(capacity: capacity) })
    let filler = BatchFiller(reader, queue, prepare)
    let thread = try WorkerThread { filler.run() }
    do throws(SluiceError) {
      while let batch = try queue.takeFilled() {
        try body(batch)
        queue.giveBack(batch)
      }
    } catch {
      queue.cancel()
      thread.join()
      throw error
    }
    thread.join()
  }

  private static func runInline(
    _ reader: any RowReader, capacity: Int, _ prepare: (RowBatch) -> Void,
    _ body: (RowBatch) throws(SluiceError) -> Void
  ) throws(SluiceError) {
    let batch = RowBatch(capacity: capacity)
    repeat {
      try reader.fill(batch)
      prepare(batch)
      try body(batch)
    } while !batch.isLast
  }
}

/// What the thread that fills batches works on. Sendable: the starter does not touch the reader, or what `prepare`
/// holds, until it has joined the thread.
private final class BatchFiller: @unchecked Sendable {
  private let reader: any RowReader
  private let queue: HandoverQueue<RowBatch>
  private let prepare: (RowBatch) -> Void

  init(_ reader: any RowReader, _ queue: HandoverQueue<RowBatch>, _ prepare: @escaping (RowBatch) -> Void) {
    self.reader = reader
    self.queue = queue
    self.prepare = prepare
  }

  func run() {
    while let batch = queue.takeEmpty() {
      do throws(SluiceError) {
        try reader.fill(batch)
      } catch {
        return queue.fail(error)
      }
      prepare(batch)
      // Once handed over the batch belongs to the other side.
      let isLast = batch.isLast
      queue.handOver(batch, isLast: isLast)
      if isLast { return }
    }
  }
}
