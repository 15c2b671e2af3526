import Foundation
import Ledger
import Streams
import Synchronization
import Testing

/// A ledger in a directory of its own, with a clock that the test sets.
final class LedgerFixture: Sendable {
  let directory: String
  let milliseconds = Mutex<Int64>(1_795_400_100_000)

  var path: String { directory + "/ledger.sqlite" }

  init() throws {
    directory = FileManager.default.temporaryDirectory.appendingPathComponent("ledger-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  func open(_ mode: Ledger.Mode = .readWrite, busyTimeout: Double = 10) throws -> Ledger {
    try Ledger.open(path: path, mode: mode, busyTimeout: busyTimeout) { [self] in
      milliseconds.withLock {
        $0 += 1
        return $0
      }
    }
  }

  static func newClaim(_ file: String = "INV_20261123.csv", feed: String = "erp-inventory") -> NewClaim {
    NewClaim(
      feed: feed, mode: "full", file: file, pattern: 0, bytes: 1024, inode: .max - 5, mtime: 1_795_000_000_123_456_789,
      asOf: "2026-11-23T02:00:00Z", isAsOfCaptured: true, sequence: 7, now: nil)
  }

  static func totals(content: String = "c0ffee") -> DropTotals {
    DropTotals(
      sha256: "aa", contentSHA256: content, contentBytes: 2048, read: 100, rejected: 2, superseded: 1, accepted: 97,
      seconds: 1.934)
  }

  /// A publication with a row in every child table.
  static func published(_ drop: Int, publication: Int, content: String = "c0ffee") -> Outcome {
    var outcome = Outcome(
      drop: drop, kind: .published, message: "it's out", publication: publication, totals: totals(content: content))
    var counts = LedgerCounts(target: "commerce.stock_sources")
    counts.new = 5
    counts.changed = 90
    counts.unchanged = 2
    counts.rowsWritten = 95
    outcome.counts = [counts, LedgerCounts(target: "bi.changes")]
    outcome.outputs = [
      LedgerOutput(
        target: "commerce.stock_sources", path: "outbox/commerce/0000000\(publication).csv", rows: 95, bytes: 4000,
        sha256: "bb")
    ]
    outcome.rejects = [
      RejectedRow(line: 3, column: 2, field: "qty", rule: "type-decimal", message: "not a number: Zwölf \"12\""),
      RejectedRow(line: 9, rule: "row-short", message: "2 fields, wanted 4"),
    ]
    outcome.rejectFile = "outbox/rejects/\(drop).csv"
    outcome.definition = "d1"
    outcome.snapshot = LedgerSnapshot(
      publication: publication, segments: ["base-1", "over/2"], metadata: "{\"keys\":97}")
    outcome.plan = Array("{\"renames\":[]}".utf8)
    return outcome
  }

  /// Claims, publishes and finishes a drop.
  @discardableResult
  static func publish(_ ledger: Ledger, _ file: String = "INV_20261123.csv", content: String = "c0ffee") throws -> Int {
    let drop = try ledger.claim(newClaim(file)).drop
    try ledger.commit(published(drop, publication: try ledger.nextPublication(), content: content))
    try ledger.finish(drop: drop)
    return drop
  }

  /// Claims a drop and holds it.
  static func hold(_ ledger: Ledger, _ file: String) throws -> Int {
    let drop = try ledger.claim(newClaim(file)).drop
    var outcome = Outcome(drop: drop, kind: .held, reason: "guard-removed", totals: totals(content: file))
    outcome.rejects = [RejectedRow(line: 4, rule: "row-short", message: "held")]
    outcome.plan = Array("{\"held\":true}".utf8)
    try ledger.commit(outcome)
    try ledger.finish(drop: drop)
    return drop
  }

  static let decision = Decision(
    person: "ana", commandLine: "sluice release 1 --reason 'season end'", reason: "season end")
}

/// Runs `body` and gives the code of the `SluiceError` that it throws; nil when it throws none.
func code(_ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch let error as SluiceError {
    return error.code
  } catch {
    return "\(error)"
  }
}
