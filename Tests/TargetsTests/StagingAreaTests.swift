import Foundation
import Streams
import Targets
import TestSupport
import Testing

@Suite("The staged files of a drop")
struct StagingAreaTests {
  private func kind(_ number: Int) -> StagingArea.Kind {
    StagingArea.Kind(target: "t", system: .commerce, step: 10, entity: "e\(number)", behaviour: "append")
  }

  @Test("More files than may be open at once get their rows in order, whatever the order between the files")
  func manyFiles() throws {
    let scratch = try TemporaryDirectory()
    let area = StagingArea(directory: scratch.path, isDurable: true)
    let before = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    let files = try (0..<60).map { try area.makeFile(kind($0), columns: ["a", "b"]) }
    var expected = Array(repeating: "a,b\n", count: files.count)
    var random = SeededGenerator(seed: 11)
    for row in 0..<5_000 {
      // A few files get most of the rows, as column sets do.
      let number = random.chance(0.7) ? random.below(5) : random.below(files.count)
      files[number].append("r\(row)")
      files[number].appendEmpty()
      try files[number].endRow()
      expected[number] += "r\(row),\n"
    }
    let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    #expect(open - before < 60)
    let outputs = try area.finish()
    #expect(outputs.map(\.entity) == (0..<60).map { "e\($0)" })
    for (number, output) in outputs.enumerated() {
      #expect(try FileTree.text(scratch(output.stagedName)) == expected[number])
      #expect(output.rows == expected[number].split(separator: "\n").count - 1)
    }
  }

  @Test("An area in memory gives out the bytes that files would have, and makes none")
  func inMemory() throws {
    let scratch = try TemporaryDirectory()
    let real = StagingArea(directory: scratch.path, isDurable: false)
    let trial = StagingArea()
    for area in [real, trial] {
      let files = try (0..<60).map { try area.makeFile(kind($0), columns: ["a", "b"]) }
      for row in 0..<600 {
        files[row % 60].append(String(repeating: "x", count: row * 10))
        files[row % 60].append("\"\(row)\"")
        try files[row % 60].endRow()
      }
    }
    let outputs = try real.finish()
    let memory = try trial.finishInMemory()
    #expect(memory.map(\.output) == outputs)
    for (output, bytes) in memory { #expect(try FileTree.read(scratch(output.stagedName)) == bytes) }
    #expect(FileTree.files(below: scratch.path).count == 60)
  }
}
