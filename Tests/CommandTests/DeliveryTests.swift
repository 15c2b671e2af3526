import TestSupport
import Testing

@Suite("What a delivery says about itself")
struct DeliveryTests {
  // MARK: - Trailer rows

  private static let trailer =
    "csv: { delimiter: ';', decimal: ',', trailer: { starts: TRL, rows: 2, also_counted: 2, sums: { QTY: 3 } } }"

  private func trailed(_ intake: String = "quiet: 0") throws -> TestProject {
    try StockFeed(format: Self.trailer, intake: intake).project()
  }

  @Test("A drop with a trailer that is right is published; the trailer is no row of it")
  func trailerIsRight() throws {
    let project = try trailed()
    let text = "SKU;QTY\nA101;1,5\nA102;-0,25\nA103;\"2\"\n"
    let first = try project.take("S_0.csv", text + "TRL;5;3,25;\n").drop
    #expect(first["status"] == "published" && first["rejected"] == 1, "a reject is counted and summed up: \(first)")
    let (exit, drop) = try project.take("S_1.csv", stock(101...140) { "\($0),5" } + "TRL;42;4840,00\n")
    #expect(exit == 0)
    #expect(drop["status"] == "published" && drop["read"] == 40 && drop["rejected"] == 0, "\(drop)")
    let zipped = try gzip(stock(101...140) { $0 == 101 ? "1" : "\($0),5" } + "TRL;42;4739,5")
    #expect(try project.take("S_2.csv.gz", bytes: zipped).drop["status"] == "published")
  }

  @Test(
    "A drop whose trailer is missing, early or says something else is not published",
    arguments: [
      ("", "waiting", "trailer-missing", "does not end with its trailer row \"TRL\""),
      ("TRL;41;200\n", "waiting", "trailer-mismatch", "counts 41 rows, but there are 42"),
      ("TRL;42;200,01\n", "waiting", "trailer-mismatch", "QTY sums up to 200.01, but it is 200"),
      ("TRL;many;200\n", "quarantined", "trailer-unreadable", "no number in its cell 2"),
      ("TRL;42\n", "quarantined", "trailer-unreadable", "no number in its cell 3"),
      ("TRL;42;200\nA141;5\n", "quarantined", "trailer-early", "rows follow the trailer row"),
      ("TRL;42;200\nTRL;42;200\n", "quarantined", "trailer-early", "rows follow the trailer row"),
      ("A141;x\nTRL;43;200\n", "waiting", "trailer-mismatch", "1 cells hold no number"),
    ])
  func trailerIsWrong(trailer: String, status: String, reason: String, message: String) throws {
    let project = try trailed()
    let (exit, drop) = try project.take("S_1.csv", stock() + trailer)
    #expect(exit == (status == "waiting" ? 0 : 1))
    #expect(drop["status"].string == status && drop["reason"].string == reason, "\(drop)")
    #expect(drop["message"].string?.contains(message) == true, "\(drop)")
    #expect(project.outbox == [] && project.leftovers == [])
    #expect(project.inbox == (status == "waiting" ? ["S_1.csv"] : []))
  }

  @Test("A full that is cut off waits and is quarantined when the rest does not come; whole, it is taken")
  func cutOff() throws {
    let project = try trailed("quiet: 0, incomplete_after: 0")
    let whole = stock() + "TRL;42;200\n"
    let cut = String(whole.prefix(200))
    #expect(try project.take("S_1.csv", cut).drop["reason"] == "trailer-missing")
    let (exit, drop) = try project.take("S_1.csv", whole)
    #expect(exit == 0 && drop["status"] == "published", "\(drop)")
    #expect(try project.take("S_2.csv", cut).drop["status"] == "waiting")
    let late = try project.fates()
    #expect(late.drops == ["S_2.csv quarantined trailer-missing"])
  }

