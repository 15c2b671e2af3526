import Foundation
import Streams
import Testing

@testable import Outbox

@Suite("Staged files")
struct StagedFileTests {
  private func append(_ text: String, to file: StagedFile) throws(SluiceError) {
    try Array(text.utf8).withView { (view) throws(SluiceError) in try file.append(view) }
  }

  @Test("count rows and bytes and know their SHA-256")
  func counts() throws {
    let scratch = try Scratch()
    let file = try StagedFile(directory: scratch.path, name: StagedFile.name(number: 7))
    try append("ab", to: file)
    file.rowEnded()
    let arena = ByteArena(capacity: 64)
    arena.append("c")
    try file.append(arena)
    file.rowEnded()
    #expect(file.bytes == 3)
    let summary = try file.finish(durable: true)
    // FIPS 180-4, example of "abc".
    let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    #expect(summary == StagedSummary(name: "007.csv", rows: 2, bytes: 3, sha256: digest))
    #expect(try scratch.read("007.csv") == "abc")
  }

  @Test("hold the same bytes whatever the pieces, the pauses and the mood of the system")
  func pieces() throws {
    let seed: UInt64 = 99
    var generator = SeededGenerator(seed: seed)
    let scratch = try Scratch()
    var expected: [UInt8] = []
    nonisolated(unsafe) var calls = 0
    let file = try StagedFile(directory: scratch.path, name: "a") { descriptor, base, count in
      calls += 1
      if calls % 3 == 0 {
        errno = EINTR
        return -1
      }
      return write(descriptor, base, max(1, min(count, calls % 2 == 0 ? 7777 : count / 2)))
    }
    for _ in 0..<60 {
      let length = [0, 1, 100, 65_535, 65_536, 65_537, 200_000].randomElement(using: &generator) ?? 0
      let piece = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ length) }
      try piece.withView { (view) throws(SluiceError) in try file.append(view) }
      expected += piece
      if Int.random(in: 0...3, using: &generator) == 0 { try file.suspend() }
    }
    try file.suspend()
    let summary = try file.finish(durable: true)
    let found = [UInt8](try Data(contentsOf: URL(fileURLWithPath: scratch.path + "/a")))
    #expect(found == expected, "seed \(seed)")
    #expect(summary.bytes == expected.count, "seed \(seed)")
    let hash = try Sha256()
    try expected.withView { (view) throws(SluiceError) in try hash.update(view) }
    #expect(try hash.finish() == summary.sha256, "seed \(seed)")
  }

  @Test("of no bytes are files too")
  func empty() throws {
    let scratch = try Scratch()
    let summary = try StagedFile(directory: scratch.path, name: "a").finish(durable: false)
    #expect(summary.sha256 == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(try scratch.tree() == ["a": ""])
  }

  @Test("say that the disk is full, and write nothing over what is there")
  func faults() throws {
    let scratch = try Scratch()
    let full = try StagedFile(directory: scratch.path, name: "a") { _, _, _ in
      errno = ENOSPC
      return -1
    }
    try append("x", to: full)
    let error = try #require(throws: SluiceError.self) { try full.finish(durable: false) }
    #expect(error.code == "disk-full")
    #expect(error.kind == .environment)
    let stuck = try StagedFile(directory: scratch.path, name: "b") { _, _, _ in 0 }
    try append("x", to: stuck)
    #expect((try #require(throws: SluiceError.self) { try stuck.suspend() }).code == "io-error")

    let exists = try #require(throws: SluiceError.self) { try StagedFile(directory: scratch.path, name: "a") }
    #expect(exists.code == "io-error")
    #expect(symlink("target", scratch.path + "/link") == 0)
    #expect(throws: SluiceError.self) { try StagedFile(directory: scratch.path, name: "link") }
    #expect(try scratch.tree()["target"] == nil)
    let missing = try #require(throws: SluiceError.self) { try StagedFile(directory: scratch.path + "/no", name: "a") }
    #expect(missing.code == "file-missing")
    #expect(missing.file == scratch.path + "/no/a")
  }

  @Test("notice that somebody else wrote to them while they were closed")
  func tampered() throws {
    let scratch = try Scratch()
    let file = try StagedFile(directory: scratch.path, name: "a")
    try append("x", to: file)
    try file.suspend()
    try scratch.write("a", "xy")
    try append("z", to: file)
    #expect((try #require(throws: SluiceError.self) { try file.suspend() }).code == "staged-file-changed")
  }

  @Test("keep no descriptor while they are suspended, and are gone when discarded")
  func descriptors() throws {
    let scratch = try Scratch()
    var files: [StagedFile] = []
    let before = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    for number in 0..<40 {
      let file = try StagedFile(directory: scratch.path, name: StagedFile.name(number: number))
      try append("row\n", to: file)
      try file.suspend()
      files.append(file)
    }
    let after = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    #expect(after < before + 40)
    for file in files { try file.discard() }
    #expect(try scratch.tree().isEmpty)
  }
}
