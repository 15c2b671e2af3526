import Streams

/// One opened and verified segment: its files, header, footer and sparse index.
final class SnapshotSegment: Sendable {
  /// The keys file.
  let keys: RunFile
  /// The rows file.
  let rows: RunFile
  /// The caller's bytes from the header.
  let metadata: [UInt8]
  /// Digests an entry.
  let digestCount: Int
  /// The format version that it was written in.
  let version: UInt32
  /// The numbers at the end of the keys file.
  let footer: SnapshotFooter
  /// The index as it lies in the file.
  private let index: [UInt8]
  /// Where each block's record begins in `index`.
  private let places: [UInt32]

  /// Opens the segment `name`; throws `snapshot-damaged` when a file is missing or anything but blocks and images is
  /// not as it was written.
  init(directory: String, name: String) throws(SluiceError) {
    let paths = SnapshotFormat.paths(directory: directory, name: name)
    keys = try SnapshotSegment.open(paths.keys)
    rows = try SnapshotSegment.open(paths.rows)
    let size = try keys.size()
    let headerSize: Int
    (version, digestCount, metadata, headerSize) = try SnapshotSegment.header(keys, size: size)
    (footer, index) = try SnapshotSegment.footer(keys, size: size)
    guard let places = SnapshotSegment.places(index, footer: footer, headerSize: headerSize) else {
      throw SnapshotFormat.damaged(paths.keys, "the index of the snapshot does not fit its blocks")
    }
    self.places = places
    let magic = try rows.read(count: SnapshotFormat.rowsMagic.count, at: 0)
    guard magic == SnapshotFormat.rowsMagic, try rows.size() == footer.rowsSize else {
      throw SnapshotFormat.damaged(paths.rows, "the rows file is not the one that the snapshot was written with")
    }
  }

  private static func open(_ path: String) throws(SluiceError) -> RunFile {
    guard let file = try RunFile.open(path) else {
      throw SnapshotFormat.damaged(path, "a file of the snapshot is missing")
    }
    return file
  }

  private static func header(
    _ file: RunFile, size: Int
  ) throws(SluiceError) -> (version: UInt32, digestCount: Int, metadata: [UInt8], size: Int) {
    let start = try file.read(count: SnapshotFormat.headerSize, at: 0)
    guard start.count == SnapshotFormat.headerSize, start.starts(with: SnapshotFormat.keysMagic) else {
      throw SnapshotFormat.damaged(file.path, "the file does not begin like a snapshot")
    }
    let version = start.number(at: 8, as: UInt32.self)
    guard SnapshotFormat.versions.contains(version) else {
      throw SnapshotFormat.damaged(
        file.path, "the snapshot has format version \(version), not 1 to \(SnapshotFormat.version)")
    }
    let length = SnapshotFormat.headerSize + Int(start.number(at: 16, as: UInt32.self))
    let whole = length + 8 <= size ? try file.read(count: length + 8, at: 0) : []
    guard whole.count == length + 8,
      SnapshotFormat.checksum(ofHeader: Array(whole[..<length])) == whole.number(at: length, as: UInt64.self)
    else { throw SnapshotFormat.damaged(file.path, "the header of the snapshot is damaged") }
    let digestCount = Int(start.number(at: 12, as: UInt32.self))
    return (version, digestCount, Array(whole[SnapshotFormat.headerSize..<length]), length + 8)
  }

  private static func footer(_ file: RunFile, size: Int) throws(SluiceError) -> (SnapshotFooter, [UInt8]) {
    let start = size - SnapshotFooter.size
    let end = start >= 0 ? try file.read(count: SnapshotFooter.size, at: start) : []
    guard end.count == SnapshotFooter.size, Array(end.suffix(8)) == SnapshotFormat.endMagic,
      let footer = SnapshotFooter(end), footer.indexOffset + footer.indexSize == start
    else { throw SnapshotFormat.damaged(file.path, "the snapshot is cut off") }
    let index = try file.read(count: footer.indexSize, at: footer.indexOffset)
    let checksum = SnapshotFormat.checksum(ofFooter: index + end[..<64])
    guard index.count == footer.indexSize, checksum == end.number(at: 64, as: UInt64.self) else {
      throw SnapshotFormat.damaged(file.path, "the footer of the snapshot is damaged")
    }
    return (footer, index)
  }

  /// Where the index records begin; nil unless offsets ascend from the header to the index with room for a block each.
  private static func places(_ index: [UInt8], footer: SnapshotFooter, headerSize: Int) -> [UInt32]? {
    var places: [UInt32] = []
    places.reserveCapacity(footer.blocks)
    var place = 0
    var earliest = headerSize
    while place < index.count {
      guard place + SnapshotFormat.indexHeaderSize <= index.count else { return nil }
      guard let offset = Int(exactly: index.number(at: place, as: UInt64.self)) else { return nil }
      guard places.isEmpty ? offset == headerSize : offset > earliest else { return nil }
      places.append(UInt32(place))
      earliest = offset + SnapshotFormat.blockHeaderSize
      place += SnapshotFormat.indexHeaderSize + Int(index.number(at: place + 8, as: UInt16.self))
    }
    let fits = places.isEmpty ? footer.indexOffset == headerSize : earliest < footer.indexOffset
    return fits && place == index.count && places.count == footer.blocks ? places : nil
  }

  /// Where block `ordinal` begins; the end of the last block for the number of blocks.
  func offset(ofBlock ordinal: Int) -> Int {
    ordinal < places.count ? Int(index.number(at: Int(places[ordinal]), as: UInt64.self)) : footer.indexOffset
  }

  /// The last block from `start` on whose first key is not above `key`, found by doubling steps; `start` when that
  /// begins above the key already.
  func block(for key: ByteView, from start: Int) -> Int {
    var low = max(start, 0)
    var step = 1
    while low + step < places.count, !isAbove(key, block: low + step) {
      low += step
      step *= 2
    }
    var high = min(low + step, places.count)
    while low + 1 < high {
      let middle = (low + high) / 2
      if isAbove(key, block: middle) { high = middle } else { low = middle }
    }
    return low
  }

  /// True when the first key of a block stands above `key`.
  private func isAbove(_ key: ByteView, block: Int) -> Bool {
    let place = Int(places[block])
    let count = Int(index.number(at: place + 8, as: UInt16.self))
    return index.withView {
      ByteView.compare($0.slice(from: place + SnapshotFormat.indexHeaderSize, count: count), key) > 0
    }
  }
}
