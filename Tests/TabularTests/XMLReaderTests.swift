import Streams
import Tabular
import Testing

@Suite("Reading XML")
struct XMLReaderTests {
  struct Row: Equatable {
    var line: Int
    /// nil: absent.
    var values: [String?]
  }

  static func read(
    _ bytes: [UInt8], record: String = "/r/i", namespaces: [String: String] = [:], paths: [String],
    encoding: TextEncoding? = nil, chunk: Int = .max, capacity: Int = 4096, limits: ReadLimits = ReadLimits()
  ) throws -> [Row] {
    let layout = XMLLayout(record: record, namespaces: namespaces)
    let reader = try DropReader(
      source: ChunkedSource(bytes, chunk: chunk), name: "t.xml", format: .xml(layout), encoding: encoding,
      paths: paths, limits: limits)
    let batch = RowBatch(capacity: capacity)
    var rows: [Row] = []
    repeat {
      try reader.fill(batch)
      for index in 0..<batch.rowCount {
        let head = batch.head(index)
        let values = (0..<Int(head.fieldCount)).map { field -> String? in
          let slice = batch.slice(Int(head.firstField) + field)
          return slice.flags.contains(.absent) ? nil : batch.view(slice).text
        }
        rows.append(Row(line: batch.firstLine + Int(head.lineOffset), values: values))
      }
    } while !batch.isLast
    return rows
  }

  private func values(_ text: String, record: String = "/r/i", _ paths: [String]) throws -> [[String?]] {
    try XMLReaderTests.read(Array(text.utf8), record: record, paths: paths).map(\.values)
  }

  private func damage(_ text: String, paths: [String] = ["a"], limits: ReadLimits = ReadLimits()) -> SluiceError? {
    failure { _ = try XMLReaderTests.read(Array(text.utf8), paths: paths, limits: limits) }
  }

  // MARK: - Values

