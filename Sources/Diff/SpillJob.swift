import Streams

/// Sorts one run and writes it to a file without a name, on the caller's thread (`run`) or on one of its own (`start`).
final class SpillJob {
  /// The run; whoever called `result` may use it again.
  let entries: EntryRun
  private let directory: String
  private let room: Int
  private var task: BackgroundTask<RunFile>?
  private var file: RunFile?

  /// A job that spills `entries` into `directory` through a buffer of `room` bytes.
  init(_ entries: EntryRun, directory: String, room: Int) {
    self.entries = entries
    self.directory = directory
    self.room = room
  }

  /// Does the job now.
  func run() throws(SluiceError) { file = try SpillJob.spill(entries, directory: directory, room: room) }

  /// Does the job on a thread of its own, to which the entries belong until `result`.
  func start() {
    let (entries, directory, room) = (entries, directory, room)
    task = BackgroundTask { () throws(SluiceError) in
      try SpillJob.spill(entries, directory: directory, room: room)
    }
  }

  /// The file, once it is written.
  func result() throws(SluiceError) -> RunFile {
    if let file { return file }
    if let task { return try task.result() }
    throw SluiceError(
      .environment, "internal-error", cause: "a sorted run was asked for before it was made",
      remedy: "report this as a defect of Sluice")
  }

  private static func spill(_ entries: EntryRun, directory: String, room: Int) throws(SluiceError) -> RunFile {
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
