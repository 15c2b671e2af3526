import Glibc

/// Hands pieces of work over between the thread that fills them and the one that uses them up, and back to be filled
/// again.
///
/// Sendable: every member is touched under the mutex only. A piece in one of the two lists belongs to nobody; one that
/// was taken belongs to the thread that took it until it is handed on.
public final class HandoverQueue<Piece: AnyObject>: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let changed: UnsafeMutablePointer<pthread_cond_t>
  private var empty: [Piece]
  private var filled: [Piece] = []
  private var failure: SluiceError?
  private var isComplete = false
  private var isCancelled = false

  /// A queue of these pieces, which nobody else may touch any more.
  public init(_ pieces: [Piece]) {
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    changed = .allocate(capacity: 1)
    changed.initialize(to: pthread_cond_t())
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(changed, nil)
    empty = pieces
    filled.reserveCapacity(pieces.count)
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

  // MARK: - The side that fills

  /// Waits for an empty piece; nil when the other side has cancelled.
  public func takeEmpty() -> Piece? {
    locked {
      while empty.isEmpty, !isCancelled { pthread_cond_wait(changed, mutex) }
      return isCancelled ? nil : empty.removeLast()
    }
  }

  /// Hands a filled piece over; the last one ends the stream.
  public func handOver(_ piece: Piece, isLast: Bool) {
    locked {
      isComplete = isLast
      filled.append(piece)
      pthread_cond_broadcast(changed)
    }
  }

  /// Ends the stream after what was handed over before.
  public func end() {
    locked {
      isComplete = true
      pthread_cond_broadcast(changed)
    }
  }

  /// Ends the stream with an error, which the other side gets after the pieces handed over before.
  public func fail(_ error: SluiceError) {
    locked {
      failure = error
      pthread_cond_broadcast(changed)
    }
  }

  // MARK: - The side that uses up

  /// Waits for a filled piece; nil after the last. Throws the other side's error.
  public func takeFilled() throws(SluiceError) -> Piece? {
    let piece = locked { () -> Piece? in
      while filled.isEmpty, failure == nil, !isComplete { pthread_cond_wait(changed, mutex) }
      return filled.isEmpty ? nil : filled.removeFirst()
    }
    if let piece { return piece }
    if let failure = locked({ failure }) { throw failure }
    return nil
  }

  /// Gives a piece back to be filled again.
  public func giveBack(_ piece: Piece) {
    locked {
      empty.append(piece)
      pthread_cond_broadcast(changed)
    }
  }

  /// Tells the other side to stop; a piece that it is filling is the last it touches.
  public func cancel() {
    locked {
      isCancelled = true
      pthread_cond_broadcast(changed)
    }
  }
}
