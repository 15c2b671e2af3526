import TestSupport
import Testing

@Suite("--dry-run")
struct DryRunTests {
  @Test("A dry run of a fresh project says what would happen and writes nothing at all")
  func fresh() throws {
    let project = try StockFeed().project()
    try project.drop("S_1.csv", stock())
    let before = try project.everything()
    let (result, drops) = try project.run("--dry-run")
    #expect(result.status == 0, "\(result.errors)")
    #expect(drops.first?["status"] == "published" && drops.first?["targets"][0]["new"] == 40)
    #expect(try project.everything() == before)
    #expect(try project.run().drops.first?["drop"] == 1, "no number was used")
  }

  @Test("Queued drops are chained, guards and rejects included, and every byte of the project stays as it is")
  func chained() throws {
    let project = try StockFeed().project()
    #expect(try project.take("S_1.csv", stock()).status == 0)
    try project.drop("S_2.csv", stock(first: "6"))
    try project.drop("S_3.csv", stock { $0 == 101 ? "7" : "5" })
    try project.drop("S_4.csv", stock(110...140))
    try project.drop("S_5.csv", "SKU;OTHER\n")
    let before = try project.everything()
    let (result, drops) = try project.run("--dry-run")
    #expect(result.status == 1)
    #expect(drops.map { $0["status"].string } == ["published", "published", "held", "quarantined"])
    #expect(drops.map { $0["drop"].int } == [2, 3, 4, 5])
    #expect(drops[1]["targets"][0]["changed"] == 1 && drops[1]["publication"] == 3)
    #expect(try project.everything() == before)
    let real = try project.run()
    #expect(real.drops.map { $0["status"] } == drops.map { $0["status"] })
    #expect(real.drops.map { $0["targets"][0]["files"] } == drops.map { $0["targets"][0]["files"] })
  }

  @Test(
    "Where a file can not be linked, another's or on another file system, it is copied; one that goes is left out",
    arguments: ["EPERM", "EXDEV", "ENOENT"])
  func unlinkable(error: String) throws {
    let project = try StockFeed().project()
    try project.drop("S_1.csv", stock())
    let before = try project.everything()
    let link = try project.call(["run", "--dry-run"]) { $0.contains(" link ") }
    let point = try CrashPoint(root: project.directory.path, fault: .fail(call: link, error: error))
    let (result, drops) = try project.run("--dry-run", environment: point.environment)
    #expect(result.status == 0, "\(result.errors)")
    #expect(drops.map { $0["status"] } == (error == "ENOENT" ? [] : ["published"]))
    #expect(try project.everything() == before)
  }

  @Test("A file from elsewhere is tried without being copied into the inbox")
  func fromOutside() throws {
    let project = try StockFeed().project()
    let elsewhere = try TemporaryDirectory()
    try FileTree.write(stock(), to: elsewhere("S_1.csv"))
    let before = try project.everything()
    #expect(try project.fates("--dry-run", elsewhere("S_1.csv")).drops == ["S_1.csv published -"])
    #expect(try project.everything() == before)
    #expect(FileTree.files(below: elsewhere.path) == ["S_1.csv"])
  }

  @Test("For people each line says that it was a dry run")
  func words() throws {
    let project = try StockFeed().project()
    try project.drop("S_1.csv", stock())
    #expect(try project.sluice("run", "--dry-run").output.hasPrefix("(dry run) S_1.csv"))
    #expect(try project.sluice("watch", "--dry-run").status == 2)
  }
}
