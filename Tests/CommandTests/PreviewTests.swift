import TestSupport
import Testing

@Suite("sluice preview")
struct PreviewTests {
  /// A feed of products: several targets, a masked field, a second store view, a computed field.
  private static let products = """
    feed: products
    files: 'P_{as_of:yyyyMMdd}.csv*'
    mode: full
    format: csv
    intake: { quiet: 0 }
    fields:
      sku: { from: ArticleNo, required: true }
      name: { from: NAME, required: true }
      name_de: { from: NAME_DE, empty: clear }
      price: { from: PRICE, type: decimal(2), min: 0 }
      mail: { from: CONTACT, sensitive: true }
      label: { value: '"{name} <{mail}>"' }
    key: [{ sku: fold }]
    commerce:
      catalog_product:
        creates: false
        columns: { sku: sku, name: name, price: price, manufacturer: label }
        rows: [{ store_view_code: de, when: 'present(name_de)', columns: { name: name_de } }]
    bi:
      changes: { columns: [sku, price, mail] }
    edm:
      price_drop: { when: 'price < old.price', columns: { sku: sku, price: price } }

    """
  private static let header = "ArticleNo,NAME,NAME_DE,PRICE,CONTACT,NOTE\n"
  private static let row = "A1,Chair,Stuhl,9.9,ann@example.com,oak\n"

  private func products() throws -> TestProject { try TestProject(feeds: ["products": Self.products]) }

  private func preview(_ project: TestProject, _ arguments: String...) throws -> [JSONValue] {
    let result = try project.sluice(["preview", "--json"] + arguments)
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
    return try result.jsonLines()
  }

  @Test("A row is shown as read, as validated, and as each target gets it; nothing is written")
  func stages() throws {
    let project = try products()
    try project.write("elsewhere/P_20261123.csv", Self.header + Self.row)
    let before = try project.everything()
    let row = try #require(try preview(project, "elsewhere/P_20261123.csv").first)
    #expect(row["file"] == "P_20261123.csv" && row["feed"] == "products")
    #expect(row["line"] == 2 && row["status"] == "accepted" && row["reject"] == nil)
    #expect(row["source"]["ArticleNo"] == "A1" && row["source"]["PRICE"] == "9.9")
    #expect(row["fields"]["price"] == "9.90" && row["fields"]["name_de"] == "Stuhl")
    let product = row["targets"][0]
    #expect(product["target"] == "commerce.catalog_product" && product["change"] == "new")
    #expect(product["rows"][0]["price"] == "9.90" && product["rows"][1]["name"] == "Stuhl")
    #expect(product["rows"][1]["store_view_code"] == "de")
    let changes = row["targets"][1]
    #expect(changes["change"] == "fired" && changes["rows"][0]["op"] == "insert")
    #expect(changes["rows"][0]["new_price"] == "9.90" && changes["rows"][0]["time"] == "2026-11-23T00:00:00Z")
    #expect(changes["rows"][0]["drop"] == nil, "no number is known before the claim")
    #expect(row["targets"][2]["change"] == "skipped" && row["targets"][2]["rows"].elements.isEmpty)
    #expect(try project.everything() == before)
  }

