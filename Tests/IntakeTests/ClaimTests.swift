import Foundation
import Streams
import Testing

@testable import Intake

@Suite("Claiming a file")
struct ClaimTests {
  private let scratch: Scratch
  private let place: ClaimPlace

  init() throws {
    scratch = try Scratch()
    place = ClaimPlace(inbox: try scratch.directory("inbox"), work: scratch.path + "/work")
  }

  private func candidate(_ name: String, marker: String? = nil) throws -> Candidate {
    let status = try #require(try FileCalls.status("\(scratch.path)/inbox/\(name)"))
    return Candidate(
      name: name, identity: Intake.FileIdentity(status), feed: "erp", pattern: 0, match: PatternMatch(), marker: marker)
  }

  private func code(_ body: () throws -> Void) -> String? {
    do { try body() } catch { return (error as? SluiceError)?.code }
    return nil
  }

  @Test("moves it with its marker out of the writer's reach under a neutral name")
  func claims() throws {
    let name = "stock_K;rm -rf $HOME\n.csv"
    try scratch.write("inbox/\(name)", "rows")
    try scratch.write("inbox/go", "")
    let found = try candidate(name, marker: "go")
    let claimed = try place.claim(found, drop: 42)
    #expect(claimed.path == scratch.path + "/work/00000042/data")
    #expect(claimed.directory == scratch.path + "/work/00000042")
    #expect(claimed.identity == found.identity)
    let expected = [
      "inbox/": "", "work/": "", "work/00000042/": "", "work/00000042/data": "rows", "work/00000042/marker": "",
    ]
    #expect(try scratch.tree() == expected)
    // The same number again, as after a crash.
    #expect(try place.claim(found, drop: 42) == claimed)
    #expect(try scratch.tree() == expected)
  }

  @Test("takes the marker too when the crash came between the two")
  func halfClaimed() throws {
    try scratch.write("inbox/a.csv", "rows")
    try scratch.write("inbox/go", "")
    let found = try candidate("a.csv", marker: "go")
    _ = try scratch.directory("work/00000001")
    #expect(rename(scratch.path + "/inbox/a.csv", place.dataPath(of: 1)) == 0)
    _ = try place.claim(found, drop: 1)
    #expect(try scratch.tree().keys.filter { $0.hasPrefix("inbox/") } == ["inbox/"])
  }

  @Test("refuses a file that is not what the scan saw, and leaves it in the inbox")
  func changed() throws {
    try scratch.write("inbox/a.csv", "rows")
    let found = try candidate("a.csv")
    try scratch.write("inbox/a.csv", "rows and more")
    let error = try #require(throws: SluiceError.self) { try place.claim(found, drop: 1) }
    #expect(error.code == "changed-while-claiming")
    #expect(error.kind == .incomplete)
    #expect(try scratch.tree() == ["inbox/": "", "inbox/a.csv": "rows and more", "work/": ""])
    try FileManager.default.removeItem(atPath: scratch.path + "/inbox/a.csv")
    #expect(code { _ = try place.claim(found, drop: 1) } == "changed-while-claiming")
    #expect(symlink("/etc/passwd", scratch.path + "/inbox/a.csv") == 0)
    #expect(code { _ = try place.claim(found, drop: 1) } == "changed-while-claiming")
  }

  @Test("never takes a number that another file has")
  func numberTaken() throws {
    try scratch.write("inbox/a.csv", "rows")
    _ = try scratch.directory("work/00000001")
    try scratch.write("work/00000001/data", "others")
    let found = try candidate("a.csv")
    #expect(code { _ = try place.claim(found, drop: 1) } == "drop-number-taken")
    #expect(try scratch.read("inbox/a.csv") == "rows")
    #expect(try scratch.read("work/00000001/data") == "others")
  }

  @Test("puts a file back whose number holds the same bytes but another file")
  func sameBytesOtherFile() throws {
    try scratch.write("inbox/a.csv", "rows")
    let found = try candidate("a.csv")
    _ = try scratch.directory("work/00000001")
    try scratch.write("work/00000001/data", "rows")
    let status = try #require(try FileCalls.status(place.dataPath(of: 1)))
    // A copy from another file system has an identity of its own; on the same one that is the sign of a change.
    #expect(Intake.FileIdentity(status) != found.identity)
    #expect(code { _ = try place.claim(found, drop: 1) } == "changed-while-claiming")
    #expect(try scratch.read("inbox/a.csv") == "rows")
  }

  @Test("is undone under the original name, marker included, and can be undone twice")
  func givesBack() throws {
    try scratch.write("inbox/a.csv", "rows")
    try scratch.write("inbox/go", "")
    _ = try place.claim(try candidate("a.csv", marker: "go"), drop: 1)
    try place.giveBack(name: "a.csv", marker: "go", drop: 1)
    let expected = ["inbox/": "", "inbox/a.csv": "rows", "inbox/go": "", "work/": ""]
    #expect(try scratch.tree() == expected)
    try place.giveBack(name: "a.csv", marker: "go", drop: 1)
    #expect(try scratch.tree() == expected)
  }

