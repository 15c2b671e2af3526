import Diff
import Streams
import Testing

@Suite("Snapshot compaction")
struct SnapshotCompactorTests {
  @Test("The new base holds the merged view, images in key order, digests remapped", arguments: 1...4)
  func compacts(seed: Int) throws {
    var generator = Generator(UInt64(seed))
    let model = try ModelSnapshot()
    try model.add(model.random(1500, digestCount: 1, keySpace: 2500, &generator), digestCount: 1)
    try model.add(model.random(300, digestCount: 2, keySpace: 2500, &generator), digestCount: 2)
    try model.add(model.random(300, digestCount: 1, keySpace: 2500, &generator), digestCount: 1)
    let reader = try model.reader()
    let digests = ByteArena(capacity: 64)
    let summary = try SnapshotCompactor.compact(
      reader, directory: model.scratch.path, name: "compact", digestCount: 2, metadata: "new".bytes, durable: true
    ) { (entry, segment, _) throws(SluiceError) in
      if segment == 1 { return entry }
      digests.removeAll()
      digests.append(entry.digests)
      digests.append(entry.digests)
      var translated = entry
      translated.digests = digests.view
      return translated
    }
    #expect(summary.entries == model.entries.count)
    #expect(summary.live == reader.liveCount)
    let compacted = try SnapshotReader(directory: model.scratch.path, segments: ["compact"])
    #expect(compacted.metadata(of: 0) == "new".bytes)
    #expect(compacted.liveCount == reader.liveCount)
    let expected = model.entries.mapValues { entry in
      var entry = entry
      if entry.segment != 1 { entry.digests += entry.digests }
      entry.segment = 0
      return entry
    }
    #expect(try ModelSnapshot.readAll(compacted) == expected, "seed \(seed)")
    let cursor = compacted.cursor()
    var last: UInt64 = 0
    while try cursor.advance() {
      if cursor.current.rowOffset == 0 { continue }
      #expect(cursor.current.rowOffset > last)
      last = cursor.current.rowOffset
    }
  }

  @Test("A compaction that fails leaves no file")
  func failureLeavesNothing() throws {
    var generator = Generator(9)
    let model = try ModelSnapshot()
    try model.add(model.random(20, digestCount: 1, keySpace: 90, &generator), digestCount: 1)
    let before = model.scratch.names
    #expect(throws: SluiceError.self) {
      try SnapshotCompactor.compact(
        model.reader(), directory: model.scratch.path, name: "compact", digestCount: 0, metadata: [], durable: false
      ) { (_, _, _) throws(SluiceError) in
        throw SluiceError(.definition, "stop", cause: "the caller gave up", remedy: "none")
      }
    }
    #expect(model.scratch.names == before)
  }

  @Test("Compaction is due above a fifth of the base, 16 overlays, or 4 of a small base")
  func due() {
    #expect(!SnapshotCompactor.shouldCompact(baseBytes: 0, overlayBytes: 0, overlays: 0))
    #expect(!SnapshotCompactor.shouldCompact(baseBytes: 2_000_000, overlayBytes: 400_000, overlays: 16))
    #expect(!SnapshotCompactor.shouldCompact(baseBytes: 1000, overlayBytes: 200, overlays: 4))
    #expect(SnapshotCompactor.shouldCompact(baseBytes: 1000, overlayBytes: 201, overlays: 1))
    #expect(SnapshotCompactor.shouldCompact(baseBytes: 2_000_000, overlayBytes: 1, overlays: 17))
    #expect(SnapshotCompactor.shouldCompact(baseBytes: 1000, overlayBytes: 1, overlays: 5))
  }

  @Test("Many small overlays are merged with each other, and with the base only when they have outgrown it")
  func first() {
    let base = 2_000_000
    #expect(SnapshotCompactor.firstToMerge(sizes: []) == nil)
    #expect(SnapshotCompactor.firstToMerge(sizes: [base]) == nil)
    #expect(SnapshotCompactor.firstToMerge(sizes: [base] + Array(repeating: 10, count: 16)) == nil)
    #expect(SnapshotCompactor.firstToMerge(sizes: [base] + Array(repeating: 10, count: 17)) == 1)
    #expect(SnapshotCompactor.firstToMerge(sizes: [base, 5_000] + Array(repeating: 10, count: 16)) == 2)
    #expect(SnapshotCompactor.firstToMerge(sizes: [base, 400_001]) == 0)
    #expect(SnapshotCompactor.firstToMerge(sizes: [20_000, 10, 10, 10, 10]) == nil)
    #expect(SnapshotCompactor.firstToMerge(sizes: [20_000, 10, 10, 10, 10, 10]) == 0)
    #expect(SnapshotCompactor.firstToMerge(sizes: [base, 400_000] + Array(repeating: 10, count: 16)) == 0)
  }

  @Test("However many deltas come, overlays stay few and a byte is merged few times")
  func amortised() {
    var sizes = [100_000_000]
    var merged = 0
    for _ in 0..<5_000 {
      sizes.append(1_000)
      guard let first = SnapshotCompactor.firstToMerge(sizes: sizes) else { continue }
      #expect(first > 0)
      let sum = sizes[first...].reduce(0, +)
      merged += sum
      sizes = Array(sizes[..<first]) + [sum]
      #expect(sizes.count <= 17)
    }
    #expect(merged < 12 * 5_000 * 1_000, "each byte was merged \(merged / 5_000_000) times")
  }
}
