import TestSupport
import Testing

@Suite("Guards")
struct GuardTests {
  /// A first full of 40 keys, then `second`.
  private func second(_ feed: StockFeed, _ text: String) throws -> (status: Int32, drop: JSONValue) {
    let project = try feed.project()
    try #require(try project.take("S_1.csv", stock()).status == 0)
    return try project.take("S_2.csv", text)
  }

  @Test(
    "A guard holds strictly above its limit",
    arguments: [
      ("guard-removed", "at", stock(103...140)), ("guard-removed", "above", stock(104...140)),
      ("guard-zeroed", "at", stock { $0 <= 104 ? "0" : "5" }),
      ("guard-zeroed", "above", stock { $0 <= 105 ? "0" : "5" }),
      ("guard-changed", "at", stock { $0 <= 120 ? "6" : "5" }),
      ("guard-changed", "above", stock { $0 <= 121 ? "6" : "5" }),
    ])
  func limits(code: String, side: String, text: String) throws {
    let (exit, drop) = try second(StockFeed(), text)
    #expect(exit == (side == "at" ? 0 : 1))
    #expect(drop["status"] == (side == "at" ? "published" : "held"))
    #expect(drop["reason"].string == (side == "at" ? nil : code))
  }

  @Test(
    "A guard that is widened in the feed lets through what it held, as a share, a count, or off",
    arguments: [
      ("max_removed: 7.5%", stock(104...140)), ("max_removed: 3", stock(104...140)),
      ("max_removed: off", stock(104...140)), ("max_zeroed: 13%", stock { $0 <= 105 ? "0" : "5" }),
      ("max_zeroed: { field: qty, share: off }", stock { $0 <= 105 ? "0" : "5" }),
      ("max_changed: 53%", stock { $0 <= 121 ? "6" : "5" }),
      ("at_least: 41", stock { $0 <= 121 ? "6" : "5" }),
    ])
  func widened(guards: String, text: String) throws {
    #expect(try second(StockFeed(guards: guards), text).drop["status"] == "published")
  }

  @Test("Rejects above their guard hold the drop, and can be read at once")
  func rejected() throws {
    let project = try StockFeed().project()
    let (exit, drop) = try project.take("S_1.csv", stock(first: "x"))
    #expect(exit == 1)
    #expect(drop["status"] == "held" && drop["reason"] == "guard-rejected")
    #expect(drop["publication"] == nil)
    #expect(drop["rejects"] == "outbox/rejects/00000001-stock.csv")
    #expect(project.outbox == ["rejects/00000001-stock.csv"])
    #expect(FileTree.exists(project.path("work/00000001/data")))
    #expect(try second(StockFeed(guards: "max_rejected: 3%"), stock(first: "x")).drop["status"] == "unchanged")
  }

  @Test("A full with a header alone always holds; so does a first one, and one below min_rows")
  func empty() throws {
    let later = try second(StockFeed(guards: "max_removed: off, max_zeroed: off"), "SKU;QTY\n")
    #expect(later.drop["status"] == "held" && later.drop["reason"] == "guard-empty")
    #expect(try StockFeed().project().take("S_1.csv", "SKU;QTY\n").drop["reason"] == "guard-empty")
    let few = try StockFeed(guards: "min_rows: 41").project().take("S_1.csv", stock())
    #expect(few.status == 1)
    #expect(few.drop["reason"] == "guard-min-rows")
    #expect(try StockFeed(guards: "min_rows: 40").project().take("S_1.csv", stock()).status == 0)
  }

  @Test("A first publication has nothing before: zeros and changes hold nothing")
  func first() throws {
    #expect(try StockFeed().project().take("S_1.csv", stock { _ in "0" }).drop["status"] == "published")
  }

  @Test("Shares apply from at_least keys on: three of nineteen may vanish by default")
  func atLeast() throws {
    let project = try StockFeed().project()
    #expect(try project.take("S_1.csv", stock(101...119)).status == 0)
    #expect(try project.take("S_2.csv", stock(104...119)).drop["targets"][0]["removed"] == 3)
  }

  @Test("A reject without a readable key withholds removals; the third such full in a row is held")
  func unkeyed() throws {
    let project = try StockFeed(guards: "max_rejected: off").project()
    #expect(try project.take("S_1.csv", stock()).status == 0)
    for number in 2...3 {
      let (exit, drop) = try project.take(
        "S_\(number).csv", stock(102...140) { $0 == 102 ? "\(number)" : "5" } + ";9\n")
      #expect(exit == 0)
      #expect(drop["status"] == "published" && drop["reason"] == "removal-withheld")
      #expect(drop["targets"][0]["removed"] == 0)
    }
    let third = try project.take("S_4.csv", stock(102...140) { $0 == 102 ? "4" : "5" } + ";9\n")
    #expect(third.status == 1)
    #expect(third.drop["reason"] == "guard-unkeyed")
    let whole = try project.take("S_5.csv", stock(102...140))
    #expect(whole.drop["targets"][0]["removed"] == 1, "a full without such rejects removes what is gone")
  }

  @Test("A reject whose key can be read counts as seen: its key is not removed")
  func keyedReject() throws {
    let (exit, drop) = try second(StockFeed(guards: "max_rejected: off"), stock(first: "x"))
    #expect(exit == 0)
    #expect(drop["status"] == "unchanged")
    #expect(drop["reason"] == nil && drop["rejected"] == 1)
    #expect(drop["targets"][0]["removed"] == 0)
  }
}
