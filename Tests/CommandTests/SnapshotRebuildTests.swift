import TestSupport
import Testing

@Suite("Making a snapshot again from the archive")
struct SnapshotRebuildTests {
  private static let files = "files:\n  - { match: 'F_*.csv', mode: full }\n  - { match: 'D_*.csv', mode: delta }"

  private func rebuild(
    _ project: TestProject, _ feed: String = "stock"
  ) throws -> (status: Int32, answer: JSONValue, errors: String) {
    let result = try project.sluice("snapshot", "rebuild", feed, "--reason", "disk error", "--json")
    return (result.status, try result.jsonLines().first ?? .null, result.errors)
  }

  /// Removes the snapshot of a feed, or makes another byte of every byte of it.
  private func lose(_ project: TestProject, _ feed: String = "stock", isDamaged: Bool = false) throws {
    let directory = project.path("snapshots/\(feed)")
    for name in FileTree.names(in: directory) where !FileTree.isDirectory("\(directory)/\(name)") {
      let bytes = try FileTree.read("\(directory)/\(name)")
      FileTree.remove("\(directory)/\(name)")
      if isDamaged { try FileTree.write(bytes.map { ~$0 }, to: "\(directory)/\(name)") }
    }
    if !isDamaged { FileTree.remove(directory) }
  }

  /// What the world sees of the project, once more drops have come.
  private func record(_ project: TestProject, after drops: [(String, String)]) throws -> ProjectRecord {
    for (name, text) in drops {
      try project.drop(name, text)
      _ = try project.run()
    }
    return try ProjectRecord(project, likeness: .identical)
  }

  /// Loses the snapshot in a copy, makes it again, and compares what later drops come to with the undisturbed project.
  private func expectSame(
    _ project: TestProject, after drops: [(String, String)], location: SourceLocation = #_sourceLocation
  ) throws {
    let lost = try project.copied()
    try lose(lost)
    let (status, answer, errors) = try rebuild(lost)
    #expect(status == 0 && answer["is_partial"] == false, "\(errors)\(answer)", sourceLocation: location)
    let expected = try record(project, after: drops)
    let found = try record(lost, after: drops)
    #expect(found == expected, "\(found.differences(from: expected))", sourceLocation: location)
    #expect(try lost.sluice("ledger", "verify").status == 0, sourceLocation: location)
  }

  @Test("Later drops come to the same files, byte by byte, as with the snapshot that was lost or damaged")
  func sameAfterwards() throws {
    let project = try CrashScenario.afterFirstDay()
    try CrashScenario.dropSecondDay(in: project)
    try CrashScenario.succeed(project.sluice(CrashScenario.secondRun))
    let lost = try CrashScenario.copy(project)
    try lose(lost, "products")
    try lose(lost, "stock", isDamaged: true)
    for feed in ["products", "stock"] {
      let (status, answer, errors) = try rebuild(lost, feed)
      #expect(status == 0, "\(errors)")
      #expect(answer["is_partial"] == false && answer["from"].int == (feed == "products" ? 1 : 2), "\(answer)")
    }
    #expect(try lost.sluice("ledger", "verify").status == 0)
    #expect(project.outbox == lost.outbox, "nothing is sent")
    for history in [project, lost] { try CrashScenario.runThirdDay(in: history) }
    let (expected, found) = try (
      ProjectRecord(project, likeness: .identical), ProjectRecord(lost, likeness: .identical)
    )
    #expect(found == expected, "\(found.differences(from: expected))")
    #expect(lost.leftovers == [])
  }

