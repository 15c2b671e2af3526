import Glibc
import TestSupport
import Testing

@Suite("What stays in the inbox")
struct InboxFateTests {
  @Test("Temporary, companion and dot names are passed over without a word, whatever the pattern says")
  func ignoredNames() throws {
    let project = try StockFeed(files: "files: '*S_*'\nmode: full").project()
    let names = [
      ".S_1.csv", "S_1.csv.part", "S_1.csv.tmp", "S_1.csv.filepart", "S_1.csv.ok", "S_1.csv.md5", "~S_1.csv",
    ]
    for name in names { try project.write("inbox/\(name)", stock()) }
    let (exit, drops) = try project.fates()
    #expect(exit == 0)
    #expect(drops == [])
    #expect(Set(project.inbox) == Set(names))
    let named = try project.fates("S_1.csv.part")
    #expect(named.status == 1)
    #expect(named.drops == ["S_1.csv.part waiting name-ignored"])
  }

  @Test("A file of no feed or of two waits; the others are processed")
  func feeds() throws {
    let project = try TestProject(
      feeds: ["stock": StockFeed().text, "names": NameFeed.text.replacing("N_*.xml", with: "S_9*.csv")])
    try project.drop("unknown.csv", "x")
    try project.drop("S_9.csv", stock())
    try project.drop("S_1.csv", stock())
    let (exit, drops) = try project.fates()
    #expect(exit == 0)
    #expect(
      Set(drops) == [
        "S_1.csv published -", "S_9.csv waiting ambiguous-feed", "unknown.csv waiting no-feed",
      ])
    #expect(project.inbox == ["S_9.csv", "unknown.csv"])
    #expect(try project.fates("unknown.csv").status == 1)
  }

  @Test("What is no regular file waits and is never followed")
  func notAFile() throws {
    let project = try StockFeed().project()
    try project.write("secret.txt", "SKU;QTY\nTHEFT;1\n")
    try #require(symlink(project.path("secret.txt"), project.path("inbox/S_1.csv")) == 0)
    try FileTree.makeDirectory(project.path("inbox/S_2.csv"))
    try #require(mkfifo(project.path("inbox/S_3.csv"), 0o600) == 0)
    let (exit, drops) = try project.fates()
    #expect(exit == 0)
    #expect(drops.sorted() == (1...3).map { "S_\($0).csv waiting not-a-file" })
    #expect(project.outbox == [])
    #expect(FileTree.exists(project.path("secret.txt")))
    unlink(project.path("inbox/S_3.csv"))
  }

  @Test("A wrong definition leaves with 2 and touches nothing")
  func definitionWrong() throws {
    let project = try StockFeed(more: "colour: red").project()
    try project.drop("S_1.csv", stock())
    let before = try project.everything()
    let (result, drops) = try project.run()
    #expect(result.status == 2)
    #expect(drops == [])
    #expect(result.errors.contains("feeds/stock.yaml:16:1: "), "\(result.errors)")
    #expect(result.errors.contains("colour"), "\(result.errors)")
    #expect(try project.everything() == before)
  }

  @Test("Nothing to do leaves with 0, and so does a run without an inbox of its own")
  func nothing() throws {
    let project = try StockFeed().project()
    FileTree.remove(project.path("inbox"))
    let (result, drops) = try project.run()
    #expect(result.status == 0, "\(result.errors)")
    #expect(drops == [])
    #expect(FileTree.isDirectory(project.path("inbox")))
  }
}
