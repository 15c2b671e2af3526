import TestSupport
import Testing

@Suite("Rows that delete")
struct DeleteTests {
  private static let feed = """
    feed: items
    files:
      - { match: 'F_{as_of:yyyyMMddHHmm}.csv', mode: full }
      - { match: 'D_{as_of:yyyyMMddHHmm}.csv', mode: delta }
    format: csv
    intake: { quiet: 0 }
    fields:
      sku: { from: sku, required: true }
      name: { from: name, required: true }
      qty: { from: qty, required: true, type: integer }
      op: op
    key: { sku: fold }
    deletes: { field: op, values: [D, gone] }
    guards: { max_zeroed: off }
    commerce:
      stock_sources:
        constants: { source_code: default }
        columns: { sku: sku, quantity: qty, status: 'qty > 0 ? 1 : 0' }
        removed: zero
    bi:
      changes: { columns: [sku, name, qty] }

    """

  private func project() throws -> TestProject {
    let project = try TestProject(feeds: ["items": Self.feed])
    let rows = (101...140).map { "A\($0),name \($0),5,\n" }.joined()
    try #require(try project.take("F_202611010000.csv", "sku,name,qty,op\n" + rows).status == 0)
    return project
  }

  private func text(_ drop: JSONValue, _ project: TestProject, _ target: Int) throws -> [String] {
    let path = try #require(drop["targets"][target]["files"][0]["path"].string, "\(drop)")
    return try project.text(path).split(separator: "\n").map(String.init)
  }

  @Test("A delta removes the keys that it says are gone, whatever else its rows hold")
  func delta() throws {
    let project = try project()
    let rows = "A101,name 101,7,\na102,,,D\nA103,x,nothing,gone\nA999,,,D\n"
    let (exit, drop) = try project.take("D_202611020000.csv", "sku,name,qty,op\n" + rows)
    #expect(exit == 0)
    #expect(drop["status"] == "published" && drop["rejected"] == 0 && drop["accepted"] == 4, "\(drop)")
    let stock = drop["targets"][0]
    #expect(
      stock["changed"] == 1 && stock["withdrawn"] == 2 && stock["skipped"] == 1 && stock["removed"] == 0, "\(drop)")
    let written = try text(drop, project, 0)
    #expect(written.count == 4 && written[1].contains("A101"), "\(written)")
    #expect(written[2].contains("A102") && written[3].contains("A103"), "as they were spelled: \(written)")
    let events = try text(drop, project, 1).map { $0.split(separator: ",")[0] }
    #expect(events == ["op", "update", "delete", "delete"])
    #expect(drop["targets"][1]["fired"] == 3 && drop["targets"][1]["skipped"] == 1, "\(drop)")
    let again = try project.take("D_202611030000.csv", "sku,name,qty,op\nA102,,,D\n").drop
    #expect(again["status"] == "unchanged", "\(again)")
    let back = try project.take("D_202611040000.csv", "sku,name,qty,op\nA102,back,3,\n").drop
    #expect(back["targets"][0]["returned"] == 1, "\(back)")
    #expect(try project.sluice("ledger", "verify").status == 0)
  }

  @Test("A late delta does not bring back what a later one has deleted, even if it was never known")
  func late() throws {
    let project = try project()
    #expect(try project.take("D_202611050000.csv", "sku,name,qty,op\nA101,,,D\nA999,,,D\n").status == 0)
    let drop = try project.take("D_202611040000.csv", "sku,name,qty,op\nA101,x,3,\nA999,y,4,\n").drop
    #expect(drop["status"] == "unchanged" && drop["targets"][0]["newer"] == 2, "\(drop)")
  }

  @Test("A full takes the row's key for absent, in order or not")
  func full() throws {
    for isShuffled in [false, true] {
      let project = try project()
      var rows = (101...140).map { $0 == 120 ? "A120,,,D\n" : "A\($0),name \($0),5,\n" }
      if isShuffled { rows.reverse() }
      let drop = try project.take("F_202611020000.csv", "sku,name,qty,op\n" + rows.joined()).drop
      let stock = drop["targets"][0]
      #expect(stock["removed"] == 1 && stock["unchanged"] == 39 && stock["skipped"] == 1, "\(drop)")
    }
  }

  @Test("Too many deletes hold the delta, and nothing reaches the outbox")
  func guarded() throws {
    let project = try project()
    let rows = (101...103).map { "A\($0),,,D\n" }.joined()
    let (exit, drop) = try project.take("D_202611020000.csv", "sku,name,qty,op\n" + rows)
    #expect(exit == 1 && drop["reason"] == "guard-removed", "\(drop)")
    #expect(project.outbox("commerce").count == 1)
  }

  @Test("preview shows what the targets get of such a row")
  func previewed() throws {
    let project = try project()
    try project.write("D_202611020000.csv", "sku,name,qty,op\na102,,,D\nA999,,,D\n")
    let result = try project.sluice("preview", "D_202611020000.csv", "--json")
    #expect(result.status == 0, "\(result.errors)")
    let rows = try result.jsonLines().filter { $0["line"].int != nil }
    let (known, unknown) = (rows[0]["targets"], rows[1]["targets"])
    #expect(known[0]["change"] == "withdrawn" && known[0]["rows"][0]["sku"] == "A102", "\(rows)")
    #expect(known[1]["change"] == "fired" && known[1]["rows"][0]["op"] == "delete", "\(rows)")
    #expect(unknown[0]["change"] == "skipped" && unknown[1]["change"] == "skipped", "\(rows)")
  }

  @Test("Examples may delete")
  func examples() throws {
    let examples = """
      examples:
        - before: { sku: A1, name: one, qty: '3' }
          row: { sku: a1, op: D }
          gives:
            commerce.stock_sources: { sku: A1, quantity: '0' }
            bi.changes: { op: delete, old_qty: '3' }
        - row: { sku: A1, op: gone }
          gives: { commerce.stock_sources: [], bi.changes: [] }

      """
    let project = try TestProject(feeds: ["items": Self.feed + examples])
    let result = try project.sluice("test")
    #expect(result.status == 0, "\(result.output)\(result.errors)")
  }

  @Test("A first delta with deletes is published without them")
  func first() throws {
    let project = try TestProject(feeds: ["items": Self.feed])
    let drop = try project.take("D_202611010000.csv", "sku,name,qty,op\nB,,,D\nA,one,3,\n").drop
    #expect(drop["targets"][0]["new"] == 1 && drop["targets"][0]["skipped"] == 1, "\(drop)")
    let full = try project.take("F_202611020000.csv", "sku,name,qty,op\nA,one,3,\nB,two,4,\n").drop
    #expect(full["targets"][0]["new"] == 1 && full["targets"][0]["unchanged"] == 1, "\(full)")
  }
}
