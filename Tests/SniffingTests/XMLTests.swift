import Streams
import TestSupport
import Testing

@testable import Sniffing

@Suite("Samples in XML")
struct XMLTests {
  private let samples: Samples

  init() throws { samples = try Samples() }

  private static let items = (1...5).map { number in
    """
    <item no="\(number)"><name lang="de">N\(number)</name><name lang="en">E\(number)</name>
    <price cur="EUR">\(number).50</price><tag>a</tag><tag>b\(number)</tag><dim><w>1</w><h>2</h></dim></item>
    """
  }.joined()

  @Test("The repeated element with parts is the record; its values are fields, several of one path a list")
  func record() throws {
    let feed = try samples.feed(
      "x.xml", "<?xml version=\"1.0\"?><shop><head><date>2026-11-23</date></head><list>\(Self.items)</list></shop>")
    #expect(feed.report.record == "/shop/list/item" && feed.report.rejected == 0 && feed.report.rows == 5)
    let fields = feed.report.fields.map { "\($0.name) \($0.from) \($0.type)" }
    #expect(
      fields == [
        "no @no string", "name_de name[@lang=\"de\"] string", "name_en name[@lang=\"en\"] string",
        "cur price/@cur string", "price price decimal(2)", "tag tag list", "w dim/w integer", "h dim/h integer",
      ])
    #expect(feed.report.key == ["no"] && feed.text.contains("/shop/head/date"))
  }

  @Test("Lists of lists: the element that has the values is the record")
  func nested() throws {
    let groups = (1...3).map { "<group id=\"g\($0)\">\(Self.items)\(Self.items)</group>" }.joined()
    #expect(try samples.feed("n.xml", "<root>\(groups)</root>").report.record == "/root/group/item")
  }

  @Test("A document without repeated parts is one record; repeated values are one each")
  func alone() throws {
    let one = try samples.feed("o.xml", "<Envelope><Body><Item><ID>1</ID><Qty>5</Qty></Item></Body></Envelope>")
    #expect(one.report.record == "/Envelope/Body/Item" && one.report.rows == 1)
    let values = try samples.feed("v.xml", "<list><v>a</v><v>b</v></list>")
    #expect(values.report.record == "/list/v" && values.report.fields.map(\.from) == ["."])
  }

  @Test("Namespaces are passed over, but for names that stand side by side in several")
  func namespaces() throws {
    let plain = try samples.feed(
      "p.xml", "<a:l xmlns:a=\"urn:a\"><a:r><a:id>1</a:id></a:r><a:r><a:id>2</a:id></a:r></a:l>")
    #expect(plain.report.record == "/l/r" && plain.text.contains("urn:a") && !plain.text.contains("namespaces:"))
    let row = { (id: Int) in "<r><id>\(id)</id><b:id>x\(id)</b:id></r>" }
    let mixed = try samples.feed("m.xml", "<l xmlns=\"urn:a\" xmlns:b=\"urn:b\">\(row(1))\(row(2))</l>")
    #expect(mixed.report.record == "/n1:l/n1:r" && mixed.report.fields.map(\.from) == ["n1:id", "n2:id"])
    #expect(mixed.report.rejected == 0)
  }

  @Test("A format that has a name is called by it")
  func known() throws {
    let article = { (id: Int) in "<ARTICLE><SUPPLIER_AID>\(id)</SUPPLIER_AID></ARTICLE>" }
    let feed = try samples.feed(
      "b.xml", "<BMECAT version=\"1.2\"><T_NEW_CATALOG>\(article(1))\(article(2))</T_NEW_CATALOG></BMECAT>")
    #expect(feed.report.knownFormat == "BMEcat 1.2" && feed.report.key == ["supplier_aid"])
    let table = try samples.feed("m.csv", "sku,attribute_set_code,product_type\nA,Default,simple\n")
    #expect(table.report.knownFormat == "Adobe Commerce product import")
  }

  @Test(
    "A document that is not right is refused for what is wrong with it",
    arguments: [
      ("<list><r><id>1</id></r><r>", "xml-unclosed"), ("<list><r></list>", "xml-not-well-formed"),
      ("<!DOCTYPE l [<!ENTITY a \"b\">]><l><r><id>&a;</id></r></l>", "xml-entity"),
      (String(repeating: "<a>", count: 300), "xml-too-deep"), ("<html><body/></html>", "not-tabular"),
      ("<list/>", "no-record"),
    ])
  func refused(_ text: String, _ code: String) throws {
    let error = try #require(throws: SluiceError.self) { try samples.feed("bad.xml", text) }
    #expect(error.code == code)
    #expect(error.file?.hasSuffix("bad.xml") == true)
  }
}
