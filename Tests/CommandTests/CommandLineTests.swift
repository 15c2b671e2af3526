import TestSupport
import Testing

@Suite("The command line of run")
struct CommandLineTests {
  private static let dropKeys: Set<String> = [
    "drop", "file", "feed", "mode", "status", "reason", "message", "publication", "read", "rejected", "superseded",
    "accepted", "targets", "rejects", "seconds", "peak_memory_bytes", "respelled",
  ]
  private static let stateKeys: Set<String> = [
    "target", "new", "changed", "returned", "unchanged", "newer", "withdrawn", "skipped", "parked", "removed",
    "rows_written", "files",
  ]

  private func keys(_ value: JSONValue) -> Set<String> {
    if case .object(let members) = value { Set(members.keys) } else { [] }
  }

  @Test("--json has one object a drop with every promised field, null where there is nothing to say")
  func json() throws {
    let project = try StockFeed(more: "bi:\n  changes: { columns: [sku, qty] }").project()
    let (_, drop) = try project.take("S_1.csv", stock())
    #expect(keys(drop) == Self.dropKeys)
    #expect(drop["drop"] == 1 && drop["publication"] == 1)
    #expect(drop["file"] == "S_1.csv" && drop["feed"] == "stock" && drop["mode"] == "full")
    #expect(drop["reason"] == nil && drop["message"] == nil && drop["rejects"] == nil)
    #expect(drop["read"] == 40 && drop["accepted"] == 40 && drop["rejected"] == 0 && drop["superseded"] == 0)
    #expect(drop["peak_memory_bytes"].int ?? 0 > 1_000_000)
    let target = drop["targets"][0]
    #expect(target["target"] == "commerce.stock_sources")
    #expect(keys(target) == Self.stateKeys)
    #expect(target["new"] == 40 && target["rows_written"] == 40)
    let file = target["files"][0]
    #expect(keys(file) == ["path", "rows", "sha256"])
    #expect(file["rows"] == 40)
    #expect(file["path"] == "outbox/commerce/00000001-20-20261123T021500Z-stock.stock_sources.append.csv")
    let path = try #require(file["path"].string)
    let sum = try RunningCommand("/usr/bin/env", ["sha256sum", path], in: project.directory.path).wait()
    #expect(sum.output.hasPrefix(file["sha256"].string ?? "none"))
    #expect(keys(drop["targets"][1]) == ["target", "fired", "skipped", "rows_written", "files"])

    try project.drop("unknown", "x")
    let waiting = try #require(try project.run().drops.first)
    #expect(keys(waiting) == Self.dropKeys)
    #expect(waiting["drop"] == nil && waiting["feed"] == nil && waiting["targets"].elements.isEmpty)
  }

  @Test("--now is the time in file names and in expressions")
  func now() throws {
    let more =
      "bi:\n  changes: { columns: { sku: sku, day: \"format(now(), 'yyyy-MM-dd HH:mm')\" } }\nzone: Europe/Berlin"
    let project = try StockFeed(more: more).project()
    try project.drop("S_1.csv", "SKU;QTY\nA1;1\n")
    let (result, _) = try project.run(now: "2027-01-31T23:59:59Z")
    try #require(result.status == 0, "\(result.errors)")
    #expect(project.outbox("commerce") == ["commerce/00000001-20-20270131T235959Z-stock.stock_sources.append.csv"])
    let changes = try #require(project.outbox("bi").first { $0.hasSuffix(".csv") })
    #expect(try project.text("outbox/\(changes)").contains("2027-02-01 00:59"))
    #expect(try project.sluice("run", "--now", "yesterday").status == 2)
  }

  @Test("--feed takes the files of one feed and leaves the others; an unknown name is answered with the nearest")
  func feed() throws {
    let project = try TestProject(feeds: ["stock": StockFeed().text, "names": NameFeed.text])
    try project.drop("S_1.csv", stock())
    try project.drop("N_1.xml", NameFeed.records + "</LIST>")
    #expect(try project.fates("--feed", "names").drops == ["N_1.xml published -"])
    #expect(project.inbox == ["S_1.csv"])
    let named = try project.fates("--feed", "names", "S_1.csv")
    #expect(named.status == 1)
    #expect(named.drops == ["S_1.csv waiting other-feed"])
    let unknown = try project.sluice("run", "--feed", "stok")
    #expect(unknown.status == 2)
    #expect(unknown.errors.contains("did you mean stock"), "\(unknown.errors)")
    #expect(try project.fates().drops == ["S_1.csv published -"])
  }

