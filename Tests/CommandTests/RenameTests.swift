import TestSupport
import Testing

/// `formerly`, and the snapshot of a feed that is gone (`semantics.md`, "Targets and changes").
@Suite("A feed that is renamed")
struct RenameTests {
  private func renamed(formerly: Bool) throws -> TestProject {
    let project = try StockFeed().project()
    #expect(try project.take("S_1.csv", stock()).drop["status"] == "published")
    for name in FileTree.names(in: project.path("feeds")) { FileTree.remove(project.path("feeds/\(name)")) }
    var feed = StockFeed()
    feed.name = "goods"
    let text = feed.text.replacing("source_code: goods", with: "source_code: stock")
    try project.write("feeds/goods.yaml", text + (formerly ? "\nformerly: stock\n" : ""))
    return project
  }

  @Test("Without a word of its former name it is refused, since it would send everything anew; nothing is touched")
  func refused() throws {
    let project = try renamed(formerly: false)
    let outbox = try project.outboxContents()
    try project.drop("S_2.csv", stock())
    let result = try project.sluice("run")
    #expect(result.status == 2)
    #expect(result.errors.contains("snapshot-without-feed"))
    #expect(result.errors.contains("formerly: stock"))
    #expect(project.inbox == ["S_2.csv"])
    #expect(try project.outboxContents() == outbox)
  }

  @Test("With it, the snapshot goes on under the new name")
  func keepsSnapshot() throws {
    let project = try renamed(formerly: true)
    let (status, drop) = try project.take("S_2.csv", stock())
    #expect(status == 0)
    #expect(drop["feed"] == "goods")
    #expect(drop["status"] == "unchanged", "\(drop)")
    #expect(drop["targets"][0]["new"] == 0)
  }
}
