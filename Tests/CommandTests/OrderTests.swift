import TestSupport
import Testing

@Suite("Time and order")
struct OrderTests {
  private func timed(_ intake: String = "quiet: 0") throws -> TestProject {
    try StockFeed(files: StockFeed.timed, intake: intake, guards: "max_changed: off").project()
  }

  private func delta(_ key: Int, _ quantity: String) -> String { "SKU;QTY\nA\(key);\(quantity)\n" }

  /// Forty keys from the last to the first.
  private func backwards(_ header: String, _ line: (Int) -> String, end: String = "\n") -> String {
    header + end + (101...140).reversed().map { line($0) + end }.joined()
  }

  @Test("Rows with the bytes of last time are changed when the header names their columns in another order")
  func swappedHeader() throws {
    for isReversed in [false, true] {
      let project = try StockFeed(
        files: StockFeed.timed, guards: "max_changed: off", sku: "{ from: SKU, required: true }",
        quantity: "{ from: QTY, required: true, type: decimal(2), min: 0 }",
        more: "bi:\n  changes: { columns: [sku, qty] }"
      ).project()
      let rows = isReversed ? (101...140).reversed().map { $0 } : (101...140).map { $0 }
      let lines = rows.map { "A\($0);5;9\n" }.joined()
      #expect(try project.take("F_202611020000.csv", "SKU;QTY;MIN\n" + lines).status == 0)
      let same = try project.take("F_202611030000.csv", "SKU;QTY;MIN\n" + lines + "B1;1;1\n").drop
      #expect(same["targets"][0]["unchanged"] == 40 && same["targets"][0]["new"] == 1, "\(same)")
      let drop = try project.take("F_202611040000.csv", "SKU;MIN;QTY\n" + lines + "B1;1;1\n").drop
      #expect(drop["targets"][0]["changed"] == 40 && drop["targets"][0]["unchanged"] == 1, "\(drop)")
    }
  }

  @Test("Lines that end in two carriage returns are rejects in whatever order their keys come")
  func doubledReturns() throws {
    let project = try StockFeed(
      files: StockFeed.timed, guards: "max_changed: off, max_rejected: off, max_removed: off"
    ).project()
    #expect(try project.take("F_202611020000.csv", backwards("SKU;QTY", { "A\($0);5" })).status == 0)
    let text = backwards("SKU;QTY", { $0 == 120 ? "A120;6" : "A\($0);5\r" }, end: "\r\n")
    let (exit, drop) = try project.take("F_202611030000.csv", text + "\r\r\n\"A101\";\"5\"\r\r\n")
    #expect(exit == 0, "\(drop)")
    #expect(drop["status"] == "published" && drop["rejected"] == 41, "\(drop)")
    #expect(drop["targets"][0]["changed"] == 1, "\(drop)")
  }

  @Test("A key that is too long for the snapshot rejects its row alone")
  func longKey() throws {
    let project = try StockFeed(
      files: StockFeed.timed, guards: "max_changed: off, max_rejected: off", sku: "{ from: SKU, required: true }",
      more: "bi:\n  changes: { columns: [sku, qty] }"
    ).project()
    let long = String(repeating: "x", count: 70_000)
    let (_, drop) = try project.take("F_202611020000.csv", stock() + "\(long);5\nZ1;3\n")
    #expect(drop["status"] == "published" && drop["rejected"] == 1 && drop["accepted"] == 41, "\(drop)")
  }

