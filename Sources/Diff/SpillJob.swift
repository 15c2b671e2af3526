import Glibc
import Streams

/// Sorts one run and writes it to a file without a name, on the caller's thread (`run`) or on one of its own (`start`).
///
/// Sendable: from `start` on the entries belong to the job's thread until `result` has joined it.
final class SpillJob: @unchecked Sendable {
  /// The run; whoever called `result` may use it again.
  let entries: EntryRun
  private let directory: String
  private let room: Int
  private var thread: pthread_t?
  private var outcome: Result<RunFile, SluiceError>?

  /// A job that spills `entries` into `directory` through a buffer of `room` bytes.
  init(_ entries: EntryRun, directory: String, room: Int) {
    self.entries = entries
    self.directory = directory
    self.room = room
  }

  /// Does the job now.
  func run() {
    do throws(SluiceError) {
      outcome = .success(try spill())
    } catch {
      outcome = .failure(error)
    }
  }

  /// Does the job on a thread of its own; where the system has none to give, now.
  func start() {
    var started = pthread_t()
    let work = Unmanaged.passRetained(self)
    let status = pthread_create(
      &started, nil,
      { context in
        if let context { Unmanaged<SpillJob>.fromOpaque(context).takeRetainedValue().run() }
        return nil
      }, work.toOpaque())
    if status == 0 {
      thread = started
    } else {
      work.release()
      run()
    }
  }

  /// The file, once it is written.
  func result() throws(SluiceError) -> RunFile {
    abandon()
    switch outcome {
    case .success(let file): return file
    case .failure(let error): throw error
    case nil:
      throw SluiceError(
        .environment, "internal-error", cause: "a sorted run was asked for before it was made",
        remedy: "report this as a defect of Sluice")
    }
  }

  /// Waits for the thread, whatever came of it.
  func abandon() {
    if let thread { pthread_join(thread, nil) }
    thread = nil
  }

  private func spill() throws(SluiceError) -> RunFile {
    entries.sort()
    let output = RunOutput(try RunFile.temporary(in: directory), room: room)
    for ordinal in 0..<entries.count {
      if ordinal % EntryRun.batch == 0 { entries.touch(from: ordinal) }
      try output.append(entries.entry(ordinal))
    }
    try output.flush()
    return output.file
  }
}
