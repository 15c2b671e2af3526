import Streams

/// Bytes on their way into a `RunFile`, gathered into large writes.
final class RunOutput {
  /// Bytes from which on a file is written behind, where that is wished for.
  private static let behindSize = 1 << 20

  /// The file written to.
  let file: RunFile
  /// Bytes appended so far, buffered ones included.
  @exclusivity(unchecked) private(set) var count = 0
  private let buffer: ByteArena
  private let room: Int
  private var writeback: Writeback
  private let mayWriteBehind: Bool
  private var behind: WriteBehind?

  /// Gathers `room` bytes a write. `syncsLater` says that the file will be synced, for which the disk may begin early;
  /// `behind` lets a thread of its own write what is large.
  init(_ file: RunFile, room: Int = 256 << 10, syncsLater: Bool = false, behind: Bool = false) {
    self.file = file
    self.room = room
    mayWriteBehind = behind
    writeback = Writeback(isOn: syncsLater)
    buffer = ByteArena(capacity: room)
  }

  /// Appends bytes.
  @inline(__always)
  func append(_ bytes: ByteView) throws(SluiceError) {
    if buffer.count &+ bytes.count > room { try overflow() }
    count &+= bytes.count
    buffer.append(bytes)
  }

  /// Empties the buffer. Bytes that are longer than its room make it grow.
  @inline(never)
  private func overflow() throws(SluiceError) {
    if behind == nil, mayWriteBehind, count >= Self.behindSize {
      // Without a thread the caller writes.
      behind = try? WriteBehind(file, room: room, writeback: writeback)
    }
    if let behind {
      try behind.write(buffer, end: count)
    } else {
      try write()
    }
  }

  /// Hands everything to the operating system.
  func flush() throws(SluiceError) {
    if let behind {
      self.behind = nil
      try behind.finish()
    }
    try write()
  }

  /// Gives up what was not written yet.
  func abandon() {
    behind?.abandon()
    behind = nil
  }

  private func write() throws(SluiceError) {
    try file.append(buffer.view)
    buffer.removeAll()
    file.grew(to: count, &writeback)
  }
}
