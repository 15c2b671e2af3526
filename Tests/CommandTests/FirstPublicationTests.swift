import TestSupport
import Testing

/// Drops large enough that their rows are handed over to the thread that writes them in many pieces.
@Suite("A feed's first publication")
struct FirstPublicationTests {
  private static let count = 12_000

  /// The keys, ascending or in an order in which no two neighbours are.
  private func keys(sorted: Bool) -> [Int] {
    (0..<Self.count).map { 100_000 + (sorted ? $0 : $0 * 7_919 % Self.count) }
  }

  private func drop(_ keys: [Int]) -> String {
    "SKU;QTY\n" + keys.map { "A\($0);\($0 % 7)\n" }.joined()
  }

  @Test(
    "gives every row once, in the drop's order, and leaves a snapshot that knows them all",
    arguments: [true, false])
  func everyRow(sorted: Bool) throws {
    let project = try StockFeed(more: "bi: { changes: { columns: [sku, qty] } }").project()
    let keys = keys(sorted: sorted)
    let (exit, first) = try project.take("S_1.csv", drop(keys))
    #expect(exit == 0)
    #expect(first["targets"][0]["new"].int == Self.count)
    let stock = try #require(project.outbox("commerce").first)
    let rows = keys.map { "stock,A\($0),\($0 % 7 > 0 ? 1 : 0),\($0 % 7).00\n" }
    #expect(try project.text("outbox/\(stock)") == "source_code,sku,status,quantity\n" + rows.joined())
    let changes = try #require(project.outbox("bi").first { $0.hasSuffix(".csv") })
    let events = try project.text("outbox/\(changes)").split(separator: "\n").dropFirst()
    #expect(events.map { $0.split(separator: ",")[1] } == keys.map { "A\($0)" })
    let (_, second) = try project.take("S_2.csv", drop(keys.map { $0 }) + "B1;1\n")
    #expect(second["targets"][0]["unchanged"].int == Self.count && second["targets"][0]["new"] == 1)
  }

  @Test("goes the other way when the last key stands twice, and gives each key once")
  func repeatedKey() throws {
    let project = try StockFeed(more: "duplicates: last").project()
    let keys = keys(sorted: false)
    let (exit, first) = try project.take("S_1.csv", drop(keys) + "A\(keys[0]);99\n")
    #expect(exit == 0)
    #expect(first["targets"][0]["new"].int == Self.count)
    let file = try #require(project.outbox("commerce").first)
    let lines = try project.text("outbox/\(file)").split(separator: "\n")
    #expect(lines.count == Self.count + 1)
    #expect(lines.filter { $0.contains("A\(keys[0]),") } == ["stock,A\(keys[0]),1,99.00"])
    #expect(project.leftovers == [])
  }

  @Test("that can not write its rows fails as a whole, and is published once it can", arguments: [true, false])
  func rowsDoNotFit(sorted: Bool) throws {
    // The rows are wider than what the snapshot keeps of them, so that their file meets the limit first.
    let name = String(repeating: "s", count: 45)
    let project = try StockFeed(name: name).project()
    try project.drop("S_1.csv", drop(keys(sorted: sorted)))
    let arguments = ["run", "--json", "--now", TestProject.now]
    let limited = try RunningCommand(
      "/bin/sh",
      ["-c", "trap '' XFSZ; ulimit -f 800; exec \"$0\" \"$@\"", BuildProducts.sluice] + arguments,
      in: project.directory.path
    ).wait()
    #expect(limited.status == 3, "\(limited.output)\(limited.errors)")
    #expect(limited.output.contains("File too large"), "\(limited.output)\(limited.errors)")
    #expect(project.inbox == ["S_1.csv"] && project.outbox == [] && project.leftovers == [])
    #expect(try project.fates().drops == ["S_1.csv published -"])
    let file = try #require(project.outbox("commerce").first)
    #expect(try project.text("outbox/\(file)").split(separator: "\n").count == Self.count + 1)
  }
}
