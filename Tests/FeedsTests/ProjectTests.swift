import Streams
import Testing

@testable import Feeds

@Suite struct ProjectTests {
  @Test(
    "An empty sluice.yaml is a project with all places at their defaults", arguments: ["", "# only comments\n", "{}"])
  func defaults(text: String) throws {
    let project = try TemporaryProject(["sluice.yaml": text])
    let loaded = try ProjectLoader.load(directory: project.directory)
    #expect(loaded == ProjectDefinition(directory: project.directory))
    #expect(loaded.resolve(loaded.ledger) == "\(project.directory)/ledger.sqlite")
    #expect(loaded.resolve("/var/x") == "/var/x")
  }

  @Test("Every place can be moved")
  func places() throws {
    let text = DefinitionKeys.project.names.map { "\($0): ./moved/\($0)/" }.joined(separator: "\n")
    let project = try TemporaryProject(["sluice.yaml": text])
    let loaded = try ProjectLoader.load(directory: project.directory)
    let moved = [
      loaded.feeds, loaded.inbox, loaded.work, loaded.outbox, loaded.archive, loaded.quarantine, loaded.snapshots,
      loaded.ledger,
    ]
    #expect(moved == DefinitionKeys.project.names.map { "moved/\($0)" })
  }

  @Test("A directory without sluice.yaml is no project, and the message says what to do")
  func missing() throws {
    let project = try TemporaryProject(["feeds/a.yaml": ""])
    let problems = Linter.check(directory: project.directory)
    #expect(problems.map(\.code) == ["project-missing"])
    #expect(problems.first?.kind == .definition)
    #expect(problems.first?.remedy.contains("sluice init") == true)
  }

  @Test(
    "Wrong places are refused where they stand",
    arguments: [
      ("▸inbx: in", "unknown-key"), ("inbox: ▸../in", "wrong-value"), ("inbox: ▸[a]", "wrong-type"),
      ("work: ▸inbox/work", "place-overlap"), ("outbox: ▸inbox", "place-overlap"), ("inbox: ▸.", "wrong-value"),
      ("ledger: ▸outbox/ledger.sqlite", "place-overlap"),
    ])
  func wrong(marked: String, code: String) throws {
    let definition = MarkedText(marked)
    let project = try TemporaryProject(["sluice.yaml": definition.text])
    let (_, problems) = ProjectLoader.check(directory: project.directory)
    #expect(problems.map(\.code) == [code])
    #expect(problems.map(\.position) == definition.places)
    #expect(throws: SluiceError.self) { try ProjectLoader.load(directory: project.directory) }
  }

  @Test("Problems of sluice.yaml and of all feeds are reported together")
  func lint() throws {
    let project = try TemporaryProject([
      "sluice.yaml": "inbx: in", "feeds/b.yaml": "feed: b\nzome: UTC", "feeds/a.yml": FeedText().text,
      "feeds/.c.yaml": "x",
      "feeds/notes.txt": "x",
    ])
    let problems = Linter.check(directory: project.directory)
    #expect(Set(problems.compactMap(\.file)) == ["sluice.yaml", "feeds/b.yaml"])
    #expect(problems.contains { $0.remedy.contains("did you mean \"zone\"") })
  }

  @Test("A project without feeds is told how to get one")
  func noFeeds() throws {
    let without = try TemporaryProject(["sluice.yaml": ""])
    #expect(Linter.check(directory: without.directory).map(\.code) == ["feeds-missing"])
    let empty = try TemporaryProject(["sluice.yaml": "", "feeds/readme.txt": ""])
    #expect(Linter.check(directory: empty.directory).map(\.code) == ["feeds-missing"])
  }
}

@Suite struct CrossFeedTests {
  private func problems(_ feeds: [String: FeedText]) throws -> [SluiceError] {
    let files = Dictionary(uniqueKeysWithValues: feeds.map { ("feeds/\($0.key).yaml", $0.value.text) })
    return try TemporaryProject(files).load().problems
  }

  private let second = FeedText(head: "feed: other", files: "files: 'O_*.csv'\nmode: full")

  @Test("Feeds are sorted by file name")
  func order() throws {
    let bi = second.with(\.targets, "bi:\n  changes: { columns: [sku] }")
    let project = try TemporaryProject(["feeds/b.yaml": FeedText().text, "feeds/a.yaml": bi.text])
    #expect(project.load().problems.isEmpty)
    #expect(project.load().feeds.map(\.name) == ["other", "stock"])
  }

  @Test("Two feeds may not share a name, a pattern, or a former name")
  func names() throws {
    let bi = second.with(\.targets, "bi:\n  changes: { columns: [sku] }")
    #expect(try problems(["a": FeedText(), "b": bi.with(\.head, "feed: stock")]).map(\.code) == ["feed-duplicate"])
    let pattern = try problems(["a": FeedText(), "b": bi.with(\.files, FeedText().files)])
    #expect(pattern.map(\.code) == ["pattern-duplicate"])
    #expect(pattern.first?.file == "feeds/b.yaml" && pattern.first?.position == Position(line: 2, column: 9))
    let former = try problems(["a": FeedText(), "b": bi.with(\.head, "feed: other\nformerly: stock")])
    #expect(brief(former) == ["2:11 formerly-taken"])
  }

