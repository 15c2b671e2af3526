import TestSupport
import Testing

@Suite("Why a key has its values")
struct KeyHistoryTests {
  private let feed = StockFeed(
    files: StockFeed.timed, guards: "max_removed: off, max_zeroed: off, max_changed: off, max_rejected: off")

  /// What `ledger why` says, as `DROP LINE KIND OLD>NEW` of the quantity.
  private func why(_ project: TestProject, _ key: String..., more: [String] = []) throws -> [String] {
    let result = try project.sluice(["ledger", "why"] + key + ["--json"] + more)
    #expect(result.status == 0, "\(result.errors)")
    return try result.jsonLines().map { version in
      let change = version["changes"].elements.first { change in
        change["columns"].elements.contains("commerce.stock_sources.quantity")
      }
      let values = change.map { " \($0["old"].string ?? "-")>\($0["new"].string ?? "-")" } ?? ""
      return "\(version["drop"].int ?? 0) \(version["line"].int ?? -1) \(version["kind"].string ?? "")\(values)"
    }
  }

  @Test("Each drop that changed it is told, newest first, with line, old and new value")
  func history() throws {
    let project = try feed.project()
    _ = try project.take("F_202611010000.csv", "SKU;QTY\nA1;1\nA2;2\n")
    _ = try project.take("D_202611010100_1.csv", "SKU;QTY\nA9;9\nA1;5\n")
    _ = try project.take("F_202611020000.csv", "SKU;QTY\nA1;5\nA2;2\nA9;9\n")
    _ = try project.take("F_202611030000.csv", "SKU;QTY\nA2;2\nA9;9\n")
    _ = try project.take("D_202611030100_2.csv", "SKU;QTY\nA1;7\n")
    _ = try project.take("D_202611030200_3.csv", "SKU;QTY\nA1;7\nA9;8\n")
    #expect(
      try why(project, "A1") == [
        "6 2 repeated", "5 2 added ->7.00", "4 0 removed", "2 3 changed 1.00>5.00", "1 2 added ->1.00",
      ])
    #expect(try why(project, "A2") == ["1 3 added ->2.00"])
    #expect(try why(project, "A1", more: ["--limit", "2"]) == ["6 2 repeated", "5 2 added ->7.00"])
    #expect(
      try why(project, "A1", more: ["--field", "qty"]) == [
        "5 2 added ->7.00", "4 0 removed", "2 3 changed 1.00>5.00", "1 2 added ->1.00",
      ])
    #expect(try why(project, "A1", more: ["--field", "quantity"]).count == 4)
    let text = try project.sluice("ledger", "why", "A1").output
    #expect(text.contains("drop 4: F_202611030000.csv [full], which took it away"), "\(text)")
    #expect(text.contains("drop 2: D_202611010100_1.csv line 3 [delta], which changed it"))
    for path in FileTree.files(below: project.path("outbox/commerce")).sorted().prefix(4).map({
      "outbox/commerce/\($0)"
    }) {
      #expect(text.contains("in \(path)\n"), "every publication had a row of it: \(path)")
    }
  }

  @Test("The history survives merges of the snapshot, and reaches back over hundreds of drops")
  func merged() throws {
    let project = try feed.project()
    _ = try project.take("F_202611010000.csv", stock())
    for number in 10..<70 {
      try project.drop(
        "D_2026110200\(number - 10 < 10 ? "0" : "")\(number - 10)_\(number).csv", "SKU;QTY\nA101;\(number)\n")
    }
    #expect(try project.run().drops.count == 60)
    let told = try why(project, "A101", more: ["--limit", "100"])
    let expected = (10..<70).reversed().map { number in
      "\(number - 8) 2 changed \(number == 10 ? 5 : number - 1).00>\(number).00"
    }
    #expect(told == expected + ["1 2 added ->5.00"])
    let names = FileTree.names(in: project.path("snapshots/stock/lineage"))
    #expect(names.contains("00000020.keys") && !names.contains { $0.contains("m.") || $0.contains("b.") })
  }

  @Test("Where the lineage was deleted, the oldest drop that is known is told as such")
  func cut() throws {
    let project = try feed.project()
    _ = try project.take("F_202611010000.csv", "SKU;QTY\nA1;1\n")
    _ = try project.take("D_202611010100_1.csv", "SKU;QTY\nA1;2\n")
    _ = try project.take("D_202611010200_2.csv", "SKU;QTY\nA1;3\n")
    FileTree.remove(project.path("snapshots/stock/lineage"))
    #expect(try why(project, "A1") == ["3 2 oldest"])
    let text = try project.sluice("ledger", "why", "A1").output
    #expect(text.contains("the oldest that is known"), "\(text)")
  }

  @Test("Of a held drop nothing is told until it is released, of a discarded one never")
  func held() throws {
    var strict = feed
    strict.guards = "max_removed: 0"
    let project = try strict.project()
    _ = try project.take("F_202611010000.csv", "SKU;QTY\nA1;1\nA2;2\n")
    #expect(try project.take("F_202611020000.csv", "SKU;QTY\nA1;5\n").drop["status"] == "held")
    #expect(try why(project, "A1") == ["1 2 added ->1.00"])
    #expect(try project.sluice("discard", "2", "--reason", "no").status == 0)
    #expect(try project.take("F_202611030000.csv", "SKU;QTY\nA1;6\n").drop["status"] == "held")
    #expect(try project.sluice("release", "3", "--reason", "yes").status == 0)
    #expect(try why(project, "A1") == ["3 2 changed 1.00>6.00", "1 2 added ->1.00"])
    #expect(try why(project, "A2") == ["3 0 removed", "1 3 added ->2.00"])
    #expect(FileTree.files(below: project.path("snapshots")).allSatisfy { !$0.contains("00000002") })
  }

  @Test("Keys of several parts are found by their leading parts, folded ones in any case")
  func parts() throws {
    let project = try TestProject(feeds: [
      "stock": """
      feed: stock
      files: 'S_*.csv'
      mode: full
      format: csv
      intake: { quiet: 0 }
      fields:
        sku: { from: sku, required: true }
        shop: { from: shop, required: true, sensitive: true }
        n: { from: n }
      key: [{ sku: fold }, shop]
      bi: { changes: { columns: [sku, shop, n] } }

      """
    ])
    _ = try project.take("S_1.csv", "sku,shop,n\nAb1,x,1\nAb1,y,2\nAb10,x,3\n")
    let list = try project.sluice("ledger", "why", "aB1")
    #expect(
      list.output == "stock: keys are made of sku, shop; these begin so:\n  Ab1 •••\n  Ab1 •••\n", "\(list.output)")
    let one = try project.sluice("ledger", "why", "AB1", "y").output
    #expect(one.contains("bi.changes.n: - → 2"), "\(one)")
    #expect(one.contains("bi.changes.shop: - → •••"))
    #expect(one.contains("line 3"))
    let missing = try project.sluice("ledger", "why", "Ab2")
    #expect(missing.status == 2 && missing.errors.contains("[key-unknown]"))
    #expect(try project.sluice("ledger", "why", "Ab1", "x", "1").status == 2)
    #expect(try project.sluice("ledger", "why", "Ab1", "").status == 2)
    let beginning = try project.sluice("ledger", "why", "Ab1", "x", "--json").output
    #expect(!beginning.contains("Ab10"), "\(beginning)")
    #expect(try project.sluice("ledger", "why", "Ab1", "--feed", "stok").errors.contains("did you mean stock?"))
  }

  @Test("A definition that changes does not break the history: columns are told by the names of their day")
  func definitions() throws {
    let project = try feed.project()
    _ = try project.take("F_202611010000.csv", "SKU;QTY\nA1;1\nA2;2\n")
    var later = feed
    later.more = "bi: { changes: { columns: [sku, qty] } }"
    try project.write("feeds/stock.yaml", later.text)
    _ = try project.take("F_202611020000.csv", "SKU;QTY\nA1;4\nA2;2\n")
    #expect(try why(project, "A1") == ["2 2 changed 1.00>4.00", "1 2 added ->1.00"])
    let text = try project.sluice("ledger", "why", "A1").output
    #expect(text.contains("commerce.stock_sources.quantity, bi.changes.qty: 1.00 → 4.00"), "\(text)")
    #expect(try project.sqlite("SELECT count(DISTINCT definition) FROM drops") == ["2"])
  }
}
