import TestSupport
import Testing

@Suite("Keys that are spelled otherwise")
struct SpellingTests {
  @Test("A respelled key with long texts in several expressions is taken like any other")
  func longTexts() throws {
    let project = try TestProject()
    try project.write(
      "feeds/pages.yaml",
      """
      feed: pages
      files: 'P_{as_of:yyyyMMdd}.csv'
      mode: full
      format: csv
      intake: { quiet: 0 }
      guards: { max_changed: off }
      fields:
        sku:  { from: sku, required: true }
        text: { from: text, required: true }
      key: { sku: fold }
      edm:
        pages:
          whole: true
          columns:
            sku: sku
            one: "replace(text, 'a', 'b')"
            two: "replace(text, 'a', 'c')"
            three: '"<{text}>"'

      """)
    let long = String(repeating: "a", count: 700 << 10)
    try project.drop("P_20261123.csv", "sku,text\nA-1,\(long)\n")
    #expect(try project.sluice(["run"]).status == 0)
    try project.drop("P_20261124.csv", "sku,text\na-1,\(long)d\n")
    #expect(try project.sluice(["run"]).status == 0)
    let file = try #require(FileTree.files(below: project.path("outbox/edm")).last)
    let text = try project.text("outbox/edm/\(file)")
    #expect(text.contains("A-1,bbb") && text.hasSuffix("ad>\n"))
  }
}
