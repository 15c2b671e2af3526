import TestSupport
import Testing

/// The interposer is trusted by every crash test, so it is shown here on commands that everybody knows.
@Suite("Crash points")
struct CrashPointTests {
  /// Three calls in this order: a write to `a`, a rename to `b`, a second write to `c`.
  private let script = "echo one > a; mv a b; echo two > c"

  private func run(_ command: String, _ fault: CrashPoint.Fault) throws -> (CommandResult, CrashPoint, [String]) {
    let directory = try TemporaryDirectory()
    let point = try CrashPoint(root: directory.path, fault: fault)
    let result = try RunningCommand("/bin/sh", ["-c", command], in: directory.path, environment: point.environment)
      .wait()
    return (result, point, FileTree.files(below: directory.path))
  }

  @Test("Without a fault the calls are counted and nothing is changed")
  func counts() throws {
    let (result, point, files) = try run("echo one > a; echo two > b", .none)
    #expect(result.status == 0)
    #expect(files == ["a", "b"])
    #expect(try point.count() == 2)
    #expect(point.trace().map { $0.split(separator: " ")[1] } == ["write", "write"])
  }

  @Test("The process is killed before the chosen call, not after it")
  func kills() throws {
    let (result, _, files) = try run("echo one > a; echo two > b", .kill(call: 2))
    #expect(result.signal == 9)
    #expect(result.status == 137)
    #expect(files == ["a", "b"], "the second file was created by open, which does not count")
    let (first, _, none) = try run("rm -f missing; mkdir d; echo never > d/x", .kill(call: 1))
    #expect(first.status != 0)
    #expect(!none.contains("d/x"))
  }

  @Test("A failed call leaves its errno and does nothing, once or from then on")
  func fails() throws {
    let (result, _, files) = try run(script, .fail(call: 1, error: "ENOSPC"))
    #expect(result.errors.contains("No space left on device"), "\(result.errors)")
    #expect(files == ["a", "c"], "mv is a process of its own, so its rename is its first call")
    let lines = "for i in 1 2 3 4; do echo $i || true; done > out; cat out"
    #expect(try run(lines, .fail(call: 2, error: "EIO")).0.output == "1\n3\n4\n")
    #expect(try run(lines, .fail(call: 2, error: "EIO", persists: true)).0.output == "1\n")
  }

  @Test("A short write takes half of the bytes, and a careful writer writes the rest")
  func shortens() throws {
    let directory = try TemporaryDirectory()
    let point = try CrashPoint(root: directory.path, fault: .short(call: 1))
    let result = try RunningCommand(
      "/bin/dd", ["if=/dev/zero", "of=\(directory("out"))", "bs=4096", "count=1"], in: directory.path,
      environment: point.environment
    ).wait()
    #expect(result.status == 0, "\(result.errors)")
    #expect(try FileTree.read(directory("out")).count == 4096)
    #expect(try point.count() == 2)
  }

  @Test("Calls outside the root are left alone")
  func ignoresOtherPlaces() throws {
    let directory = try TemporaryDirectory()
    let other = try TemporaryDirectory()
    let point = try CrashPoint(root: other.path, fault: .kill(call: 1))
    let result = try RunningCommand("/bin/sh", ["-c", script], in: directory.path, environment: point.environment)
      .wait()
    #expect(result.status == 0)
    #expect(try point.count() == 0)
    #expect(FileTree.files(below: directory.path) == ["b", "c"])
  }

  @Test("The database engine's own writes and syncs are seen")
  func seesTheDatabase() throws {
    let (result, point, _) = try run(
      "exec sqlite3 x.db 'PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t(a);'", .none)
    #expect(result.status == 0, "\(result.errors)")
    let calls = Set(point.trace().compactMap { $0.split(separator: " ").dropFirst().first.map(String.init) })
    #expect(calls.isSuperset(of: ["pwrite", "fdatasync"]) || calls.isSuperset(of: ["pwrite", "fsync"]), "\(calls)")
  }
}
