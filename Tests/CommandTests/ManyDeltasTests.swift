import TestSupport
import Testing

@Suite("Many small deltas")
struct ManyDeltasTests {
  @Test("leave few segments, the base untouched, and a snapshot that knows the last value of every key")
  func fewSegments() throws {
    let project = try StockFeed(files: StockFeed.timed).project()
    let keys = 100_001...112_000
    #expect(try project.take("F_202611200000.csv", stock(keys)).status == 0)
    var last: [Int: Int] = [:]
    for number in 1...45 {
      let spoken = [100_000 + number, 100_001 + number, 102_000 + 7 * number]
      for key in spoken { last[key] = number }
      let minute = number < 10 ? "0\(number)" : "\(number)"
      try project.drop(
        "D_2026112001\(minute)_\(number).csv", "SKU;QTY\n" + spoken.map { "A\($0);1\(number)\n" }.joined())
    }
    let (result, drops) = try project.run()
    #expect(result.status == 0, "\(result.errors)")
    #expect(drops.count == 45 && drops.allSatisfy { $0["status"] == "published" })
    let files = FileTree.files(below: project.path("snapshots/stock"))
    let names = Set(files.filter { !$0.hasPrefix("lineage/") }.map { $0.prefix { $0 != "." } })
    #expect(names.contains("00000001"), "the base was written anew: \(names.sorted())")
    #expect(names.contains { $0.hasSuffix("m") })
    #expect(names.count <= 18, "\(names.sorted())")
    let full = stock(keys) { last[$0].map { "1\($0)" } ?? "5" }
    let (exit, drop) = try project.take("F_202611210000.csv", full)
    #expect(exit == 0)
    #expect(drop["status"] == "unchanged", "\(drop)")
    #expect(drop["targets"][0]["unchanged"].int == keys.count)
  }
}
