import Foundation
import Streams
import TestSupport
import Testing

@testable import Diff

@Suite("Files written behind")
struct RunOutputTests {
  /// Appends pieces of up to three times the buffer until they are `total` bytes; gives back what was appended.
  private func fill(_ output: RunOutput, total: Int) throws -> [UInt8] {
    var generator = SeededGenerator(seed: 7)
    var all: [UInt8] = []
    while all.count < total {
      let length = Int.random(in: 0...(3 << 16), using: &generator)
      let piece = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ all.count) }
      try piece.withView { (view) throws(SluiceError) in try output.append(view) }
      all += piece
    }
    return all
  }

  @Test("Hold what was appended, in its order", arguments: [100, 3 << 20])
  func same(total: Int) throws {
    let place = try TemporaryDirectory()
    let path = place.path + "/file"
    let output = RunOutput(try RunFile.create(path), room: 1 << 16, syncsLater: true, behind: true)
    let expected = try fill(output, total: total)
    try output.flush()
    #expect(output.count == expected.count)
    #expect(try Array(Data(contentsOf: URL(fileURLWithPath: path))) == expected)
  }

  @Test("Tell the writer when the disk refuses them")
  func refused() throws {
    let place = try TemporaryDirectory()
    let path = place.path + "/file"
    _ = try RunFile.create(path)
    // Opened for reading, the file takes nothing.
    let file = try #require(try RunFile.open(path))
    let behind = try WriteBehind(file, room: 64, writeback: Writeback(isOn: false))
    let buffer = ByteArena(capacity: 64)
    let error = #expect(throws: SluiceError.self) {
      for _ in 0..<100 {
        buffer.append("lost")
        try behind.write(buffer, end: 4)
      }
    }
    #expect(error?.code == "io-error")
    #expect(throws: SluiceError.self) { try behind.finish() }
  }

  @Test("Are let go of when they are given up")
  func abandoned() throws {
    let place = try TemporaryDirectory()
    let path = place.path + "/file"
    let output = RunOutput(try RunFile.create(path), room: 1 << 16, behind: true)
    let appended = try fill(output, total: 2 << 20)
    output.abandon()
    let size = try Data(contentsOf: URL(fileURLWithPath: path)).count
    #expect(size < appended.count)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)).count == size)
  }
}
