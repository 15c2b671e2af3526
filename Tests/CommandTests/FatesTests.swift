import Glibc
import TestSupport
import Testing

/// The table "What becomes of a drop", row by row: what is not whole, and what is damaged.
@Suite("What becomes of a drop that is not whole")
struct FatesTests {
  @Test("A gzip that ends early waits in the inbox, and is quarantined when it has not changed in time")
  func truncatedGzip() throws {
    let project = try StockFeed(intake: "quiet: 0, incomplete_after: 0").project()
    let bytes = try gzip(stock())
    let first = try project.take("S_1.csv.gz", bytes: Array(bytes.dropLast(12)))
    #expect(first.status == 0)
    #expect(first.drop["status"] == "waiting")
    #expect(first.drop["reason"] == "gzip-truncated")
    #expect(first.drop["drop"] == nil)
    #expect(project.inbox == ["S_1.csv.gz"])
    #expect(try FileTree.read(project.path("inbox/S_1.csv.gz")) == Array(bytes.dropLast(12)))
    #expect(project.leftovers == [])

    let second = try project.fates()
    #expect(second.status == 1)
    #expect(second.drops == ["S_1.csv.gz quarantined gzip-truncated"])
    #expect(project.inbox == [])
    #expect(FileTree.files(below: project.path("quarantine")) == ["stock/00000002-S_1.csv.gz"])
    #expect(project.leftovers == [])
    #expect(project.outbox == [])
  }

  @Test("A gzip found incomplete is not read again until it changes, and then published")
  func incompleteChanges() throws {
    let project = try StockFeed().project()
    let bytes = try gzip(stock())
    #expect(try project.take("S_1.csv.gz", bytes: Array(bytes.prefix(20))).drop["reason"] == "gzip-truncated")
    #expect(try project.fates().drops == ["S_1.csv.gz waiting gzip-truncated"])
    #expect(try project.sqlite("SELECT count(*) FROM drops") == ["1"], "the second look claims nothing")
    #expect(try project.fates("S_1.csv.gz").status == 1, "named on the command line and not published")
    let whole = try project.take("S_1.csv.gz", bytes: bytes)
    #expect(whole.status == 0)
    #expect(whole.drop["status"] == "published")
    #expect(whole.drop["read"] == 40)
  }

  @Test("XML without its end waits, then is quarantined; the rest of it delivered in time is published")
  func unclosedXML() throws {
    let project = try TestProject(feeds: ["names": NameFeed.text])
    #expect(try project.take("N_1.xml", NameFeed.records).drop["reason"] == "xml-unclosed")
    #expect(project.inbox == ["N_1.xml"])
    let whole = try project.take("N_1.xml", NameFeed.records + "</LIST>\n")
    #expect(whole.drop["status"] == "published")
    #expect(try project.take("N_2.xml", NameFeed.records).drop["status"] == "waiting")
    let late = try project.fates()
    #expect(late.status == 1)
    #expect(late.drops == ["N_2.xml quarantined xml-unclosed"])
  }

  @Test(
    "XML that is damaged in the middle or uses an entity is quarantined at once; a DOCTYPE alone is fine",
    arguments: [
      ("<LIST><ITEM><ID>A</NAME></ITEM></LIST>", "quarantined", "xml-not-well-formed"),
      (
        "<!DOCTYPE LIST [<!ENTITY e \"x\">]><LIST><ITEM><ID>A</ID><NAME>&e;</NAME></ITEM></LIST>", "quarantined",
        "xml-entity"
      ),
      ("<!DOCTYPE LIST SYSTEM \"a.dtd\"><LIST><ITEM><ID>A</ID><NAME>b</NAME></ITEM></LIST>", "published", nil),
    ])
  func damagedXML(text: String, status: String, reason: String?) throws {
    let project = try TestProject(feeds: ["names": NameFeed.text])
    let (exit, drop) = try project.take("N_1.xml", text)
    #expect(exit == (status == "published" ? 0 : 1))
    #expect(drop["status"].string == status)
    #expect(drop["reason"].string == reason)
    #expect(drop["drop"] == 1)
    let place = status == "published" ? "archive" : "quarantine"
    #expect(FileTree.files(below: project.path(place)) == ["names/00000001-N_1.xml"])
    #expect(project.inbox == [] && project.leftovers == [])
  }

  @Test("A gzip with a wrong checksum or a damaged middle is quarantined, and none of it is published")
  func corruptGzip() throws {
    let project = try StockFeed().project()
    var checksum = try gzip(stock())
    checksum[checksum.count - 8] ^= 1
    let (exit, drop) = try project.take("S_1.csv.gz", bytes: checksum)
    #expect(exit == 1)
    #expect(drop["status"] == "quarantined")
    #expect(drop["reason"] == "gzip-corrupt")
    var middle = try gzip(stock())
    for index in 30..<40 { middle[index] ^= 0xFF }
    #expect(try project.take("S_2.csv.gz", bytes: middle).drop["reason"] == "gzip-corrupt")
    #expect(project.outbox == [] && project.leftovers == [])
    #expect(FileTree.files(below: project.path("snapshots")) == [])
  }

  @Test("A gzip of several members is read as one file, whatever its name says")
  func gzipMembers() throws {
    let project = try StockFeed().project()
    let bytes = try gzip("SKU;QTY\nA1;1\nA") + gzip("2;2\n") + gzip("A3;3\n")
    let (exit, drop) = try project.take("S_1.csv", bytes: bytes)
    #expect(exit == 0)
    #expect(drop["accepted"] == 3)
    #expect(try project.text("outbox/\(project.outbox("commerce")[0])").contains("A2"))
  }

