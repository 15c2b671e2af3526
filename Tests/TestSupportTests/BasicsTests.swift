import TestSupport
import Testing

@Suite("Temporary directories, file trees and seeds")
struct BasicsTests {
  @Test("A temporary directory is empty, its own, and gone afterwards")
  func temporaryDirectory() throws {
    var path = ""
    do {
      let directory = try TemporaryDirectory()
      let other = try TemporaryDirectory()
      path = directory.path
      #expect(path != other.path)
      #expect(FileTree.files(below: path).isEmpty)
      try FileTree.write("x", to: directory("deep/down/file"))
      #expect(FileTree.files(below: path) == ["deep/down/file"])
    }
    #expect(!FileTree.exists(path))
  }

  @Test("Files come back as they were written, in byte order of their paths")
  func fileTree() throws {
    let directory = try TemporaryDirectory()
    let bytes = (0...255).map { UInt8($0) }
    try FileTree.write(bytes, to: directory("b"))
    try FileTree.write("ä", to: directory("a/ü"))
    try FileTree.write("", to: directory("Z"))
    #expect(FileTree.files(below: directory.path) == ["Z", "a/ü", "b"])
    #expect(try FileTree.contents(below: directory.path) == ["Z": [], "a/ü": Array("ä".utf8), "b": bytes])
    #expect(throws: TestFailure.self) { try FileTree.read(directory("missing")) }
  }

  @Test("The generator gives SplitMix64's published numbers")
  func generator() {
    var generator = SeededGenerator(seed: 1_234_567)
    let numbers = (0..<3).map { _ in generator.next() }
    #expect(numbers == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423])
  }
}
