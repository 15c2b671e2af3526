import Streams

/// Records of one size, kept apart by partition in a file without a name: written in any order of partitions, read one
/// partition after the other, in the order of their arrival.
///
/// Memory: what `memory` says, and four bytes for each chunk written. While everything fits there is no file.
///
/// Invariants: partition n has its buffer of `perChunk` records at `n * perChunk`, of which `held[n]` are filled; chunk
/// c of the file is full and lies at `c * chunkBytes`.
final class PartitionedFile<Record: BitwiseCopyable> {
  private static var largestChunk: Int { 32 << 10 }
  private static var smallestChunk: Int { 512 }

  /// Partitions, numbered from 0 on.
  let partitions: Int
  private let directory: String
  private let perChunk: Int
  private var buffers: UnsafeMutablePointer<Record>?
  private let held: UnsafeMutablePointer<Int32>
  private var chunks: [[UInt32]]
  private var chunkCount: UInt32 = 0
  private var file: RunFile?
  private let window: UnsafeMutablePointer<Record>

  /// An empty file in `directory` that buffers about `memory` bytes.
  init(directory: String, partitions: Int, memory: Int) {
    self.directory = directory
    self.partitions = partitions
    let bytes = min(max(memory / partitions, Self.smallestChunk), Self.largestChunk)
    perChunk = max(bytes / MemoryLayout<Record>.stride, 1)
    buffers = UnsafeMutablePointer<Record>.allocate(capacity: partitions * perChunk)
    window = UnsafeMutablePointer<Record>.allocate(capacity: perChunk)
    held = UnsafeMutablePointer<Int32>.allocate(capacity: partitions)
    held.initialize(repeating: 0, count: partitions)
    chunks = Array(repeating: [], count: partitions)
  }

  deinit {
    buffers?.deallocate()
    window.deallocate()
    held.deallocate()
  }

  /// Gives memory and file back; nothing may be added or read afterwards.
  func close() {
    buffers?.deallocate()
    buffers = nil
    file = nil
    chunks = []
  }

  private var chunkBytes: Int { perChunk * MemoryLayout<Record>.stride }

  /// Adds a record to `partition`.
  @inline(__always)
  func append(_ record: Record, to partition: Int) throws(SluiceError) {
    assert(partition >= 0 && partition < partitions)
    let filled = Int(held[partition])
    guard let buffers else { return }
    buffers[partition &* perChunk &+ filled] = record
    held[partition] = Int32(truncatingIfNeeded: filled &+ 1)
    if filled &+ 1 == perChunk { try spill(partition) }
  }

  /// How many records `partition` has.
  func count(of partition: Int) -> Int { chunks[partition].count * perChunk + Int(held[partition]) }

  /// Calls `body` with the records of `partition`, a chunk at a time.
  func forEachChunk(
    of partition: Int, _ body: (UnsafeBufferPointer<Record>) throws(SluiceError) -> Void
  ) throws(SluiceError) {
    if let file {
      for chunk in chunks[partition] {
        let target = UnsafeMutableRawPointer(window).assumingMemoryBound(to: UInt8.self)
        let got = try file.read(into: target, count: chunkBytes, at: Int(chunk) * chunkBytes)
        guard got == chunkBytes else {
          throw SluiceError(
            .environment, "io-error", file: directory, cause: "a temporary file is shorter than what was written to it",
            remedy: "check the disk of the work directory")
        }
        try body(UnsafeBufferPointer(start: window, count: perChunk))
      }
    }
    guard let buffers else { return }
    try body(UnsafeBufferPointer(start: buffers + partition * perChunk, count: Int(held[partition])))
  }

  @inline(never)
  private func spill(_ partition: Int) throws(SluiceError) {
    guard let buffers else { return }
    if file == nil { file = try RunFile.temporary(in: directory) }
    try file?.write(buffers + partition * perChunk, count: chunkBytes, at: Int(chunkCount) * chunkBytes)
    chunks[partition].append(chunkCount)
    chunkCount += 1
    held[partition] = 0
  }
}
