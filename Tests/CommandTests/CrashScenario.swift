import TestSupport

/// Three days of two feeds, small enough that a run takes a tenth of a second: day 1 publishes fulls; day 2 brings
/// fulls with removals and rejects, and a delta; day 3 shows whether the snapshots that day 2 left are the right ones.
enum CrashScenario {
  static let firstNow = "2026-11-01T02:15:00Z"
  static let secondNow = "2026-11-02T11:15:00Z"
  static let thirdNow = "2026-11-03T11:15:00Z"

  /// `sluice run` on the second day.
  static let secondRun = ["run", "--now", secondNow]

  /// A project on which nothing has run yet.
  static func empty() throws -> TestProject { try TestProject(feeds: ["products": products, "stock": stock]) }

  /// A project after day 1.
  static func afterFirstDay() throws -> TestProject {
    let project = try empty()
    try project.drop("PROD_20261101.csv", productFull((1...30).map { "P\(pad($0)),Name \($0),\($0).50,\($0 % 5)" }))
    let rows = (1...20).flatMap { number in
      ["east", "west"].map { "P\(pad(number));\($0);\(number),5" }
    }
    try dropStock("INV_20261101.csv", rows, in: project)
    try succeed(project.sluice("run", "--now", firstNow))
    return project
  }

  /// Puts day 2 into the inbox: changes, new and vanished keys, respellings and rejects in two fulls, then a delta with
  /// a duplicate. `isShuffled` takes the products out of key order, so that they need two passes.
  static func dropSecondDay(in project: TestProject, isShuffled: Bool = false) throws {
    var rows = (1...27).map { number in
      let name = "Name \(number)\(number % 4 == 0 ? "x" : "")"
      return "P\(pad(number)),\(name),\(number).\(number % 3 == 0 ? "75" : "50"),\((number + 1) % 5)"
    }
    rows.insert("P05b,Bad price,x.1,3", at: 5)
    rows += ["P31,New,1.00,1", "P32,New two,2.00,0"]
    if isShuffled { rows = rows.indices.map { rows[$0 * 7 % rows.count] } }
    try project.drop("PROD_20261102.csv", productFull(rows))
    let stock = (1...19).flatMap { number in
      ["east", "west"].map { "\(number == 7 ? "p" : "P")\(pad(number));\($0);\(number + number % 3),5" }
    }
    try dropStock("INV_20261102.csv", stock + ["P99;east;abc"], in: project)
    let delta = ["P77;west;7", "P01;east;0", "P02;east;-4", "P77;east;1,5", "P77;east;2,5"]
    try dropStock("INV_DELTA_202611020900_7.csv", delta, in: project)
  }

  /// Puts a full of the second day into the inbox that the removal guard holds.
  static func dropHeldDay(in project: TestProject) throws {
    let rows = (1...12).map { "P\(pad($0)),Name \($0),\($0).75,\(($0 + 1) % 5)" } + ["P13,Bad price,x.1,3"]
    try project.drop("PROD_20261102.csv", productFull(rows))
  }

  /// Puts day 3 into the inbox, a full and a delta, and runs it.
  static func runThirdDay(in project: TestProject) throws {
    let rows = (3...32).map { "P\(pad($0)),Name \($0),\($0).75,\(($0 + 2) % 5)" }
    try project.drop("PROD_20261103.csv", productFull(rows))
    try dropStock("INV_DELTA_202611030900_8.csv", ["P20;east;4", "P03;west;0", "P77;west;7"], in: project)
    try succeed(project.sluice("run", "--no-fsync", "--now", thirdNow))
  }

  /// A project of its own with the same files and ledger.
  static func copy(_ project: TestProject) throws -> TestProject {
    let copied = try empty()
    try FileTree.copy(project.directory.path, into: copied.directory.path)
    return copied
  }

  /// Throws unless the command exited with 0.
  static func succeed(_ result: CommandResult) throws {
    guard result.status == 0 else { throw TestFailure("exit \(result.status): \(result.errors)\(result.output)") }
  }

  private static func pad(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  private static func productFull(_ rows: [String]) -> String {
    (["sku,name,price,qty"] + rows).joined(separator: "\n") + "\n"
  }

  private static func dropStock(_ name: String, _ rows: [String], in project: TestProject) throws {
    try project.drop(name, (["SKU;SRC;QTY"] + rows).joined(separator: "\n") + "\n")
    try project.drop(name + ".ok", "")
  }

  private static let products = """
    feed: products
    files:
      - { match: 'PROD_{as_of:yyyyMMdd}.csv', mode: full }
    format: csv
    intake: { quiet: 0 }
    fields:
      sku: { from: sku, required: true, max_length: 10 }
      name: { from: name, required: true }
      price: { from: price, type: decimal(2), min: 0 }
      qty: { from: qty, type: integer, min: 0 }
    key: { sku: fold }
    duplicates: last
    guards: { max_rejected: off, max_removed: 40%, max_zeroed: off, max_changed: off, at_least: 5 }
    commerce:
      catalog_product:
        constants:
          { attribute_set_code: Default, product_type: simple, visibility: 'Catalog, Search', product_websites: base }
        columns: { sku: sku, name: name, price: price, url_key: 'slug("{name}-{sku}")' }
        once: [url_key]
        removed: delete
    bi:
      changes: { columns: [sku, name, price, qty] }
    edm:
      catalogue:
        whole: true
        when: 'qty > 0'
        columns: { id: sku, title: name, stamp: 'format(now(), "yyyyMMdd")' }
      back: { when: 'old.qty == 0 && qty > 0', columns: { sku: sku, qty: qty } }

    """

  private static let stock = """
    feed: stock
    files:
      - { match: 'INV_{as_of:yyyyMMdd}.csv', mode: full, at: '02:00' }
      - { match: 'INV_DELTA_{as_of:yyyyMMddHHmm}_{sequence}.csv', mode: delta }
    format: { csv: { delimiter: semicolon, decimal: ',' } }
    intake: { quiet: 0, marker: '{name}.ok' }
    fields:
      sku: { from: SKU, required: true }
      source: { from: SRC, required: true }
      qty: { from: QTY, required: true, type: decimal(4), min: 0 }
    key: [{ sku: fold }, source]
    duplicates: last
    guards: { max_rejected: off, max_removed: 40%, max_zeroed: off, max_changed: off, at_least: 5 }
    commerce:
      stock_sources:
        columns: { source_code: source, sku: sku, status: 'qty > 0 ? 1 : 0', quantity: qty }
        removed: zero
    bi:
      changes: { columns: [sku, source, qty] }

    """
}
