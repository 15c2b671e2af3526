import TestSupport
import Testing

/// A feed of stock by plant, whose guards the tests replace.
private struct PlantFeed {
  var guards: String

  var text: String {
    """
    feed: plants
    files:
      - { match: 'F_{as_of:yyyyMMddHHmm}.csv', mode: full }
      - { match: 'D_{as_of:yyyyMMddHHmm}.csv', mode: delta }
    format: { csv: { delimiter: ';' } }
    intake: { quiet: 0 }
    fields:
      sku: { from: SKU, required: true }
      plant: { from: PLANT, required: true }
      qty: { from: QTY, required: true, type: integer }
    key: [{ sku: fold }, plant]
    guards: { \(guards) }
    commerce:
      stock_sources:
        columns: { source_code: plant, sku: sku, status: 'qty > 0 ? 1 : 0', quantity: qty }
        removed: zero

    """
  }

  func project() throws -> TestProject { try TestProject(feeds: ["plants": text]) }

  /// Thirty keys for each of the plants, but for those left out; `quantity` of plant and number.
  static func rows(
    _ plants: [String] = ["P1", "P2", "P3", "P4", "P5", "P6", "P7"], keys: ClosedRange<Int> = 1...30,
    quantity: (String, Int) -> Int? = { _, _ in 5 }
  ) -> String {
    "SKU;PLANT;QTY\n"
      + plants.flatMap { plant in
        keys.compactMap { key in quantity(plant, key).map { "S\(100 + key);\(plant);\($0)\n" } }
      }.joined()
  }
}

@Suite("Guards that a feed asks for")
struct FurtherGuardTests {
  // MARK: - By a part of the key

  @Test("One plant of seven that is missing from a full holds it, though the share of all keys is allowed")
  func missingPlant() throws {
    let project = try PlantFeed(guards: "by: plant, max_removed: 20%, max_zeroed: 20%").project()
    #expect(try project.take("F_202611010000.csv", PlantFeed.rows()).status == 0)
    let (exit, drop) = try project.take(
      "F_202611020000.csv", PlantFeed.rows(["P1", "P2", "P3", "P4", "P5", "P7"]))
    #expect(exit == 1)
    #expect(drop["status"] == "held" && drop["reason"] == "guard-removed", "\(drop)")
    #expect(drop["message"].string?.contains("plant P6: all 30 live keys vanished") == true, "\(drop)")
    #expect(project.outbox("commerce").count == 1, "nothing of it is in the outbox")
  }

  @Test("A plant's keys are counted by themselves: above its limit the drop is held, at the limit not")
  func partOfPlant() throws {
    let project = try PlantFeed(guards: "by: plant, max_removed: 20%, max_zeroed: 10%").project()
    #expect(try project.take("F_202611010000.csv", PlantFeed.rows()).status == 0)
    let three = PlantFeed.rows { plant, key in plant == "P2" && key <= 3 ? 0 : 5 }
    #expect(try project.take("F_202611020000.csv", three).drop["status"] == "published")
    let six = PlantFeed.rows { plant, key in plant == "P2" && key <= 6 ? 0 : 5 }
    let drop = try project.take("F_202611030000.csv", six).drop
    #expect(drop["reason"] == "guard-zeroed", "\(drop)")
    #expect(drop["message"].string?.hasPrefix("plant P2: 3 of 27 keys that were above zero") == true, "\(drop)")
  }

  @Test("What deltas, removals and returns do to a plant is counted on, and equals a count of the snapshot")
  func countedOn() throws {
    let feed = PlantFeed(guards: "by: plant, max_removed: 40%, max_zeroed: off, max_changed: off")
    let project = try feed.project()
    #expect(try project.take("F_202611010000.csv", PlantFeed.rows()).status == 0)
    #expect(try project.take("D_202611020000.csv", PlantFeed.rows(["P8"], keys: 1...10)).status == 0)
    let fewer = PlantFeed.rows(["P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8"]) { plant, key in
      plant == "P8" ? (key <= 9 ? 1 : nil) : plant == "P3" && key > 20 ? nil : 5
    }
    #expect(try project.take("F_202611030000.csv", fewer).drop["status"] == "published")
    let back = PlantFeed.rows(["P3"], keys: 21...22) { _, key in key == 21 ? 0 : 4 }
    #expect(try project.take("D_202611040000.csv", back).status == 0)
    let sql = """
      SELECT json_extract(metadata, '$.partitions.keys.P3.live'), json_extract(metadata,
      '$.partitions.keys.P3.positive'), json_extract(metadata, '$.partitions.keys.P8.live'), json_extract(metadata,
      '$.live') FROM snapshot ORDER BY id DESC LIMIT 1
      """
    #expect(try project.sqlite(sql) == ["22|21|9|\(6 * 30 + 22 + 9)"])
    let gone = PlantFeed.rows { plant, _ in plant == "P8" ? nil : 5 }
    let drop = try project.take("F_202611050000.csv", gone).drop
    #expect(drop["message"].string?.contains("plant P8: all 9 live keys vanished") == true, "\(drop)")
  }

