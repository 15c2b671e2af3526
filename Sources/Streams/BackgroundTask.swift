/// Work on a thread of its own, whose result is asked for later.
///
/// Sendable: until `result` or `wait` has joined the thread, all that the work touches belongs to that thread.
public final class BackgroundTask<Value>: @unchecked Sendable {
  /// Where the thread leaves what came of the work.
  private final class Outcome {
    var result: Result<Value, SluiceError>?
  }

  private let outcome = Outcome()
  private var thread: WorkerThread?

  /// Starts `work`; where the system has no thread to give, does it now.
  public init(_ work: @escaping () throws(SluiceError) -> Value) {
    let outcome = outcome
    let run = {
      do throws(SluiceError) {
        outcome.result = .success(try work())
      } catch {
        outcome.result = .failure(error)
      }
    }
    do throws(SluiceError) {
      thread = try WorkerThread(run)
    } catch {
      run()
    }
  }

  deinit { wait() }

  /// Waits for the thread, whatever came of it.
  public func wait() {
    thread?.join()
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
