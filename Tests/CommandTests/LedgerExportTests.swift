import TestSupport
import Testing

@Suite("The ledger as files for an auditor")
struct LedgerExportTests {
  private func project() throws -> TestProject {
    let project = try StockFeed(guards: "max_rejected: off, max_removed: off").project()
    _ = try project.take("S_1.csv", "SKU;QTY\nA1;1\n<b>;=1+1\nA2;x\n")
    _ = try project.take("S_2.csv", "SKU;QTY\nA1;2\n")
    #expect(try project.sluice("revert", "2", "--reason", "=HYPERLINK(\"x\") <script>").status == 0)
    return project
  }

  @Test("Each view becomes a CSV file of all its rows, and one page shows them and whether the chain holds")
  func everything() throws {
    let project = try project()
    let result = try project.sluice("ledger", "export", "--into", project.path("audit"), "--json")
    #expect(result.status == 0, "\(result.errors)")
    let told = try result.jsonLines().first ?? .null
    for view in ["drops", "outputs", "rejects", "decisions", "entries"] {
      let rows = try project.sqlite("SELECT count(*) FROM \(view)")
      #expect(told["rows"][view].int.map { [String($0)] } == rows, "\(view)")
      let columns = try project.sqlite("SELECT group_concat(name) FROM pragma_table_info('\(view)')")
      let text = try project.text("audit/\(view).csv")
      #expect(text.hasPrefix("\u{FEFF}" + columns[0] + "\r\n"), "\(view)")
    }
    #expect(told["holds"] == true)
    #expect(try project.sqlite("SELECT hash FROM entries ORDER BY id DESC LIMIT 1") == [told["head"].string ?? ""])
    let page = try project.text("audit/audit.html")
    #expect(page.contains("<tr><th>hash chain</th><td>holds</td></tr>"))
    #expect(page.contains("S_2.csv") && page.hasSuffix("</body></html>\n"))
  }

  @Test("Texts of others are texts on the page, and no formulas in the files")
  func hostile() throws {
    let project = try project()
    #expect(try project.sluice("ledger", "export", "--into", project.path("audit")).status == 0)
    let page = try project.text("audit/audit.html")
    #expect(!page.contains("<script") && page.contains("=HYPERLINK(&quot;x&quot;) &lt;script&gt;"))
    let decisions = try project.text("audit/decisions.csv")
    #expect(decisions.contains("\"'=HYPERLINK(\"\"x\"\") <script>\""), "\(decisions)")
  }

  @Test("A period holds what happened on its days, a feed what belongs to it")
  func period() throws {
    let project = try project()
    let today = try project.sqlite("SELECT substr(max(at), 1, 10) FROM entries")[0]
    func rows(_ arguments: String...) throws -> Int? {
      let directory = project.path("audit")
      FileTree.remove(directory)
      let result = try project.sluice(["ledger", "export", "--into", directory, "--json"] + arguments)
      return try result.jsonLines().first?["rows"]["drops"].int
    }
    #expect(try rows() == 3)
    #expect(try rows("--to", "2026-01-31") == 0)
    #expect(try rows("--from", "2026-01-01", "--to", today, "--feed", "stock") == 3)
    #expect(try rows("--from", "2999-01-01") == 0)
    #expect(try rows("--feed", "other") == 0)
  }

  @Test("Nothing is overwritten, nothing is left half, and wrong days are told")
  func refusals() throws {
    let project = try project()
    try project.write("audit/notes.txt", "mine")
    let taken = try project.sluice("ledger", "export", "--into", project.path("audit"))
    #expect(taken.status == 2 && taken.errors.contains("[file-exists]"), "\(taken.errors)")
    #expect(FileTree.names(in: project.path("audit")) == ["notes.txt"])
    try project.write("b.part/notes.txt", "mine")
    let left = try project.sluice("ledger", "export", "--into", project.path("b/"))
    #expect(left.status == 2 && left.errors.contains("b.part: something"), "\(left.errors)")
    #expect(FileTree.names(in: project.path("b.part")) == ["notes.txt"])
    let wrong = try project.sluice("ledger", "export", "--into", project.path("a"), "--from", "2026-02-30")
    #expect(wrong.status == 2 && wrong.errors.contains("2026-02-30 is no day"))
    let turned = try project.sluice(
      "ledger", "export", "--into", project.path("a"), "--from", "2026-02-03", "--to", "2026-02-02")
    #expect(turned.status == 2 && !FileTree.exists(project.path("a")) && !FileTree.exists(project.path("a.part")))
  }

  @Test("A chain that does not hold is exported too, with the entry that is broken, and leaves with 1")
  func broken() throws {
    let project = try project()
    let sql = "DROP TRIGGER entry_no_update; UPDATE entry SET body = '{}' WHERE id = 2"
    let changed = try RunningCommand("/usr/bin/env", ["sqlite3", "ledger.sqlite", sql], in: project.directory.path)
      .wait()
    #expect(changed.status == 0, "\(changed.errors)")
    let result = try project.sluice("ledger", "export", "--into", project.path("audit"))
    #expect(result.status == 1 && result.output.contains("does not hold"), "\(result.output)\(result.errors)")
    #expect(try project.text("audit/audit.html").contains("<td>entry 2 does not hold"))
  }
}