  @Test("UTF-16 with half a surrogate pair is quarantined, since what follows could be anything")
  func damagedUTF16() throws {
    let project = try StockFeed(format: "csv: { delimiter: ';', encoding: utf-16le }").project()
    let units = Array("SKU;QTY\nA1;1\nA".utf16) + [0xD800] + Array("2;2\n".utf16)
    let (exit, drop) = try project.take("S_1.csv", bytes: units.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] })
    #expect(exit == 1)
    #expect(drop["status"] == "quarantined")
    #expect(drop["reason"] == "bad-byte")
    #expect(drop["message"].string?.contains(":3:") == true, "the line of the damage: \(drop["message"])")
  }

  @Test("A declared column that is missing quarantines the drop, and the nearest header is named")
  func columnMissing() throws {
    let project = try StockFeed().project()
    let (exit, drop) = try project.take("S_1.csv", "SKU;QTYS\nA1;1\n")
    #expect(exit == 1)
    #expect(drop["status"] == "quarantined")
    #expect(drop["reason"] == "column-missing")
    #expect(drop["message"].string?.contains("rename it to \"QTYS\"") == true, "\(drop["message"])")
  }

  @Test("A file is taken with its marker, waits without, and is quarantined when the marker is too late")
  func marker() throws {
    let project = try StockFeed(intake: "quiet: 0, marker: '{name}.ok'").project()
    let first = try project.take("S_1.csv", stock())
    #expect(first.status == 0)
    #expect(first.drop["reason"] == "marker-missing")
    #expect(first.drop["drop"] == nil)
    try project.drop("S_1.csv.ok", "")
    #expect(try project.fates().drops == ["S_1.csv published -"])
    #expect(project.inbox == [] && project.leftovers == [])

    let late = try StockFeed(intake: "quiet: 0, marker: '{name}.ok', incomplete_after: 0").project()
    let (exit, drop) = try late.take("S_1.csv", stock())
    #expect(exit == 1)
    #expect(drop["status"] == "quarantined")
    #expect(drop["reason"] == "marker-missing")
    #expect(FileTree.files(below: late.path("quarantine")) == ["stock/00000001-S_1.csv"])
  }

  @Test("A file that is still inside its quiet time is waited for, once")
  func quiet() throws {
    let project = try StockFeed(intake: "quiet: 0.05").project()
    #expect(try project.take("S_1.csv", stock()).drop["status"] == "published")
  }

  /// A drop that is not taken as it is: its reason, and what its message has to say beside the file's name.
  struct Fate: Sendable, CustomTestStringConvertible {
    var feed = StockFeed()
    var name = "S_1.csv"
    var bytes: @Sendable () throws -> [UInt8]
    var reason: String
    var place: String
    var remedy: String
    var testDescription: String { reason }
  }

  static let fates: [Fate] = [
    Fate(
      name: "S_1.csv.gz", bytes: { try Array(gzip(stock()).dropLast(12)) }, reason: "gzip-truncated",
      place: "S_1.csv.gz: ", remedy: "sent again"),
    Fate(
      name: "S_1.csv.gz",
      bytes: {
        var bytes = try gzip(stock())
        bytes[bytes.count - 8] ^= 1
        return bytes
      }, reason: "gzip-corrupt", place: "S_1.csv.gz: ", remedy: "sent again"),
    Fate(
      feed: StockFeed(format: "csv: { delimiter: ';', encoding: utf-16le }"),
      bytes: {
        let units = Array("SKU;QTY\nA1;1\nA".utf16) + [0xD800] + Array("2;2\n".utf16)
        return units.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
      }, reason: "bad-byte", place: "S_1.csv:3:2: ", remedy: "have the file"),
    Fate(
      bytes: { Array("SKU;QTYS\nA1;1\n".utf8) }, reason: "column-missing", place: "S_1.csv: qty: ",
      remedy: "rename it"),
    Fate(
      feed: StockFeed(intake: "quiet: 0, marker: '{name}.ok'"), bytes: { Array(stock().utf8) },
      reason: "marker-missing", place: "", remedy: "marker"),
    Fate(name: "T_1.csv", bytes: { Array(stock().utf8) }, reason: "no-feed", place: "", remedy: "files"),
  ]

  @Test("A drop that is not taken is named with its place and with what to do", arguments: fates)
  func messages(fate: Fate) throws {
    let project = try fate.feed.project()
    let drop = try project.take(fate.name, bytes: fate.bytes()).drop
    #expect(drop["file"].string == fate.name && drop["reason"].string == fate.reason)
    let message = try #require(drop["message"].string)
    #expect(message.hasPrefix(fate.place), "\(message)")
    #expect(message.contains("; ") && message.contains(fate.remedy), "\(message)")
  }

  @Test(
    "Damage in XML is named with line and column, and with what to do",
    arguments: [
      ("<LIST>\n<ITEM><ID>A</NAME></ITEM></LIST>", "xml-not-well-formed", "N_1.xml:2:"),
      ("<!DOCTYPE LIST [<!ENTITY e \"x\">]>\n<LIST>\n<ITEM><ID>&e;</ID></ITEM></LIST>", "xml-entity", "N_1.xml:3:"),
      (NameFeed.records, "xml-unclosed", "N_1.xml:"),
    ])
  func xmlMessages(text: String, reason: String, place: String) throws {
    let project = try TestProject(feeds: ["names": NameFeed.text])
    let drop = try project.take("N_1.xml", text).drop
    #expect(drop["reason"].string == reason)
    let message = try #require(drop["message"].string)
    #expect(message.hasPrefix(place) && message.contains("; "), "\(message)")
  }
}
