import Glibc
import Streams

/// Hands batches over between the reader's thread and the worker's, and back to be used again.
///
/// Sendable: every member is touched under the mutex only. A batch in one of the two lists belongs to nobody; one that
/// was taken belongs to the thread that took it until it is handed on.
public final class BatchQueue: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let changed: UnsafeMutablePointer<pthread_cond_t>
  private var empty: [RowBatch]
  private var filled: [RowBatch] = []
  private var failure: SluiceError?
  private var isComplete = false
  private var isCancelled = false

  /// A queue with `batches` empty batches of `capacity` bytes.
  public init(batches: Int, capacity: Int) {
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    changed = .allocate(capacity: 1)
    changed.initialize(to: pthread_cond_t())
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(changed, nil)
    empty = (0..<batches).map { _ in RowBatch(capacity: capacity) }
    filled.reserveCapacity(batches)
  }

  deinit {
    pthread_cond_destroy(changed)
    pthread_mutex_destroy(mutex)
    changed.deallocate()
    mutex.deallocate()
  }

  private func locked<Result>(_ body: () -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body()
  }

  // MARK: - The reader's side

  /// Waits for an empty batch; nil when the worker has cancelled.
  public func takeEmpty() -> RowBatch? {
    locked {
      while empty.isEmpty, !isCancelled { pthread_cond_wait(changed, mutex) }
      return isCancelled ? nil : empty.removeLast()
    }
  }

  /// Hands a filled batch to the worker; the last one ends the stream.
  public func handOver(_ batch: RowBatch) {
    locked {
      isComplete = batch.isLast
      filled.append(batch)
      pthread_cond_broadcast(changed)
    }
  }

  /// Ends the stream with an error, which the worker gets after the batches handed over before.
  public func fail(_ error: SluiceError) {
    locked {
      failure = error
      pthread_cond_broadcast(changed)
    }
  }

  // MARK: - The worker's side

  /// Waits for a filled batch; nil after the last. Throws the reader's error.
  public func takeFilled() throws(SluiceError) -> RowBatch? {
    let batch = locked { () -> RowBatch? in
      while filled.isEmpty, failure == nil, !isComplete { pthread_cond_wait(changed, mutex) }
      return filled.isEmpty ? nil : filled.removeFirst()
    }
    if let batch { return batch }
    if let failure = locked({ failure }) { throw failure }
    return nil
  }

  /// Gives a batch back to be filled again.
  public func giveBack(_ batch: RowBatch) {
    locked {
      empty.append(batch)
      pthread_cond_broadcast(changed)
    }
  }

  /// Tells the reader to stop; a batch that it is filling is the last it touches.
  public func cancel() {
    locked {
      isCancelled = true
      pthread_cond_broadcast(changed)
    }
  }
}
