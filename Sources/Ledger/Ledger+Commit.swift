import GRDB
import Streams

extension Ledger {
  /// The number that the next publication will have; `commit` verifies that it still holds.
  package func nextPublication() throws(SluiceError) -> Int {
    try read { db in try Self.lastPublication(db) + 1 }
  }

  /// Records what became of a drop, all of it or nothing: result, counts, outputs, rejects, snapshot, plan and entry.
  ///
  /// Throws `ledger-conflict` when the drop is not in the state from which the outcome can follow (released, discarded
  /// and superseded need a held drop, held a claimed or held one, quarantined a claimed one or one whose return is not
  /// finished, the others a claimed one), when `publication` is not the next number, or when a drop to supersede is not
  /// held.
  @discardableResult
  package func commit(_ outcome: Outcome) throws(SluiceError) -> Entry {
    try write { db, clock in
      if let definition = outcome.activates { _ = try Self.activate(definition, db, clock: clock) }
      let entry = try Self.append(outcome, db, clock: clock)
      for drop in outcome.supersedes {
        let message = "superseded by drop \(outcome.drop)"
        _ = try Self.append(Outcome(drop: drop, kind: .superseded, message: message), db, clock: clock)
      }
      return entry
    }
  }

  private static func append(_ outcome: Outcome, _ db: Database, clock: Int64) throws -> Entry {
    let feed = try verifyState(outcome, db)
    try verifyPublication(outcome, db)
    try verifyPause(outcome, db, feed: feed)
    guard let kind = EntryKind(rawValue: outcome.kind.rawValue) else {
      throw LedgerFault.conflict("no entry records the outcome \(outcome.kind)")
    }
    return try Chain.append(db, kind, drop: outcome.drop, feed: feed, clock: clock) { entry, _ in
      try insertResult(outcome, db, entry: entry)
      try insertRows(outcome, db, entry: entry, feed: feed)
      return EntryBody.Decided(
        status: outcome.kind.status.rawValue, reason: outcome.reason, message: outcome.message,
        publication: outcome.publication, decision: outcome.decision, rejectSHA256: outcome.rejectSHA256)
    }
  }

  /// Checks that the outcome can follow what the drop is now; gives the drop's feed.
  private static func verifyState(_ outcome: Outcome, _ db: Database) throws -> String {
    let sql = """
      SELECT kind, feed FROM entry WHERE drop_id = ? AND kind <> 'finished' ORDER BY id DESC LIMIT 1
      """
    guard let latest = try Row.fetchOne(db.cachedStatement(sql: sql), arguments: [outcome.drop]) else {
      throw LedgerFault.conflict("drop \(outcome.drop) was never claimed")
    }
    let state = EntryKind(rawValue: latest["kind"])
    let canFollow =
      switch outcome.kind {
      case .released, .discarded, .superseded: state == .held
      case .held: state == .claimed || state == .held
      // A person released a held drop that has nothing to send.
      case .unchanged: state == .claimed || (state == .held && outcome.decision != nil)
      // The inbox has another file of its name by now.
      case .quarantined where state == .returned || state == .failed: try !isFinished(outcome.drop, db)
      default: state == .claimed
      }
    guard canFollow else {
      throw LedgerFault.conflict(
        "drop \(outcome.drop) is already \(latest["kind"] as String) and cannot become \(outcome.kind)")
    }
    return latest["feed"]
  }

  private static func isFinished(_ drop: Int, _ db: Database) throws -> Bool {
    let sql = "SELECT kind FROM entry WHERE drop_id = ? ORDER BY id DESC LIMIT 1"
    return try String.fetchOne(db.cachedStatement(sql: sql), arguments: [drop]) == EntryKind.finished.rawValue
  }

  private static func verifyPublication(_ outcome: Outcome, _ db: Database) throws {
    let next = try lastPublication(db) + 1
    switch (outcome.kind.isPublishing, outcome.publication) {
    case (true, next), (false, nil): return
    case (true, let given):
      throw LedgerFault.conflict(
        "drop \(outcome.drop) wants publication \(given.map(String.init) ?? "without a number"), the next is \(next)")
    case (false, _):
      throw LedgerFault.conflict("drop \(outcome.drop) becomes \(outcome.kind), which takes no publication number")
    }
  }

  /// A pause may come while a drop is being processed; then the drop stays claimed, or held.
  private static func verifyPause(_ outcome: Outcome, _ db: Database, feed: String) throws {
    guard outcome.kind.isPublishing || outcome.kind == .unchanged,
      let pause = try pause(db, feed: outcome.snapshot?.feed ?? feed, formerly: feed)
    else { return }
    throw LedgerFault.paused(outcome.snapshot?.feed ?? feed, pause)
  }

  private static func insertResult(_ outcome: Outcome, _ db: Database, entry: Int) throws {
    let totals = outcome.totals
    try Chain.insert(
      db, .result, entry: entry,
      [
        outcome.drop, outcome.kind.status.rawValue, outcome.reason, outcome.message?.storable, outcome.publication,
        totals?.sha256, totals?.contentSHA256, totals?.contentBytes, totals?.read, totals?.rejected,
        totals?.superseded, totals?.accepted, totals.map { Int(($0.seconds * 1000).rounded()) }, outcome.definition,
        outcome.rejectFile,
      ])
  }

  private static func insertRows(_ outcome: Outcome, _ db: Database, entry: Int, feed: String) throws {
    let drop = outcome.drop
    for counts in outcome.counts { try Chain.insert(db, .count, entry: entry, counts.values(drop: drop)) }
    for output in outcome.outputs {
      try Chain.insert(db, .output, entry: entry, output.values(drop: drop, publication: outcome.publication))
    }
    for reject in outcome.rejects.prefix(Outcome.maximumRejects) {
      try Chain.insert(db, .reject, entry: entry, reject.values(drop: drop))
    }
    if let snapshot = outcome.snapshot {
      let segments = try EntryBody.text(snapshot.segments)
      let columns: [(any DatabaseValueConvertible)?] = [
        snapshot.feed ?? feed, snapshot.publication, segments, snapshot.metadata,
      ]
      try Chain.insert(db, .snapshot, entry: entry, columns)
    }
    if let plan = outcome.plan {
      try Chain.insert(db, .plan, entry: entry, [drop, String(decoding: plan, as: UTF8.self)])
    }
  }
}