  @Test("Sensitive values are masked in every stage, and so are columns that no field reads")
  func sensitive() throws {
    let project = try products()
    try project.write("P_20261123.csv", Self.header + Self.row + "A2,Table,,1,bob@example.com\n")
    for arguments in [["preview", "--json"], ["preview"]] {
      let result = try project.sluice(arguments + ["P_20261123.csv"])
      #expect(result.status == 0, "\(result.errors)")
      for secret in ["ann@", "bob@", "example.com", "oak"] { #expect(!result.output.contains(secret), "\(secret)") }
    }
    let rows = try preview(project, "P_20261123.csv")
    #expect(rows[0]["source"]["CONTACT"] == "•••" && rows[0]["source"]["NOTE"] == "•••")
    #expect(rows[0]["fields"]["mail"] == "•••" && rows[0]["fields"]["label"] == "•••")
    #expect(rows[0]["targets"][0]["rows"][0]["manufacturer"] == "•••")
    #expect(rows[0]["targets"][1]["rows"][0]["new_mail"] == "•••")
    #expect(rows[1]["source"]["ArticleNo"] == "•••", "in a short row any cell may stand anywhere")
    #expect(rows[1]["reject"]["rule"] == "row-short")
  }

  @Test("What is published decides whether a row is new, changed or unchanged, and which columns differ")
  func verdicts() throws {
    let project = try products()
    let rows = (1...4).map { "A\($0),n\($0),d\($0),9.90,m,x\n" }.joined()
    #expect(try project.take("P_20261123.csv", Self.header + rows).status == 0)
    try project.write(
      "P_20261124.csv",
      Self.header + "A1,n1,d1,9.90,m,y\na2,n2,d2,8.5,m,x\nA3,n3,e3,9.90,m,x\nA4,n4,,9.90,m,x\nA5,n5,d5,1,m,x\n")
    let shown = try preview(project, "P_20261124.csv")
    func product(_ row: Int) -> JSONValue { shown[row]["targets"][0] }
    #expect((0..<5).map { product($0)["change"] } == ["unchanged", "changed", "changed", "changed", "new"])
    #expect(product(0)["rows"][0]["price"] == "9.90", "an unchanged row is shown all the same")
    #expect(product(1)["changed"] == .array(["price"]) && product(1)["rows"][0]["sku"] == "A2", "the first spelling")
    #expect(product(2)["changed"] == .array(["de/name"]) && product(2)["rows"].elements.count == 1)
    #expect(shown[3]["cleared"] == .array(["name_de"]) && shown[3]["fields"]["name_de"] == nil)
    #expect(product(3)["rows"][0]["name"] == "n4", "a name has to be in every scope")
    #expect((0..<5).map { shown[$0]["targets"][1]["change"] } == ["skipped", "fired", "skipped", "skipped", "fired"])
    #expect(shown[1]["targets"][2]["rows"][0]["price"] == "8.50")

    let older = try preview(project, "P_20261124.csv", "--feed", "products", "--rows", "1")
    #expect(older.count == 1)
    try project.write("P_20261122.csv", Self.header + "A1,other,,1,m,x\n")
    #expect(try preview(project, "P_20261122.csv")[0]["targets"][0]["change"] == "newer")
    let words = try project.sluice("preview", "P_20261124.csv", "--rows", "2")
    #expect(words.output.hasPrefix("P_20261124.csv [products, full], compared with publication 1\n"))
    #expect(words.output.contains("* price"), "\(words.output)")
  }

  @Test("A rejected row shows its rule and message, and what could be read of it")
  func rejected() throws {
    let project = try StockFeed(
      sku: "{ from: SKU, required: true, max_length: 80 }",
      quantity: "{ from: QTY, required: true, type: decimal(2), min: 0 }"
    ).project()
    try project.write("S_1.csv", "SKU;QTY\nA1;k. A.\n" + String(repeating: "L", count: 70) + ";1\n")
    let rows = try preview(project, "S_1.csv")
    #expect(rows[0]["status"] == "rejected" && rows[0]["targets"].elements.isEmpty)
    #expect(rows[0]["reject"]["rule"] == "not-a-number" && rows[0]["reject"]["line"] == 2)
    #expect(rows[0]["reject"]["field"] == "qty" && rows[0]["reject"]["column"] == 2)
    #expect(rows[0]["fields"]["sku"] == "A1" && rows[0]["fields"]["qty"] == nil)
    #expect(rows[1]["reject"]["rule"] == "commerce-sku-too-long" && rows[1]["fields"]["qty"] == "1.00")
    let words = try project.sluice("preview", "S_1.csv").output
    #expect(words.contains("line 2: rejected (not-a-number)") && words.contains("(rejected)"), "\(words)")
  }

  @Test("XML is shown by the paths of the fields; an absent element is nothing, several have bars between")
  func xml() throws {
    let feed = NameFeed.text.replacing("name: { from: NAME, required: true }", with: "name: { from: NAME, type: list }")
      .replacing("columns: [sku, name]", with: "columns: { sku: sku, name: 'join(name, \"+\")' }")
    let project = try TestProject(feeds: ["names": feed])
    try project.write(
      "N_1.xml", "<LIST>\n<ITEM><ID>1</ID><NAME>a</NAME><NAME>b</NAME></ITEM>\n<ITEM><ID>2</ID></ITEM>\n</LIST>")
    let rows = try preview(project, "N_1.xml")
    #expect(rows.count == 2 && rows[0]["line"] == 2 && rows[1]["line"] == 3)
    #expect(rows[0]["source"]["NAME"] == "a | b" && rows[0]["targets"][0]["rows"][0]["new_name"] == "a+b")
    #expect(rows[1]["source"]["NAME"] == nil && rows[1]["status"] == "accepted")
  }

  @Test("Gzip is seen by its content; one that is cut off is a bad file, and so is one without a declared column")
  func badFiles() throws {
    let project = try StockFeed().project()
    let bytes = try gzip(stock())
    try project.write("S_1.csv", bytes: bytes)
    #expect(try preview(project, "S_1.csv", "--rows", "3").map { $0["line"] } == [2, 3, 4])
    try project.write("S_2.csv.gz", bytes: Array(bytes.dropLast(12)))
    let cut = try project.sluice("preview", "S_2.csv.gz")
    #expect(cut.status == 1 && cut.errors.contains("S_2.csv.gz") && cut.errors.contains("[gzip-"), "\(cut.errors)")
    try project.write("S_3.csv", "SKU;OTHER\nA1;1\n")
    let other = try project.sluice("preview", "S_3.csv")
    #expect(other.status == 1 && other.errors.contains("[column-missing]"), "\(other.errors)")
    try project.write("S_4.csv", "SKU;QTY\n")
    #expect(try project.sluice("preview", "S_4.csv").output.hasSuffix("no rows\n"))
  }

  @Test("A name of no feed, a file that is not there, an unknown feed and a directory are told apart")
  func noFeed() throws {
    let project = try StockFeed().project()
    try project.write("export.csv", stock())
    let unmatched = try project.sluice("preview", "export.csv")
    #expect(unmatched.status == 2 && unmatched.errors.contains("--feed: stock [no-feed]"), "\(unmatched.errors)")
    #expect(try preview(project, "export.csv", "--feed", "stock").count == 5)
    let unknown = try project.sluice("preview", "export.csv", "--feed", "stok")
    #expect(unknown.status == 2 && unknown.errors.contains("did you mean stock"), "\(unknown.errors)")
    let missing = try project.sluice("preview", "S_9.csv")
    #expect(missing.status == 2 && missing.errors.contains("[file-missing]"), "\(missing.errors)")
    let directory = try project.sluice("preview", "feeds", "--feed", "stock")
    #expect(directory.status == 3 && directory.errors.contains("[not-a-file]"), "\(directory.errors)")
    #expect(try project.sluice("preview", "export.csv", "--rows", "0").status == 2)
    try project.write("feeds/broken.yaml", "feed: broken\n")
    #expect(try project.sluice("preview", "export.csv", "--feed", "stock").status == 2)
  }

  @Test("However wide the values, no line is wider than 80 columns, and nothing that drives a terminal gets through")
  func width() throws {
    let project = try products()
    let long = String(repeating: "長い名前", count: 50)
    let header = Self.header.replacing("NOTE\n", with: String(repeating: "X", count: 120) + "\n")
    try project.write(
      "P_20261123.csv",
      header + "A1,\(long),\"a\u{1B}[31m\tb\nc \",\(String(repeating: "9", count: 14)),m,x\n"
        + "A2,\(String(repeating: "word ", count: 100)),,k. A.,m,x\n")
    let result = try project.sluice("preview", "P_20261123.csv")
    #expect(result.status == 0, "\(result.errors)")
    #expect(!result.output.contains("\u{1B}") && !result.output.contains("\t"))
    #expect(result.output.contains("\"a\\u{1B}"), "\(result.output)")
    #expect(result.output.contains("…"))
    for line in result.output.split(separator: "\n") {
      let width = line.unicodeScalars.reduce(0) { $0 + ($1.value >= 0x2E80 ? 2 : 1) }
      #expect(width <= 80, "\(line)")
    }
    #expect(try preview(project, "P_20261123.csv")[0]["fields"]["name"] == .text(long), "--json cuts nothing")
  }

  @Test("--now is what now() gives; --quiet says nothing")
  func options() throws {
    let more = "bi:\n  changes: { columns: { sku: sku, day: \"format(now(), 'yyyy-MM-dd')\" } }"
    let project = try StockFeed(more: more).project()
    try project.write("S_1.csv", stock())
    let row = try preview(project, "S_1.csv", "--now", "2027-01-31T12:00:00Z")[0]
    #expect(row["targets"][1]["rows"][0]["new_day"] == "2027-01-31")
    let quiet = try project.sluice("preview", "--quiet", "S_1.csv")
    #expect(quiet.status == 0 && quiet.output.isEmpty && quiet.errors.isEmpty)
  }

  @Test("Whole and grouped targets are shown too, and a removal shows what is written for it")
  func otherTargets() throws {
    let feed = StockFeed(more: "edm:\n  list: { whole: true, when: 'qty > 1', columns: { sku: sku, qty: qty } }").text
      .replacing("    removed: zero", with: "    removed: zero\n    when: 'qty > 0'")
    let project = try TestProject(feeds: ["stock": feed])
    #expect(try project.take("S_1.csv", stock()).status == 0)
    try project.write("S_2.csv", "SKU;QTY\nA101;0\nA102;5\nA103;1\n")
    let rows = try preview(project, "S_2.csv")
    #expect(rows[0]["targets"][0]["change"] == "withdrawn")
    #expect(rows[0]["targets"][0]["rows"][0]["quantity"] == "0")
    #expect(rows[1]["targets"][1]["change"] == "unchanged" && rows[1]["targets"][1]["rows"][0]["qty"] == "5.00")
    #expect(rows[2]["targets"][1]["change"] == "withdrawn" && rows[2]["targets"][1]["rows"].elements.isEmpty)
  }
}