  @Test("Text, attributes and the record's own text become fields; absent and empty differ")
  func basics() throws {
    let text = "<r><i n='1'>x<a> v </a><b/></i><i><a>w</a><c d='e'/>y</i></r>"
    #expect(
      try values(text, ["a", "b", "@n", "c/@d", "."]) == [["v", "", "1", nil, "x v"], ["w", nil, nil, "e", "wy"]])
  }

  @Test("CDATA, comments, references and inner elements make up one value")
  func mixed() throws {
    let text = "<r><i><a>\n 1 <![CDATA[<2>]]><!-- no -->&amp;&#x33;<b>4</b><?pi no?> 5\n</a></i></r>"
    for chunk in chunkSizes {
      let rows = try XMLReaderTests.read(Array(text.utf8), paths: ["a", "a/b"], chunk: chunk)
      #expect(rows.map(\.values) == [["1 <2>&34 5", "4"]], "chunks of \(chunk)")
    }
  }

  @Test("Several matches are joined by U+001F, in the order of the document")
  func lists() throws {
    let text = "<r><i><a>1</a><b><a>no</a></b><a/><a>3</a></i></r>"
    #expect(try values(text, ["a", "b/a", "a"]) == [["1\u{1F}\u{1F}3", "no", "1\u{1F}\u{1F}3"]])
  }

  @Test("Conditions on attributes and on children choose among matches")
  func predicates() throws {
    let text = """
      <r><i><p t="net"><v>1</v></p><p t="list"><v>2</v></p><f><n>Color</n><v>red</v></f>
      <f><v>9</v><n>Size</n></f></i></r>
      """
    let paths = [
      "p[@t=\"list\"]/v", "p[@t='none']/v", "f[n=\"Color\"]/v", "f[n=\"Size\"]/v", "f[n=\"Weight\"]/v", "f/n",
      "f[n=\"Size\"]/n", "p/@t",
    ]
    #expect(try values(text, paths) == [["2", nil, "red", "9", nil, "Color\u{1F}Size", "Size", "net\u{1F}list"]])
  }

  @Test("Absolute paths give what stands outside the record, as long as its element lasts")
  func headers() throws {
    let text = """
      <r v="7"><h><cur>EUR</cur></h><g id="1"><i><a>x</a></i><i><a>y</a></i></g><g><name>G</name><i><a>z</a></i></g></r>
      """
    let paths = ["a", "/r/h/cur", "/r/@v", "/r/g/@id", "/r/g/name", "/r/g/i/a"]
    #expect(
      try values(text, record: "/r/g/i", paths) == [
        ["x", "EUR", "7", "1", nil, "x"], ["y", "EUR", "7", "1", nil, "y"], ["z", "EUR", "7", nil, "G", "z"],
      ])
  }

  @Test("Namespaces are passed over unless the layout names them")
  func namespaces() throws {
    let text = """
      <p:r xmlns:p="urn:a" xmlns:q="urn:b"><p:i p:k="1"><q:a>b</q:a><p:a xml:lang="de">a</p:a></p:i></p:r>
      """
    #expect(try values(text, ["a", "x:a", "@k", "a/@lang"]) == [["b\u{1F}a", "b\u{1F}a", "1", "de"]])
    let rows = try XMLReaderTests.read(
      Array(text.utf8), record: "/o:r/o:i", namespaces: ["o": "urn:a", "u": "urn:b"],
      paths: ["o:a", "u:a", "a", "@o:k", "@u:k"])
    #expect(rows.map(\.values) == [["a", "b", "b\u{1F}a", "1", nil]])
  }

  @Test("A record's line is that of its start tag, in every batch")
  func lines() throws {
    let text = "<?xml version='1.0'?>\n<r>\n<i\n k='1'\n><a>1</a></i>\n\n<i><a>2</a></i><i/>\n</r>\n"
    for capacity in [64, 4096] {
      let rows = try XMLReaderTests.read(Array(text.utf8), paths: ["a"], capacity: capacity)
      #expect(rows.map(\.line) == [3, 7, 7])
    }
  }

  @Test("Records that exceed a batch or a chunk come in order and whole", arguments: chunkSizes)
  func manyRecords(chunk: Int) throws {
    let body = (0..<600).map { "<i><a>\($0)</a><b>value \($0)</b></i>\n" }.joined()
    let rows = try XMLReaderTests.read(
      Array("<r><h>head</h>\n\(body)</r>".utf8), paths: ["b", "a", "/r/h"], chunk: chunk, capacity: 128)
    #expect(rows == (0..<600).map { Row(line: $0 + 2, values: ["value \($0)", "\($0)", "head"]) })
  }

  @Test("A document without records is a drop without rows")
  func noRecords() throws {
    #expect(try values("<r><x/></r>", ["a"]) == [])
  }

  // MARK: - Encodings

  @Test("The definition's encoding counts only where the document says nothing")
  func encodings() throws {
    let latin: [UInt8] = Array("<r><i><a>".utf8) + [0xE4, 0x80] + Array("</a></i></r>".utf8)
    let rows = try XMLReaderTests.read(latin, paths: ["a"], encoding: .windows1252)
    #expect(rows.map(\.values) == [["ä€"]])
    let declared = Array("<?xml version='1.0' encoding='ISO-8859-15'?>".utf8) + Array("<r><i><a>".utf8) + [0xA4]
    let euro = try XMLReaderTests.read(declared + Array("</a></i></r>".utf8), paths: ["a"], encoding: .utf8)
    #expect(euro.map(\.values) == [["€"]])
    let undeclared = failure { _ = try XMLReaderTests.read(latin, paths: ["a"]) }
    #expect(undeclared?.code == "xml-not-well-formed")
  }

  @Test("UTF-16 is read with its mark, whatever the definition says", arguments: chunkSizes)
  func utf16(chunk: Int) throws {
    var bytes: [UInt8] = [0xFE, 0xFF]
    for unit in "<r><i><a>ä€</a></i></r>".utf16 { bytes += [UInt8(unit >> 8), UInt8(truncatingIfNeeded: unit)] }
    let rows = try XMLReaderTests.read(bytes, paths: ["a"], encoding: .windows1252, chunk: chunk)
    #expect(rows.map(\.values) == [["ä€"]])
    let unmarked = try XMLReaderTests.read(Array(bytes.dropFirst(2)), paths: ["a"], encoding: .utf16, chunk: chunk)
    #expect(unmarked.map(\.values) == [["ä€"]])
  }

  // MARK: - Damage

  @Test("A document cut anywhere inside its root is incomplete, not damaged")
  func truncation() throws {
    let whole = "<?xml version='1.0'?>\n<r><!-- c --><i k='v'><a>x&amp;ä</a><![CDATA[d]]></i><?p i?></r>"
    let bytes = Array(whole.utf8)
    for length in 5..<bytes.count {
      let error = failure { _ = try XMLReaderTests.read(Array(bytes.prefix(length)), paths: ["a"]) }
      #expect(error?.code == "xml-unclosed", "\(length) bytes: \(String(describing: error))")
      #expect(error?.kind == .incomplete)
    }
    #expect(damage(whole) == nil)
  }

  @Test(
    "What is not well-formed is damage, with its line",
    arguments: [
      ("<r>\n<i><a>1</b></i></r>", 2), ("<r>\n\n<i>& bad</i></r>", 3), ("<r><i></r>", 1), ("hello world", 1),
      ("<r></r>\n<r></r>", 2), ("<r><i a='1' a='2'/></r>", 1), ("<r>\n<i>\u{1}</i></r>", 2),
      ("<r>\n<q:i/></r>", 2),
    ])
  func notWellFormed(text: String, line: Int) throws {
    let error = try #require(damage(text))
    #expect(error.code == "xml-not-well-formed")
    #expect(error.kind == .damaged)
    #expect(error.position?.line == line)
    #expect(error.file == "t.xml")
  }

  @Test("A DOCTYPE alone is fine, and nothing that it names is loaded")
  func doctype() throws {
    let text = """
      <!DOCTYPE r SYSTEM "http://example.invalid/bmecat.dtd" [<!ENTITY % X "(a|b)"><!ENTITY e "text">
      <!ENTITY f SYSTEM "file:///etc/passwd"><!ELEMENT r ANY>]><r><i><a>1 &lt; 2</a></i></r>
      """
    #expect(try values(text, ["a"]) == [["1 < 2"]])
  }

  @Test("A DTD that contradicts itself is no reason to refuse")
  func invalidDoctype() throws {
    let text = "<!DOCTYPE r [<!ATTLIST i k (a|a|a) 'a' k CDATA #IMPLIED><!ELEMENT r (i|i)*>]><r><i><a>1</a></i></r>"
    #expect(try values(text, ["a", "@k"]) == [["1", "a"]])
  }

  @Test(
    "An entity that is used ends the drop, wherever it stands and whatever it is",
    arguments: [
      "<!DOCTYPE r [<!ENTITY e 'text'>]><r><i><a>&e;</a></i></r>",
      "<!DOCTYPE r [<!ENTITY e 'text'>]><r><i k='&e;'/></r>",
      "<!DOCTYPE r [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><r><i><a>&e;</a></i></r>",
      "<!DOCTYPE r SYSTEM 'x.dtd'><r><i><a>&nbsp;</a></i></r>",
      "<r><i><a>&ouml;</a></i></r>",
      "<!DOCTYPE r [<!ENTITY % p SYSTEM 'file:///etc/passwd'>%p;]><r><i/></r>",
      "<!DOCTYPE r [<!ENTITY a 'x'><!ENTITY b '&a;&a;'>]><r><x>&b;</x></r>",
    ])
  func entities(text: String) throws {
    let error = try #require(damage(text))
    #expect(error.code == "xml-entity")
    #expect(error.kind == .damaged)
    #expect(error.position != nil)
  }

  @Test("Depth, record size and the wrong root have limits and reasons of their own")
  func limits() throws {
    let deep = String(repeating: "<r>", count: 300)
    #expect(damage(deep)?.code == "xml-too-deep")
    #expect(damage("<r><i><a>1</a></i></r>", limits: ReadLimits(depth: 3)) == nil)
    #expect(damage("<r><i><a>1</a></i></r>", limits: ReadLimits(depth: 2))?.code == "xml-too-deep")
    let long = "<r>\n<i><a>" + String(repeating: "x", count: 5000) + "</a></i></r>"
    #expect(damage(long)?.code == "row-too-long")
    #expect(damage(long)?.position?.line == 2)
    #expect(damage(long, paths: ["b"]) == nil, "text that nobody asked for may be as long as it likes")
    #expect(damage("<html><i/></html>")?.code == "xml-wrong-root")
    #expect(damage("")?.code == "empty-file")
  }

  @Test(
    "Paths that can not work are refused as definitions",
    arguments: ["", "a//b", "a[b]", "a[@b=c]", "a[@b=\"c\"", "../a", "text()", "@", "/", "a/@b/c", "/r", "a|b", "a[1]"])
  func wrongPaths(path: String) throws {
    let error = try #require(damage("<r><i/></r>", paths: [path]), "\(path)")
    #expect(error.code == "xml-path")
    #expect(error.kind == .definition)
  }

  @Test("A prefix that the layout does not know is refused")
  func unknownPrefix() {
    let error = failure { _ = try XMLPath.parse("q:a", namespaces: ["p": "urn:a"]) }
    #expect(error?.code == "xml-path")
    #expect(failure { _ = try XMLPath.parse("q:a") } == nil)
  }
}
