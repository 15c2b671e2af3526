import Glibc
import TestSupport
import Testing

@testable import Streams

@Suite("Files")
struct FileTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func write(_ text: String, to path: String) throws {
    let file = try OutputFile(path: path)
    try file.append(text)
    try file.finish(durable: false)
  }

  private func read(_ path: String) throws -> String {
    String(decoding: try readAll(InputFile(path: path)), as: UTF8.self)
  }

  // MARK: - Reading

  @Test("A regular file is read whole, and its identity changes when it does")
  func reading() throws {
    let path = directory("a.csv")
    try write("sku;qty\n", to: path)
    let file = try InputFile(path: path)
    #expect(file.identity.size == 8)
    #expect(try file.currentIdentity() == file.identity)
    #expect(try readAll(file, piece: 3) == Array("sku;qty\n".utf8))
    #expect(truncate(path, 4) == 0)
    #expect(try file.currentIdentity() != file.identity)
    #expect(try FileSystem.status(of: path)?.identity == file.currentIdentity())
  }

  @Test("Links, directories and pipes are refused without waiting for anybody")
  func notAFile() throws {
    try write("x", to: directory("file"))
    #expect(symlink(directory("file"), directory("link")) == 0)
    #expect(mkfifo(directory("pipe"), 0o600) == 0)
    for name in ["link", "pipe", "."] {
      let error = try #require(failure { _ = try InputFile(path: directory(name)) }, "\(name)")
      #expect(error.code == "not-a-file")
      #expect(error.kind == .environment)
      #expect(error.file == directory(name))
      #expect(failure { _ = try PositionedFile(path: directory(name)) } != nil)
    }
    #expect(failure { _ = try InputFile(path: directory("none")) }?.code == "file-missing")
  }

  @Test("Ranges are read exactly, and one beyond the end is an error")
  func positioned() throws {
    try write("0123456789", to: directory("p"))
    let file = try PositionedFile(path: directory("p"))
    #expect(file.size == 10)
    let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: 10)
    defer { buffer.deallocate() }
    try file.read(at: 3, into: buffer, count: 4)
    #expect(Array(UnsafeBufferPointer(start: buffer, count: 4)) == Array("3456".utf8))
    #expect(failure { try file.read(at: 7, into: buffer, count: 4) }?.code == "file-truncated")
  }

  // MARK: - Writing

  @Test("What is appended is what the file holds, hashed and counted, whatever the sizes")
  func writing() throws {
    var random = SeededGenerator(seed: 31)
    let file = try OutputFile(path: directory("out"), bufferSize: 512, hashing: true)
    var expected: [UInt8] = []
    for _ in 0..<200 {
      let piece = (0..<random.below(1300)).map { _ in UInt8.random(in: 0...255, using: &random) }
      try piece.withView { (view) throws(SluiceError) in try file.append(view) }
      expected += piece
      #expect(file.byteCount == expected.count)
    }
    try file.finish()
    #expect(try readAll(InputFile(path: directory("out"))) == expected)
    let hash = try expected.withView { (view) throws(SluiceError) in try ContentHash.sha256(view) }
    #expect(file.sha256 == hash)
    var status = stat()
    #expect(stat(directory("out"), &status) == 0)
    #expect(status.st_mode & 0o777 & ~0o640 == 0)
  }

  @Test("Nothing is ever replaced by an output file, not even through a link")
  func exclusive() throws {
    try write("old", to: directory("old"))
    #expect(failure { _ = try OutputFile(path: directory("old")) }?.code == "file-exists")
    #expect(symlink(directory("elsewhere"), directory("dangling")) == 0)
    #expect(failure { _ = try OutputFile(path: directory("dangling")) }?.code == "file-exists")
    #expect(try read(directory("old")) == "old")
    #expect(failure { _ = try OutputFile(path: directory("none/x")) }?.code == "file-missing")
  }

  @Test("An abandoned file is gone")
  func abandon() throws {
    let file = try OutputFile(path: directory("gone"))
    try file.append("x")
    try file.abandon()
    #expect(try FileSystem.status(of: directory("gone")) == nil)
  }

  // MARK: - Directories and moves

  @Test("A move never replaces, and repeats itself after a crash between link and unlink")
  func moving() throws {
    try write("new", to: directory("from"))
    try write("old", to: directory("taken"))
    #expect(
      failure { try FileSystem.moveWithoutReplacing(directory("from"), to: directory("taken")) }?.code
        == "file-exists")
    #expect(try read(directory("taken")) == "old")
    try FileSystem.moveWithoutReplacing(directory("from"), to: directory("to"))
    #expect(try read(directory("to")) == "new")
    #expect(try FileSystem.status(of: directory("from")) == nil)
    #expect(link(directory("to"), directory("from")) == 0)
    try FileSystem.moveWithoutReplacing(directory("from"), to: directory("to"))
    #expect(try FileSystem.status(of: directory("from")) == nil)
    #expect(try read(directory("to")) == "new")
    #expect(
      failure { try FileSystem.moveWithoutReplacing(directory("from"), to: directory("x")) }?.code
        == "file-missing")
  }

  @Test("The way round for file systems without such a rename keeps the same promise")
  func linking() throws {
    try write("new", to: directory("from"))
    try write("old", to: directory("taken"))
    #expect(failure { try FileSystem.linkAndUnlink(directory("from"), to: directory("taken")) }?.code == "file-exists")
    try FileSystem.linkAndUnlink(directory("from"), to: directory("to"))
    #expect(try read(directory("to")) == "new")
    #expect(try FileSystem.status(of: directory("from")) == nil)
  }

  @Test("Missing directories are made, present ones are fine, a file in the way is an error")
  func makingDirectories() throws {
    try FileSystem.makeDirectories(directory("a/b/c"))
    try FileSystem.makeDirectories(directory("a/b/c"))
    #expect(try FileSystem.status(of: directory("a/b/c"))?.kind == .directory)
    try FileSystem.syncDirectory(directory("a/b"))
    try write("x", to: directory("a/file"))
    #expect(failure { try FileSystem.makeDirectories(directory("a/file/d")) } != nil)
  }

  @Test("A listing is in byte order and names what is not UTF-8 without breaking")
  func listing() throws {
    for name in ["b.csv", "a.csv", "Größe.csv", ".hidden"] { try write("", to: directory(name)) }
    var wrong = Array(directory("x").utf8CString.dropLast(2)) + [CChar(bitPattern: 0xE4), 0x31, 0]
    #expect(creat(&wrong, 0o600) >= 0)
    let listing = try FileSystem.list(directory.path)
    #expect(listing.names == [".hidden", "Größe.csv", "a.csv", "b.csv"])
    #expect(listing.unreadable == ["\\xE41"])
    #expect(unlink(&wrong) == 0)
    #expect(failure { _ = try FileSystem.list(directory("none")) }?.code == "file-missing")
  }

  @Test("Removing what is not there is fine")
  func removing() throws {
    try write("x", to: directory("r"))
    try FileSystem.remove(directory("r"))
    try FileSystem.remove(directory("r"))
    #expect(try FileSystem.status(of: directory("r")) == nil)
  }
}
