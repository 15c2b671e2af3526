import Streams
import Testing

@testable import Intake

@Suite("Names from outside")
struct NameTests {
  @Test(
    "are ignored when they are temporary or a companion's",
    arguments: [
      (".stock.csv", true), (".", true), ("~stock.csv", true), ("stock.csv~", true), ("stock.csv.part", true),
      ("stock.csv.PART", true), ("stock.tmp", true), ("stock.filepart", true), ("a.crdownload", true),
      ("a.uploading", true), ("a.partial", true), ("a.swp", true), ("stock.ok", true), ("stock.csv.done", true),
      ("a.ready", true), ("a.trg", true), ("a.FIN", true), ("stock_H.ctl", true), ("a.md5", true),
      ("a.sha256", true), ("a.sha1", true), ("a.lck", true), ("stock.csv", false), ("part", false),
      ("stock.part.csv", false), ("stockok", false), ("a~b", false), ("ok.csv", false), ("", false),
    ])
  func ignored(name: String, expected: Bool) {
    #expect(IgnoredNames.isIgnored(name) == expected)
  }

  @Test(
    "are shown with everything escaped that does not show",
    arguments: [
      ("stock_Größe.csv", "stock_Größe.csv"), ("a\nb\r\t", "a\\nb\\r\\t"), ("a\\nb", "a\\\\nb"),
      ("\u{1B}[31m", "\\u{1B}[31m"), ("a\u{202E}vsc.b", "a\\u{202E}vsc.b"), ("a\u{200B}", "a\\u{200B}"),
      ("\u{0}", "\\u{00}"), ("\u{2028}", "\\u{2028}"), ("\u{7F}", "\\u{7F}"), ("\u{85}", "\\u{85}"), ("", ""),
    ])
  func shown(name: String, expected: String) {
    #expect(DisplayName.escape(name) == expected)
    #expect(DisplayName.escape(bytes: Array(name.utf8)) == expected)
  }

  @Test("are shown with the bytes that are not UTF-8")
  func notUTF8() {
    #expect(DisplayName.escape(bytes: Array("Gr".utf8) + [0xF6, 0xDF] + Array("e\n".utf8)) == "Gr\\xF6\\xDFe\\n")
    #expect(DisplayName.escape(bytes: [0xE2, 0x82]) == "\\xE2\\x82")
    #expect(DisplayName.escape(bytes: [0xC0, 0xAF]) == "\\xC0\\xAF")
    #expect(DisplayName.escape(bytes: [0xE2, 0x41]) == "\\xE2A")
    #expect(DisplayName.escape(bytes: Array("😀".utf8) + [0xFF]) == "😀\\xFF")
  }

  @Test(
    "are stored as one harmless component",
    arguments: [
      ("stock.csv", "stock.csv"), ("../../etc/passwd", ".._.._etc_passwd"), ("", "_"), (".", "_"), ("..", "_"),
      ("stock_K;rm -rf $HOME.csv", "stock_K_rm_-rf__HOME.csv"), ("Größe\n.csv", "Gr__e_.csv"), ("a\r\nb", "a__b"),
    ])
  func stored(name: String, expected: String) {
    #expect(SafeName.component(name) == expected)
  }

  @Test("are stored within 120 bytes, their suffix kept, under feed and number")
  func long() {
    let stored = SafeName.component(String(repeating: "ä", count: 300) + ".csv.gz")
    #expect(stored.utf8.count == 120)
    #expect(stored.hasSuffix("_.csv.gz"))
    #expect(SafeName.storedPath(drop: 42, feed: "erp", name: "a b.csv") == "erp/00000042-a_b.csv")
    #expect(SafeName.storedPath(drop: 123_456_789, feed: "../x", name: "a") == ".._x/123456789-a")
  }

  @Test("of markers go with the data file's name or its stem")
  func markers() throws {
    #expect(try MarkerName("{name}.ok").marker(of: "stock.csv") == "stock.csv.ok")
    #expect(try MarkerName("go-{name}").dataName(ofMarker: "go-stock.csv") == "stock.csv")
    #expect(try MarkerName("{name}.ok").dataName(ofMarker: ".ok") == nil)
    #expect(try MarkerName("{name}.ok").dataName(ofMarker: "stock.csv") == nil)
    #expect(try MarkerName("{stem}.ok").marker(of: "stock.csv") == "stock.ok")
    #expect(try MarkerName("{stem}.ok").marker(of: "stock") == "stock.ok")
    #expect(try MarkerName("{stem}.ok").dataName(ofMarker: "stock.ok") == nil)
  }

  @Test(
    "of markers must name the data file", arguments: ["done.ok", "{name}", "", "ok/{name}", "{name}{stem}", "{nam"])
  func invalidMarkers(template: String) throws {
    let error = try #require(throws: SluiceError.self) { try MarkerName(template) }
    #expect(error.code == "marker-invalid")
  }
}