  @Test("A shuffled drop is checked in the same way, and one with a column that is not there is quarantined")
  func shuffled() throws {
    let project = try trailed()
    #expect(try project.take("S_1.csv", stock() + "TRL;42;200\n").drop["status"] == "published")
    let rows = stock().split(separator: "\n").dropFirst().reversed().joined(separator: "\n")
    let drop = try project.take("S_2.csv", "SKU;QTY\n\(rows)\nTRL;42;201\n").drop
    #expect(drop["reason"] == "trailer-mismatch", "\(drop)")
    let right = try project.take("S_3.csv", "SKU;QTY\n\(rows)\nTRL;42;200\n").drop
    #expect(right["status"] == "unchanged", "\(right)")
    let format = "csv: { delimiter: ';', trailer: { starts: TRL, sums: { STOCK: 2 } } }"
    let missing = try StockFeed(format: format).project().take("S_1.csv", stock() + "TRL;42\n").drop
    #expect(missing["reason"] == "column-missing", "\(missing)")
  }

  // MARK: - Markers

  private func marked(_ form: String, _ marker: String = "{name}.mark") throws -> TestProject {
    try StockFeed(intake: "quiet: 0, marker: '\(marker)', marker_holds: \(form)").project()
  }

  private func sum(_ tool: String, _ text: String) throws -> String {
    let scratch = try TemporaryDirectory()
    try FileTree.write(text, to: scratch("S_1.csv"))
    let result = try RunningCommand("/usr/bin/env", [tool, "S_1.csv"], in: scratch.path).wait()
    try #require(result.status == 0, "\(result.errors)")
    return result.output
  }

  @Test(
    "A marker as sha256sum or md5sum writes it is checked", arguments: [("sha256", "sha256sum"), ("md5", "md5sum")])
  func checksums(form: String, tool: String) throws {
    let project = try marked(form)
    try project.drop("S_1.csv.mark", bytes: Array(try sum(tool, stock()).utf8))
    #expect(try project.take("S_1.csv", stock()).drop["status"] == "published")
    try project.drop("S_2.csv.mark", bytes: Array(try sum(tool, stock()).uppercased().utf8))
    let drop = try project.take("S_2.csv", stock { _ in "6" }).drop
    #expect(drop["status"] == "waiting" && drop["reason"] == "checksum-mismatch", "\(drop)")
    #expect(project.inbox == ["S_2.csv", "S_2.csv.mark"], "both go back")
    #expect(project.outbox("commerce").count == 1 && project.leftovers == [])
  }

  @Test(
    "A marker in JSON is checked for what it says",
    arguments: [
      (#"{"rows": 40, "bytes": 288}"#, "published"), (#"{"rows": 41}"#, "rows-mismatch"),
      (#"{"bytes": 287}"#, "size-mismatch"), (#"{"sha256": "00"}"#, "marker-unreadable"),
      (#"{"files": [{"name": "S_2.csv", "rows": 1}, {"name": "S_1.csv", "rows": 40}]}"#, "published"),
      (#"{"files": [{"name": "S_2.csv", "rows": 40}]}"#, "marker-unreadable"), ("", "marker-unreadable"),
      ("[40]", "marker-unreadable"),
    ])
  func json(marker: String, outcome: String) throws {
    let project = try marked("json")
    try project.drop("S_1.csv.mark", bytes: Array(marker.utf8))
    let drop = try project.take("S_1.csv", stock()).drop
    #expect((drop["reason"].string ?? drop["status"].string) == outcome, "\(drop)")
    #expect(project.outbox("commerce").count == (outcome == "published" ? 1 : 0))
  }

  @Test("A marker that comes right with a new delivery lets the drop through; one that stays wrong is quarantined")
  func redelivered() throws {
    let intake = "quiet: 0, incomplete_after: 0, marker: '{name}.mark', marker_holds: sha256"
    let project = try StockFeed(intake: intake).project()
    try project.drop("S_1.csv.mark", bytes: Array("nothing".utf8))
    #expect(try project.take("S_1.csv", stock()).drop["reason"] == "marker-unreadable")
    try project.drop("S_1.csv.mark", bytes: Array(try sum("sha256sum", stock()).utf8))
    #expect(try project.take("S_1.csv", stock()).drop["status"] == "published")
    try project.drop("S_2.csv.mark", bytes: Array(try sum("sha256sum", stock()).utf8))
    #expect(try project.take("S_2.csv", stock { _ in "7" }).drop["status"] == "waiting")
    #expect(try project.fates() == (1, ["S_2.csv quarantined checksum-mismatch"]))
  }
}
