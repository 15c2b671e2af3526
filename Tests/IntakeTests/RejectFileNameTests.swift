import Testing

@testable import Intake

@Suite("Names of reject files that come back")
struct RejectFileNameTests {
  @Test(
    "Number and feed are read, of two feeds the longer name",
    arguments: [
      ("00000042-erp.csv", 42, "erp"), ("00000042-erp-2.csv", 42, "erp-2"), ("00000042-erp-3.csv", 42, "erp"),
      ("00000042-erp-2-2.csv", 42, "erp-2"), ("00000042-old.csv", 42, "erp"),
      ("123456789-erp.csv", 123_456_789, "erp"),
    ])
  func read(name: String, drop: Int, feed: String) {
    let found = RejectFileName(name, feeds: [("erp", "erp"), ("erp-2", "erp-2"), ("old", "erp")])
    #expect(found?.drop == drop && found?.feed == feed)
  }

  @Test(
    "Other names are not taken for one",
    arguments: [
      "42-erp.csv", "00000042-erp.csv.gz", "00000042-erp.txt", "00000042-other.csv", "00000042-erp-1.csv",
      "00000042-erp-x.csv", "00000000-erp.csv", "0000004x-erp.csv", "000000042-erp.csv", "-erp.csv", "00000042erp.csv",
      "00000042-erpx.csv", "99999999999999999999-erp.csv", "٠٠٠٠٠٠٤٢-erp.csv",
    ])
  func others(name: String) { #expect(RejectFileName(name, feeds: [("erp", "erp")]) == nil) }
}
