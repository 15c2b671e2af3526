import Glibc

/// Work on a thread of its own, whose result is asked for later.
///
/// Sendable: until `result` or `wait` has joined the thread, all that the work touches belongs to that thread.
public final class BackgroundTask<Value>: @unchecked Sendable {
  /// Where the thread leaves what came of the work.
  private final class Outcome {
    var result: Result<Value, SluiceError>?
  }

  private let outcome = Outcome()
  private var thread: pthread_t?

  /// Starts `work`; where the system has no thread to give, does it now.
  public init(_ work: @escaping () throws(SluiceError) -> Value) {
    let outcome = outcome
    let body = BackgroundBody {
      do throws(SluiceError) {
        outcome.result = .success(try work())
      } catch {
        outcome.result = .failure(error)
      }
    }
    thread = body.start()
  }

  deinit { wait() }

  /// Waits for the thread, whatever came of it.
  public func wait() {
    if let thread { pthread_join(thread, nil) }
    thread = nil
  }

  /// What came of the work, once it is done.
  public func result() throws(SluiceError) -> Value {
    wait()
    switch outcome.result {
    case .success(let value): return value
    case .failure(let error): throw error
    case nil:
      throw SluiceError(
        .environment, "internal-error", cause: "work ended without a result",
        remedy: "report this as a defect of Sluice")
    }
  }
}

/// What a thread runs; kept alive by the thread alone.
private final class BackgroundBody {
  private let run: () -> Void

  init(_ run: @escaping () -> Void) { self.run = run }

  /// Runs on a new thread; where there is none to have, now, and gives nil.
  func start() -> pthread_t? {
    var thread = pthread_t()
    let body = Unmanaged.passRetained(self)
    let status = pthread_create(
      &thread, nil,
      { context in
        if let context { Unmanaged<BackgroundBody>.fromOpaque(context).takeRetainedValue().run() }
        return nil
      }, body.toOpaque())
    if status == 0 { return thread }
    body.release()
    run()
    return nil
  }
}
