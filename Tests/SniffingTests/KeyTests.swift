import TestSupport
import Testing

@testable import Sniffing

@Suite("What identifies a row")
struct KeyTests {
  private let samples: Samples

  init() throws { samples = try Samples() }

  @Test("A column that is unique and called like a key comes first, others are named")
  func single() throws {
    let report = try samples.report("NAME,QTY,SKU\na,1,A1\nb,2,A2\nc,3,A3\n")
    #expect(report.key == ["sku"] && report.duplicates == "reject")
    #expect(report.guess("key")?.others.contains("name") == true)
  }

  @Test("Where no column is unique, two or three together are")
  func pairs() throws {
    let pair = try samples.report("PLANT,SKU,QTY\n1,A1,5\n2,A1,5\n1,A2,5\n2,A2,5\n")
    #expect(pair.key == ["plant", "sku"] && pair.duplicates == "reject")
    let rows = ["1,1,1", "1,1,2", "1,2,1", "1,2,2", "2,1,1", "2,1,2", "2,2,1", "2,2,2"]
    let triple = try samples.report("LIST,SKU,TIER,PRICE\n" + rows.map { $0 + ",9\n" }.joined())
    #expect(triple.key == ["list", "sku", "tier"])
  }

  @Test("A key that is unique at the beginning and not later is none")
  func lateRepeat() throws {
    let rows = (1...3000).map { "A\($0);\($0 % 7);\($0)\n" }.joined()
    let report = try samples.report("SKU;PLANT;LINE\n" + rows + "A1;6;3001\n")
    #expect(report.key == ["sku", "plant"] || report.key == ["line"], "\(report.key)")
  }

  @Test("Rows that stand twice as a whole are taken once, and no other row is lost")
  func repeatedRows() throws {
    let feed = try samples.feed("r.csv", "A,B\nx,1\nx,1\nx,2\ny,\n")
    #expect(feed.report.key == ["a", "b"] && feed.report.duplicates == "last" && feed.report.rejected == 0)
    #expect(feed.text.contains("default: '-'"), "\(feed.text)")
  }

  @Test("A table of a header alone has a key by its name")
  func noRows() throws {
    let report = try samples.report("NAME;ARTICLE_ID;QTY\n")
    #expect(report.key == ["article_id"] && report.rows == 0 && report.guess("key")?.certainty == .unsure)
  }
}
