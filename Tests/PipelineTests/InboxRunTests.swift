import Feeds
import TestSupport
import Testing

@testable import Pipeline

/// What a run says about files that it looks at while they change.
@Suite("A run and its inbox")
struct InboxRunTests {
  private static let feed = """
    feed: stock
    files: 'S_*.csv'
    mode: full
    format: csv
    intake: { quiet: 0.01 }
    fields: { sku: { from: sku, required: true } }
    key: sku
    bi: { changes: { columns: [sku] } }

    """

  @Test("A file that grows while the run waits for it is reported as still growing, and taken by a later one")
  func stillGrowing() throws {
    let project = try TestProject(feeds: ["stock": Self.feed])
    let loaded = FeedLoader.load(try ProjectLoader.load(directory: project.path("")))
    #expect(loaded.problems == [])
    var options = RunOptions()
    options.isDurable = false
    try project.drop("S_1.csv", "sku\nA1\n")
    let places = Places(try ProjectLoader.load(directory: project.path("")))
    let first = try InboxRun(project: places, feeds: loaded.feeds, options: options).run { seconds in
      #expect(seconds > 0)
      // The writer goes on between the two looks.
      #expect(throws: Never.self) { try project.drop("S_1.csv", "sku\nA1\nA2\n") }
    }
    #expect(first.map(\.status) == [.waiting])
    let report = try #require(first.first)
    #expect(report.file == "S_1.csv" && report.reason == "still-growing" && report.drop == nil)
    #expect(report.message?.contains("; ") == true, "it says what to do: \(report.message ?? "")")
    #expect(FileTree.names(in: project.path("inbox")) == ["S_1.csv"])
    let second = try InboxRun(project: places, feeds: loaded.feeds, options: options).run()
    #expect(second.map(\.status) == [.published])
    #expect(second.first?.counts?.accepted == 2)
  }

  @Test("The state of a feed from before its directory was recorded is read, and has none")
  func olderState() throws {
    var state = FeedState.empty(digestKey: .random())
    #expect(!state.encoded.contains("\"directory\""))
    #expect(try FeedState.decode(state.encoded, feed: "stock").directory == nil)
    state.directory = "goods"
    #expect(try FeedState.decode(state.encoded, feed: "stock").directory == "goods")
  }

  @Test("Of a feed from before it was recorded, what was published counts as covered; what is new does not")
  func olderCoverage() throws {
    let project = try TestProject(feeds: [
      "stock": """
      feed: stock
      files: 'S_*.csv'
      mode: delta
      format: csv
      fields: { sku: { from: sku, required: true } }
      key: sku
      edm:
        known: { whole: true, columns: { id: sku } }
        fresh: { whole: true, columns: { id: sku } }
      """
    ])
    let loaded = FeedLoader.load(try ProjectLoader.load(directory: project.path("")))
    var state = FeedState.empty(digestKey: .random())
    state.live = 1
    state.targets = ["edm.known"]
    let old = try FeedState.decode(state.encoded, feed: "stock")
    #expect(old.covered == nil)
    let job = DropJob(
      drop: 2, plan: try FeedPlan(try #require(loaded.feeds.first)), path: "", displayName: "", mode: .delta, asOf: 2,
      captures: [:], now: .null, staging: "", scratch: "", snapshots: "", state: old, isDurable: false)
    let coverage = Coverage(job, spoken: 1, written: ["edm.known", "edm.fresh"])
    #expect(coverage.missing == ["edm.fresh"])
    #expect(coverage.violation?.code == "needs-full")
  }
}
