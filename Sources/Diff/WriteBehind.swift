import Streams

/// Writes the full buffers of one file on a thread of its own, in order, while the next one fills. A file that stays
/// small needs no thread.
///
/// Used by one thread. Until `finish` or `abandon` has returned, the file is written by the thread behind.
final class WriteBehind {
  /// A buffer on its way to the file.
  private final class Piece {
    let bytes: ByteArena
    /// Length of the file once it is written.
    var end = 0

    init(room: Int) { bytes = ByteArena(capacity: room) }
  }

  /// What has become of the buffers so far; belongs to the thread that writes them.
  private final class Progress {
    var writeback: Writeback
    var failure: SluiceError?

    init(_ writeback: Writeback) { self.writeback = writeback }
  }

  private let queue: HandoverQueue<Piece>
  private let progress: Progress
  private var thread: WorkerThread?

  /// Starts the thread, which appends to `file` and tells `writeback`, if it is given any buffer. Throws
  /// `thread-failed`.
  init(_ file: RunFile, room: Int, writeback: Writeback) throws(SluiceError) {
    let queue = HandoverQueue([Piece(room: room), Piece(room: room)])
    let progress = Progress(writeback)
    (self.queue, self.progress) = (queue, progress)
    thread = try WorkerThread {
      do throws(SluiceError) {
        while let piece = try queue.takeFilled() {
          try file.append(piece.bytes.view)
          file.grew(to: piece.end, &progress.writeback)
          piece.bytes.removeAll()
          queue.giveBack(piece)
        }
      } catch {
        progress.failure = error
        queue.cancel()
      }
    }
  }

  deinit { abandon() }

  /// Hands the bytes over, after which the file is `end` bytes long, and leaves `buffer` empty. Throws what went wrong
  /// with buffers before it.
  func write(_ buffer: ByteArena, end: Int) throws(SluiceError) {
    guard let piece = queue.takeEmpty() else { throw failed() }
    piece.bytes.exchange(with: buffer)
    piece.end = end
    queue.handOver(piece, isLast: false)
  }

  /// Waits until everything is written.
  func finish() throws(SluiceError) {
    queue.end()
    join()
    if let failure = progress.failure { throw failure }
  }

  /// Gives the rest up and waits until the thread has let go of the file.
  func abandon() {
    guard thread != nil else { return }
    queue.fail(SluiceError(.environment, "stopped", cause: "the file was given up", remedy: "nothing"))
    join()
  }

  private func join() {
    thread?.join()
    thread = nil
  }

  private func failed() -> SluiceError {
    join()
    return progress.failure
      ?? SluiceError(
        .environment, "internal-error", cause: "a file was written on after its end",
        remedy: "report this as a defect of Sluice")
  }
}
