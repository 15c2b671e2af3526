import TestSupport
import Testing

@Suite("Adopting a file")
struct AdoptTests {
  private static let feed = """
    feed: products
    files:
      - { match: 'F_*.csv', mode: full }
    format: csv
    intake: { quiet: 0, marker: '{name}.ok' }
    fields:
      sku: { from: sku, required: true }
      name: { from: name, required: true }
      price: { from: price, required: true, type: decimal(2) }
    key: { sku: fold }
    commerce:
      catalog_product:
        constants:
          { attribute_set_code: Default, product_type: simple, visibility: 'Catalog, Search', product_websites: base }
        columns: { sku: sku, name: name, price: price, url_key: 'slug("{name}-{sku}")' }
        once: [url_key]
        removed: disable
    bi:
      changes: { columns: [sku, price] }

    """

  private static func rows(_ change: (Int) -> String = { _ in "5.00" }) -> String {
    "sku,name,price\n" + (101...140).map { "A\($0),name \($0),\(change($0))\n" }.joined()
  }

  private func project() throws -> TestProject {
    let project = try TestProject(feeds: ["products": Self.feed])
    try project.write("exports/F_1.csv", Self.rows())
    return project
  }

  private func adopt(
    _ project: TestProject, _ path: String = "exports/F_1.csv"
  ) throws -> (status: Int32, drop: JSONValue, errors: String) {
    let result = try project.sluice("adopt", path, "--reason", "go-live", "--json")
    return (result.status, try result.jsonLines().first ?? .null, result.errors)
  }

  @Test("Nothing is sent, the file stays where it is, and the next full sends only what differs from it")
  func adopts() throws {
    let project = try project()
    let (status, drop, _) = try adopt(project)
    #expect(status == 0)
    #expect(drop["status"] == "unchanged" && drop["reason"] == "adopted" && drop["publication"] == nil, "\(drop)")
    #expect(drop["message"] == "40 records were taken over, and nothing was sent")
    #expect(project.outbox == [] && project.leftovers == [] && project.inbox == [])
    #expect(FileTree.exists(project.path("exports/F_1.csv")))
    #expect(FileTree.files(below: project.path("archive")).count == 1)
    let decisions = try project.sqlite("SELECT kind, drop_id, reason FROM decisions")
    #expect(decisions == ["claimed|1|go-live"])
    try project.drop("F_2.csv.ok", bytes: [])
    let next = try project.take("F_2.csv", Self.rows { $0 == 120 ? "6.00" : "5.00" }).drop
    #expect(next["targets"][0]["changed"] == 1 && next["targets"][0]["unchanged"] == 39, "\(next)")
    #expect(next["targets"][1]["fired"] == 1, "\(next)")
    let path = try #require(next["targets"][0]["files"][0]["path"].string)
    let file = try project.text(path)
    #expect(file.split(separator: "\n").count == 2 && !file.contains("url_key"), "\(file)")
    #expect(try project.sluice("ledger", "verify").status == 0)
  }

  @Test("A file of the inbox is adopted without its marker, and is not left to be published")
  func fromInbox() throws {
    let project = try project()
    try project.drop("F_3.csv", Self.rows())
    #expect(try adopt(project, "F_3.csv").status == 0)
    #expect(project.inbox == [] && project.outbox == [])
    #expect(try adopt(project, "inbox/F_9.csv").status == 2, "it is not there")
  }

  @Test("What is in doubt is quarantined, not adopted and not published")
  func doubtful() throws {
    let project = try project()
    try project.write("exports/F_2.csv", Self.rows { $0 < 110 ? "many" : "5.00" })
    let (status, drop, _) = try adopt(project, "exports/F_2.csv")
    #expect(status == 1 && drop["status"] == "quarantined" && drop["reason"] == "guard-rejected", "\(drop)")
    try project.write("exports/F_3.csv", "sku,name\nA,b\n")
    let other = try adopt(project, "exports/F_3.csv")
    #expect(other.status == 1 && other.drop["reason"] == "column-missing", "\(other)")
    #expect(project.outbox("commerce") == [] && project.inbox == [] && project.leftovers == [])
    #expect(FileTree.files(below: project.path("quarantine")).count == 2)
  }

  @Test("A name without a feed, a link and a missing file are refused, and no number is used")
  func refused() throws {
    let project = try project()
    try project.write("exports/G.csv", Self.rows())
    let (status, _, message) = try adopt(project, "exports/G.csv")
    #expect(status == 2 && message.contains("[adopt-no-feed]"), "\(message)")
    #expect(try adopt(project, "exports/F_7.csv").errors.contains("[file-missing]"))
    let link = try RunningCommand("/bin/ln", ["-s", "F_1.csv", "exports/F_8.csv"], in: project.directory.path).wait()
    #expect(link.status == 0)
    #expect(try adopt(project, "exports/F_8.csv").errors.contains("[not-a-file]"))
    #expect(try project.sqlite("SELECT count(*) FROM drops") == ["0"])
  }

  @Test("Killed at any point, it never publishes, and can be asked for again", arguments: 0..<2)
  func killed(stripe: Int) throws {
    let project = try project()
    let command = ["adopt", "exports/F_1.csv", "--reason", "go-live"]
    let copy = try project.copied()
    let point = try CrashPoint(root: copy.directory.path)
    #expect(try copy.sluice(command, environment: point.environment).status == 0)
    let calls = point.trace().count
    #expect(calls > 30)
    for call in stride(from: 2 + 4 * stripe, to: calls, by: 8) {
      let killed = try project.copied()
      let fault = try CrashPoint(root: killed.directory.path, fault: .kill(call: call))
      #expect(try killed.sluice(command, environment: fault.environment).signal == 9)
      let next = try killed.sluice("run")
      #expect(next.status == 0, "call \(call): \(point.trace()[call - 1])\n\(next.errors)\(next.output)")
      #expect(killed.outbox == [] && killed.leftovers == [] && killed.inbox == [], "call \(call)")
      let adopted = "SELECT count(*) FROM drops WHERE reason = 'adopted'"
      if try killed.sqlite(adopted) == ["0"] { #expect(try killed.sluice(command).status == 0, "call \(call)") }
      #expect(try killed.sqlite(adopted) == ["1"], "call \(call)")
      #expect(killed.outbox == [] && killed.leftovers == [], "call \(call)")
      #expect(try killed.sluice("ledger", "verify").status == 0, "call \(call)")
    }
  }
}
