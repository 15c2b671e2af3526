import TestSupport
import Testing

@Suite("Taking a quarantined or failed drop again")
struct RetryTests {
  private static let files = "files:\n  - { match: 'F_*.csv*', mode: full }\n  - { match: 'D_*.csv', mode: delta }"
  private static let good = StockFeed(files: files)
  /// The same feed with a column that no drop has.
  private static let wrong = StockFeed(
    files: files, quantity: "{ from: COUNT, required: true, type: decimal(2), min: 0 }")

  private func define(_ project: TestProject, _ feed: StockFeed) throws {
    try project.write("feeds/\(feed.name).yaml", feed.text)
  }

  /// A project of which drop 1 is published; drop 2 was quarantined by a wrong definition, which is corrected now.
  private func project(_ second: String = stock(first: "6"), name: String = "F_2.csv") throws -> TestProject {
    let project = try Self.good.project()
    try #require(try project.take("F_1.csv", stock()).status == 0)
    try define(project, Self.wrong)
    try #require(try project.take(name, second).drop["reason"] == "column-missing")
    try define(project, Self.good)
    return project
  }

  private func retry(
    _ project: TestProject, _ drop: Int = 2
  ) throws -> (status: Int32, drop: JSONValue, errors: String) {
    let result = try project.sluice("retry", "\(drop)", "--reason", "definition corrected", "--json")
    return (result.status, try result.jsonLines().first ?? .null, result.errors)
  }

  @Test("It is published under a new number, with today's definition, and the ledger links the two")
  func publishes() throws {
    let project = try project()
    let (status, drop, errors) = try retry(project)
    #expect(status == 0, "\(errors)")
    #expect(drop["drop"] == 3 && drop["status"] == "published" && drop["publication"] == 2, "\(drop)")
    #expect(drop["file"] == "F_2.csv" && drop["targets"][0]["changed"] == 1)
    #expect(FileTree.files(below: project.path("quarantine")) == [] && project.leftovers == [])
    #expect(FileTree.files(below: project.path("archive")) == ["stock/00000001-F_1.csv", "stock/00000003-F_2.csv"])
    let states = try project.sqlite("SELECT drop_id, status FROM drops")
    #expect(states == ["1|published", "2|quarantined", "3|published"])
    #expect(try project.sqlite("SELECT kind, drop_id, reason FROM decisions") == ["claimed|3|definition corrected"])
    let shown = try project.sluice("ledger", "show", "3").output
    #expect(shown.contains("takes drop 2 again, by ") && shown.contains(": definition corrected\n"), "\(shown)")
    #expect(try project.sluice("ledger", "show", "2").output.contains("taken again as drop 3\n"))
    let earlier = try project.sluice("ledger", "show", "2", "--json").jsonLines()
    #expect(earlier[0]["retried_by"][0] == 3 && earlier[0]["retries"] == nil, "\(earlier)")
    #expect(try project.sluice("ledger", "show", "3", "--json").jsonLines().first?["retries"] == 2)
    let verified = try project.sluice("ledger", "verify")
    #expect(verified.status == 0, "\(verified.errors)\(verified.output)")
  }

  @Test("Content that was published before is processed, not called a duplicate")
  func sameContent() throws {
    let project = try project(stock())
    let (status, drop, errors) = try retry(project)
    #expect(status == 0 && drop["status"] == "unchanged" && drop["reason"] == nil, "\(drop)\(errors)")
    #expect(try project.take("F_4.csv", stock()).drop["status"] == "duplicate", "a delivery is called so all the same")
  }

  @Test("What was published since is newer: an old full is stale, an old delta changes nothing of it")
  func keepsItsTime() throws {
    for (name, text) in [("F_202611020000.csv", stock(first: "7")), ("D_202611020000_1.csv", "SKU;QTY\nA101;7\n")] {
      let good = StockFeed(files: StockFeed.timed)
      let project = try good.project()
      #expect(try project.take("F_202611010000.csv", stock()).status == 0)
      try define(project, StockFeed(files: StockFeed.timed, quantity: Self.wrong.quantity))
      #expect(try project.take(name, text).drop["reason"] == "column-missing")
      try define(project, good)
      #expect(try project.take("F_202611030000.csv", stock(first: "8")).status == 0)
      let (status, drop, _) = try retry(project)
      if name.hasPrefix("F") {
        #expect(status == 1 && drop["status"] == "stale", "\(drop)")
      } else {
        #expect(status == 0 && drop["status"] == "unchanged" && drop["targets"][0]["newer"] == 1, "\(drop)")
      }
    }
  }

