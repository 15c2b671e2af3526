import Feeds
import Foundation
import Intake
import Streams
import Synchronization
import TestSupport
import Testing

@testable import Pipeline

/// A project with feeds of one column, and a run over it whose clock the test sets.
private final class Turns {
  let project: TestProject
  let time = Mutex(0.0)
  private(set) var told: [String] = []
  private let places: Places
  private let feeds: [FeedDefinition]

  /// A project with these feeds; the files of a feed are called `FEED_*.csv`.
  init(_ names: String...) throws {
    project = try TestProject(feeds: Dictionary(uniqueKeysWithValues: names.map { ($0, Self.text($0)) }))
    let loaded = try ProjectLoader.load(directory: project.path(""))
    places = Places(loaded)
    let result = FeedLoader.load(loaded)
    try #require(result.problems == [])
    feeds = result.feeds
  }

  private static func text(_ name: String) -> String {
    """
    feed: \(name)
    files: '\(name)_*.csv'
    mode: full
    format: csv
    intake: { quiet: 0 }
    fields: { sku: { from: sku, required: true } }
    key: sku
    guards: { max_removed: off, max_changed: off }
    bi: { changes: { columns: [sku] } }

    """
  }

  /// A run over the project; `progress` is told while a drop is read.
  func open(progress: (@Sendable () -> Void)? = nil) throws -> InboxRun {
    var options = RunOptions()
    options.isDurable = false
    if let progress { options.progress = { _, _, _, _ in progress() } }
    return try InboxRun(project: places, feeds: feeds, options: options) { [self] in time.withLock { $0 } }
  }

  /// One turn: `FILE STATUS REASON` of each drop that it told of.
  func turn(_ run: InboxRun, stopAfter count: Int = .max) throws -> [String] {
    told = []
    let told = Mutex<[String]>([])
    try run.turn(shouldStop: { told.withLock { $0.count } >= count }) { (report) throws(SluiceError) in
      told.withLock { $0.append("\(report.file) \(report.status) \(report.reason ?? "-")") }
    }
    return told.withLock { $0 }
  }

  /// Pauses a feed, or lets it go on.
  var pause: @Sendable (_ isPaused: Bool, _ feed: String) throws -> Void {
    { [places, feeds] isPaused, feed in
      var options = RunOptions()
      options.isDurable = false
      _ = try FeedPauses(project: places, feeds: feeds, options: options).set(isPaused, feed: feed, reason: "a look")
    }
  }

  var inbox: [String] { FileTree.names(in: project.path("inbox")) }
  var published: [String] { project.outbox.filter { $0.hasPrefix("manifests/") } }
}

/// What `watch` does at each look.
@Suite("A turn over the inbox")
struct TurnTests {
  @Test("What was committed goes out before anything that comes after it is taken, as soon as it can")
  func completesFirst() throws {
    let turns = try Turns("stock")
    let run = try turns.open()
    try turns.project.write("outbox/bi", "in the way")
    try turns.project.drop("stock_1.csv", "sku\nA1\n")
    #expect(try turns.turn(run).count == 1)
    try turns.project.drop("stock_2.csv", "sku\nA1\nA2\n")
    for _ in 0..<2 {
      let told = try turns.turn(run)
      #expect(told.count == 1 && told[0].hasPrefix("stock_1.csv failed "), "\(told)")
      #expect(turns.inbox == ["stock_2.csv"], "nothing overtakes the first publication")
      #expect(turns.published == [])
    }
    FileTree.remove(turns.project.path("outbox/bi"))
    #expect(try turns.turn(run) == ["stock_2.csv published -"])
    #expect(turns.published == ["manifests/00000001-stock.json", "manifests/00000002-stock.json"])
  }

  @Test("What was committed goes out though nothing else comes into the inbox")
  func completesWhenIdle() throws {
    let turns = try Turns("stock")
    let run = try turns.open()
    try turns.project.write("outbox/bi", "in the way")
    try turns.project.drop("stock_1.csv", "sku\nA1\n")
    #expect(try turns.turn(run).count == 1)
    FileTree.remove(turns.project.path("outbox/bi"))
    #expect(try turns.turn(run) == [])
    #expect(turns.published == ["manifests/00000001-stock.json"])
    #expect(FileTree.names(in: turns.project.path("work")).allSatisfy { $0.hasPrefix(".lock") })
  }

