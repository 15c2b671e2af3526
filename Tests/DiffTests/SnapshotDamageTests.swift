import Diff
import Streams
import Testing

@Suite("Damaged snapshots")
struct SnapshotDamageTests {
  private func small(_ seed: UInt64) throws -> ModelSnapshot {
    var generator = Generator(seed)
    let model = try ModelSnapshot()
    let entries = model.random(12, digestCount: 1, keySpace: 40, &generator)
    try model.add(entries, digestCount: 1, metadata: "definition".bytes)
    return model
  }

  /// Reads everything and expects `snapshot-damaged` with the remedy.
  private func expectDamage(_ model: ModelSnapshot, _ comment: Comment) {
    let error = #expect(throws: SluiceError.self, comment) { try ModelSnapshot.readAll(model.reader()) }
    #expect(error?.code == "snapshot-damaged", comment)
    #expect(error?.kind == .environment, comment)
    #expect(error?.remedy.contains("sluice snapshot rebuild") == true, comment)
  }

  @Test("Every truncation of either file is noticed", arguments: [".keys", ".rows"])
  func truncation(suffix: String) throws {
    let model = try small(3)
    let name = model.names[0] + suffix
    let whole = try model.scratch.read(name)
    for length in 0..<whole.count {
      try model.scratch.write(Array(whole[..<length]), to: name)
      #expect(throws: SluiceError.self, "cut to \(length) of \(whole.count)") { try model.reader() }
    }
    try model.scratch.write(whole + [0], to: name)
    expectDamage(model, "a byte too many")
    try model.scratch.write(whole, to: name)
    #expect(try ModelSnapshot.readAll(model.reader()) == model.entries)
  }

  @Test("Every flipped byte of either file is noticed", arguments: [".keys", ".rows"])
  func flippedByte(suffix: String) throws {
    let seed: UInt64 = 4
    var generator = Generator(seed)
    // Every record is read back only when every entry has an image that no other segment hides.
    let model = try small(seed)
    let name = model.names[0] + suffix
    let whole = try model.scratch.read(name)
    for place in whole.indices {
      var damaged = whole
      damaged[place] ^= UInt8(generator.number(1...255))
      try model.scratch.write(damaged, to: name)
      expectDamage(model, "byte \(place) of \(whole.count) of \(name) is \(damaged[place]), was \(whole[place])")
    }
  }

  @Test("A missing file is damage, not an empty snapshot", arguments: [".keys", ".rows"])
  func missing(suffix: String) throws {
    let model = try small(6)
    try model.scratch.remove(model.names[0] + suffix)
    expectDamage(model, "missing \(suffix)")
  }

  @Test("Two blocks that changed places are noticed")
  func swappedBlocks() throws {
    let model = try ModelSnapshot()
    var entries: [[UInt8]: ModelEntry] = [:]
    // A key of this length fills a block of its own, so all blocks have the same size.
    for letter in UInt8(65)...68 {
      entries[[UInt8](repeating: letter, count: 30_000)] = ModelEntry(
        spelling: [UInt8](repeating: letter, count: 30_000), flags: 1, publication: 0, line: 0, image: nil,
        digests: [], segment: 0)
    }
    try model.add(entries, digestCount: 0)
    let name = model.names[0] + ".keys"
    let whole = try model.scratch.read(name)
    let size = 16 + 24 + 30_000
    let start = 32
    var swapped = whole
    swapped.replaceSubrange(start..<start + size, with: whole[(start + size)..<(start + 2 * size)])
    swapped.replaceSubrange((start + size)..<(start + 2 * size), with: whole[start..<start + size])
    try model.scratch.write(swapped, to: name)
    expectDamage(model, "swapped blocks")
  }

  @Test("An image is not read from an offset where none begins")
  func wrongOffset() throws {
    let model = try small(8)
    let reader = try model.reader()
    let arena = ByteArena(capacity: 64)
    for offset in [UInt64(9), 11, 1 << 20, .max] {
      #expect(throws: SluiceError.self) { try reader.image(segment: 0, rowOffset: offset, into: arena) }
    }
  }
}
