import TestSupport
import Testing

@Suite("ledger and status")
struct LedgerCommandTests {
  private func project() throws -> TestProject {
    let project = try StockFeed(guards: "max_rejected: off").project()
    try #require(try project.take("S_1.csv", stock()).status == 0)
    try #require(try project.take("S_2.csv", stock(first: "x")).status == 0)
    try #require(try project.take("S_3.csv", "nothing of it").status == 1)
    return project
  }

  @Test("list has the drops, newest first, by feed and up to a limit")
  func list() throws {
    let project = try project()
    let lines = try project.sluice("ledger", "list", "--json").jsonLines()
    #expect(lines.map { $0["drop"] } == [3, 2, 1])
    #expect(lines.map { $0["status"] } == ["quarantined", "unchanged", "published"])
    #expect(lines[2]["read"] == 40 && lines[2]["publication"] == 1)
    #expect(lines[2]["claimed_at"].string?.hasSuffix("Z") == true && lines[2]["content_sha256"].string?.count == 64)
    #expect(try project.sluice("ledger", "list", "--json", "--limit", "1").jsonLines().count == 1)
    #expect(try project.sluice("ledger", "list", "--json", "--feed", "names").jsonLines().isEmpty)
    let text = try project.sluice("ledger", "list").output.split(separator: "\n")
    #expect(text.count == 4 && text[0].hasPrefix("DROP  FILE"))
    #expect(text[1].contains("S_3.csv") && text[1].contains("column-missing"), "\(text)")
  }

  @Test("show has counts, outputs, rejects and the entries of one drop; an unknown number leaves with 2")
  func show() throws {
    let project = try project()
    let first = try #require(try project.sluice("ledger", "show", "1", "--json").jsonLines().first)
    #expect(first["outputs"][0]["rows"] == 40)
    #expect(first["outputs"][0]["path"].string?.hasPrefix("outbox/commerce/00000001-20-") == true)
    #expect(first["targets"][0]["counts"]["new"] == 40)
    let kinds = first["entries"].elements.compactMap { $0["kind"].string }
    #expect(kinds.first == "claimed" && kinds.contains("published") && kinds.last == "finished")
    let second = try #require(try project.sluice("ledger", "show", "2", "--json").jsonLines().first)
    #expect(second["rejects"][0]["line"] == 2 && second["rejects"][0]["rule"] == "not-a-number")
    let text = try project.sluice("ledger", "show", "2").output
    #expect(text.contains("reject line 2: qty: qty is not a number (value \"x\")"), "\(text)")
    let unknown = try project.sluice("ledger", "show", "99")
    #expect(unknown.status == 2 && unknown.errors.contains("[drop-unknown]"))
  }

  @Test("The views read with any SQLite client: drops, outputs, rejects, decisions, entries")
  func views() throws {
    let project = try project()
    #expect(
      try project.sqlite("SELECT drop_id, file, status, publication, read, rejected FROM drops ORDER BY drop_id") == [
        "1|S_1.csv|published|1|40|0", "2|S_2.csv|unchanged||40|1", "3|S_3.csv|quarantined|||",
      ])
    let file = try #require(project.outbox("commerce").first)
    #expect(try project.sqlite("SELECT publication, path, rows FROM outputs") == ["1|outbox/\(file)|40"])
    #expect(try project.sqlite("SELECT drop_id, line, rule FROM rejects") == ["2|2|not-a-number"])
    #expect(try project.sqlite("SELECT count(*) FROM decisions") == ["0"])
    #expect(try project.sqlite("SELECT count(*) FROM lineage") == ["0"])
    let broken = "SELECT count(*) FROM entries e JOIN entries p ON p.id = e.id - 1 WHERE e.previous <> p.hash"
    #expect(try project.sqlite(broken) == ["0"])
    let manifest = try JSONValue(parsing: try project.text("outbox/manifests/00000001-stock.json"))
    #expect(manifest["drop"] == 1 && manifest["publication"] == 1)
    let hash = try project.sqlite("SELECT hash FROM entries WHERE kind = 'published' AND drop_id = 1")
    #expect(manifest["chain"]["hash"].string == hash.first)
  }

  @Test("status --json has one line a feed and one for each file that belongs to none")
  func status() throws {
    let project = try project()
    try project.drop("stray.csv", "x")
    try project.drop("S_4.csv", stock(first: "6"))
    let before = try project.everything()
    let lines = try project.sluice("status", "--json").jsonLines()
    #expect(lines.count == 2)
    #expect(lines[0]["feed"] == "stock" && lines[0]["publication"] == 1 && lines[0]["keys"] == 40)
    #expect(lines[0]["published_at"].string?.hasSuffix("Z") == true)
    #expect(lines[0]["backlog"] == 1 && lines[0]["held"].elements.isEmpty)
    #expect(lines[1]["file"] == "stray.csv" && lines[1]["reason"] == "no-feed")
    #expect(try project.everything() == before)
    let fresh = try StockFeed().project()
    let line = try #require(try fresh.sluice("status", "--json").jsonLines().first)
    #expect(line["publication"] == nil && line["keys"] == 0)
    #expect(try fresh.sluice("ledger", "list").status != 0, "there is no ledger yet")
  }
}
