import Glibc

/// A thread of the system that runs one body and ends.
public final class WorkerThread {
  /// What the thread runs; kept alive by the thread alone.
  private final class Body {
    let run: () -> Void
    init(_ run: @escaping () -> Void) { self.run = run }
  }

  private var thread = pthread_t()

  /// Starts a thread. What `run` touches belongs to it until `join` has returned. Throws `thread-failed`.
  public init(_ run: @escaping () -> Void) throws(SluiceError) {
    let body = Unmanaged.passRetained(Body(run))
    let status = pthread_create(
      &thread, nil,
      { context in
        if let context { Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
        return nil
      }, body.toOpaque())
    guard status == 0 else {
      body.release()
      throw SluiceError(
        .environment, "thread-failed", cause: "no thread could be started: \(String(cString: strerror(status)))",
        remedy: "raise the limit of processes of this account, or free some memory")
    }
  }

  /// Waits until the body has returned; to be called once.
  public func join() { pthread_join(thread, nil) }
}
