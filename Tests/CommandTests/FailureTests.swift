import Glibc
import TestSupport
import Testing

@Suite("When the environment fails")
struct FailureTests {
  @Test("A ledger that is garbage leaves with 3 and leaves drop and ledger alone")
  func garbageLedger() throws {
    let project = try StockFeed().project()
    try project.drop("S_1.csv", stock())
    let garbage = String(repeating: "no ledger ", count: 900)
    try project.write("ledger.sqlite", garbage)
    let (result, drops) = try project.run()
    #expect(result.status == 3)
    #expect(drops == [])
    #expect(result.errors.contains("[ledger-damaged]"), "\(result.errors)")
    #expect(try project.text("ledger.sqlite") == garbage)
    #expect(try project.text("inbox/S_1.csv") == stock())
    #expect(project.outbox == [] && project.leftovers == [])
  }

  @Test("An outbox that is a file leaves with 3, and the drop is published once it is a directory")
  func outboxIsAFile() throws {
    let project = try StockFeed().project()
    try project.drop("S_1.csv", stock())
    try project.write("outbox", "in the way")
    let (result, _) = try project.run()
    #expect(result.status == 3)
    #expect(result.errors.contains("outbox"), "\(result.errors)")
    #expect(try project.text("inbox/S_1.csv") == stock())
    FileTree.remove(project.path("outbox"))
    #expect(try project.fates().drops == ["S_1.csv published -"])
  }

  @Test(
    "A consumer's directory that can not be written fails after the commit: nothing is lost, the next run completes")
  func consumerDirectoryIsAFile() throws {
    let project = try StockFeed().project()
    try project.write("outbox/commerce", "in the way")
    let (exit, drop) = try project.take("S_1.csv", stock())
    #expect(exit == 3)
    #expect(drop["status"] == "failed")
    #expect(drop["message"].string?.contains("the next command completes it") == true, "\(drop["message"])")
    FileTree.remove(project.path("outbox/commerce"))
    #expect(try project.fates().status == 0)
    #expect(project.outbox("commerce").count == 1 && project.outbox("manifests").count == 1)
    #expect(project.leftovers == [])
    let next = try project.take("S_2.csv", stock(first: "6"))
    #expect(next.drop["targets"][0]["changed"] == 1, "the snapshot of the interrupted drop is whole: \(next.drop)")
    #expect(next.drop["targets"][0]["unchanged"] == 39)
  }

  @Test("A damaged snapshot fails the drop, which goes back to the inbox, and names the remedy")
  func damagedSnapshot() throws {
    let project = try StockFeed().project()
    #expect(try project.take("S_1.csv", stock()).status == 0)
    let path = project.path("snapshots/stock/00000001.keys")
    var bytes = try FileTree.read(path)
    bytes[bytes.count / 2] ^= 0xFF
    try FileTree.write(bytes, to: path)
    let outbox = try project.outboxContents()
    let (exit, drop) = try project.take("S_2.csv", stock(first: "6"))
    #expect(exit == 3)
    #expect(drop["status"] == "failed")
    #expect(drop["reason"] == "snapshot-damaged")
    #expect(drop["message"].string?.contains("sluice snapshot rebuild") == true)
    #expect(project.inbox == ["S_2.csv"] && project.leftovers == [])
    #expect(try project.outboxContents() == outbox)
  }

  @Test("A feed whose snapshot is damaged keeps back itself alone: the feeds behind it are processed")
  func otherFeedsGoOn() throws {
    let alpha = NameFeed.text.replacing("feed: names", with: "feed: alpha")
    let project = try TestProject(feeds: ["alpha": alpha, "stock": StockFeed().text])
    #expect(try project.take("N_1.xml", NameFeed.records + "</LIST>").status == 0)
    let path = project.path("snapshots/alpha/00000001.keys")
    var bytes = try FileTree.read(path)
    bytes[bytes.count / 2] ^= 0xFF
    try FileTree.write(bytes, to: path)
    try project.drop("N_2.xml", NameFeed.records + "<ITEM><ID>B</ID><NAME>b</NAME></ITEM></LIST>")
    try project.drop("N_3.xml", NameFeed.records + "<ITEM><ID>C</ID><NAME>c</NAME></ITEM></LIST>")
    try project.drop("S_1.csv", stock())
    let (exit, drops) = try project.fates()
    #expect(exit == 3)
    #expect(drops == ["N_2.xml failed snapshot-damaged", "S_1.csv published -"])
    #expect(project.inbox == ["N_2.xml", "N_3.xml"] && project.leftovers == [])
  }

