import GRDB
import Streams

/// A drop and what became of it.
package struct DropSummary: Sendable, Equatable, FetchableRecord {
  /// The claimed file.
  package let claim: Claim
  /// Its state.
  package let status: DropStatus
  /// UTC time (`Timestamp`) since when it is in this state.
  package let since: String
  /// Reason code.
  package let reason: String?
  /// Message for people.
  package let message: String?
  /// Publication number.
  package let publication: Int?
  /// What was counted; nil when the drop was not read.
  package let totals: DropTotals?
  /// Hash of the definition that processed it.
  package let definition: String?
  /// Path of its reject file.
  package let rejectFile: String?

  /// Followed by conditions and an order.
  static let sql = """
    SELECT \(Claim.columns), coalesce(r.status, 'claimed') AS status, e.at AS since, r.reason, r.message,
      r.publication, t.sha256, t.content_sha256, t.content_bytes, t.read, t.rejected, t.superseded, t.accepted,
      t.milliseconds, coalesce(r.definition, t.definition) AS definition,
      coalesce(r.reject_file, t.reject_file) AS reject_file
    FROM claim c
    LEFT JOIN result r ON r.id = (SELECT max(id) FROM result WHERE drop_id = c.drop_id)
    LEFT JOIN result t ON t.id = (SELECT max(id) FROM result WHERE drop_id = c.drop_id AND read IS NOT NULL)
    JOIN entry e ON e.id = coalesce(r.entry, c.entry)
    WHERE true
    """

  package init(row: Row) throws {
    claim = try Claim(row: row)
    guard let status = DropStatus(rawValue: row["status"]) else {
      throw LedgerFault.damaged("drop \(row["drop_id"] as Int) is in an unknown state")
    }
    self.status = status
    since = row["since"]
    reason = row["reason"]
    message = row["message"]
    publication = row["publication"]
    totals = DropTotals(row: row)
    definition = row["definition"]
    rejectFile = row["reject_file"]
  }
}

/// One drop with everything that the ledger knows about it.
package struct DropDetail: Sendable {
  /// The drop.
  package let summary: DropSummary
  /// Counts of its latest outcome that had some.
  package let counts: [LedgerCounts]
  /// Files of its latest outcome that had some: published, or staged while held.
  package let outputs: [LedgerOutput]
  /// Its first rejects, at most `Outcome.maximumRejects`.
  package let rejects: [RejectedRow]
  /// Its entries, oldest first.
  package let entries: [Entry]
  /// Numbers of the drops that took it again.
  package let retriedBy: [Int]
}

extension Ledger {
  /// Drops, newest first.
  package func drops(
    feed: String? = nil, statuses: Set<DropStatus> = Set(DropStatus.allCases), limit: Int
  ) throws(SluiceError) -> [DropSummary] {
    try read { db in
      let marks = statuses.map { _ in "?" }.joined(separator: ", ")
      let arguments: [(any DatabaseValueConvertible)?] = [feed, feed] + statuses.map(\.rawValue) + [limit]
      return try DropSummary.fetchAll(
        db,
        sql: """
          \(DropSummary.sql) AND (? IS NULL OR c.feed = ?) AND coalesce(r.status, 'claimed') IN (\(marks))
          ORDER BY c.drop_id DESC LIMIT ?
          """,
        arguments: StatementArguments(arguments))
    }
  }

  /// The published output whose path ends in `name`, with its drop and feed; nil when there is none.
  package func output(
    named name: String
  ) throws(SluiceError) -> (drop: Int, feed: String, output: LedgerOutput)? {
    try read { db in
      let sql = "SELECT * FROM outputs WHERE substr(path, -length(?1) - 1) = '/' || ?1 ORDER BY drop_id DESC LIMIT 1"
      guard let row = try Row.fetchOne(db, sql: sql, arguments: [name]) else { return nil }
      let output = LedgerOutput(
        target: row["target"], path: row["path"], rows: row["rows"], bytes: row["bytes"], sha256: row["sha256"])
      return (row["drop_id"], row["feed"], output)
    }
  }

  /// Drops that wait for a person, oldest first: all, or those of a feed and of its former name.
  package func heldDrops(feed: String? = nil, formerly: String? = nil) throws(SluiceError) -> [DropSummary] {
    try read { db in
      // By way of the few that ever were held: intake asks this for each drop.
      let sql = """
        \(DropSummary.sql) AND c.drop_id IN (SELECT drop_id FROM result WHERE status = 'held')
        AND r.status = 'held' AND (? IS NULL OR c.feed IN (?, ?)) ORDER BY c.drop_id
        """
      return try DropSummary.fetchAll(db.cachedStatement(sql: sql), arguments: [feed, feed, formerly])
    }
  }

  /// One drop; nil when the number was never allotted.
  package func drop(_ drop: Int) throws(SluiceError) -> DropDetail? {
    try read { db in
      let sql = DropSummary.sql + " AND c.drop_id = ?"
      guard let summary = try DropSummary.fetchOne(db, sql: sql, arguments: [drop]) else { return nil }
      func rows(_ table: ChildTable) -> String {
        """
        SELECT * FROM \(table.name) WHERE entry = (SELECT max(entry) FROM \(table.name) WHERE drop_id = ?) ORDER BY id
        """
      }
      return DropDetail(
        summary: summary,
        counts: try LedgerCounts.fetchAll(db, sql: rows(.count), arguments: [drop]),
        outputs: try LedgerOutput.fetchAll(db, sql: rows(.output), arguments: [drop]),
        rejects: try RejectedRow.fetchAll(db, sql: rows(.reject), arguments: [drop]),
        entries: try Entry.fetchAll(
          db, sql: "SELECT \(Entry.columns) FROM entry WHERE drop_id = ? ORDER BY id", arguments: [drop]),
        retriedBy: try Self.retries(db, of: drop))
    }
  }
}
