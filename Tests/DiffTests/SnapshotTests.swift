import Streams
import Testing

@testable import Diff

@Suite("Snapshot")
struct SnapshotTests {
  @Test("A base with random overlays reads like a dictionary in key order", arguments: 1...5)
  func roundTrip(seed: Int) throws {
    var generator = Generator(UInt64(seed))
    let model = try ModelSnapshot()
    let digestCount = generator.number(0...3)
    try model.add(
      model.random(2000, digestCount: digestCount, keySpace: 4000, &generator), digestCount: digestCount,
      metadata: "base".bytes)
    for overlay in 0..<generator.number(0...6) {
      let added = model.random(generator.number(0...400), digestCount: digestCount, keySpace: 4000, &generator)
      try model.add(added, digestCount: digestCount, metadata: "overlay \(overlay)".bytes, durable: overlay == 0)
    }
    let reader = try model.reader()
    let cursor = reader.cursor()
    for key in model.sortedKeys {
      #expect(try cursor.advance())
      let (found, entry) = try ModelSnapshot.entry(cursor, reader)
      #expect(found == key, "seed \(seed)")
      #expect(entry == model.entries[key], "seed \(seed), key \(key)")
      #expect(cursor.current.isLive == (entry.flags & 1 != 0))
    }
    #expect(try !cursor.advance())
    #expect(try !cursor.advance())
    #expect(reader.liveCount == model.entries.values.count { $0.flags & 1 != 0 })
    #expect(reader.metadata(of: 0) == "base".bytes)
    #expect(reader.digestCount(of: 0) == digestCount)
    for (index, summary) in model.summaries.enumerated() {
      #expect(reader.entryCount(of: index) == summary.entries)
      #expect(reader.bytes(of: index) == summary.bytes)
      #expect(try model.scratch.read(summary.name + ".keys").count == summary.keysBytes)
      #expect(try model.scratch.read(summary.name + ".rows").count == summary.rowsBytes)
    }
  }

  @Test("Seeks mixed with steps land where the dictionary says", arguments: 1...5)
  func seeks(seed: Int) throws {
    var generator = Generator(UInt64(seed))
    let model = try ModelSnapshot()
    try model.add(model.random(4000, digestCount: 1, keySpace: 9000, &generator), digestCount: 1)
    for _ in 0..<generator.number(0...3) {
      try model.add(model.random(200, digestCount: 1, keySpace: 9000, &generator), digestCount: 1)
    }
    let reader = try model.reader()
    let keys = model.sortedKeys
    for _ in 0..<12 {
      let cursor = reader.cursor()
      var place = -1
      var isAtEnd = false
      for _ in 0..<40 where !isAtEnd {
        if generator.chance(50) {
          place += 1
          isAtEnd = try !cursor.advance()
        } else {
          let ahead = min(max(place, 0) + generator.number(0...400), keys.count - 1)
          let target = keys[ahead] + (generator.chance(50) ? [0] : [])
          if let found = keys[max(place, 0)...].firstIndex(where: { !precedes($0, target) }) {
            place = found
          } else {
            place = keys.count
          }
          isAtEnd = try !target.withView { try cursor.seek(to: $0) }
        }
        #expect(isAtEnd == (place >= keys.count), "seed \(seed)")
        if !isAtEnd {
          #expect(cursor.key.array == keys[place], "seed \(seed)")
          #expect(cursor.segment == model.entries[keys[place]]?.segment, "seed \(seed)")
        }
      }
    }
  }

  @Test("A seek backwards stays where the cursor is, and the end stays the end")
  func seekBackwards() throws {
    var generator = Generator(5)
    let model = try ModelSnapshot()
    try model.add(model.random(50, digestCount: 0, keySpace: 90, &generator), digestCount: 0)
    let cursor = try model.reader().cursor()
    let keys = model.sortedKeys
    #expect(try keys[20].withView { try cursor.seek(to: $0) })
    #expect(try keys[3].withView { try cursor.seek(to: $0) })
    #expect(cursor.key.array == keys[20])
    #expect(try ![255].withView { try cursor.seek(to: $0) })
    #expect(try !cursor.advance())
    #expect(try !keys[30].withView { try cursor.seek(to: $0) })
    #expect(cursor.segment == -1)
  }

  @Test("Keys, spellings and digests larger than a block are kept")
  func hugeEntries() throws {
    let model = try ModelSnapshot()
    var entries: [[UInt8]: ModelEntry] = [:]
    for letter in UInt8(65)...70 {
      let size = letter % 2 == 0 ? 65_535 : 3
      entries[[UInt8](repeating: letter, count: size)] = ModelEntry(
        spelling: [UInt8](repeating: letter + 32, count: size), flags: 1, publication: 1, line: 1,
        image: [UInt8](repeating: letter, count: 300_000), digests: [UInt8](repeating: letter, count: 16 * 3000),
        segment: 0)
    }
    try model.add(entries, digestCount: 3000)
    #expect(try ModelSnapshot.readAll(model.reader()) == entries)
  }

  @Test("An empty snapshot has no entries")
  func empty() throws {
    let model = try ModelSnapshot()
    try model.add([:], digestCount: 2)
    try model.add([:], digestCount: 2)
    let cursor = try model.reader().cursor()
    #expect(try !cursor.seek(to: ByteView()))
    #expect(try !cursor.advance())
    let none = try SnapshotReader(directory: model.scratch.path, segments: [])
    #expect(try !none.cursor().advance())
    #expect(none.liveCount == 0)
  }

  @Test("Entries that do not ascend or lack digests are refused, and nothing is left of the segment")
  func refusesDisorder() throws {
    let scratch = try Scratch()
    for (keys, digestBytes) in [(["b", "a"], 16), (["a", "a"], 16), (["a"], 0)] {
      let writer = try SnapshotWriter(
        directory: scratch.path, name: "x", digestCount: 1, metadata: [], durable: false)
      let digests = [UInt8](repeating: 0, count: digestBytes)
      let error = #expect(throws: SluiceError.self) {
        for key in keys {
          try key.bytes.withView { key in
            try digests.withView { try writer.append(SnapshotEntry(key: key, digests: $0)) }
          }
        }
      }
      #expect(error?.code == "internal-error")
      writer.abandon()
      #expect(scratch.names.isEmpty)
    }
  }

  @Test("A writer that is released unfinished removes its files, and never replaces others")
  func unfinished() throws {
    let scratch = try Scratch()
    do {
      let writer = try SnapshotWriter(directory: scratch.path, name: "x", digestCount: 0, metadata: [], durable: false)
      #expect(scratch.names == ["x.keys", "x.rows"])
      _ = try writer.appendImage(ByteView())
    }
    #expect(scratch.names.isEmpty)
    try scratch.write([1], to: "x.rows")
    #expect(throws: SluiceError.self) {
      try SnapshotWriter(directory: scratch.path, name: "x", digestCount: 0, metadata: [], durable: false)
    }
    #expect(scratch.names == ["x.rows"])
  }
}