  @Test("A feed that gets `by` later counts what its snapshot has")
  func addedLater() throws {
    let project = try PlantFeed(guards: "max_removed: 20%, max_zeroed: off").project()
    #expect(try project.take("F_202611010000.csv", PlantFeed.rows()).status == 0)
    try project.write("feeds/plants.yaml", PlantFeed(guards: "by: plant, max_removed: 20%, max_zeroed: off").text)
    let drop = try project.take(
      "F_202611020000.csv", PlantFeed.rows(["P1", "P2", "P3", "P4", "P5", "P7"])
    ).drop
    #expect(drop["message"].string?.contains("plant P6: all 30 live keys vanished") == true, "\(drop)")
  }

  // MARK: - Over time

  @Test("Deltas that zero 4 % each are held once they have zeroed more than the limit within a day")
  func zeroedWithin() throws {
    let guards = "max_zeroed: { share: 10%, within: 24h }"
    let project = try StockFeed(files: StockFeed.timed, guards: guards).project()
    #expect(try project.take("F_202611010000.csv", stock(101...200)).status == 0)
    func delta(_ number: Int, _ hour: Int, _ first: Int, _ quantity: Int = 0) throws -> JSONValue {
      let rows = (first..<first + 4).map { "A\($0);\(quantity)\n" }.joined()
      let time = hour < 10 ? "0\(hour)" : "\(hour)"
      return try project.take("D_20261101\(time)00_\(number).csv", "SKU;QTY\n" + rows).drop
    }
    #expect(try delta(1, 1, 101)["status"] == "published")
    #expect(try delta(2, 2, 105)["status"] == "published")
    let third = try delta(3, 3, 109)
    #expect(third["status"] == "held" && third["reason"] == "guard-zeroed", "\(third)")
    #expect(third["message"].string?.contains("12 of 100 keys") == true, "\(third)")
    #expect(try delta(4, 4, 113)["reason"] == "behind-held")
    #expect(try project.sluice("release", "4", "--reason", "sold out").status == 0)
    #expect(try project.fates() == (0, ["D_202611010400_4.csv published -"]), "a release begins anew")
    #expect(try delta(5, 5, 101, 9)["status"] == "published", "what comes back is taken off")
    #expect(try delta(6, 6, 117)["status"] == "published")
    #expect(try delta(7, 7, 121)["status"] == "published")
    #expect(try delta(8, 8, 125)["reason"] == "guard-zeroed")
  }

  @Test("Fulls that lose a little each night are held when they fall far below what the feed usually has")
  func shrinks() throws {
    let project = try StockFeed(files: StockFeed.timed, guards: "shrink: 10%").project()
    func full(_ day: Int, _ keys: Int) throws -> JSONValue {
      try project.take("F_2026110\(day)0000.csv", stock(101...100 + keys)).drop
    }
    for (day, keys) in [(1, 100), (2, 96), (3, 92), (4, 88)] {
      #expect(try full(day, keys)["status"] == "published", "day \(day)")
    }
    let fifth = try full(5, 85)
    #expect(fifth["status"] == "held" && fifth["reason"] == "guard-shrink", "\(fifth)")
    #expect(fifth["message"].string?.hasPrefix("the feed has 11 live keys less than the 96 it usually has") == true)
    #expect(try project.sluice("release", "5", "--reason", "range cut").status == 0)
    #expect(try full(6, 82)["reason"] == "guard-shrink", "a release alone does not change what is usual")
    #expect(try project.sluice("release", "6", "--reason", "range cut", "--rebase").status == 0)
    #expect(try full(7, 79)["status"] == "published")
  }

  // MARK: - Counts

  @Test("New keys, and numbers that move too far, hold a drop above their limits")
  func newAndSwing() throws {
    let guards = "max_new: 10%, max_swing: { field: qty, by: 50%, share: 5% }, max_zeroed: off, max_changed: off"
    let project = try StockFeed(files: StockFeed.timed, guards: guards).project()
    #expect(try project.take("F_202611010000.csv", stock { _ in "10" }).status == 0)
    // By half is not by more than half; two of forty are not more than 5 %.
    func quantity(_ key: Int) -> String { key <= 102 ? "20" : key <= 120 ? "15" : key <= 130 ? "5" : "10" }
    #expect(try project.take("F_202611020000.csv", stock(quantity: quantity)).drop["status"] == "published")
    let drop = try project.take("D_202611030000_1.csv", stock(101...103) { _ in "1" }).drop
    #expect(drop["reason"] == "guard-swing", "\(drop)")
    #expect(drop["message"].string?.hasPrefix("3 of 40 live keys have a number that moved too far (7.5 %)") == true)
    #expect(try project.sluice("discard", "3", "--reason", "x").status == 0)
    let new = try project.take("F_202611040000.csv", stock(101...145, quantity: quantity)).drop
    #expect(new["reason"] == "guard-new", "\(new)")
    #expect(new["message"].string?.hasPrefix("5 keys are new beside 40 live ones (12.5 %)") == true, "\(new)")
  }

  @Test("A full with more rows than max_rows is held, also the first")
  func maximumRows() throws {
    let drop = try StockFeed(guards: "max_rows: 39").project().take("S_1.csv", stock()).drop
    #expect(drop["reason"] == "guard-max-rows")
    #expect(try StockFeed(guards: "max_rows: 40").project().take("S_1.csv", stock()).drop["status"] == "published")
  }
}
