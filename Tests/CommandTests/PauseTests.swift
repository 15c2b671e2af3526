import TestSupport
import Testing

@Suite("Feeds that a person has paused")
struct PauseTests {
  private static let files = "files:\n  - { match: 'F_*.csv', mode: full }\n  - { match: 'D_*.csv', mode: delta }"

  /// A project of which drop 1 is published.
  private func project() throws -> TestProject {
    let project = try StockFeed(files: Self.files).project()
    try project.write("feeds/names.yaml", NameFeed.text)
    try #require(try project.take("F_1.csv", stock()).status == 0)
    return project
  }

  private func decide(_ project: TestProject, _ command: String, _ feed: String = "stock") throws -> CommandResult {
    try project.sluice(command, feed, "--reason", "stock-taking until Monday")
  }

  @Test("Its files wait in the inbox, status says since when, by whom and why, and other feeds go on")
  func waits() throws {
    let project = try project()
    let paused = try project.sluice("pause", "stock", "--reason", "stock-taking", "--json")
    #expect(paused.status == 0, "\(paused.errors)")
    #expect(try paused.jsonLines().first?["status"] == "paused")
    try project.drop("N_1.xml", NameFeed.records + "</LIST>")
    try project.drop("D_2.csv", "SKU;QTY\nA101;6\n")
    let outbox = project.outbox("commerce")
    let (result, drops) = try project.run()
    #expect(result.status == 0, "\(result.errors)\(result.output)")
    #expect(drops.map { $0["status"] } == ["published", "waiting"], "\(drops)")
    #expect(drops[1]["file"] == "D_2.csv" && drops[1]["reason"] == "paused" && drops[1]["drop"] == nil)
    #expect(project.inbox == ["D_2.csv"] && project.outbox("commerce") == outbox)
    #expect(try project.run("--dry-run").drops.map { $0["reason"] } == ["paused"])
    #expect(try project.sluice("run", "D_2.csv").status == 1, "a file that was named is not published")

    let line = try #require(try project.sluice("status", "--json").jsonLines().first { $0["feed"] == "stock" })
    #expect(line["paused"]["reason"] == "stock-taking" && line["paused"]["person"].string?.isEmpty == false)
    #expect(line["paused"]["since"].string?.hasSuffix("Z") == true)
    #expect(line["backlog"] == 0 && line["waiting"][0]["reason"] == "paused", "\(line)")
    let text = try project.sluice("status").output
    #expect(text.contains("paused: stock since 20") && text.contains(": stock-taking\n"), "\(text)")
  }

  @Test("Resumed, it takes in their order what has come meanwhile; both decisions are in the ledger")
  func resumes() throws {
    let project = try project()
    #expect(try decide(project, "pause").status == 0)
    try project.drop("D_3.csv", "SKU;QTY\nA101;7\n")
    try project.drop("D_2.csv", "SKU;QTY\nA101;6\n")
    #expect(try project.run().drops.count == 2)
    let resumed = try decide(project, "resume")
    #expect(resumed.status == 0 && resumed.output == "stock: resumed\n", "\(resumed.errors)")
    #expect(try project.run().drops.map { $0["file"] } == ["D_2.csv", "D_3.csv"])
    #expect(project.inbox == [] && project.leftovers == [])
    let decisions = try project.sqlite("SELECT kind, drop_id IS NULL, feed, reason, person = '' FROM decisions")
    let reason = "stock-taking until Monday"
    #expect(decisions == ["paused|1|stock|\(reason)|0", "resumed|1|stock|\(reason)|0"])
    let verified = try project.sluice("ledger", "verify")
    #expect(verified.status == 0, "\(verified.errors)\(verified.output)")
    #expect(try project.sluice("status", "--json").jsonLines().allSatisfy { $0["paused"] == nil })
  }

