import Testing

@testable import Sniffing

@Suite("Names of samples")
struct NameTests {
  @Test(
    "A date becomes as_of, a number a sequence, a word the mode",
    arguments: [
      ("INV_20261123.csv.gz", "INV_{as_of:yyyyMMdd}.csv*", "inv", "full"),
      ("INV_DELTA_202611230915_0017.csv", "INV_DELTA_{as_of:yyyyMMddHHmm}_{sequence}.csv*", "inv", "delta"),
      ("stock_delta_20250315T061500Z.csv", "stock_delta_{as_of:yyyyMMddTHHmmss}Z.csv*", "stock", "delta"),
      ("products.csv", "products.csv*", "products", "full"),
      ("2026-11-23 Customers.TSV", "{as_of:yyyy-MM-dd} Customers.TSV*", "customers", "full"),
      ("order_status_delta_000017.csv", "order_status_delta_{sequence}.csv*", "order-status", "delta"),
      ("F4101.csv", "F4101.csv*", "f4101", "full"), ("a{b}*.xml", "a?b??.xml*", "a-b", "full"),
      ("Umsätze_31.12.2025.csv", "Umsätze_{as_of:dd.MM.yyyy}.csv*", "umsaetze", "full"),
      ("20261399.csv", "20261399.csv*", "20261399", "full"), ("___.csv", "___.csv*", "feed", "full"),
    ])
  func names(_ name: String, _ pattern: String, _ feed: String, _ mode: String) {
    let found = SampleName(name)
    #expect(found.pattern == pattern)
    #expect(found.feedName == feed)
    #expect(found.mode.rawValue == mode)
  }
}