  @Test("What was published before the ledger failed is told before the run leaves with 3")
  func toldBeforeFailure() throws {
    let project = try StockFeed().project()
    try project.drop("S_1.csv", stock())
    try project.drop("S_2.csv", stock(first: "6"))
    var isArchived = false
    let call = try project.call(["run", "--json"]) { line in
      if line.contains("/archive/stock/00000001") { isArchived = true }
      return isArchived && line.hasSuffix("ledger.sqlite-wal")
    }
    let point = try CrashPoint(root: project.directory.path, fault: .fail(call: call, error: "EIO"))
    let result = try project.sluice(["run", "--json"], environment: point.environment)
    #expect(result.status == 3)
    #expect(result.errors.contains("io-error"), "\(result.errors)")
    #expect(try result.jsonLines().map { $0["publication"] } == [1], "\(result.output)")
    #expect(try project.fates().drops == ["S_2.csv published -"])
  }

  @Test("With --no-fsync nothing waits for the disk, also when the ledger was there before")
  func noFsync() throws {
    let project = try StockFeed().project()
    #expect(try project.take("S_1.csv", stock()).status == 0)
    try project.drop("S_2.csv", stock(first: "6"))
    let point = try CrashPoint(root: project.directory.path)
    let (result, _) = try project.run("--no-fsync", environment: point.environment)
    #expect(result.status == 0, "\(result.errors)")
    // The opening of the ledger, which comes before the lock, may find a log to begin.
    let work = point.trace().drop { !$0.contains("/work/") }
    #expect(!work.isEmpty && work.filter { $0.contains(" fsync ") || $0.contains(" fdatasync ") } == [])
  }

  /// Numbers of the calls of a whole run that write into the outbox's staging before the commit.
  private func stagingCalls() throws -> [Int] {
    let project = try StockFeed().project()
    try project.drop("S_1.csv", stock())
    let point = try CrashPoint(root: project.directory.path)
    let (result, _) = try project.run(environment: point.environment)
    try #require(result.status == 0, "\(result.errors)")
    return point.trace().compactMap { line in
      let words = line.split(separator: " ")
      guard words.count > 2, words[1].hasSuffix("write"), words[2].contains("outbox/.staging") else { return nil }
      return Int(words[0])
    }
  }

  @Test("A disk that is full for a moment fails the drop: back in the inbox, nothing half-done, then published whole")
  func diskFull() throws {
    let call = try #require(try stagingCalls().first, "no write into staging was seen")
    let project = try StockFeed().project()
    try project.drop("S_1.csv", stock())
    let point = try CrashPoint(root: project.directory.path, fault: .fail(call: call, error: "ENOSPC"))
    let (result, drops) = try project.run(environment: point.environment)
    #expect(result.status == 3, "\(result.errors) \(point.trace())")
    #expect(drops.first?["status"] == "failed")
    #expect(drops.first?["reason"] == "disk-full")
    #expect(project.inbox == ["S_1.csv"])
    #expect(project.outbox == [] && project.leftovers == [])
    #expect(FileTree.files(below: project.path("snapshots")) == [])
    let again = try project.run()
    #expect(again.result.status == 0)
    #expect(again.drops.first?["status"] == "published")
    #expect(again.drops.first?["publication"] == 1)
    #expect(again.drops.first?["drop"] == 2, "drop numbers are not used twice")
  }

  @Test("A disk that stays full leaves with 3 and shows nothing; with room again the drop is published")
  func diskStaysFull() throws {
    let call = try #require(try stagingCalls().first, "no write into staging was seen")
    let project = try StockFeed().project()
    try project.drop("S_1.csv", stock())
    let point = try CrashPoint(root: project.directory.path, fault: .fail(call: call, error: "ENOSPC", persists: true))
    let (result, _) = try project.run(environment: point.environment)
    #expect(result.status == 3, "\(result.output) \(result.errors)")
    #expect(result.errors.contains("disk-full") || result.output.contains("disk-full"), "\(result.errors)")
    #expect(project.outbox.filter { !$0.hasPrefix(".") } == [])
    #expect(try project.run().result.status == 0)
    #expect(project.outbox("commerce").count == 1)
    #expect(project.inbox == [] && project.leftovers == [])
    #expect(try project.sqlite("SELECT count(*) FROM outputs") == ["1"])
  }

  @Test("A ledger that is behind outbox and archive stops the run")
  func numbersAheadOfTheLedger() throws {
    let project = try StockFeed().project()
    #expect(try project.take("S_1.csv", stock()).status == 0)
    for name in FileTree.names(in: project.path("")) where name.hasPrefix("ledger.sqlite") {
      FileTree.remove(project.path(name))
    }
    try project.drop("S_2.csv", stock(first: "6"))
    let (result, _) = try project.run()
    #expect(result.status == 3)
    #expect(result.errors.contains("[ledger-behind]"), "\(result.errors)")
    #expect(project.inbox == ["S_2.csv"])
  }
}