  @Test("A feed that is paused, one that runs, one that is not there and a missing reason are told apart")
  func refusals() throws {
    let project = try project()
    let running = try decide(project, "resume")
    #expect(running.status == 2 && running.errors.contains("[not-paused]"), "\(running.errors)")
    #expect(try decide(project, "pause").status == 0)
    let paused = try project.sluice("pause", "stock", "--reason", "again")
    #expect(paused.status == 2 && paused.errors.contains("[already-paused]"), "\(paused.errors)")
    #expect(paused.errors.contains("stock-taking until Monday"), "it says why: \(paused.errors)")
    let unknown = try decide(project, "pause", "stok")
    #expect(unknown.status == 2 && unknown.errors.contains("did you mean stock?"), "\(unknown.errors)")
    #expect(unknown.errors.contains("[feed-unknown]"))
    #expect(try project.sluice("resume", "stock").status == 2)
    #expect(try project.sluice("resume", "stock", "--reason", " ").status == 2)
    #expect(try project.sqlite("SELECT count(*) FROM decisions") == ["1"])
  }

  @Test("A pause outlives the renaming of its feed")
  func renamed() throws {
    let project = try project()
    #expect(try decide(project, "pause").status == 0)
    let renamed = StockFeed(name: "plants", files: Self.files, more: "formerly: stock").text
    try project.write("feeds/stock.yaml", renamed)
    #expect(try project.take("D_2.csv", "SKU;QTY\nA101;6\n").drop["reason"] == "paused")
    #expect(try decide(project, "resume", "plants").status == 0)
    #expect(try project.run().drops.map { $0["status"] } == ["published"])
  }

  @Test("A held drop can not be released and no file adopted, but a held drop can be discarded")
  func decisions() throws {
    let project = try project()
    #expect(try project.take("F_2.csv", stock(104...140)).drop["status"] == "held")
    #expect(try decide(project, "pause").status == 0)
    let outbox = try project.outboxContents()
    let release = try project.sluice("release", "2", "--reason", "seen")
    #expect(release.status == 2 && release.errors.contains("[feed-paused]"), "\(release.errors)")
    try project.write("exports/F_9.csv", stock())
    let adopt = try project.sluice("adopt", "exports/F_9.csv", "--reason", "go-live")
    #expect(adopt.status == 2 && adopt.errors.contains("[feed-paused]"), "\(adopt.errors)")
    #expect(try project.outboxContents() == outbox)
    #expect(try project.sqlite("SELECT status FROM drops") == ["published", "held"])
    #expect(try project.sluice("discard", "2", "--reason", "cut off").status == 0)
  }

  @Test("A file whose marker has not come in time is not given up while its feed is paused")
  func overdue() throws {
    let project = try StockFeed(intake: "quiet: 0, marker: '{name}.ok', incomplete_after: 0").project()
    #expect(try decide(project, "pause").status == 0)
    try project.drop("S_1.csv", stock())
    #expect(try project.run().drops.map { $0["reason"] } == ["marker-missing"])
    #expect(project.inbox == ["S_1.csv"])
    #expect(try decide(project, "resume").status == 0)
    #expect(try project.run().drops.map { $0["status"] } == ["quarantined"])
  }

  @Test("A drop that was claimed when its process was killed stays claimed, and is published once after the pause")
  func claimed() throws {
    let project = try project()
    try project.drop("D_2.csv", "SKU;QTY\nA101;6\n")
    try project.killAfterClaim(2)
    #expect(try decide(project, "pause").status == 0)
    let outbox = try project.outboxContents()
    try project.drop("D_3.csv", "SKU;QTY\nA102;6\n")
    for _ in 0..<2 {
      let (result, drops) = try project.run()
      #expect(result.status == 0 && drops.map { $0["file"] } == ["D_3.csv"], "\(result.errors)\(drops)")
    }
    #expect(try project.outboxContents().filter { !$0.key.hasPrefix(".staging") } == outbox)
    #expect(try project.sqlite("SELECT status FROM drops WHERE drop_id = 2") == ["claimed"])
    let text = try project.sluice("status").output
    #expect(text.contains("going on after it: drop 2\n"), "\(text)")
    #expect(try decide(project, "resume").status == 0)
    #expect(try project.run().drops.map { $0["drop"] } == [2, 3])
    #expect(try project.sqlite("SELECT status FROM drops ORDER BY drop_id") == ["published", "published", "published"])
    #expect(project.leftovers == [] && project.inbox == [])
  }
}
