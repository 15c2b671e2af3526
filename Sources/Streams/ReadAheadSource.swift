import Glibc

/// Reads another source ahead on a thread of its own: for one that takes time, as an inflater does.
///
/// An error of the source is thrown after the bytes before it were given out. The thread ends with the source, with its
/// end or with its first error; until then nobody else may touch what stands behind it.
public final class ReadAheadSource: ByteSource {
  private let queue: ChunkQueue
  private let thread: WorkerThread
  private var chunk: ChunkQueue.Chunk?
  private var taken = 0
  /// What `position` said when the bytes given out last had been read.
  public private(set) var position = 0

  /// Starts to read `source`, up to `chunks` pieces of `chunkSize` bytes ahead. `position` is asked on the thread after
  /// each piece. Throws `thread-failed`.
  public init(
    _ source: any ByteSource, chunkSize: Int = 256 << 10, chunks: Int = 4, position: @escaping () -> Int
  ) throws(SluiceError) {
    let queue = ChunkQueue(chunks: chunks, size: chunkSize)
    self.queue = queue
    thread = try WorkerThread { queue.fill(from: source, position: position) }
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
      guard let next = try queue.take() else { return 0 }
      chunk = next
      taken = 0
      position = next.position
    }
    guard let chunk else { return 0 }
    let length = min(count, chunk.count - taken)
    memcpy(target, chunk.bytes + taken, length)
    taken += length
    return length
  }
}

/// Hands pieces over from the thread that reads them, and back to be used again.
///
/// Sendable: every member is touched under the mutex only. A chunk in one of the two lists belongs to nobody; one that
/// was taken belongs to the thread that took it until it is handed on.
private final class ChunkQueue: @unchecked Sendable {
  final class Chunk {
    let bytes: UnsafeMutablePointer<UInt8>
    var count = 0
    var position = 0

    init(size: Int) { bytes = .allocate(capacity: size) }

    deinit { bytes.deallocate() }
  }

  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let changed: UnsafeMutablePointer<pthread_cond_t>
  private let size: Int
  private var empty: [Chunk]
  private var filled: [Chunk] = []
  private var failure: SluiceError?
  private var isComplete = false
  private var isCancelled = false

  init(chunks: Int, size: Int) {
    self.size = size
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    changed = .allocate(capacity: 1)
    changed.initialize(to: pthread_cond_t())
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(changed, nil)
    empty = (0..<chunks).map { _ in Chunk(size: size) }
  }

  deinit {
    pthread_cond_destroy(changed)
    pthread_mutex_destroy(mutex)
    changed.deallocate()
    mutex.deallocate()
  }

  private func locked<Result>(_ body: () -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer {
      pthread_cond_broadcast(changed)
      pthread_mutex_unlock(mutex)
    }
    return body()
  }

  // MARK: - The thread that reads

  func fill(from source: any ByteSource, position: () -> Int) {
    while let chunk = takeEmpty() {
      do throws(SluiceError) {
        chunk.count = try source.fill(chunk.bytes, upTo: size)
      } catch {
        return locked { failure = error }
      }
      chunk.position = position()
      let isEnd = chunk.count < size
      locked {
        if chunk.count > 0 { filled.append(chunk) }
        isComplete = isEnd
      }
      if isEnd { return }
    }
  }

  private func takeEmpty() -> Chunk? {
    locked {
      while empty.isEmpty, !isCancelled { pthread_cond_wait(changed, mutex) }
      return isCancelled ? nil : empty.removeLast()
    }
  }

  // MARK: - The thread that asks

  /// Waits for the next chunk; nil at the end. Throws the source's error.
  func take() throws(SluiceError) -> Chunk? {
    let chunk = locked { () -> Chunk? in
      while filled.isEmpty, failure == nil, !isComplete { pthread_cond_wait(changed, mutex) }
      return filled.isEmpty ? nil : filled.removeFirst()
    }
    if let chunk { return chunk }
    if let failure = locked({ failure }) { throw failure }
    return nil
  }

  func giveBack(_ chunk: Chunk) { locked { empty.append(chunk) } }

  func cancel() { locked { isCancelled = true } }
}
