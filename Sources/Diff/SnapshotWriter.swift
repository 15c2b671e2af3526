import Streams

/// What a finished segment amounts to.
public struct SegmentSummary: Equatable, Sendable {
  /// Its name: the files are `NAME.keys` and `NAME.rows`.
  public var name: String
  /// Entries, tombstones included.
  public var entries: Int
  /// Entries that are live.
  public var live: Int
  /// Size of the keys file.
  public var keysBytes: Int
  /// Size of the rows file.
  public var rowsBytes: Int

  /// Size of both files.
  public var bytes: Int { keysBytes + rowsBytes }
}

/// Writes one segment of a snapshot; see `SnapshotFormat` for the files.
///
/// A writer that is released without `finish` removes what it wrote.
public final class SnapshotWriter {
  private let directory: String
  private let name: String
  private let digestBytes: Int
  private let isDurable: Bool
  private let keys: RunOutput
  private let rows: RunOutput
  private let block = ByteArena(capacity: SnapshotFormat.blockSize + 4096)
  private let lastKey = ByteArena(capacity: 256)
  private let header = ByteArena(capacity: SnapshotFormat.blockHeaderSize)
  private let index = ByteArena(capacity: 4096)
  @exclusivity(unchecked) private var footer = SnapshotFooter()
  private var blockEntries: UInt32 = 0
  private var isOpen = true

  /// Creates both files, which must not exist yet, in `directory`.
  ///
  /// - Parameters:
  ///   - digestCount: digests of 16 bytes that every entry has.
  ///   - metadata: bytes that mean something to the caller, kept in the header.
  ///   - durable: `finish` returns only when the files survive a power failure.
  public init(
    directory: String, name: String, digestCount: Int, metadata: [UInt8], durable: Bool
  ) throws(SluiceError) {
    self.directory = directory
    self.name = name
    digestBytes = 16 * digestCount
    isDurable = durable
    let paths = SnapshotFormat.paths(directory: directory, name: name)
    keys = RunOutput(try RunFile.create(paths.keys), syncsLater: durable, behind: true)
    do {
      rows = RunOutput(try RunFile.create(paths.rows), syncsLater: durable, behind: true)
    } catch {
      RunFile.remove(paths.keys)
      throw error
    }
    let bytes = SnapshotFormat.header(digestCount: digestCount, metadata: metadata)
    try bytes.withView { (view) throws(SluiceError) in try keys.append(view) }
    try SnapshotFormat.rowsMagic.withView { (view) throws(SluiceError) in try rows.append(view) }
  }

  deinit { abandon() }

  /// Adds an image (bytes that mean something to the caller, less than 4 GiB) and returns the `rowOffset` that
  /// addresses it. Images may come in any order, independent of the entries.
  public func appendImage(_ image: ByteView) throws(SluiceError) -> UInt64 {
    guard rows.count < SnapshotEntry.offsetLimit else { throw invalid("the rows file has outgrown 1 TiB") }
    let offset = UInt64(rows.count)
    header.removeAll()
    header.append(raw: UInt32(image.count).littleEndian)
    header.append(raw: SnapshotFormat.checksum(ofImage: image, offset: offset).littleEndian)
    try rows.append(header.view)
    try rows.append(image)
    return offset
  }

  /// Adds an entry; keys must ascend strictly.
  public func append(_ entry: SnapshotEntry) throws(SluiceError) {
    guard try appendUnlessRepeated(entry) else { throw outOfOrder(entry.key) }
  }

  /// Adds an entry, whose key must not come before that of the last one; false, and nothing is added, when it is the
  /// same.
  public func appendUnlessRepeated(_ entry: SnapshotEntry) throws(SluiceError) -> Bool {
    guard entry.digests.count == digestBytes, entry.key.count <= 0xFFFF, entry.spelling.count <= 0xFFFF else {
      throw invalid("an entry has \(entry.digests.count / 16) digests and a key of \(entry.key.count) bytes")
    }
    if footer.entries > 0 {
      let order = ByteView.compare(lastKey.view, entry.key)
      if order == 0 { return false }
      if order > 0 { throw outOfOrder(entry.key) }
    }
    let needed = EntryLayout.headerSize &+ digestBytes &+ entry.key.count &+ entry.spelling.count
    if block.count > 0, block.count &+ needed > SnapshotFormat.blockSize { try flushBlock() }
    if block.count == 0 { indexBlock(entry.key) }
    EntryLayout.encode(entry, to: block)
    lastKey.removeAll()
    lastKey.append(entry.key)
    blockEntries &+= 1
    footer.entries &+= 1
    footer.live &+= entry.isLive ? 1 : 0
    return true
  }

