import TestSupport
import Testing

@Suite("sluice test")
struct TestCommandTests {
  /// A stock feed with two targets and these examples.
  private func project(_ examples: String) throws -> TestProject {
    let events = """
      bi:
        changes: { columns: [sku, qty] }
      edm:
        back_in_stock: { when: 'old.qty == 0 && qty > 0', columns: { sku: sku, qty: qty } }
      examples:

      """
    return try StockFeed(more: events + examples).project()
  }

  private func results(_ project: TestProject, _ arguments: String...) throws -> (Int32, [JSONValue]) {
    let result = try project.sluice(["test", "--json"] + arguments)
    #expect(result.errors.isEmpty, "\(result.errors)")
    return (result.status, try result.jsonLines())
  }

  @Test("Examples that hold pass: new rows, changes, events, removals, rejects")
  func passes() throws {
    let project = try project(
      """
        - row: { SKU: A1, QTY: '3,5' }
          gives:
            commerce.stock_sources: { source_code: stock, sku: A1, status: 1, quantity: '3.50' }
            bi.changes: { op: insert, sku: A1, old_qty: , new_qty: '3.50' }
            edm.back_in_stock: []
        - before: { SKU: A1, QTY: '0' }
          row: { SKU: A1, QTY: '2' }
          gives:
            bi.changes: { op: update, old_qty: '0.00', new_qty: '2.00' }
            edm.back_in_stock: { qty: '2.00' }
        - before: { SKU: A1, QTY: '2' }
          row: { SKU: A1, QTY: '2', NOTE: pasted }
          gives: { commerce.stock_sources: [], bi.changes: [] }
        - row: { SKU: A1, QTY: k. A. }
          rejects: not-a-number
        - row: { SKU: A1 }
          rejects: required
      """)
    let before = try project.everything()
    let result = try project.sluice("test")
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.output)\(result.errors)")
    #expect(result.output == "feeds/stock.yaml: stock, 5 of 5 examples passed\n5 passed, 0 failed\n")
    #expect(try project.everything() == before)
    let quiet = try project.sluice("test", "--quiet")
    #expect(quiet.status == 0 && quiet.output.isEmpty && quiet.errors.isEmpty)
  }

  @Test("A failure shows each field that differs, with the place in the definition, what was expected and what came")
  func fails() throws {
    let project = try project(
      """
        - row: { SKU: A1, QTY: '3,5' }
          gives: { commerce.stock_sources: { sku: A1, status: 0, quantity: '3.5' } }
      """)
    let text = try project.text("feeds/stock.yaml").split(separator: "\n", omittingEmptySubsequences: false)
    let line = try #require(text.firstIndex { $0.contains("gives: { commerce") }) + 1
    let (status, results) = try results(project)
    #expect(status == 1)
    let result = try #require(results.first)
    #expect(result["feed"] == "stock" && result["file"] == "feeds/stock.yaml" && result["example"] == 1)
    #expect(result["line"] == .integer(line - 1) && result["status"] == "failed")
    let differences = result["differences"].elements
    #expect(differences.map { $0["field"] } == ["status", "quantity"])
    #expect(differences[1]["target"] == "commerce.stock_sources" && differences[1]["row"] == 1)
    #expect(differences[1]["expected"] == "3.5" && differences[1]["actual"] == "3.50")
    #expect(differences[1]["line"] == .integer(line) && differences[1]["column"].int ?? 0 > 40)
    let words = try project.sluice("test")
    #expect(words.status == 1)
    #expect(words.output.contains("feeds/stock.yaml:\(line - 1): example 1 of stock failed\n"), "\(words.output)")
    #expect(words.output.contains(": commerce.stock_sources, status\n    expected  0\n    got       1\n"))
    #expect(words.output.hasSuffix("stock, 0 of 1 examples passed\n0 passed, 1 failed\n"))
    let quiet = try project.sluice("test", "--quiet")
    #expect(quiet.status == 1 && quiet.output.isEmpty && quiet.errors.contains("example 1 of stock failed"))
  }

  @Test(
    "What becomes of the row as a whole is compared too: accepted or rejected, rows too many or missing",
    arguments: [
      ("- { row: { SKU: A1, QTY: x }, gives: {} }", "accepted", "rejected by not-a-number: qty is not a number"),
      ("- { row: { SKU: A1, QTY: 1 }, rejects: not-a-number }", "rejected by not-a-number", "accepted"),
      ("- { row: { SKU: A1, QTY: -1 }, rejects: not-a-number }", "rejected by not-a-number", "rejected by below-min"),
      ("- { row: { SKU: A1, QTY: 1 }, gives: { bi.changes: [] } }", "no row", "a row with op: insert, sku: A1"),
      ("- { row: { SKU: A1, QTY: 1 }, gives: { edm.back_in_stock: {} } }", "a row", "no row"),
      (
        "- { before: { SKU: A2, QTY: 1 }, row: { SKU: A1, QTY: 1 }, gives: {} }", "a row published before",
        "the row before has another key"
      ),
      (
        "- { before: { SKU: A1, QTY: x }, row: { SKU: A1, QTY: 1 }, gives: {} }", "a row published before",
        "the row before is rejected"
      ),
    ])
  func wholeRow(example: String, expected: String, actual: String) throws {
    let (status, results) = try results(try project("  " + example))
    #expect(status == 1)
    let difference = try #require(results.first)["differences"][0]
    #expect(difference["expected"].string == expected)
    #expect(difference["actual"].string?.hasPrefix(actual) == true, "\(difference)")
  }

  @Test("XML elements may be repeated or absent; attributes, store views, once columns and file names are compared")
  func products() throws {
    let feed = """
      feed: products
      files: 'P_{as_of:yyyyMMdd}_{site}.xml'
      mode: full
      format: { xml: { record: /L/P } }
      fields:
        sku: { from: '@id', required: true }
        name: { from: N, required: true }
        name_de: DE
        tags: { from: TAG, type: list }
        site: file.site
      key: sku
      commerce:
        catalog_product:
          constants: { attribute_set_code: Default, product_type: simple, product_websites: base, price: '1.00' }
          columns: { sku: sku, name: name, categories: tags, url_key: 'slug("{name}-{site}")' }
          additional_attributes: { color: "default(name_de, 'none')", tags: tags }
          once: [url_key]
          rows: [{ store_view_code: de, when: 'present(name_de)', columns: { name: name_de } }]
          removed: delete
      examples:
        - row: { '@id': A1, N: Chair, DE: Stuhl, TAG: [a, b], file.site: EU }
          gives:
            commerce.catalog_product:
              - { sku: A1, store_view_code: , categories: [a, b], color: Stuhl, tags: [a, b], url_key: chair-eu }
              - { sku: A1, store_view_code: de, name: Stuhl, price: }
        - row: { '@id': A1, N: Chair }
          gives: { commerce.catalog_product: { name: Chair, categories: '', color: none, product_type: simple } }
        - before: { '@id': A1, N: Chair, file.site: EU }
          row: { '@id': A1, N: Armchair, file.site: EU }
          gives: { commerce.catalog_product: { sku: A1, name: Armchair, url_key: '' } }

      """
    let result = try TestProject(feeds: ["products": feed]).sluice("test")
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    let wrong = feed.replacing("N: Armchair", with: "NN: Armchair")
    let check = try TestProject(feeds: ["products": wrong]).sluice("test")
    #expect(check.status == 2 && check.errors.contains("did you mean \"N\""), "\(check.errors)")
  }

  @Test("Only the feeds that are named are tested; an unknown name is answered with the nearest")
  func feeds() throws {
    let good = "  - { row: { SKU: A1, QTY: 1 }, gives: { commerce.stock_sources: { sku: A1 } } }"
    let project = try project(good)
    try project.write(
      "feeds/names.yaml", NameFeed.text + "examples: [{ row: { ID: 1, NAME: n }, rejects: required }]\n")
    #expect(try results(project).1.map { $0["feed"] } == ["names", "stock"])
    let (status, named) = try results(project, "stock")
    #expect(status == 0 && named.map { $0["feed"] } == ["stock"])
    #expect(try project.sluice("test", "names").status == 1)
    let unknown = try project.sluice("test", "stok")
    #expect(unknown.status == 2 && unknown.errors.contains("did you mean stock"), "\(unknown.errors)")
    try project.write("feeds/names.yaml", NameFeed.text)
    #expect(try project.sluice("test", "names").output == "feeds/names.yaml: names, no examples\n0 passed, 0 failed\n")
    try project.write("feeds/names.yaml", "feed: names\n")
    #expect(try project.sluice("test").status == 2)
  }

  @Test("--now is what now() gives")
  func now() throws {
    let feed = NameFeed.text.replacing(
      "columns: [sku, name]", with: "columns: { sku: sku, day: \"format(now(), 'yyyy-MM-dd')\" }")
    let examples = "examples: [{ row: { ID: 1, NAME: n }, gives: { bi.changes: { new_day: '2027-01-31' } } }]\n"
    let project = try TestProject(feeds: ["names": feed + examples])
    #expect(try project.sluice("test", "--now", "2027-01-31T12:00:00Z").status == 0)
    #expect(try project.sluice("test", "--now", "2027-02-01T12:00:00Z").status == 1)
    #expect(try project.sluice("test", "--now", "soon").status == 2)
  }
}
