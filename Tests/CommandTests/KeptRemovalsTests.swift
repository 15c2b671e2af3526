import TestSupport
import Testing

@Suite("A held drop released without its removals")
struct KeptRemovalsTests {
  private static let command = [
    "release", "2", "--reason", "three are missing, the rest is right", "--without-removals", "--json",
  ]

  /// A project whose drop 2 lost three keys, changed one and rejects one, and is held.
  private func held() throws -> TestProject {
    let project = try StockFeed(files: StockFeed.timed, guards: "max_rejected: off").project()
    try #require(try project.take("F_202611010000.csv", stock()).status == 0)
    let rows = stock(104...140) { $0 == 110 ? "7" : $0 == 111 ? "x" : "5" }
    try #require(try project.take("F_202611020000.csv", rows).drop["status"] == "held")
    return project
  }

  @Test("It publishes what changed, keeps the keys that it does not hold, and says so")
  func publishes() throws {
    let project = try held()
    let result = try project.sluice(Self.command)
    #expect(result.status == 0, "\(result.errors)")
    let drop = try #require(try result.jsonLines().first)
    #expect(drop["status"] == "published" && drop["reason"] == "removals-kept", "\(drop)")
    #expect(drop["message"] == "released without the removal of 3 keys that vanished")
    #expect(drop["targets"][0]["removed"] == 0 && drop["targets"][0]["changed"] == 1)
    let path = try #require(drop["targets"][0]["files"][0]["path"].string)
    #expect(try project.text(path).split(separator: "\n").count == 2)
    #expect(project.leftovers == [])
    #expect(try project.sluice("ledger", "verify").status == 0)
    let next = try project.take("F_202611030000.csv", stock { $0 == 110 ? "7" : "5" }).drop
    #expect(next["status"] == "unchanged", "the three are still there: \(next)")
    let decisions = try project.sqlite("SELECT DISTINCT reason FROM decisions")
    #expect(decisions == ["three are missing, the rest is right"])
  }

  @Test("A drop that removes nothing is refused, and stays as it was held")
  func nothingToKeep() throws {
    let project = try StockFeed().project()
    #expect(try project.take("S_1.csv", stock()).status == 0)
    #expect(try project.take("S_2.csv", stock { _ in "0" }).drop["status"] == "held")
    let result = try project.sluice(Self.command)
    #expect(result.status == 2 && result.errors.contains("[removals-none]"), "\(result.errors)")
    #expect(try project.sluice("release", "2", "--reason", "sold out").status == 0)
  }

  @Test("Killed at any point, it has published or is held, and the same command completes it", arguments: 0..<2)
  func killed(stripe: Int) throws {
    let project = try held()
    let copy = try project.copied()
    let point = try CrashPoint(root: copy.directory.path)
    #expect(try copy.sluice(Self.command, environment: point.environment).status == 0)
    let calls = point.trace().count
    let expected = try copy.text("outbox/\(copy.outbox("commerce")[1])")
    #expect(calls > 40)
    for call in stride(from: 3 + 5 * stripe, to: calls, by: 10) {
      let killed = try project.copied()
      let fault = try CrashPoint(root: killed.directory.path, fault: .kill(call: call))
      #expect(try killed.sluice(Self.command, environment: fault.environment).signal == 9)
      #expect(try killed.sluice("run").status <= 1, "call \(call)")
      if try killed.sqlite("SELECT status FROM drops WHERE drop_id = 2") == ["held"] {
        let again = try killed.sluice(Self.command)
        #expect(again.status == 0, "call \(call): \(again.errors)\(again.output)")
      }
      #expect(try killed.sqlite("SELECT status, reason FROM drops WHERE drop_id = 2") == ["published|removals-kept"])
      #expect(killed.outbox("commerce").count == 2, "call \(call)")
      #expect(try killed.text("outbox/\(killed.outbox("commerce")[1])") == expected, "call \(call)")
      #expect(killed.leftovers == [], "call \(call)")
      #expect(try killed.sluice("ledger", "verify").status == 0, "call \(call)")
    }
  }

  @Test("An ordinary release after an interrupted one shows the counts anew before it publishes the removals")
  func ordinaryAfterwards() throws {
    let project = try held()
    try project.kill(Self.command) { $0.contains("/held") && $0.contains(" rmdir ") }
    let moved = try project.sluice("release", "2", "--reason", "all of it", "--json")
    #expect(moved.status == 1, "\(moved.errors)")
    #expect(try moved.jsonLines().first?["reason"] == "snapshot-moved")
    #expect(try moved.jsonLines().first?["targets"][0]["removed"] == 3)
    let again = try project.sluice("release", "2", "--reason", "all of it", "--json")
    #expect(try again.jsonLines().first?["status"] == "published", "\(again.errors)")
    #expect(project.leftovers == [])
  }
}