  @Test("What another process left undone beside this one is completed before the next drop")
  func completesForOthers() throws {
    let turns = try Turns("stock")
    let run = try turns.open()
    #expect(try turns.turn(run) == [])
    let other = try turns.open()
    try turns.project.write("outbox/bi", "in the way")
    try turns.project.drop("stock_1.csv", "sku\nA1\n")
    #expect(try turns.turn(other).count == 1)
    FileTree.remove(turns.project.path("outbox/bi"))
    try turns.project.drop("stock_2.csv", "sku\nA1\nA2\n")
    #expect(try turns.turn(run) == ["stock_2.csv published -"])
    #expect(turns.published == ["manifests/00000001-stock.json", "manifests/00000002-stock.json"])
  }

  @Test("A feed that failed by itself is left alone for half a minute; the others go on meanwhile")
  func rests() throws {
    let turns = try Turns("alpha", "stock")
    let run = try turns.open()
    try turns.project.drop("alpha_1.csv", "sku\nA1\n")
    #expect(try turns.turn(run) == ["alpha_1.csv published -"])
    let path = turns.project.path("snapshots/alpha/00000001.keys")
    let whole = try FileTree.read(path)
    var damaged = whole
    damaged[damaged.count / 2] ^= 0xFF
    try FileTree.write(damaged, to: path)
    try turns.project.drop("alpha_2.csv", "sku\nA1\nA2\n")
    try turns.project.drop("stock_1.csv", "sku\nA1\n")
    // Descriptions of segments are kept for the process; another one reads the file.
    let watch = try turns.open()
    #expect(try turns.turn(watch) == ["alpha_2.csv failed snapshot-damaged", "stock_1.csv published -"])
    turns.time.withLock { $0 = 29 }
    try turns.project.drop("stock_2.csv", "sku\nA1\nA2\n")
    #expect(try turns.turn(watch) == ["stock_2.csv published -"])
    try FileTree.write(whole, to: path)
    turns.time.withLock { $0 = 31 }
    #expect(try turns.turn(watch) == ["alpha_2.csv published -"])
  }

  @Test("Asked to stop, it finishes the current drop and leaves the rest of the backlog")
  func stops() throws {
    let turns = try Turns("stock")
    for number in 1...3 {
      let rows = (1...number).map { "A\($0)\n" }.joined()
      try turns.project.drop("stock_\(number).csv", "sku\n" + rows)
    }
    let run = try turns.open()
    #expect(try turns.turn(run, stopAfter: 1) == ["stock_1.csv published -"])
    #expect(turns.inbox == ["stock_2.csv", "stock_3.csv"])
    #expect(try turns.turn(run) == ["stock_2.csv published -", "stock_3.csv published -"])
  }

  @Test("A file that its writer goes on with while it is read goes back, and is taken whole when it is quiet")
  func writtenWhileRead() throws {
    let turns = try Turns("stock")
    try turns.project.drop("stock_1.csv", "sku\nA1\n")
    let writer = try #require(FileHandle(forUpdatingAtPath: turns.project.path("inbox/stock_1.csv")))
    let isWritten = Mutex(false)
    let run = try turns.open {
      isWritten.withLock { done in
        guard !done else { return }
        done = true
        writer.seekToEndOfFile()
        writer.write(Data("A2\n".utf8))
      }
    }
    let reports = try run.run()
    #expect(reports.map(\.reason) == ["changed-while-reading"])
    #expect(try turns.project.text("inbox/stock_1.csv") == "sku\nA1\nA2\n")
    #expect(turns.project.outbox == [])
    #expect(try run.run().map { $0.counts?.accepted } == [2])
  }

  @Test("Paused while it is processed, a drop is not published and stays claimed; resumed, it goes on by itself")
  func pausedUnderWay() throws {
    let turns = try Turns("stock", "stores")
    let hasPaused = Mutex(false)
    let run = try turns.open { [pause = turns.pause] in
      let isFirst = hasPaused.withLock { value in
        defer { value = true }
        return !value
      }
      if isFirst { try? pause(true, "stock") }
    }
    try turns.project.drop("stock_1.csv", "sku\nA1\n")
    try turns.project.drop("stock_2.csv", "sku\nA1\nA2\n")
    for _ in 0..<3 {
      #expect(try turns.turn(run) == [], "what waits is not told of at each look")
      #expect(turns.inbox == ["stock_2.csv"] && turns.published == [])
    }
    try turns.project.drop("stores_1.csv", "sku\nA1\n")
    #expect(try turns.turn(run) == ["stores_1.csv published -"], "other feeds go on")
    try turns.pause(false, "stock")
    #expect(try turns.turn(run) == ["stock_1.csv published -", "stock_2.csv published -"])
    #expect(turns.inbox == [] && turns.published.count == 3)
  }
}