  /// Completes both files and, when durable, makes them and their names survive a power failure.
  ///
  /// - Parameter mergedLive: live keys of the view that merges this segment over the older ones; nil for a base.
  public func finish(mergedLive: Int? = nil) throws(SluiceError) -> SegmentSummary {
    if block.count > 0 { try flushBlock() }
    footer.indexOffset = keys.count
    footer.indexSize = index.count
    footer.mergedLive = mergedLive ?? footer.live
    footer.rowsSize = rows.count
    var end = index.view.array + footer.bytes
    let checksum = SnapshotFormat.checksum(ofFooter: end)
    end.removeFirst(index.count)
    end.appendNumber(checksum)
    end += SnapshotFormat.endMagic
    try keys.append(index.view)
    try end.withView { (view) throws(SluiceError) in try keys.append(view) }
    try keys.flush()
    try rows.flush()
    if isDurable {
      try rows.file.sync()
      try keys.file.sync()
      try RunFile.syncDirectory(directory)
    }
    isOpen = false
    return SegmentSummary(
      name: name, entries: footer.entries, live: footer.live, keysBytes: keys.count, rowsBytes: rows.count)
  }

  /// Removes both files unless they were finished.
  public func abandon() {
    guard isOpen else { return }
    isOpen = false
    keys.abandon()
    rows.abandon()
    let paths = SnapshotFormat.paths(directory: directory, name: name)
    RunFile.remove(paths.keys)
    RunFile.remove(paths.rows)
  }

  /// Removes both files of a segment that nobody needs; files that are not there are fine.
  public static func remove(directory: String, name: String) {
    let paths = SnapshotFormat.paths(directory: directory, name: name)
    RunFile.remove(paths.keys)
    RunFile.remove(paths.rows)
  }

  /// Moves both files of a segment to another directory on the same file system. Where only one of them was moved
  /// before, the other follows; what is there already stays, since a segment's name is given only once.
  public static func move(_ name: String, from source: String, to target: String) throws(SluiceError) {
    let (old, new) = (
      SnapshotFormat.paths(directory: source, name: name), SnapshotFormat.paths(directory: target, name: name)
    )
    for (old, new) in [(old.rows, new.rows), (old.keys, new.keys)] where try FileSystem.status(of: old) != nil {
      if try FileSystem.status(of: new) == nil {
        try FileSystem.moveWithoutReplacing(old, to: new)
      } else {
        RunFile.remove(old)
      }
    }
  }

  /// Whether both files of a segment are in `directory`.
  public static func isThere(_ name: String, in directory: String) throws(SluiceError) -> Bool {
    let paths = SnapshotFormat.paths(directory: directory, name: name)
    guard try FileSystem.status(of: paths.keys) != nil else { return false }
    return try FileSystem.status(of: paths.rows) != nil
  }

  // MARK: - Blocks

  private func indexBlock(_ key: ByteView) {
    index.append(raw: UInt64(keys.count).littleEndian)
    index.append(raw: UInt16(key.count).littleEndian)
    index.append(key)
  }

  @inline(never)
  private func flushBlock() throws(SluiceError) {
    let checksum = SnapshotFormat.checksum(ofBlock: block.view, ordinal: footer.blocks, entries: blockEntries)
    header.removeAll()
    header.append(raw: UInt32(block.count).littleEndian)
    header.append(raw: blockEntries.littleEndian)
    header.append(raw: checksum.littleEndian)
    try keys.append(header.view)
    try keys.append(block.view)
    footer.blockChecksums = BlockChecksum.add(checksum, to: footer.blockChecksums)
    footer.blocks += 1
    block.removeAll()
    blockEntries = 0
  }

  private func outOfOrder(_ key: ByteView) -> SluiceError {
    invalid("keys do not ascend: \"\(key.text)\" follows \"\(lastKey.view.text)\"")
  }

  private func invalid(_ cause: String) -> SluiceError {
    SluiceError(
      .environment, "internal-error", file: keys.file.path, cause: cause,
      remedy: "report this as a defect of sluice; the snapshot was not changed")
  }
}