  @Test("Two feeds have their own snapshots and one row of publication numbers")
  func twoFeeds() throws {
    let project = try TestProject(feeds: ["stock": StockFeed().text, "names": NameFeed.text])
    try project.drop("S_1.csv", stock())
    try project.drop("N_1.xml", NameFeed.records + "</LIST>")
    let drops = try project.run().drops
    #expect(Set(drops.compactMap { $0["publication"].int }) == [1, 2])
    #expect(FileTree.names(in: project.path("snapshots")) == ["names", "stock"])
    #expect(project.outbox("manifests").count == 2)
    #expect(
      try project.take("N_2.xml", NameFeed.records.replacing("n1", with: "m1") + "</LIST>").drop["publication"] == 3)
  }

  @Test("A file from elsewhere is copied into the inbox and processed; a name that is taken or missing is refused")
  func fileFromOutside() throws {
    let project = try StockFeed().project()
    let elsewhere = try TemporaryDirectory()
    try FileTree.write(stock(), to: elsewhere("S_1.csv"))
    try project.drop("S_9.csv", stock(first: "9"))
    let (exit, drops) = try project.fates(elsewhere("S_1.csv"))
    #expect(exit == 0)
    #expect(drops == ["S_1.csv published -"])
    #expect(project.inbox == ["S_9.csv"], "only the file that was named is taken, and no copy is left")
    #expect(try FileTree.text(elsewhere("S_1.csv")) == stock())

    try FileTree.write(stock(first: "8"), to: elsewhere("S_9.csv"))
    let taken = try project.sluice("run", elsewhere("S_9.csv"))
    #expect(taken.status == 2 && taken.errors.contains("[inbox-name-taken]"), "\(taken.errors)")
    #expect(try project.text("inbox/S_9.csv") == stock(first: "9"))
    let missing = try project.sluice("run", elsewhere("S_2.csv"))
    #expect(missing.status == 2 && missing.errors.contains("[file-missing]"), "\(missing.errors)")
    #expect(try project.fates("inbox/S_9.csv").drops == ["S_9.csv published -"])
  }

  @Test("A file named on the command line that is not published leaves with 1, whatever the reason")
  func namedAndNotPublished() throws {
    let project = try StockFeed().project()
    #expect(try project.take("S_1.csv", stock(), "S_1.csv").status == 0)
    let duplicate = try project.take("S_2.csv", stock(), "S_2.csv")
    #expect(duplicate.status == 1)
    #expect(duplicate.drop["status"] == "duplicate")
    #expect(try project.take("Q.csv", stock(), "Q.csv").status == 1)
  }

  @Test("A project elsewhere is named by --project; one without sluice.yaml is refused")
  func project() throws {
    let project = try StockFeed().project()
    let elsewhere = try TemporaryDirectory()
    try project.drop("S_1.csv", stock())
    let words = ["run", "--json", "--project", project.directory.path]
    let result = try RunningCommand(BuildProducts.sluice, words, in: elsewhere.path).wait()
    #expect(result.status == 0, "\(result.errors)")
    #expect(try result.jsonLines().first?["status"] == "published")
    #expect(FileTree.files(below: elsewhere.path) == [])
    #expect(project.outbox("commerce").count == 1)
    let none = try RunningCommand(BuildProducts.sluice, ["run"], in: elsewhere.path).wait()
    #expect(none.status == 2, "\(none.errors)")
    #expect(FileTree.files(below: elsewhere.path) == [])
  }

  @Test("Logs go to stderr and results to stdout; --quiet says nothing but what went wrong")
  func streams() throws {
    let project = try StockFeed().project()
    try project.drop("S_1.csv", stock())
    let quiet = try project.sluice("run", "--quiet")
    #expect(quiet.status == 0 && quiet.output.isEmpty && quiet.errors.isEmpty)
    try project.drop("S_2.csv", "SKU;QTY\n")
    let trouble = try project.sluice("run", "--quiet")
    #expect(trouble.status == 1 && trouble.output.isEmpty && trouble.errors.contains("guard-empty"))
    try project.drop("S_3.csv", stock(first: "6"))
    let said = try project.sluice("run")
    #expect(said.output.contains("S_3.csv [stock, full]: published as publication 2, drop 3"), "\(said.output)")
    #expect(said.errors.isEmpty)
    #expect(try project.sluice("run", "--colour").status == 2)
    #expect(try project.sluice("walk").status == 2)
  }
}
