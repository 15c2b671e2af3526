import Diff
import Streams
import Targets

/// Writes the targets' rows of a first publication on a thread of its own, in the order in which keys were decided.
///
/// Then nothing old is there to compare with and no event needs the record, so that a row follows from the decision and
/// the image alone; both are handed over in large pieces. Drops that fit into one piece are written without a thread.
///
/// Used by one thread. Until `finish` or `abandon` has returned, the writers belong to the thread behind the relay.
final class RowRelay {
  /// Decisions and images, one after the other.
  private final class Piece {
    let bytes = ByteArena(capacity: 0)
  }

  /// What stands before each image.
  private struct Head: BitwiseCopyable {
    var decision: KeyDecision
    var imageSize: Int
  }

  /// What has become of the rows so far; belongs to the thread that writes them.
  private final class Progress {
    var counts: DropCounts
    var failure: SluiceError?
    let image = ImageView()

    init(_ counts: DropCounts) { self.counts = counts }
  }

  /// Bytes that are handed over at once; a larger image is a piece of its own.
  static let pieceSize = 256 << 10

  private let writers: OutputWriters
  private let queue = HandoverQueue([Piece(), Piece()])
  private let progress: Progress
  /// What is not handed over yet.
  private let bytes = ByteArena(capacity: 0)
  private var thread: WorkerThread?
  /// Rows are written by the caller, since the system has no thread to give.
  private var isAlone = false

  init(_ writers: OutputWriters) {
    self.writers = writers
    progress = Progress(DropCounts(plan: writers.plan))
  }

  deinit { abandon() }

  /// Takes the next row, made of `image`, which is copied. Throws what went wrong with rows before it.
  func append(_ decision: KeyDecision, image: ByteView) throws(SluiceError) {
    let size = MemoryLayout<Head>.size &+ image.count
    if bytes.count > 0, bytes.count &+ size > Self.pieceSize { try passOn() }
    bytes.append(raw: Head(decision: decision, imageSize: image.count))
    bytes.append(image)
  }

  /// Waits until every row is written and adds what was counted while writing to `counts`.
  func finish(_ counts: inout DropCounts) throws(SluiceError) {
    if thread != nil {
      queue.end()
      join()
      if let failure = progress.failure { throw failure }
    }
    try Self.write(bytes.view, writers: writers, progress: progress)
    for index in counts.states.indices { counts.states[index].rowsWritten += progress.counts.states[index].rowsWritten }
    for index in counts.events.indices { counts.events[index].fired += progress.counts.events[index].fired }
  }

  /// Gives the rest up and waits until the thread has let go of the writers.
  func abandon() {
    guard thread != nil else { return }
    queue.fail(SluiceError(.environment, "stopped", cause: "the pass was given up", remedy: "nothing"))
    join()
  }

  private func join() {
    thread?.join()
    thread = nil
  }

  /// Hands over what has come together.
  @inline(never)
  private func passOn() throws(SluiceError) {
    if thread == nil, !isAlone { start() }
    guard thread != nil else {
      try Self.write(bytes.view, writers: writers, progress: progress)
      bytes.removeAll()
      return
    }
    guard let piece = queue.takeEmpty() else {
      join()
      throw progress.failure ?? ChangeApplier.inconsistent
    }
    piece.bytes.exchange(with: bytes)
    queue.handOver(piece, isLast: false)
  }

  private func start() {
    let (writers, queue, progress) = (writers, queue, progress)
    do throws(SluiceError) {
      thread = try WorkerThread {
        do throws(SluiceError) {
          while let piece = try queue.takeFilled() {
            try Self.write(piece.bytes.view, writers: writers, progress: progress)
            piece.bytes.removeAll()
            queue.giveBack(piece)
          }
        } catch {
          progress.failure = error
          queue.cancel()
        }
      }
    } catch {
      isAlone = true
    }
  }

  private static func write(
    _ bytes: ByteView, writers: OutputWriters, progress: Progress
  ) throws(SluiceError) {
    let image = progress.image
    var position = 0
    while position < bytes.count {
      let head = bytes.load(at: position, as: Head.self)
      position &+= MemoryLayout<Head>.size
      guard image.read(bytes.slice(from: position, count: head.imageSize)) else { throw ChangeApplier.inconsistent }
      position &+= head.imageSize
      try writers.write(
        head.decision, record: nil, new: image, old: nil, tracked: nil, counts: &progress.counts)
    }
  }
}
