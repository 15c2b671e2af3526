import Glibc
import Streams

/// Where a row can be read again: bytes of a `RowStore`, and the row's first line in the drop.
public struct RowPlace: BitwiseCopyable, Sendable {
  /// Offset in the store; a later row of the drop has a greater one.
  public var offset: UInt64
  /// Length in bytes.
  public var length: UInt32
  /// Line in the drop, from 1; the greatest number there is stands for all above it.
  public var line: UInt32

  /// A place.
  @inline(__always)
  public init(offset: UInt64, length: UInt32, line: UInt32) {
    self.offset = offset
    self.length = length
    self.line = line
  }
}

/// How the rows of a batch lie in the store of their drop.
public enum StoreLayout: UInt8, Sendable, BitwiseCopyable {
  /// There is no store.
  case none
  /// As the drop's own text, which has to be split again (CSV).
  case text
  /// As a word of length and flags for each field, then the bytes of all fields (XML).
  case fields
}

/// The rows of a drop that was read, for whoever needs some of them once more without reading all.
///
/// The rows of a plain UTF-8 file are read from that file. Those of other drops (inflated, transcoded, XML) were
/// written to a file without a name while the drop was read. One thread at a time uses a store.
public final class RowStore {
  /// What one fetch reads: rows that are asked for in order mostly lie in the window that is there already.
  private static let windowSize = 16 << 10

  private let file: PositionedFile
  private let layout: StoreLayout
  private let dialect: CSVDialect
  private let columnCount: Int
  private let end: Int
  private let lineEnd: [UInt8]
  private let window = ByteArena(capacity: RowStore.windowSize)
  private var windowStart = 0
  private let batch: RowBatch

  /// A store of rows with `columnCount` fields that lie in the first `end` bytes of `file`.
  init(
    _ file: PositionedFile, layout: StoreLayout, dialect: CSVDialect, columnCount: Int, rowBytes: Int, end: Int
  ) {
    self.file = file
    self.layout = layout
    self.dialect = dialect
    self.columnCount = columnCount
    self.end = end
    // A carriage return before the line feed belongs to the line end; one that the row itself ends with must stay.
    lineEnd = dialect.lineEnd == .automatic ? [0x0D, 0x0A] : dialect.writtenLineEnd
    batch = RowBatch(capacity: min(rowBytes, 1 << 20) + 4 * columnCount + 64)
  }

  /// The row at `place`, as row 0 of a batch that is good until the next fetch; nil when there is no such row any more.
  public func fetch(_ place: RowPlace) throws(SluiceError) -> RowBatch? {
    let offset = Int(place.offset)
    let length = Int(place.length)
    guard offset + length <= end, length + lineEnd.count <= batch.capacity else { return nil }
    if offset < windowStart || offset + length > windowStart + window.count { try load(offset, length) }
    let bytes = window.view(from: offset - windowStart, count: length)
    batch.removeAll()
    batch.firstLine = Int(place.line)
    return (layout == .text ? split(bytes) : take(bytes)) ? batch : nil
  }

  private func load(_ offset: Int, _ length: Int) throws(SluiceError) {
    let count = min(max(length, RowStore.windowSize), end - offset)
    window.removeAll()
    windowStart = offset
    try window.fill(upTo: count) { (target) throws(SluiceError) in
      try file.read(at: offset, into: target, count: count)
      return count
    }
  }

  private func split(_ bytes: ByteView) -> Bool {
    memcpy(batch.bytes, bytes.base, bytes.count)
    for (place, byte) in lineEnd.enumerated() { batch.bytes[bytes.count + place] = byte }
    let end = bytes.count + lineEnd.count
    let splitter = RowSplitter(dialect, columnCount: columnCount, rowLimit: bytes.count)
    let progress = splitter.split(batch, end: end, maximumRows: 1)
    guard batch.rowCount == 1, progress.position == end else { return false }
    TextCheck.markBadRows(of: batch, upTo: bytes.count)
    return true
  }

  private func take(_ bytes: ByteView) -> Bool {
    let header = 4 * columnCount
    guard bytes.count >= header else { return false }
    var used = 0
    for index in 0..<columnCount {
      let word = bytes.slice(from: 4 * index, count: 4).load(as: UInt32.self)
      let flags = FieldSlice.Flags(rawValue: UInt8(truncatingIfNeeded: word & 15))
      guard batch.appendField(FieldSlice(start: used, count: Int(word >> 4), flags: flags)) else { return false }
      used += Int(word >> 4)
    }
    guard header + used == bytes.count else { return false }
    memcpy(batch.bytes, bytes.base + header, used)
    return batch.appendRow(RowHead(firstField: 0, fieldCount: columnCount, start: 0, length: 0, lineOffset: 0))
  }
}

/// Writes the rows of a drop to a file without a name while they are read.
final class RowStoreWriter {
  private let file: OutputFile
  private let positioned: PositionedFile
  private let layout: StoreLayout
  private let words = ByteArena(capacity: 4096)

  /// A writer into a new file in `directory`, whose name is taken away at once, so that a crash leaves nothing.
  init(directory: String, layout: StoreLayout) throws(SluiceError) {
    self.layout = layout
    let path = directory + "/.sluice-rows-" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
    file = try OutputFile(path: path, bufferSize: 256 << 10)
    positioned = try PositionedFile(path: path)
    try FileSystem.remove(path)
  }

  /// Adds the rows of a batch, whose bytes are the first `used`, and tells the batch where they lie.
  func append(_ batch: RowBatch, used: Int) throws(SluiceError) {
    batch.setStore(layout, offset: UInt64(file.byteCount))
    if layout == .text { return try file.append(ByteView(base: batch.bytes, count: used)) }
    for row in 0..<batch.rowCount {
      let head = batch.head(row)
      let first = Int(head.firstField)
      words.removeAll()
      var bytes = 0
      for field in first..<first + Int(head.fieldCount) {
        let slice = batch.slice(field)
        words.append(raw: UInt32(truncatingIfNeeded: slice.count << 4) | UInt32(slice.flags.rawValue))
        bytes += slice.count
      }
      try file.append(words)
      let start = head.fieldCount == 0 ? 0 : batch.slice(first).start
      try file.append(ByteView(base: batch.bytes + start, count: bytes))
    }
  }

  /// The file, once all rows are written.
  func finish() throws(SluiceError) -> (file: PositionedFile, end: Int) {
    try file.finish(durable: false)
    return (positioned, file.byteCount)
  }
}