  @Test("The ledger says who did it and from what; the publication keeps its number")
  func recorded() throws {
    let project = try StockFeed(files: Self.files).project()
    #expect(try project.take("F_1.csv", stock()).status == 0)
    #expect(try project.take("D_2.csv", "SKU;QTY\nA101;6\n").status == 0)
    try lose(project, isDamaged: true)
    let failed = try project.take("D_3.csv", "SKU;QTY\nA101;7\n")
    #expect(failed.status == 3 && failed.drop["reason"] == "snapshot-damaged", "\(failed.drop)")
    #expect(failed.drop["message"].string?.contains("`sluice snapshot rebuild stock`") == true, "\(failed.drop)")
    let (status, answer, errors) = try rebuild(project)
    #expect(status == 0 && answer["keys"] == 40 && answer["drops"] == 2 && answer["from"] == 1, "\(errors)\(answer)")
    #expect(try project.sqlite("SELECT kind, feed, reason FROM decisions") == ["rebuilt|stock|disk error"])
    #expect(try project.sqlite("SELECT publication FROM snapshot ORDER BY id") == ["1", "2", "2"])
    let (exit, drops) = try project.run()
    #expect(exit.status == 0 && drops[0]["publication"] == 3 && drops[0]["targets"][0]["changed"] == 1, "\(drops)")
    #expect(
      try project.sluice("snapshot", "rebuild", "stock").output == "stock: 40 keys, made from 3 drops of the archive\n")
    #expect(try rebuild(project).status == 0, "a sound one can be made again as well")
    #expect(try project.sluice("ledger", "verify").status == 0)
  }

  @Test("Releases, adoptions, kept removals, corrected rejects, changed definitions are gone through as on their day")
  func decisions() throws {
    let timed = StockFeed(files: StockFeed.timed, guards: "max_rejected: 5%")
    let project = try timed.project()
    try project.write("exports/F_202611010000.csv", stock())
    #expect(try project.sluice("adopt", "exports/F_202611010000.csv").status == 0)
    #expect(try project.take("F_202611020000.csv", stock(104...140)).drop["status"] == "held")
    #expect(try project.sluice("release", "2", "--reason", "closed").status == 0)
    #expect(try project.take("F_202611030000.csv", stock(108...140)).drop["status"] == "held")
    #expect(try project.sluice("release", "3", "--without-removals", "--reason", "too many").status == 0)
    #expect(try project.take("F_202611040000.csv", stock(104...140) { $0 == 105 ? "x" : "5" }).status == 0)
    let rejects = try project.text("outbox/rejects/00000004-stock.csv").replacing("A105;x", with: "A105;6")
    #expect(try project.take("00000004-stock.csv", rejects).drop["status"] == "published")
    #expect(try project.take("F_202611050000.csv", stock(104...140)).status == 0)
    #expect(try project.take("F_202611060000.csv", stock(104...140)).drop["status"] == "duplicate")
    let changed = StockFeed(
      name: "plants", files: StockFeed.timed,
      more: "formerly: stock\nbi:\n  changes: { columns: [sku, qty] }")
    try project.write("feeds/stock.yaml", changed.text)
    #expect(try project.take("D_202611060100_1.csv", "SKU;QTY\nA105;0\nA999;1\n").status == 0)
    let lost = try project.copied()
    try lose(lost)
    let (status, answer, errors) = try rebuild(lost, "plants")
    #expect(status == 0 && answer["is_partial"] == false, "\(errors)\(answer)")
    let later = [
      ("D_202611050100_2.csv", "SKU;QTY\nA106;9\n"), ("F_202611070000.csv", stock(101...140) { $0 < 104 ? "1" : "5" }),
    ]
    let expected = try record(project, after: later)
    let found = try record(lost, after: later)
    #expect(found == expected, "\(found.differences(from: expected))")
  }

  @Test("The histories of keys are made again too, so that a drop can be taken back")
  func lineage() throws {
    let project = try StockFeed(files: Self.files).project()
    #expect(try project.take("F_1.csv", stock()).status == 0)
    for number in 2...6 {
      #expect(try project.take("D_\(number).csv", "SKU;QTY\nA101;\(number)\nA10\(number);9\n").status == 0)
    }
    #expect(try project.sluice("revert", "6", "--reason", "wrong").status == 0)
    let lost = try project.copied()
    try lose(lost)
    #expect(try rebuild(lost).status == 0)
    let history = try project.sluice("ledger", "why", "A101", "--json").output
    #expect(try lost.sluice("ledger", "why", "A101", "--json").output == history)
    for copy in [project, lost] {
      let result = try copy.sluice("revert", "5", "--reason", "wrong too", "--json")
      #expect(result.status == 0, "\(result.errors)")
    }
    let files = [project, lost].map { copy in copy.outbox("commerce").last.flatMap { try? copy.text("outbox/\($0)") } }
    #expect(files[0] != nil && files[0] == files[1])
  }

  @Test("Random histories come to the same state", arguments: 1...5)
  func random(seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    let feed = StockFeed(
      files: StockFeed.timed, guards: "max_removed: off, max_changed: off, max_zeroed: off, max_rejected: off",
      more: "bi:\n  changes: { columns: [sku, qty] }\nedm:\n  all: { whole: true, columns: { sku: sku, qty: qty } }")
    let project = try feed.project()
    func next(_ number: Int, full: Bool) -> (String, String) {
      let time = 202_611_010_000 + 100 * Int.random(in: max(1, number - 3)...number, using: &generator)
      let keys = full ? (0..<60).filter { _ in Int.random(in: 0..<5, using: &generator) > 0 } : [3, 1, 58, 17]
      let rows = keys.map { key in
        let quantity = ["0", "1", "2,50", "x"][min(3, Int.random(in: 0..<13, using: &generator) / 4)]
        return "\(Int.random(in: 0..<2, using: &generator) == 0 ? "k" : "K")\(key % 7)-\(key);\(quantity)\n"
      }
      return (full ? "F_\(time).csv" : "D_\(time)_\(number).csv", "SKU;QTY\n" + rows.joined())
    }
    for number in 1...9 {
      let (name, text) = next(number, full: number == 1 || number % 3 == 0)
      #expect(try project.take(name, text).status <= 1)
    }
    try expectSame(project, after: [next(11, full: false), next(12, full: true), next(13, full: false)])
  }

  @Test("Without the first drops it is made from the full after them, and forgets the keys that were gone by then")
  func partial() throws {
    let project = try StockFeed(files: Self.files).project()
    #expect(try project.take("F_1.csv", stock()).status == 0)
    #expect(try project.take("F_2.csv", stock(102...140)).status == 0)
    #expect(try project.take("D_3.csv", "SKU;QTY\nA102;6\n").status == 0)
    try lose(project)
    FileTree.remove(project.path("archive/stock/00000001-F_1.csv"))
    let result = try project.sluice("snapshot", "rebuild", "stock")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("drops before drop 2 are not in the archive"), "\(result.output)")
    let next = try project.take("D_4.csv", "SKU;QTY\nA101;5\nA102;6\nA103;7\n").drop
    let counts = next["targets"][0]
    #expect(counts["new"] == 1 && counts["returned"] == 0 && counts["unchanged"] == 1 && counts["changed"] == 1)
  }

  @Test("What is missing or not as it was is refused, with what there is to do, and nothing is changed")
  func refusals() throws {
    let project = try StockFeed(files: Self.files).project()
    let nothing = try rebuild(project)
    #expect(nothing.status == 2 && nothing.errors.contains("[rebuild-nothing]"), "\(nothing.errors)")
    let unknown = try rebuild(project, "stok")
    #expect(unknown.status == 2 && unknown.errors.contains("did you mean stock?"), "\(unknown.errors)")
    #expect(try project.take("F_1.csv", stock()).status == 0)
    #expect(try project.take("D_2.csv", "SKU;QTY\nA101;6\n").status == 0)
    #expect(try project.take("F_3.csv", stock { $0 == 102 ? "x" : "5" }).status == 1)
    #expect(try project.sluice("release", "3", "--reason", "one row").status == 0)
    try lose(project, isDamaged: true)
    let before = try project.everything()
    let changed = try project.copied()
    try changed.write("archive/stock/00000002-D_2.csv", "SKU;QTY\nA101;7\n")
    let altered = try rebuild(changed)
    #expect(altered.status == 3 && altered.errors.contains("[archive-differs]"), "\(altered.errors)")
    #expect(altered.errors.contains("drop 2"))
    let kept = try project.copied()
    FileTree.remove(kept.path("archive/stock/00000001-F_1.csv"))
    let differs = try rebuild(kept)
    #expect(differs.status == 3 && differs.errors.contains("[rebuild-differs]"), "\(differs.errors)")
    #expect(differs.errors.contains("39 keys"), "the row that was rejected is in no file: \(differs.errors)")
    FileTree.remove(kept.path("archive/stock/00000003-F_3.csv"))
    let missing = try rebuild(kept)
    #expect(missing.status == 3 && missing.errors.contains("[archive-incomplete]"), "\(missing.errors)")
    #expect(missing.errors.contains("F_3.csv"))
    let isStored = { (path: String) in path.hasPrefix("archive/") }
    let after = try kept.everything()
    #expect(Set(after.keys).filter { !isStored($0) } == Set(before.keys).filter { !isStored($0) })
    #expect(try kept.sqlite("SELECT count(*) FROM decisions WHERE kind = 'rebuilt'") == ["0"])
  }

  @Test("A held drop is staged anew after it, since what it was compared with is another snapshot")
  func held() throws {
    let project = try StockFeed(files: Self.files).project()
    #expect(try project.take("F_1.csv", stock()).status == 0)
    #expect(try project.take("F_2.csv", stock(104...140)).drop["status"] == "held")
    try lose(project)
    #expect(try rebuild(project).status == 0)
    let first = try project.sluice("release", "2", "--reason", "closed", "--json")
    #expect(first.status == 1 && first.output.contains("snapshot-moved"), "\(first.errors)\(first.output)")
    let second = try project.sluice("release", "2", "--reason", "closed", "--json")
    #expect(second.status == 0, "\(second.errors)")
    #expect(try second.jsonLines()[0]["targets"][0]["removed"] == 3)
  }

  @Test("Killed at any point, it has been done or can be done again, and leaves nothing behind", arguments: 0..<2)
  func killed(stripe: Int) throws {
    let project = try StockFeed(files: Self.files).project()
    #expect(try project.take("F_1.csv", stock()).status == 0)
    #expect(try project.take("D_2.csv", "SKU;QTY\nA101;6\n").status == 0)
    try lose(project, isDamaged: true)
    let command = ["snapshot", "rebuild", "stock"]
    let copy = try project.copied()
    let point = try CrashPoint(root: copy.directory.path)
    #expect(try copy.sluice(command, environment: point.environment).status == 0)
    let calls = point.trace().count
    for call in stride(from: 2 + 6 * stripe, to: calls, by: 12) {
      let killed = try project.copied()
      let fault = try CrashPoint(root: killed.directory.path, fault: .kill(call: call))
      #expect(try killed.sluice(command, environment: fault.environment).signal == 9)
      if try killed.sqlite("SELECT count(*) FROM decisions") == ["0"] {
        #expect(try killed.sluice(command).status == 0, "call \(call)")
      }
      let next = try killed.take("D_3.csv", "SKU;QTY\nA101;6\nA102;7\n")
      #expect(next.status == 0 && next.drop["targets"][0]["changed"] == 1, "call \(call): \(next.drop)")
      #expect(killed.leftovers == [], "call \(call)")
      #expect(try killed.sluice("ledger", "verify").status == 0, "call \(call)")
    }
  }
}