  @Test("A drop whose name says no time speaks for that of its first claim")
  func keepsItsClaimTime() throws {
    let project = try project()
    #expect(try retry(project).status == 0)
    let sql = "SELECT r.as_of = q.claimed_at FROM drops r, drops q WHERE r.drop_id = 3 AND q.drop_id = 2"
    #expect(try project.sqlite(sql) == ["1"])
  }

  @Test("Still bad, it goes back to the quarantine under its new number, and can be taken again from there")
  func staysBad() throws {
    let project = try project()
    try define(project, Self.wrong)
    let (status, drop, _) = try retry(project)
    #expect(status == 1 && drop["status"] == "quarantined" && drop["reason"] == "column-missing", "\(drop)")
    #expect(FileTree.files(below: project.path("quarantine")) == ["stock/00000003-F_2.csv"])
    #expect(project.inbox == [] && project.leftovers == [])
    try define(project, Self.good)
    let gone = try retry(project)
    #expect(gone.status == 2 && gone.errors.contains("[retry-file-gone]"), "\(gone.errors)")
    #expect(gone.errors.contains("it was taken again as drop 3"))
    #expect(try retry(project, 3).drop["status"] == "published")
    #expect(FileTree.files(below: project.path("quarantine")) == [])
  }

  @Test("A file that is incomplete does not wait in the inbox once more")
  func incomplete() throws {
    let project = try Self.good.project()
    try define(project, StockFeed(files: Self.files, intake: "quiet: 0, incomplete_after: 0"))
    let cut = Array(try gzip(stock()).dropLast(6))
    try project.drop("F_1.csv.gz", bytes: cut)
    for _ in 0..<2 { _ = try project.run() }
    #expect(try project.sqlite("SELECT status, reason FROM drops").last == "quarantined|gzip-truncated")
    let (status, drop, errors) = try retry(project)
    #expect(status == 1 && drop["status"] == "quarantined" && drop["reason"] == "gzip-truncated", "\(drop)\(errors)")
    #expect(project.inbox == [])
    try project.write("exports/F_2.csv.gz", bytes: cut)
    let adopted = try project.sluice("adopt", "exports/F_2.csv.gz", "--json")
    #expect(adopted.status == 1 && adopted.output.contains("\"quarantined\""), "\(adopted.output)")
    #expect(project.inbox == [], "nor does one that was to be adopted")
  }

  @Test("Another fate, an unknown number, a file that is gone and a name without a feed are told apart")
  func refusals() throws {
    let project = try project()
    let published = try retry(project, 1)
    #expect(published.status == 2 && published.errors.contains("the drop is published"), "\(published.errors)")
    #expect(published.errors.contains("[drop-not-retriable]"))
    #expect(try retry(project, 99).errors.contains("[drop-unknown]"))
    let renamed = StockFeed(files: "files: 'STOCK_*.csv'\nmode: full")
    try define(project, renamed)
    #expect(try retry(project).errors.contains("[retry-no-feed]"))
    try define(project, Self.good)
    FileTree.remove(project.path("quarantine/stock/00000002-F_2.csv"))
    let gone = try retry(project)
    #expect(gone.status == 2 && gone.errors.contains("[retry-file-gone]"), "\(gone.errors)")
    #expect(try project.sqlite("SELECT count(*) FROM drops") == ["2"], "no number is used")
    #expect(try project.sluice("retry", "2", "--reason", " ").status == 2)
  }

  @Test("Corrected rejects that were quarantined are taken again as what they are")
  func correctedRejects() throws {
    let lax = StockFeed(files: Self.files, guards: "max_rejected: off")
    let project = try lax.project()
    #expect(try project.take("F_1.csv", stock { $0 == 101 ? "x" : "5" }).status == 0)
    let rejects = try project.text("outbox/rejects/00000001-stock.csv").replacing("A101;x", with: "A101;6")
    try define(project, Self.wrong)
    #expect(try project.take("00000001-stock.csv", rejects).drop["reason"] == "column-missing")
    try define(project, lax)
    let (status, drop, errors) = try retry(project)
    #expect(status == 0 && drop["mode"] == "delta" && drop["targets"][0]["new"] == 1, "\(drop)\(errors)")
    #expect(try project.sluice("ledger", "show", "3").output.contains("corrected rejects of drop 1\n"))
  }

