import TestSupport
import Testing

/// A stand-in for the binary: it moves the inbox into `outbox/bi` and says so as the real one does.
private let standIn = """
  #!/bin/sh
  mkdir -p outbox/bi outbox/manifests
  for file in inbox/*; do
    [ -e "$file" ] || continue
    mv "$file" outbox/bi/
    echo "{\\"drop\\": 1, \\"file\\": \\"${file#inbox/}\\", \\"status\\": \\"published\\", \\"seconds\\": 0.5}"
  done
  date +%N > outbox/manifests/now.json
  echo "$@" >&2
  exit "${STATUS:-0}"

  """

@Suite("Test projects and golden cases")
struct TestProjectTests {
  private let scratch: TemporaryDirectory
  private let binary: String

  init() throws {
    scratch = try TemporaryDirectory()
    binary = scratch("stand-in")
    try FileTree.write(standIn, to: binary)
    let result = try RunningCommand("/bin/chmod", ["+x", binary], in: scratch.path).wait()
    try #require(result.status == 0)
  }

  @Test("A run gives back status, output, errors and one object a drop")
  func runs() throws {
    let project = try TestProject(feeds: ["a": "feed: a\n"], binary: binary)
    try project.drop("x.csv", "k;v\n")
    let (result, drops) = try project.run("--feed", "a", environment: ["STATUS": "1"])
    #expect(result.status == 1)
    #expect(result.signal == nil)
    #expect(result.errors == "run --json --now 2026-11-23T02:15:00Z --feed a\n")
    #expect(drops.count == 1)
    #expect(drops[0]["file"] == "x.csv")
    #expect(drops[0]["drop"] == 1)
    #expect(drops[0]["seconds"] == .number(0.5))
    #expect(drops[0]["targets"][0]["new"] == nil)
    #expect(project.outbox.contains("bi/x.csv"))
    #expect(try project.text("outbox/bi/x.csv") == "k;v\n")
  }

  @Test("A command that writes more than a pipe holds does not hang")
  func writesMuch() throws {
    let result = try RunningCommand("/bin/sh", ["-c", "seq 1 100000; seq 1 100000 >&2"], in: scratch.path).wait()
    #expect(result.output.utf8.count == 588_895)
    #expect(result.errors.utf8.count == 588_895)
  }

  @Test("A signal that ends the command is told apart from an exit status")
  func isKilled() throws {
    let command = try RunningCommand("/bin/sh", ["-c", "exec tail -f /dev/null"], in: scratch.path)
    command.send(15)
    let result = try command.wait()
    #expect(result.signal == 15)
    #expect(result.status == 143)
  }

  @Test("A golden case passes when the outbox is as expected, and names the first line that is not")
  func compares() throws {
    let folder = scratch("001-case")
    try FileTree.write("feed: a\n", to: "\(folder)/feeds/a.yaml")
    try FileTree.write("one\ntwo\n", to: "\(folder)/inbox/a.csv")
    try FileTree.write("three\n", to: "\(folder)/inbox-2/b.csv")
    let golden = GoldenCase(folder: folder, binary: binary)
    #expect(try golden.run(recording: true).first?.hasPrefix("recorded 2 files") == true)
    #expect(try golden.run(recording: false) == [])

    try FileTree.write("one\n2\n", to: "\(folder)/expected/bi/a.csv")
    #expect(try golden.run(recording: false).first == "bi/a.csv:2: expected 2, got two")
    FileTree.remove("\(folder)/expected/bi/a.csv")
    #expect(try golden.run(recording: false).first == "unexpected file bi/a.csv")
    try FileTree.write("4\n", to: "\(folder)/expected.status")
    #expect(try golden.run(recording: false).first == "exit status 0, expected 4")
  }

  @Test("The binary of this build and the crash point library stand beside the tests")
  func findsProducts() {
    #expect(FileTree.exists(BuildProducts.sluice))
    #expect(FileTree.exists(BuildProducts.crashPoint))
    #expect(FileTree.exists("\(BuildProducts.repository)/Package.swift"))
  }
}
