import Glibc

/// Reads another source ahead on a thread of its own: for one that takes time, as an inflater does.
///
/// An error of the source is thrown after the bytes before it were given out. The thread ends with the source, with its
/// end or with its first error; until then nobody else may touch what stands behind it.
public final class ReadAheadSource: ByteSource {
  private let queue: HandoverQueue<Chunk>
  private let thread: WorkerThread
  private var chunk: Chunk?
  private var taken = 0
  /// What `position` said when the bytes given out last had been read.
  public private(set) var position = 0

  /// Starts to read `source`, up to `chunks` pieces of `chunkSize` bytes ahead. `position` is asked on the thread after
  /// each piece. Throws `thread-failed`.
  public init(
    _ source: any ByteSource, chunkSize: Int = 256 << 10, chunks: Int = 4, position: @escaping () -> Int
  ) throws(SluiceError) {
    let queue = HandoverQueue((0..<chunks).map { _ in Chunk(size: chunkSize) })
    self.queue = queue
    thread = try WorkerThread { ReadAheadSource.fill(queue, from: source, position: position) }
  }

  deinit {
    queue.cancel()
    thread.join()
  }

  /// Gives out what was read ahead; waits for it when there is nothing.
  public func read(into target: UnsafeMutablePointer<UInt8>, upTo count: Int) throws(SluiceError) -> Int {
    if let chunk, taken == chunk.count {
      queue.giveBack(chunk)
      self.chunk = nil
    }
    if chunk == nil {
      chunk = try queue.takeFilled()
      taken = 0
      position = chunk?.position ?? position
    }
    guard let chunk else { return 0 }
    let length = min(count, chunk.count - taken)
    memcpy(target, chunk.bytes + taken, length)
    taken += length
    return length
  }

  private static func fill(_ queue: HandoverQueue<Chunk>, from source: any ByteSource, position: () -> Int) {
    while let chunk = queue.takeEmpty() {
      do throws(SluiceError) {
        chunk.count = try source.fill(chunk.bytes, upTo: chunk.size)
      } catch {
        return queue.fail(error)
      }
      chunk.position = position()
      let isLast = chunk.count < chunk.size
      queue.handOver(chunk, isLast: isLast)
      if isLast { return }
    }
  }
}

/// A piece of what was read ahead.
private final class Chunk {
  let size: Int
  let bytes: UnsafeMutablePointer<UInt8>
  var count = 0
  var position = 0

  init(size: Int) {
    self.size = size
    bytes = .allocate(capacity: size)
  }

  deinit { bytes.deallocate() }
}
