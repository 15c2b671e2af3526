import TestSupport
import Testing

@Suite("What a person asks for: resync and revert")
struct RequestTests {
  private let feed = StockFeed(
    files: StockFeed.timed, guards: "max_removed: off, max_zeroed: off, max_changed: off, max_rejected: off",
    more: """
      bi: { changes: { columns: [sku, qty] } }
      edm: { catalogue: { whole: true, columns: { sku: sku, qty: qty } } }
      """)

  /// A command with a reason; its exit status and its object.
  private func ask(
    _ project: TestProject, _ command: String...
  ) throws -> (status: Int32, drop: JSONValue, errors: String) {
    let result = try project.sluice(command + ["--reason", "wrong season", "--json"])
    return (result.status, try result.jsonLines().first ?? .null, result.errors)
  }

  /// The rows of the file published last for a consumer, without the header.
  private func rows(_ project: TestProject, _ consumer: String, _ part: String = "") throws -> [String] {
    let files = project.outbox(consumer).filter { $0.hasSuffix(".csv") && (part.isEmpty || $0.contains(part)) }
    let name = try #require(files.last)
    return try project.text("outbox/" + name).split(separator: "\n").dropFirst().map(String.init)
  }

  @Test("A resync sends every live key again, as an update, and fires no event")
  func resync() throws {
    let project = try feed.project()
    _ = try project.take("F_202611010000.csv", "SKU;QTY\nA1;1\nA2;2\nA3;3\n")
    _ = try project.take("F_202611020000.csv", "SKU;QTY\nA1;1\nA2;5\n")
    let events = project.outbox("bi").count
    let (status, drop, errors) = try ask(project, "resync", "stock")
    #expect(status == 0, "\(errors)")
    #expect(drop["status"] == "published" && drop["reason"] == "resynced" && drop["drop"] == 3, "\(drop)")
    #expect(drop["accepted"] == 2)
    #expect(try rows(project, "commerce") == ["stock,A1,1,1.00", "stock,A2,1,5.00"])
    #expect(try rows(project, "edm") == ["A1,1.00", "A2,5.00"])
    #expect(project.outbox("bi").count == events)
    #expect(FileTree.files(below: project.path("archive")).contains("stock/00000003-resync.json"))
    #expect(
      try project.sqlite("SELECT kind, drop_id, reason FROM decisions") == ["claimed|3|wrong season"])
    #expect(try project.sluice("ledger", "verify").status == 0)
    // Nothing has changed for the next full.
    #expect(try project.take("F_202611030000.csv", "SKU;QTY\nA1;1\nA2;5\n").drop["status"] == "unchanged")
    #expect(project.leftovers == [])
  }

  @Test("After a resync a full that was published before is taken again instead of being called a duplicate")
  func liftsDuplicates() throws {
    let project = try feed.project()
    _ = try project.take("F_202611010000.csv", "SKU;QTY\nA1;1\n")
    #expect(try ask(project, "resync", "stock").status == 0)
    #expect(try project.take("F_202611020000.csv", "SKU;QTY\nA1;1\n").drop["status"] == "unchanged")
  }

  @Test("A revert changes back what changed, removes what came and brings back what went; later changes stay")
  func revert() throws {
    let project = try feed.project()
    _ = try project.take("F_202611010000.csv", "SKU;QTY\nA1;1\nA2;2\nA3;3\nA4;4\nA5;5\n")
    _ = try project.take("F_202611020000.csv", "SKU;QTY\nA1;9\nA2;9\nA4;4\nA5;9\nA6;6\n")
    _ = try project.take("D_202611020100_1.csv", "SKU;QTY\nA5;55\n")
    let (status, drop, errors) = try ask(project, "revert", "2")
    #expect(status == 0, "\(errors)")
    #expect(drop["status"] == "published" && drop["reason"] == "reverted", "\(drop)")
    #expect(drop["message"].string?.contains("1 have changed since") == true, "\(drop)")
    #expect(drop["read"] == 5 && drop["accepted"] == 5)
    #expect(
      try rows(project, "commerce").sorted() == [
        "stock,A1,1,1.00", "stock,A2,1,2.00", "stock,A3,1,3.00", "stock,A6,0,0",
      ])
    #expect(try rows(project, "edm") == ["A1,1.00", "A2,2.00", "A3,3.00", "A4,4.00", "A5,55.00"])
    let events = try rows(project, "bi").joined(separator: "\n")
    #expect(events.contains("A1") && events.contains("A6"))
    let why = try project.sluice("ledger", "why", "A1").output
    #expect(why.contains("drop 4: revert-2.json [delta], which changed it") && why.contains("9.00 → 1.00"), "\(why)")
    // The state is the one before, but for what has changed since.
    let after = "SKU;QTY\nA1;1\nA2;2\nA3;3\nA4;4\nA5;55\n"
    #expect(try project.take("F_202611020000.csv", after).drop["status"] == "unchanged")
    // The wrong values are a change again.
    let again = try project.take("F_202611030000.csv", "SKU;QTY\nA1;9\nA2;9\nA4;4\nA5;9\nA6;6\n").drop
    #expect(again["targets"][0]["changed"] == 3 && again["targets"][0]["removed"] == 1, "\(again)")
    #expect(project.leftovers == [])
    #expect(try project.sluice("ledger", "verify").status == 0)
  }

  @Test("A revert of 4,000 wrong values gives back exactly the state before, whatever was merged since")
  func manyKeys() throws {
    let project = try feed.project()
    let keys = 1_001...7_000
    _ = try project.take("F_202611010000.csv", stock(keys))
    #expect(try project.take("F_202611020000.csv", stock(keys) { $0 <= 5_000 ? "0" : "5" }).status == 0)
    for minute in 10..<34 { try project.drop("D_2026110301\(minute)_\(minute).csv", "SKU;QTY\nA6\(minute)1;7\n") }
    #expect(try project.run().drops.count == 24)
    #expect(try ask(project, "revert", "2").drop["accepted"] == 4_000)
    #expect(try rows(project, "commerce").count == 4_000)
    let deltas = Set((10..<34).map { 6_001 + 10 * $0 })
    let before = stock(keys) { deltas.contains($0) ? "7" : "5" }
    let next = try project.take("F_202611040000.csv", before).drop
    #expect(next["status"] == "unchanged", "\(next)")
  }

  @Test("Groups that are sent whole are whole again after a revert")
  func groups() throws {
    let project = try TestProject(feeds: [
      "prices": """
      feed: prices
      files: 'P_{as_of:yyyyMMdd}.csv'
      mode: full
      format: csv
      intake: { quiet: 0 }
      at: '00:00'
      fields:
        sku: { from: sku, required: true }
        n: { from: n, type: decimal(0), required: true }
        price: { from: price, type: decimal(2), required: true }
      key: [sku, n]
      guards: { max_removed: off, max_changed: off, max_zeroed: off }
      commerce:
        advanced_pricing:
          group_by: [sku]
          behaviour: replace
          constants:
            tier_price_website: All Websites [USD]
            tier_price_customer_group: ALL GROUPS
            tier_price_value_type: Fixed
          columns: { sku: sku, tier_price_qty: n, tier_price: price }
          removed: delete

      """.replacing("at: '00:00'\n", with: "")
    ])
    let first = try project.take("P_20261101.csv", "sku,n,price\nA,1,10\nA,5,9\nB,1,20\n")
    #expect(first.drop["status"] == "published", "\(first)")
    _ = try project.take("P_20261102.csv", "sku,n,price\nA,1,11\nB,1,20\nC,1,30\n")
    let (status, drop, errors) = try ask(project, "revert", "2")
    #expect(status == 0 && drop["status"] == "published", "\(errors) \(drop)")
    let replaced = try rows(project, "commerce", "replace")
    #expect(replaced.count == 2 && replaced.allSatisfy { $0.hasPrefix("A,") }, "\(replaced)")
    #expect(try rows(project, "commerce", "delete") == ["C,,,,,"] || !(try rows(project, "commerce", "delete")).isEmpty)
    #expect(try project.take("P_20261103.csv", "sku,n,price\nA,1,10\nA,5,9\nB,1,20\n").drop["status"] == "unchanged")
    #expect(try ask(project, "resync", "prices").status == 0)
    #expect(try rows(project, "commerce", "replace").count == 3)
  }

  @Test("After a revert the corrected file of the same time is taken")
  func correctedAfterRevert() throws {
    let project = try feed.project()
    _ = try project.take("F_202611010000.csv", "SKU;QTY\nA1;1\nA2;2\n")
    _ = try project.take("F_202611020000.csv", "SKU;QTY\nA1;9\nA2;9\n")
    #expect(try ask(project, "revert", "2").status == 0)
    let right = try project.take("F_202611020000.csv", "SKU;QTY\nA1;3\nA2;2\n").drop
    #expect(right["status"] == "published" && right["targets"][0]["changed"] == 1, "\(right)")
  }

  @Test("A resync of products goes to the update file, without the columns that are sent once")
  func products() throws {
    let project = try TestProject(feeds: [
      "products": """
      feed: products
      files: 'P_*.csv'
      mode: full
      format: csv
      intake: { quiet: 0 }
      fields:
        sku: { from: sku, required: true }
        name: { from: name, required: true }
        price: { from: price, type: decimal(2), required: true }
      key: sku
      guards: { max_changed: off }
      commerce:
        catalog_product:
          constants: { attribute_set_code: Default, product_type: simple, product_websites: base }
          columns: { sku: sku, name: name, price: price, url_key: 'slug("{name}-{sku}")' }
          once: [url_key]

      """
    ])
    let first = try project.take("P_1.csv", "sku,name,price\nA,Coat,1\nB,Hat,2\n")
    #expect(first.drop["status"] == "published", "\(first)")
    let (status, drop, errors) = try ask(project, "resync", "products")
    #expect(status == 0 && drop["accepted"] == 2, "\(errors)")
    let name = try #require(project.outbox("commerce").last)
    #expect(name.contains("catalog_product-update"), "\(name)")
    let text = try project.text("outbox/" + name)
    #expect(!text.contains("url_key") && text.contains("A,") && text.contains("B,"), "\(text)")
  }

  @Test("The current rows of an output are sent again, all or those that are asked for")
  func resend() throws {
    let project = try feed.project()
    _ = try project.take("F_202611010000.csv", "SKU;QTY\nA1;1\nA2;2\nA3;3\n")
    let output = try #require(project.outbox("commerce").first { $0.contains("stock_sources") })
    _ = try project.take("D_202611010100_1.csv", "SKU;QTY\nA2;20\n")
    let all = try ask(project, "resend", "outbox/" + output)
    #expect(all.status == 0 && all.drop["reason"] == "resent", "\(all)")
    #expect(try rows(project, "commerce") == ["stock,A1,1,1.00", "stock,A2,1,20.00", "stock,A3,1,3.00"])
    try project.write("refused.csv", "sku,source_code,error\nA3,stock,no such source\nA2,stock,again\nA9,stock,x\n")
    let some = try ask(project, "resend", output, "--rows", project.path("refused.csv"))
    #expect(some.status == 0 && some.drop["accepted"] == 2, "\(some)")
    #expect(try rows(project, "commerce") == ["stock,A2,1,20.00", "stock,A3,1,3.00"])
    try project.write("wrong.csv", "sku,error\nA3,x\n")
    #expect(try ask(project, "resend", output, "--rows", project.path("wrong.csv")).errors.contains("[column-missing]"))
    #expect(try ask(project, "resend", "nothing.csv").errors.contains("[output-unknown]"))
    let events = try #require(project.outbox("bi").first { $0.contains("events") })
    #expect(try ask(project, "resend", events).errors.contains("[output-not-resendable]"))
    let catalogue = try #require(project.outbox("edm").first)
    #expect(try ask(project, "resend", catalogue).status == 0)
    #expect(try rows(project, "edm") == ["A1,1.00", "A2,20.00", "A3,3.00"])
    _ = try project.take("D_202611010200_2.csv", "SKU;QTY\n\"A\"\"4\";4\n")
    let quoted = try #require(project.outbox("commerce").last { $0.contains("stock_sources") })
    try project.write("quoted.csv", "sku,source_code\n\"A\"\"4\",stock\n")
    #expect(try ask(project, "resend", quoted, "--rows", project.path("quoted.csv")).drop["accepted"] == 1)
    #expect(try project.sluice("ledger", "verify").status == 0)
    #expect(project.leftovers == [])
  }

  @Test(
    "Values from before a definition grew are not known: a revert over that is refused and leaves everything as it is")
  func grownDefinition() throws {
    var narrow = feed
    narrow.more = ""
    let project = try narrow.project()
    _ = try project.take("F_202611010000.csv", "SKU;QTY\nA1;1\n")
    try project.write("feeds/stock.yaml", feed.text)
    _ = try project.take("F_202611020000.csv", "SKU;QTY\nA1;2\n")
    let before = try project.outboxContents()
    let (status, drop, _) = try ask(project, "revert", "2")
    #expect(status == 1 && drop["status"] == "failed" && drop["reason"] == "definition-grown", "\(drop)")
    #expect(try project.outboxContents() == before)
    #expect(FileTree.names(in: project.path("inbox")) == [])
    #expect(try project.take("F_202611030000.csv", "SKU;QTY\nA1;3\n").drop["status"] == "published")
  }

  @Test("What can not be asked for is refused with its reason, and no number is used")
  func refusals() throws {
    let project = try feed.project()
    _ = try project.take("F_202611010000.csv", "SKU;QTY\nA1;1\nA2;2\n")
    #expect(try ask(project, "resync", "stok").errors.contains("did you mean stock?"))
    #expect(try ask(project, "revert", "9").errors.contains("[drop-unknown]"))
    #expect(try project.sluice("revert", "1", "--reason", " ").status == 2)
    let empty = try feed.project()
    #expect(try ask(empty, "resync", "stock").errors.contains("[nothing-published]"))
    try empty.write("adopted/F_202611010000.csv", "SKU;QTY\nA1;1\n")
    #expect(try empty.sluice("adopt", empty.path("adopted/F_202611010000.csv")).status == 0)
    #expect(try ask(empty, "revert", "1").errors.contains("[drop-not-published]"))
    #expect(try project.take("F_202611020000.csv", "SKU;QTY\nA1;5\nA2;2\n").status == 0)
    #expect(try project.take("F_202611010100.csv", "SKU;QTY\nA1;5\n").drop["status"] == "stale")
    #expect(try ask(project, "revert", "3").errors.contains("[drop-not-published]"))
    _ = try project.take("D_202611020100_1.csv", "SKU;QTY\nA1;6\n")
    _ = try project.take("D_202611020200_2.csv", "SKU;QTY\nA1;7\n")
    FileTree.remove(project.path("snapshots/stock/lineage"))
    #expect(try ask(project, "revert", "2").errors.contains("[lineage-missing]"))
    #expect(try project.sqlite("SELECT max(drop_id) FROM drops") == ["5"])
    let strict = try StockFeed(files: StockFeed.timed, guards: "max_removed: 0").project()
    _ = try strict.take("F_202611010000.csv", "SKU;QTY\nA1;1\nA2;2\n")
    #expect(try strict.take("F_202611020000.csv", "SKU;QTY\nA1;5\n").drop["status"] == "held")
    #expect(try ask(strict, "resync", "stock").errors.contains("[behind-held]"))
  }

  @Test("Killed at any step, a revert is completed by the next command, or nothing of it is left")
  func crashes() throws {
    let project = try feed.project()
    _ = try project.take("F_202611010000.csv", "SKU;QTY\nA1;1\nA2;2\n")
    _ = try project.take("F_202611020000.csv", "SKU;QTY\nA1;5\nA3;3\n")
    let command = ["revert", "2", "--reason", "wrong"]
    for step in ["/work/00000003/data.part", "/work/00000003/data", "/snapshots/", "/outbox/commerce/", "/archive/"] {
      let copy = try project.copied()
      try copy.kill(command) { $0.contains(step) }
      #expect(try copy.sluice("run").status <= 1)
      if try copy.sqlite("SELECT status FROM drops WHERE drop_id = 3") != ["published"] {
        #expect(try copy.sluice(command).status == 0)
      }
      #expect(try rows(copy, "commerce").sorted() == ["stock,A1,1,1.00", "stock,A2,1,2.00", "stock,A3,0,0"], "\(step)")
      #expect(copy.leftovers == [], "\(step)")
      #expect(try copy.sluice("ledger", "verify").status == 0)
    }
  }
}
