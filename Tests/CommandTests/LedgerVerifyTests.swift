import TestSupport
import Testing

@Suite("ledger verify")
struct LedgerVerifyTests {
  /// Two publications, rejects, a quarantined and a held drop.
  private func project() throws -> TestProject {
    let project = try StockFeed(guards: "max_rejected: off").project()
    try #require(try project.take("S_1.csv", stock()).status == 0)
    try #require(try project.take("S_2.csv", stock { $0 == 101 ? "6" : $0 == 102 ? "x" : "5" }).status == 0)
    try #require(try project.take("S_3.csv", "nothing of it").status == 1)
    try #require(try project.take("S_4.csv", stock { _ in "0" }).status == 1)
    return project
  }

  private func verify(
    _ project: TestProject, _ arguments: String...
  ) throws -> (status: Int32, found: JSONValue) {
    let result = try project.sluice(["ledger", "verify", "--json"] + arguments)
    return (result.status, try #require(try result.jsonLines().first, "\(result.errors)"))
  }

  /// The findings after one byte of the file was changed.
  private func findings(_ project: TestProject, changing path: String) throws -> [JSONValue] {
    var bytes = try FileTree.read(project.path(path))
    bytes[bytes.count / 2] ^= 1
    try project.write(path, bytes: bytes)
    let (status, found) = try verify(project)
    #expect(status == 1)
    return found["findings"].elements
  }

  @Test("A project on which nothing was changed holds")
  func holds() throws {
    let project = try project()
    let (status, found) = try verify(project)
    #expect(status == 0 && found["findings"].elements.isEmpty, "\(found)")
    // Two outputs, two reject files, three drops, two manifests.
    #expect(found["compared"] == 8 && found["taken"] == 0 && found["missing"] == 0, "\(found)")
    let text = try project.sluice("ledger", "verify").output
    #expect(text.contains("entries hold, the last hash is "), "\(text)")
    let head = try project.sqlite("SELECT hash FROM entries ORDER BY id DESC LIMIT 1")[0]
    #expect(text.contains(head))
  }

  @Test("One changed byte of an output, a reject file, a manifest or a drop is named")
  func changedFiles() throws {
    let original = try project()
    let outbox = original.outbox
    let archived = FileTree.files(below: original.path("archive")).map { "archive/\($0)" }
    #expect(archived.count == 2)
    for path in outbox.map({ "outbox/\($0)" }) + archived + ["work/00000004/data"] {
      let found = try findings(try original.copied(), changing: path)
      #expect(found.map { $0["path"].string } == [path], "\(path): \(found)")
    }
  }

  @Test("A file that was taken or cleared is counted, and is no finding")
  func goneFiles() throws {
    let project = try project()
    FileTree.remove(project.path("outbox/\(project.outbox("commerce")[0])"))
    FileTree.remove(project.path("archive/stock/00000001-S_1.csv"))
    let (status, found) = try verify(project)
    #expect(status == 0 && found["taken"] == 1 && found["missing"] == 1 && found["compared"] == 6, "\(found)")
  }

  @Test("A changed row of the ledger is named by its entry, in any table")
  func changedRows() throws {
    let original = try project()
    let changes = [
      ("UPDATE claim SET file = 'S_9.csv' WHERE drop_id = 1", "claim"),
      ("UPDATE result SET accepted = 38 WHERE drop_id = 2", "result"),
      ("UPDATE output SET rows = 41 WHERE drop_id = 1", "output"),
      ("UPDATE entry SET at = '2026-01-01T00:00:00.000Z' WHERE id = 3", "entry"),
      ("DELETE FROM reject WHERE drop_id = 2", "reject"),
    ]
    for (sql, table) in changes {
      let project = try original.copied()
      let names = "SELECT 'DROP TRIGGER ' || name || ';' FROM sqlite_master WHERE type = 'trigger'"
      let triggers = try project.sqlite(names).joined()
      let change = try RunningCommand(
        "/usr/bin/env", ["sqlite3", "ledger.sqlite", "\(triggers)PRAGMA foreign_keys = OFF;\(sql)"],
        in: project.directory.path
      ).wait()
      #expect(change.status == 0, "\(change.errors)")
      let (status, found) = try verify(project, "--chain-only")
      #expect(status == 1 && found["findings"][0]["kind"] == "chain", "\(table): \(found)")
      #expect(found["findings"][0]["entry"].int != nil)
    }
  }

  @Test("A tail that was cut off shows by a hash noted down, and by the manifests")
  func cutTail() throws {
    let project = try project()
    let head = try project.sqlite("SELECT hash FROM entries ORDER BY id DESC LIMIT 1")[0]
    #expect(try verify(project, "--head", head.uppercased(), "--chain-only").status == 0)
    let other = String(repeating: "0", count: 64)
    let (status, found) = try verify(project, "--head", other, "--chain-only")
    #expect(status == 1 && found["findings"][0]["kind"] == "head", "\(found)")
    // The ledger of the first day under the files of the second.
    let early = try StockFeed(guards: "max_rejected: off").project()
    #expect(try early.take("S_1.csv", stock()).status == 0)
    try FileTree.copy(project.path("outbox"), into: early.path("outbox"))
    let kinds = try verify(early).found["findings"].elements.map { $0["kind"].string }
    #expect(kinds.contains("manifest"), "\(kinds)")
  }

  @Test("Without a ledger there is nothing to verify")
  func missing() throws {
    let result = try StockFeed().project().sluice("ledger", "verify")
    #expect(result.status == 3 && result.errors.contains("[ledger-missing]"), "\(result.errors)")
  }
}
