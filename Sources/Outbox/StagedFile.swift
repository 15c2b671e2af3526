import Glibc
import Streams

/// What a finished staged file holds.
public struct StagedSummary: Equatable, Sendable, Codable {
  /// Its name in the staging directory.
  public var name: String
  /// Rows as counted by the writer.
  public var rows: Int
  /// Length in bytes.
  public var bytes: Int
  /// SHA-256 in lower-case hexadecimal.
  public var sha256: String

  /// A summary.
  public init(name: String, rows: Int, bytes: Int, sha256: String) {
    self.name = name
    self.rows = rows
    self.bytes = bytes
    self.sha256 = sha256
  }
}

/// An output while it is written: a file of the staging directory that nobody else sees, with its counts and its hash.
///
/// Used by one thread at a time. `suspend()` gives the descriptor back, so that a run may have as many staged files as
/// it has column sets. A file that is neither finished nor discarded stays in the staging directory, which is cleaned
/// as a whole.
public final class StagedFile {
  /// Stands for write(2) in tests.
  public typealias Write = (Int32, UnsafeRawPointer, Int) -> Int

  /// Bytes that are gathered before a write.
  public static let bufferSize = 64 * 1024

  /// Its name in the staging directory.
  public let name: String
  /// Rows ended so far.
  public private(set) var rows = 0
  /// Bytes appended so far.
  public var bytes: Int { written + buffer.count }

  private let path: String
  private let write: Write
  /// Takes what is written when there is no file.
  private let memory: ByteArena?
  private let buffer = ByteArena(capacity: StagedFile.bufferSize, fixed: true)
  private let hash: Sha256
  private var descriptor: Int32
  private var written = 0
  private var writeback: Writeback
  private var isFinished = false

  /// Creates `directory/name`, which must not exist; `syncsLater` says that it will be finished durably, for which the
  /// disk may begin early. Throws `.environment`.
  public convenience init(directory: String, name: String, syncsLater: Bool = false) throws(SluiceError) {
    try self.init(directory: directory, name: name, syncsLater: syncsLater, write: { Glibc.write($0, $1, $2) })
  }

  /// The same with another write(2).
  public init(
    directory: String, name: String, syncsLater: Bool = false, write: @escaping Write
  ) throws(SluiceError) {
    self.name = name
    self.write = write
    memory = nil
    writeback = Writeback(isOn: syncsLater)
    path = "\(directory)/\(name)"
    hash = try Sha256()
    descriptor = try FileCalls.open(path, O_WRONLY | O_CREAT | O_EXCL)
  }

  /// The same without a file: what would be written stays in memory, for previews.
  public init(inMemory name: String) throws(SluiceError) {
    self.name = name
    write = { _, _, count in count }
    memory = ByteArena(capacity: 1 << 12)
    writeback = Writeback(isOn: false)
    path = name
    hash = try Sha256()
    descriptor = -1
  }

  deinit { closeDescriptor() }

  /// The bytes of a file in memory once it is finished; none of any other.
  public var bytesInMemory: [UInt8] { memory?.view.array ?? [] }

  /// The name of the staged file of that number: `007.csv`.
  public static func name(number: Int, suffix: String = "csv") -> String {
    "\(OutboxName.digits(number, 3)).\(suffix)"
  }

  /// Appends bytes.
  @inline(__always)
  public func append(_ view: ByteView) throws(SluiceError) {
    if buffer.count &+ view.count > StagedFile.bufferSize {
      try appendPastBuffer(view)
    } else {
      buffer.append(view)
    }
  }

  /// Appends all bytes of an arena.
  @inline(__always)
  public func append(_ arena: ByteArena) throws(SluiceError) { try append(arena.view) }

  /// Counts a row.
  @inline(__always)
  public func rowEnded() { rows &+= 1 }

  /// Writes what is gathered and closes the descriptor; the next append opens the file again.
  public func suspend() throws(SluiceError) {
    try flush()
    closeDescriptor()
  }

  /// Writes what is gathered, syncs when `durable`, closes, and says what the file holds. The directory is synced by
  /// whoever commits. Nothing may be appended afterwards.
  public func finish(durable: Bool) throws(SluiceError) -> StagedSummary {
    precondition(!isFinished, "a staged file is finished once")
    try flush()
    if durable {
      // A suspended file is synced too: its pages may not have reached the disk.
      try reopenIfSuspended()
      if fsync(descriptor) != 0 { throw SluiceError.system("fsync", path: path, errno: errno) }
    }
    isFinished = true
    if descriptor >= 0 {
      let result = close(descriptor)
      descriptor = -1
      // On Linux the descriptor is gone after EINTR as well; other errors are late ones of the file system.
      if result != 0 && errno != EINTR { throw SluiceError.system("close", path: path, errno: errno) }
    }
    return StagedSummary(name: name, rows: rows, bytes: written, sha256: try hash.finish())
  }

  /// Closes and removes the file.
  public func discard() throws(SluiceError) {
    closeDescriptor()
    isFinished = true
    try FileCalls.remove(path)
  }

  @inline(never)
  private func appendPastBuffer(_ view: ByteView) throws(SluiceError) {
    try flush()
    if view.count >= StagedFile.bufferSize {
      try writeOut(view)
    } else {
      buffer.append(view)
    }
  }

  private func flush() throws(SluiceError) {
    guard buffer.count > 0 else { return }
    try writeOut(buffer.view)
    buffer.removeAll()
  }

  private func writeOut(_ view: ByteView) throws(SluiceError) {
    precondition(!isFinished, "nothing is appended to a finished staged file")
    if let memory {
      memory.append(view)
    } else {
      try reopenIfSuspended()
      try FileCalls.writeAll(view, to: descriptor, path: path, write: write)
    }
    try hash.update(view)
    written += view.count
    writeback.grew(to: written, descriptor: descriptor)
  }

  private func reopenIfSuspended() throws(SluiceError) {
    guard descriptor < 0 else { return }
    let opened = try FileCalls.open(path, O_WRONLY | O_APPEND)
    descriptor = opened
    var status = stat()
    if fstat(opened, &status) != 0 { throw SluiceError.system("fstat", path: path, errno: errno) }
    guard status.st_size == written else {
      throw SluiceError(
        .environment, "staged-file-changed", file: path,
        cause: "the staged file has \(status.st_size) bytes, but \(written) were written",
        remedy: "let nothing else write below the outbox, then run again")
    }
  }

  private func closeDescriptor() {
    guard descriptor >= 0 else { return }
    close(descriptor)
    descriptor = -1
  }
}