  @Test("It takes its turn: not while the feed is paused, and no delta while a drop is held")
  func turn() throws {
    let project = try project("SKU;QTY\nA101;7\n", name: "D_2.csv")
    #expect(try project.sluice("pause", "stock", "--reason", "wrong").status == 0)
    #expect(try retry(project).errors.contains("[feed-paused]"))
    #expect(try project.sluice("resume", "stock", "--reason", "right").status == 0)
    #expect(try project.take("F_3.csv", stock(110...140)).drop["status"] == "held")
    let behind = try retry(project)
    #expect(behind.status == 2 && behind.errors.contains("drop 3 of the feed is held"), "\(behind.errors)")
    #expect(try project.sluice("discard", "3", "--reason", "cut off").status == 0)
    #expect(try retry(project).drop["status"] == "published")
  }

  @Test("In a gapless feed it fills its gap, and the drops behind it follow")
  func sequence() throws {
    let timed = { (quantity: String) in
      StockFeed(
        files: StockFeed.timed, intake: "quiet: 0, sequence: continuous",
        quantity: "{ from: \(quantity), required: true, type: decimal(2) }")
    }
    let project = try timed("QTY").project()
    #expect(try project.take("D_202611010000_1.csv", stock()).status == 0)
    try define(project, timed("COUNT"))
    for number in 2...3 { try project.drop("D_20261101000\(number)_\(number).csv", stock(first: "\(number)")) }
    #expect(try project.run().drops.map { $0["status"] } == ["quarantined", "waiting"])
    try define(project, timed("QTY"))
    #expect(try project.run().drops.map { $0["reason"] } == ["sequence-gap"])
    #expect(try retry(project).drop["status"] == "published")
    #expect(try project.run().drops.map { $0["status"] } == ["published"])
  }

  @Test("A file that contradicted its marker is not taken again without it")
  func unproven() throws {
    let feed = StockFeed(intake: "quiet: 0, incomplete_after: 0, marker: '{name}.sha256', marker_holds: sha256")
    let project = try feed.project()
    try project.drop("S_1.csv", stock())
    try project.drop("S_1.csv.sha256", String(repeating: "a", count: 64))
    for _ in 0..<2 { _ = try project.run() }
    #expect(try project.sqlite("SELECT status FROM drops").last == "quarantined")
    let (status, _, errors) = try retry(project)
    #expect(status == 2 && errors.contains("[retry-unproven]"), "\(errors)")
    try define(project, StockFeed(intake: "quiet: 0, marker: '{name}.sha256'"))
    #expect(try retry(project).drop["status"] == "published")
  }

  @Test("A drop that failed is taken from the inbox, with its marker", arguments: [false, true])
  func failed(hasMarker: Bool) throws {
    let intake = hasMarker ? "quiet: 0, marker: '{name}.ok'" : "quiet: 0"
    let project = try StockFeed(intake: intake).project()
    if hasMarker { for name in ["S_1.csv.ok", "S_2.csv.ok"] { try project.drop(name, "") } }
    try #require(try project.take("S_1.csv", stock()).status == 0)
    let keys = "snapshots/stock/00000001.keys"
    let snapshot = try FileTree.read(project.path(keys))
    try project.write(keys, bytes: snapshot.map { ~$0 })
    #expect(try project.take("S_2.csv", stock(first: "6")).drop["status"] == "failed")
    try project.write(keys, bytes: snapshot)
    let (status, drop, errors) = try retry(project)
    #expect(status == 0 && drop["status"] == "published", "\(drop)\(errors)")
    #expect(project.inbox == [] && project.leftovers == [])
    #expect(try retry(project).errors.contains("[retry-file-gone]"))
  }

