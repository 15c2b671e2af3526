import TestSupport
import Testing

/// The cases of `Tests/Cases`, each run through the real binary and compared byte by byte (see `GoldenCase`).
@Suite("Golden cases")
struct GoldenTests {
  @Test("Commerce files carry what changed and nothing that does harm", arguments: GoldenCase.all("commerce"))
  func commerce(_ golden: GoldenCase) throws { try check(golden) }

  @Test("BI files record inserts, updates and deletes, and describe every column", arguments: GoldenCase.all("bi"))
  func bi(_ golden: GoldenCase) throws { try check(golden) }

  @Test("Triggers fire on changes, catalogues are written whole", arguments: GoldenCase.all("edm"))
  func edm(_ golden: GoldenCase) throws { try check(golden) }

  @Test("Keys, duplicates, rejects and numbers follow their rules", arguments: GoldenCase.all("keys"))
  func keys(_ golden: GoldenCase) throws { try check(golden) }

  @Test("Outputs are in the drop's order, removals last in key order", arguments: GoldenCase.all("order"))
  func order(_ golden: GoldenCase) throws { try check(golden) }

  @Test("CSV drops are read in their own dialect and encoding", arguments: GoldenCase.all("csv"))
  func csv(_ golden: GoldenCase) throws { try check(golden) }

  @Test("XML drops are read by paths, and what is dangerous in them is refused", arguments: GoldenCase.all("xml"))
  func xml(_ golden: GoldenCase) throws { try check(golden) }

  private func check(_ golden: GoldenCase) throws {
    let differences = try golden.run()
    #expect(differences == [], "\(golden): \(differences.joined(separator: "\n"))")
  }

  @Test("Sorted and streamed diffs write the same bytes; shuffled drops the same rows in another order")
  func bothWays() throws {
    let cases = GoldenCase.all("order").map(\.folder)
    let contents = try ["/001-", "/002-", "/003-"].map { number in
      let folder = try #require(cases.first { $0.contains(number) })
      return try FileTree.contents(below: "\(folder)/expected")
    }
    #expect(contents[0] == contents[2])
    #expect(contents[0] != contents[1])
    func rows(_ files: [String: [UInt8]]) -> [String: [String]] {
      files.mapValues { String(decoding: $0, as: UTF8.self).split(separator: "\n").map(String.init).sorted() }
    }
    #expect(rows(contents[0]) == rows(contents[1]))
  }

  @Test("Every area has cases, so that none passes for want of any")
  func areas() {
    let areas = FileTree.names(in: "\(BuildProducts.repository)/Tests/Cases")
    #expect(Set(areas).isSuperset(of: ["bi", "commerce", "csv", "edm", "keys", "order", "xml"]))
    for area in areas { #expect(!GoldenCase.all(area).isEmpty, "\(area) has no case") }
  }
}