  @Test("is not undone over another file of that name")
  func inboxNameTaken() throws {
    try scratch.write("inbox/a.csv", "rows")
    try scratch.write("inbox/go", "")
    _ = try place.claim(try candidate("a.csv", marker: "go"), drop: 1)
    try scratch.write("inbox/a.csv", "the next delivery")
    #expect(code { try place.giveBack(name: "a.csv", marker: "go", drop: 1) } == "inbox-name-taken")
    #expect(try scratch.read("inbox/a.csv") == "the next delivery")
    #expect(try scratch.read("work/00000001/data") == "rows")
    #expect(try scratch.tree()["inbox/go"] == nil)
  }

  @Test("ends in the archive or the quarantine under a safe name, once")
  func stores() throws {
    try scratch.write("inbox/a b.csv", "rows")
    try scratch.write("inbox/go", "")
    _ = try place.claim(try candidate("a b.csv", marker: "go"), drop: 7)
    let root = scratch.path + "/quarantine"
    for _ in 0..<2 {
      #expect(try place.store(name: "a b.csv", feed: "erp", drop: 7, under: root) == "erp/00000007-a_b.csv")
      let expected = [
        "inbox/": "", "work/": "", "quarantine/": "", "quarantine/erp/": "", "quarantine/erp/00000007-a_b.csv": "rows",
      ]
      #expect(try scratch.tree() == expected)
    }
    _ = try scratch.directory("work/00000007")
    try scratch.write("work/00000007/data", "other")
    #expect(code { _ = try place.store(name: "a b.csv", feed: "erp", drop: 7, under: root) } == "archive-name-taken")
    #expect(try scratch.read("quarantine/erp/00000007-a_b.csv") == "rows")
  }

  @Test("never leaves the inbox through a name", arguments: ["../a", "/etc/passwd", "..", ".", "", "a\u{0}b"])
  func traversal(name: String) throws {
    let identity = Intake.FileIdentity(device: 0, inode: 0, size: 0, modified: 0)
    let hostile = Candidate(name: name, identity: identity, feed: "f", pattern: 0, match: PatternMatch())
    #expect(code { _ = try place.claim(hostile, drop: 1) } == "name-invalid")
    #expect(code { try place.giveBack(name: name, drop: 1) } == "name-invalid")
  }
}

@Suite("Moving without replacing")
struct ExclusiveMoveTests {
  @Test("renames, tells of a name that is taken, and of a source that is gone")
  func outcomes() throws {
    let scratch = try Scratch()
    try scratch.write("a", "one")
    #expect(try ExclusiveMove.move(scratch.path + "/a", to: scratch.path + "/b", durable: true) == .moved)
    #expect(try ExclusiveMove.move(scratch.path + "/a", to: scratch.path + "/b", durable: true) == .absent)
    try scratch.write("a", "two")
    #expect(try ExclusiveMove.move(scratch.path + "/a", to: scratch.path + "/b", durable: true) == .taken)
    #expect(try scratch.tree() == ["a": "two", "b": "one"])
    let error = try #require(throws: SluiceError.self) {
      try ExclusiveMove.move(scratch.path + "/a", to: scratch.path + "/no/b", durable: true)
    }
    #expect(error.code == "file-missing")
  }

  @Test("does the same with a second name where the file system has no exclusive rename")
  func links() throws {
    let scratch = try Scratch()
    try scratch.write("a", "one")
    #expect(try ExclusiveRename.link(scratch.path + "/a", to: scratch.path + "/b") == .renamed)
    #expect(try ExclusiveRename.link(scratch.path + "/a", to: scratch.path + "/b") == .absent)
    try scratch.write("a", "two")
    #expect(try ExclusiveRename.link(scratch.path + "/a", to: scratch.path + "/b") == .taken)
    #expect(try scratch.tree() == ["a": "two", "b": "one"])
  }

  @Test("copies between file systems and leaves nothing half-done behind")
  func copies() throws {
    let scratch = try Scratch()
    let long = String(repeating: "0123456789abcdef", count: 40_000)
    try scratch.write("a", long)
    #expect(try ExclusiveMove.copyAcross(scratch.path + "/a", to: scratch.path + "/b", durable: true))
    #expect(try scratch.tree() == ["b": long])
    try scratch.write("a", "other")
    #expect(try !ExclusiveMove.copyAcross(scratch.path + "/a", to: scratch.path + "/b", durable: true))
    #expect(try scratch.tree() == ["a": "other", "b": long])
  }

  @Test("compares whole files")
  func compares() throws {
    let scratch = try Scratch()
    let long = String(repeating: "x", count: 1 << 16)
    for (name, text) in [("a", long), ("b", long), ("c", long + "x"), ("d", long.dropLast() + "y"), ("e", "")] {
      try scratch.write(name, String(text))
    }
    #expect(try FileCalls.haveSameBytes(scratch.path + "/a", scratch.path + "/b"))
    for other in ["c", "d", "e"] {
      #expect(try !FileCalls.haveSameBytes(scratch.path + "/a", scratch.path + "/\(other)"))
    }
  }
}
