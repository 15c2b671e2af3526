import Diff
import Streams
import Testing

/// One entry as plain values.
struct ModelEntry: Equatable {
  var spelling: [UInt8]
  var flags: UInt32
  var publication: UInt32
  var line: UInt32
  var image: [UInt8]?
  var digests: [UInt8]
  /// The segment that it stands in, 0 for the base.
  var segment: Int
}

/// A snapshot in a scratch directory beside a dictionary that must agree with it.
final class ModelSnapshot {
  let scratch: Scratch
  private(set) var names: [String] = []
  private(set) var entries: [[UInt8]: ModelEntry] = [:]
  private(set) var summaries: [SegmentSummary] = []

  init() throws { scratch = try Scratch() }

  var sortedKeys: [[UInt8]] { entries.keys.sorted(by: precedes) }

  /// Writes `added` as the next segment.
  func add(
    _ added: [[UInt8]: ModelEntry], digestCount: Int, metadata: [UInt8] = [], durable: Bool = false
  ) throws {
    let name = "segment-\(names.count)"
    let writer = try SnapshotWriter(
      directory: scratch.path, name: name, digestCount: digestCount, metadata: metadata, durable: durable)
    var offsets: [[UInt8]: UInt64] = [:]
    for (key, entry) in added {
      if let image = entry.image { offsets[key] = try image.withView { try writer.appendImage($0) } }
    }
    for key in added.keys.sorted(by: precedes) {
      guard let entry = added[key] else { continue }
      try key.withView { key in
        try entry.spelling.withView { spelling in
          try entry.digests.withView { digests in
            try writer.append(
              SnapshotEntry(
                key: key, spelling: spelling, flags: entry.flags, publication: entry.publication, line: entry.line,
                rowOffset: offsets[key.array] ?? 0, digests: digests))
          }
        }
      }
      entries[key] = entry
    }
    names.append(name)
    summaries.append(try writer.finish(mergedLive: entries.values.count { $0.flags & 1 != 0 }))
  }

  func reader() throws -> SnapshotReader { try SnapshotReader(directory: scratch.path, segments: names) }

  /// Random entries over a key space in which segments meet each other.
  func random(
    _ count: Int, digestCount: Int, keySpace: Int, _ generator: inout Generator
  ) -> [[UInt8]: ModelEntry] {
    var made: [[UInt8]: ModelEntry] = [:]
    for _ in 0..<count {
      let number = generator.number(0...keySpace)
      let key = number == 0 ? [] : "sku-\(number)\u{0}main".bytes
      made[key] = ModelEntry(
        spelling: generator.chance(30) && number > 0 ? "SKU-\(number)\u{0}main".bytes : key,
        flags: UInt32(generator.number(0...0xFFFF)), publication: UInt32(generator.number(0...99)),
        line: UInt32(generator.number(1...9999)),
        image: generator.chance(70) ? generator.bytes(generator.number(0...60), of: Array(0...255)) : nil,
        digests: generator.bytes(16 * digestCount, of: Array(0...255)), segment: names.count)
    }
    return made
  }

  /// The entry that `cursor` stands on, its image included.
  static func entry(_ cursor: SnapshotCursor, _ reader: SnapshotReader) throws -> ([UInt8], ModelEntry) {
    let entry = cursor.current
    let arena = ByteArena(capacity: 64)
    try reader.image(segment: cursor.segment, rowOffset: entry.rowOffset, into: arena)
    return (
      entry.key.array,
      ModelEntry(
        spelling: entry.spelling.array, flags: entry.flags, publication: entry.publication, line: entry.line,
        image: entry.rowOffset == 0 ? nil : arena.view.array, digests: entry.digests.array, segment: cursor.segment)
    )
  }

  /// Reads everything there is, so that every damage must show.
  static func readAll(_ reader: SnapshotReader) throws -> [[UInt8]: ModelEntry] {
    var found: [[UInt8]: ModelEntry] = [:]
    let cursor = reader.cursor()
    while try cursor.advance() {
      let (key, entry) = try entry(cursor, reader)
      found[key] = entry
    }
    return found
  }
}