  @Test("Drops are taken in the order of the time that their names give, not of their arrival or name")
  func asOf() throws {
    let project = try timed()
    try project.drop("D_202611020200_2.csv", delta(101, "8"))
    try project.drop("D_202611020100_1.csv", delta(101, "7"))
    try project.drop("F_202611020000.csv", stock())
    let (exit, drops) = try project.fates()
    #expect(exit == 0)
    #expect(
      drops == [
        "F_202611020000.csv published -", "D_202611020100_1.csv published -", "D_202611020200_2.csv published -",
      ])
    let last = try #require(project.outbox("commerce").last)
    #expect(try project.text("outbox/\(last)").contains(",8.00\n"))
  }

  @Test("A delta from before the last full is counted as newer and changes nothing, known keys and unknown ones")
  func lateDelta() throws {
    let project = try timed()
    #expect(try project.take("F_202611020000.csv", stock()).status == 0)
    let (exit, drop) = try project.take("D_202611010000_1.csv", "SKU;QTY\nA101;9\nNEW;1\n")
    #expect(exit == 0)
    #expect(drop["status"] == "unchanged")
    #expect(drop["targets"][0]["newer"] == 2)
    #expect(drop["targets"][0]["rows_written"] == 0)
    #expect(FileTree.files(below: project.path("archive")).count == 2)
    let next = try project.take("F_202611030000.csv", stock { $0 == 140 ? "6" : "5" }).drop
    #expect(next["targets"][0]["unchanged"] == 39 && next["targets"][0]["removed"] == 0, "\(next)")
  }

  @Test("A full that was repeated has spoken again: a delta from before it changes nothing, and is counted as newer")
  func lateAfterRepetition() throws {
    let project = try timed()
    #expect(try project.take("F_202611020000.csv", stock()).status == 0)
    let repeated = try project.take("F_202611030000.csv", stock()).drop
    #expect(repeated["status"] == "duplicate" && repeated["reason"] == "duplicate")
    let (exit, drop) = try project.take("D_202611021200_1.csv", "SKU;QTY\nA101;9\nNEW;1\n")
    #expect(exit == 0)
    #expect(drop["status"] == "unchanged")
    #expect(drop["targets"][0]["newer"] == 2, "\(drop)")
    #expect(project.outbox("commerce").count == 1)
    let inTime = try project.take("D_202611031200_2.csv", delta(101, "9")).drop
    #expect(inTime["targets"][0]["changed"] == 1)
  }

  @Test("A delta that is late for one key and in time for another counts each by itself")
  func partlyLate() throws {
    let project = try timed()
    #expect(try project.take("F_202611020000.csv", stock()).status == 0)
    #expect(try project.take("D_202611020300_2.csv", delta(101, "9")).status == 0)
    let drop = try project.take("D_202611020200_1.csv", "SKU;QTY\nA101;7\nA102;7\n").drop
    #expect(drop["status"] == "published")
    #expect(drop["targets"][0]["newer"] == 1 && drop["targets"][0]["changed"] == 1)
  }

  @Test("A full from before the last one is stale: archived, exit 0, nothing removed")
  func lateFull() throws {
    let project = try timed()
    #expect(try project.take("F_202611020000.csv", stock()).status == 0)
    let outbox = try project.outboxContents()
    let (exit, drop) = try project.take("F_202611010000.csv", stock(103...140))
    #expect(exit == 0)
    #expect(drop["status"] == "stale" && drop["reason"] == "stale")
    #expect(try project.outboxContents() == outbox)
    #expect(FileTree.files(below: project.path("archive")).contains("stock/00000002-F_202611010000.csv"))
    #expect(project.leftovers == [])
  }

  @Test("A full does not take back what a later delta said, removals included")
  func fullBeforeDelta() throws {
    let project = try timed()
    #expect(try project.take("F_202611020000.csv", stock()).status == 0)
    #expect(try project.take("D_202611040000_1.csv", "SKU;QTY\nA101;9\nNEW;1\n").status == 0)
    let drop = try project.take("F_202611030000.csv", stock { $0 == 102 ? "6" : "5" }).drop
    #expect(drop["targets"][0]["newer"] == 1 && drop["targets"][0]["changed"] == 1, "\(drop)")
    #expect(drop["targets"][0]["removed"] == 0, "the delta's new key is younger than the full")
  }

  @Test("The content of the last publication again is a duplicate, compressed or not: archived, exit 0")
  func duplicate() throws {
    let project = try StockFeed().project()
    #expect(try project.take("S_1.csv", stock()).status == 0)
    let outbox = try project.outboxContents()
    let (exit, drop) = try project.take("S_2.csv.gz", bytes: try gzip(stock()))
    #expect(exit == 0)
    #expect(drop["status"] == "duplicate" && drop["reason"] == "duplicate")
    #expect(try project.outboxContents() == outbox)
    #expect(FileTree.files(below: project.path("archive")).count == 2 && project.leftovers == [])
    #expect(try project.take("S_3.csv", stock(), "--force").drop["status"] == "unchanged")
  }

  @Test("Rows in another order are nothing to send: unchanged, archived, exit 0, no publication number used")
  func unchanged() throws {
    let project = try StockFeed().project()
    #expect(try project.take("S_1.csv", stock()).status == 0)
    let rows = stock().split(separator: "\n").dropFirst().reversed().joined(separator: "\n")
    let (exit, drop) = try project.take("S_2.csv", "SKU;QTY\n\(rows)\n")
    #expect(exit == 0)
    #expect(drop["status"] == "unchanged" && drop["publication"] == nil)
    #expect(drop["targets"][0]["unchanged"] == 40 && drop["respelled"] == 0)
    #expect(try project.take("S_3.csv", stock(first: "6")).drop["publication"] == 2)
  }

  @Test("A key in another case is the same key: counted as respelled, nothing is sent")
  func respelled() throws {
    let folded = StockFeed().text.replacing("key: sku", with: "key: [{ sku: fold }]")
    let project = try TestProject(feeds: ["stock": folded])
    #expect(try project.take("S_1.csv", stock()).drop["respelled"] == 0)
    let drop = try project.take("S_2.csv", stock().replacing("A101;5", with: "a101;5")).drop
    #expect(drop["status"] == "unchanged")
    #expect(drop["respelled"] == 1, "\(drop)")
  }

  @Test("Content of an earlier publication is held when nothing says that it is newer; --force lets it through")
  func contentRepeated() throws {
    let project = try StockFeed().project()
    #expect(try project.take("S_1.csv", stock()).status == 0)
    #expect(try project.take("S_2.csv", stock(first: "6")).status == 0)
    let (exit, drop) = try project.take("S_3.csv", stock())
    #expect(exit == 1)
    #expect(drop["status"] == "held" && drop["reason"] == "content-repeated")
    let forced = try project.take("S_4.csv", stock(), "--force")
    #expect(forced.status == 0)
    #expect(forced.drop["status"] == "published" && forced.drop["targets"][0]["changed"] == 1)
  }

  @Test(
    "Content of an earlier publication with a later time in its name is taken; so is any after a changed definition")
  func contentRepeatedButNewer() throws {
    let project = try timed()
    #expect(try project.take("F_202611010000.csv", stock()).status == 0)
    #expect(try project.take("F_202611020000.csv", stock(first: "6")).status == 0)
    #expect(try project.take("F_202611030000.csv", stock()).drop["status"] == "published")

    let plain = try StockFeed().project()
    #expect(try plain.take("S_1.csv", stock()).status == 0)
    #expect(try plain.take("S_2.csv", stock(first: "6")).status == 0)
    try plain.write("feeds/stock.yaml", StockFeed(guards: "max_removed: 6%").text)
    #expect(try plain.take("S_3.csv", stock()).drop["status"] == "published")
    #expect(try plain.take("S_4.csv", stock()).drop["status"] == "duplicate", "from then on it counts again")
  }

  @Test("A delta whose content an earlier delta had is held, though a full was published in between")
  func contentRepeatedAcrossModes() throws {
    let files = "files:\n  - { match: 'F_*.csv', mode: full }\n  - { match: 'D_*.csv', mode: delta }"
    let project = try StockFeed(files: files).project()
    #expect(try project.take("F_1.csv", stock()).status == 0)
    #expect(try project.take("D_2.csv", delta(101, "6")).status == 0)
    #expect(try project.take("F_3.csv", stock(first: "7")).status == 0)
    let (exit, drop) = try project.take("D_4.csv", delta(101, "6"))
    #expect(exit == 1)
    #expect(drop["status"] == "held" && drop["reason"] == "content-repeated", "\(drop)")
    #expect(drop["message"].string?.contains("publication 2") == true)
  }

  @Test("Content counts as repeated within its mode: a delta that says what a full said is taken")
  func contentOfOtherMode() throws {
    let files = "files:\n  - { match: 'F_*.csv', mode: full }\n  - { match: 'D_*.csv', mode: delta }"
    let project = try StockFeed(files: files).project()
    #expect(try project.take("F_1.csv", stock()).status == 0)
    #expect(try project.take("D_2.csv", delta(101, "6")).status == 0)
    #expect(try project.take("D_3.csv", stock()).drop["status"] == "published")
  }

  @Test("Of two patterns the numbers are apart: a delta is newer by the last delta's number, whatever came between")
  func contentRepeatedWithNewerNumber() throws {
    let project = try StockFeed(
      files: "files:\n  - { match: 'F_*.csv', mode: full }\n  - { match: 'D_{sequence}.csv', mode: delta }"
    ).project()
    #expect(try project.take("F_1.csv", stock()).status == 0)
    #expect(try project.take("D_1.csv", delta(101, "6")).status == 0)
    #expect(try project.take("F_2.csv", stock(first: "7")).status == 0)
    #expect(try project.take("D_2.csv", delta(101, "6")).drop["status"] == "published")
    #expect(try project.take("D_3.csv", delta(101, "8")).status == 0)
    #expect(try project.take("F_4.csv", stock(first: "9")).status == 0)
    #expect(try project.take("D_3.csv", delta(101, "6")).drop["reason"] == "content-repeated")
  }

  @Test("With a continuous sequence what follows a gap waits, until the missing drop has come")
  func gap() throws {
    let project = try timed("quiet: 0, sequence: continuous")
    try project.drop("F_202611010000.csv", stock())
    try project.drop("D_202611010100_1.csv", delta(101, "6"))
    try project.drop("D_202611010300_3.csv", delta(101, "8"))
    let first = try project.fates()
    #expect(first.status == 0)
    #expect(first.drops.last == "D_202611010300_3.csv waiting sequence-gap")
    #expect(try project.fates("D_202611010300_3.csv").status == 1)
    try project.drop("D_202611010200_2.csv", delta(101, "7"))
    #expect(
      try project.fates().drops == ["D_202611010200_2.csv published -", "D_202611010300_3.csv published -"])
    #expect(try project.take("D_202611010900_9.csv", delta(101, "9"), "--force").drop["status"] == "published")
  }

  @Test("A drop with nothing to send leaves no gap; one that is damaged or incomplete does, in the same run too")
  func gapBehindDamage() throws {
    let project = try timed("quiet: 0, sequence: continuous")
    try project.drop("F_202611010000.csv", stock())
    try project.drop("D_202611010100_1.csv", delta(101, "6"))
    try project.drop("D_202611010200_2.csv", delta(101, "6,0"))
    try project.drop("D_202611010300_3.csv", delta(102, "6"))
    #expect(
      try project.fates().drops.map { $0.split(separator: " ")[1] } == [
        "published", "published", "unchanged", "published",
      ])
    try project.drop("D_202611010400_4.csv.gz", bytes: Array(try gzip(delta(103, "6")).dropLast(9)))
    try project.drop("D_202611010500_5.csv", delta(103, "7"))
    let waiting = ["D_202611010400_4.csv.gz waiting gzip-truncated", "D_202611010500_5.csv waiting sequence-gap"]
    #expect(try project.fates().drops == waiting)
    #expect(try project.fates().drops == waiting)
    try project.drop("D_202611010400_4.csv.gz", bytes: try gzip(delta(103, "6")))
    #expect(try project.fates().drops.allSatisfy { $0.hasSuffix("published -") })
  }

  @Test("Without it, a missing number is nothing to wait for")
  func gapIgnored() throws {
    let project = try timed()
    #expect(try project.take("F_202611010000.csv", stock()).status == 0)
    #expect(try project.take("D_202611010300_3.csv", delta(101, "8")).drop["status"] == "published")
    #expect(try project.take("D_202611010500_5.csv", delta(101, "9")).drop["status"] == "published")
  }

  @Test("A time in a name is that of the feed's zone")
  func zone() throws {
    let project = try StockFeed(files: StockFeed.timed, more: "zone: Europe/Berlin").project()
    #expect(try project.take("F_202607010030.csv", stock()).status == 0)
    #expect(try project.sqlite("SELECT as_of, as_of_captured FROM drops") == ["2026-06-30T22:30:00Z|1"])
  }
}