  @Test("A failure of the machine leaves it in the quarantine, from where it is taken again")
  func failsAgain() throws {
    let project = try project()
    let keys = "snapshots/stock/00000001.keys"
    let snapshot = try FileTree.read(project.path(keys))
    try project.write(keys, bytes: snapshot.map { ~$0 })
    let (status, drop, _) = try retry(project)
    #expect(status == 3 && drop["status"] == "failed" && drop["reason"] == "snapshot-damaged", "\(drop)")
    #expect(project.inbox == [], "the next run must not take it by itself")
    #expect(FileTree.files(below: project.path("quarantine")) == ["stock/00000003-F_2.csv"])
    try project.write(keys, bytes: snapshot)
    #expect(try retry(project, 3).drop["status"] == "published")
  }

  @Test("Killed at any point, its file is there once, and it is published once", arguments: 0..<2)
  func killed(stripe: Int) throws {
    let project = try project()
    let command = ["retry", "2", "--reason", "definition corrected"]
    let copy = try project.copied()
    let point = try CrashPoint(root: copy.directory.path)
    #expect(try copy.sluice(command, environment: point.environment).status == 0)
    let trace = point.trace()
    let moves = trace.indices.filter { trace[$0].contains(" rename ") }.map { $0 + 1 }
    let points = Set(Array(stride(from: 2, to: trace.count, by: 6)) + moves).sorted()
    #expect(points.count > 8)
    for (index, call) in points.enumerated() where index % 2 == stripe {
      let killed = try project.copied()
      let fault = try CrashPoint(root: killed.directory.path, fault: .kill(call: call))
      #expect(try killed.sluice(command, environment: fault.environment).signal == 9)
      let files = ["quarantine", "work", "archive"].flatMap { FileTree.files(below: killed.path($0)) }
      let copies = files.filter { $0.hasSuffix("-F_2.csv") || $0.hasSuffix("/data") }
      #expect(copies.count == 1, "call \(call): \(trace[call - 1]): \(files)")
      #expect(try killed.sluice("run").status == 0)
      let published = "SELECT count(*) FROM drops WHERE status = 'published' AND file = 'F_2.csv'"
      if try killed.sqlite(published) == ["0"] { #expect(try killed.sluice(command).status == 0, "call \(call)") }
      #expect(try killed.sqlite(published) == ["1"], "call \(call): \(trace[call - 1])")
      #expect(killed.leftovers == [] && killed.inbox == [], "call \(call)")
      #expect(FileTree.files(below: killed.path("quarantine")) == [], "call \(call)")
      #expect(killed.outbox("commerce").count == 2, "call \(call)")
      #expect(try killed.sluice("ledger", "verify").status == 0, "call \(call)")
    }
  }

  @Test("After a call that fails its file is in the quarantine, once, or it is published", arguments: 0..<2)
  func faults(stripe: Int) throws {
    let project = try project()
    let command = ["retry", "2"]
    let copy = try project.copied()
    let point = try CrashPoint(root: copy.directory.path, countsOpen: true)
    #expect(try copy.sluice(command, environment: point.environment).status == 0)
    let trace = point.trace()
    for call in stride(from: 2 + 6 * stripe, to: trace.count, by: 12) {
      let failed = try project.copied()
      let error = call % 4 == 0 ? "ENOSPC" : "EIO"
      let fault = try CrashPoint(
        root: failed.directory.path, fault: .fail(call: call, error: error), countsOpen: true)
      let result = try failed.sluice(command, environment: fault.environment)
      let what = "\(error) at \(trace[call - 1]): \(result.errors)\(result.output)"
      #expect(result.status == 0 || result.status == 3, "exit \(result.status), \(what)")
      #expect(try failed.sluice("run").status == 0, "\(what)")
      let published = "SELECT count(*) FROM drops WHERE status = 'published' AND file = 'F_2.csv'"
      let left = FileTree.names(in: failed.path("quarantine/stock"))
      if try failed.sqlite(published) == ["0"] {
        let number = left.first.flatMap { Int($0.prefix(8)) }
        #expect(left.count == 1 && number != nil, "\(left), \(what)")
        #expect(try retry(failed, number ?? 0).status == 0, "\(what)")
      } else {
        #expect(left == [], "\(what)")
      }
      #expect(try failed.sqlite(published) == ["1"], "\(what)")
      #expect(failed.leftovers == [] && failed.inbox == [] && failed.outbox("commerce").count == 2, "\(what)")
    }
  }
}