  @Test("Two feeds may not write the same column of an entity, the identity excepted")
  func columns() throws {
    let found = try problems(["a": FeedText(), "b": second])
    #expect(found.map(\.code) == ["column-conflict", "column-conflict"])
    #expect(found.first?.cause == "the feed stock writes status of stock_sources too")
    #expect(found.first?.position == Position(line: 16, column: 47))
  }

  @Test("A second feed may add other columns, columns sent once, and other store views")
  func sharedProducts() throws {
    let creating = FeedText().with(
      \.targets,
      """
      commerce:
        catalog_product:
          constants: { attribute_set_code: Default, product_type: simple, product_websites: base }
          columns: { sku: sku, name: name, price: qty, url_key: 'slug(name)' }
          once: [url_key]
          rows: [{ store_view_code: de, columns: { name: name } }]
      """)
    func updating(_ columns: String, _ rows: String = "[]") -> FeedText {
      second.with(
        \.targets,
        "commerce:\n  catalog_product:\n    creates: false\n    constants: { product_type: simple }\n    columns: \(columns)\n    rows: \(rows)"
      )
    }
    #expect(try problems(["a": creating, "b": updating("{ sku: sku, weight: qty, url_key: name }")]).isEmpty)
    #expect(
      try problems(["a": creating, "b": updating("{ sku: sku, weight: qty, price: qty }")]).map(\.code)
        == ["column-conflict"])
    #expect(
      try problems([
        "a": creating, "b": updating("{ sku: sku }", "[{ store_view_code: fr, columns: { name: name } }]"),
      ]).isEmpty)
    #expect(
      try problems([
        "a": creating, "b": updating("{ sku: sku }", "[{ store_view_code: de, columns: { name: name } }]"),
      ]).map(\.cause) == ["the feed stock writes name of catalog_product for the store view de too"])
  }
}

@Suite struct LookupFileTests {
  private func problems(_ table: String?) throws -> [SluiceError] {
    let text = FeedText().text.replacing("source: PLANT", with: "source: { from: PLANT, lookup: t.csv }")
    var files = ["feeds/stock.yaml": text]
    files["t.csv"] = table
    return try TemporaryProject(files).load().problems
  }

  @Test(
    "Two-column tables with a header are taken, with comma or semicolon",
    arguments: [
      "k,v\na,1\nb,2\n", "k;v\r\na;1,5\r\n", "\u{FEFF}k,v\n\"a,b\",\"x\ny\"\n\n", "k,v\n\"\"\"\",1", "k,v\n",
      "k,v\na,\n",
    ])
  func good(table: String) throws {
    #expect(try problems(table).map(\.description) == [])
  }

  @Test(
    "Other tables are refused with file and line",
    arguments: [
      ("", "t.csv:1", "lookup-invalid"), ("k,v\na,1\nb,2\na,3\n", "t.csv:4", "lookup-duplicate"),
      ("k,v,w\n", "t.csv:1", "lookup-invalid"), ("k,v\na,1\n\nb\n", "t.csv:4", "lookup-invalid"),
      ("k,v\n\"a\nb\",1\n\"c,2\n", "t.csv:4", "lookup-invalid"), ("k,v\n\"a\"x,1\n", "t.csv:2", "lookup-invalid"),
    ])
  func bad(table: String, place: String, code: String) throws {
    let found = try problems(table)
    #expect(found.map(\.code) == [code])
    #expect(found.first?.description.hasPrefix(place + ": ") == true)
  }

  @Test("A missing table is reported where the feed names it")
  func missing() throws {
    let found = try problems(nil)
    #expect(found.map(\.code) == ["lookup-missing"])
    #expect(found.first?.description.hasPrefix("feeds/stock.yaml:7:34: ") == true)
  }

  @Test("Entries keep their bytes, quotes undone")
  func entries() throws {
    let entries = try LookupFiles.entries(of: Array("k;v\n\"a\"\"b\";\"x;y\"\nc;d e".utf8), path: "t.csv")
    #expect(entries.map { String(decoding: $0.key, as: UTF8.self) } == ["a\"b", "c"])
    #expect(entries.map { String(decoding: $0.value, as: UTF8.self) } == ["x;y", "d e"])
  }

  @Test("A table in an expression is loaded and kept for the ledger")
  func inExpression() throws {
    let text = FeedText().text.replacing("source_code: source", with: "source_code: 'lookup(source, \"t.csv\")'")
    let good = try TemporaryProject(["feeds/stock.yaml": text, "t.csv": "k,v\n10,main\n"]).load()
    #expect(good.problems.map(\.description) == [])
    #expect(good.feeds.first?.lookupFiles.map(\.path) == ["t.csv"])
    let bad = try TemporaryProject(["feeds/stock.yaml": text, "t.csv": "k,v\n10\n"]).load()
    #expect(bad.problems.map(\.code) == ["lookup-invalid"])
    #expect(bad.problems.first?.cause.hasPrefix("t.csv:2: ") == true)
  }
}
