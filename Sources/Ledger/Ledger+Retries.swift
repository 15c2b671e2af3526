import GRDB
import Streams

/// Says that a drop takes an earlier one again.
package struct Retry: Sendable, Equatable {
  /// The earlier drop.
  package var drop: Int
  /// Whether its file is taken from the inbox, where a failure has left it; else it comes from the quarantine, and goes
  /// back there when it can not be processed.
  package var isFromInbox: Bool
  /// Who decided it, and why.
  package var decision: Decision

  /// A retry.
  package init(drop: Int, isFromInbox: Bool, decision: Decision) {
    self.drop = drop
    self.isFromInbox = isFromInbox
    self.decision = decision
  }

  /// As the body of `claimed` has it, beside the decision.
  struct Body: Codable {
    var drop: Int
    /// `inbox` or `quarantine`.
    var place: String

    init(_ retry: Retry) {
      drop = retry.drop
      place = retry.isFromInbox ? "inbox" : "quarantine"
    }
  }

  init(_ body: Body, decision: Decision) {
    self.init(drop: body.drop, isFromInbox: body.place == "inbox", decision: decision)
  }
}

extension Ledger {
  /// Numbers of the drops that took `drop` again, in their order: claims of the same file name, by way of the few feeds
  /// that there are.
  static func retries(_ db: Database, of drop: Int) throws -> [Int] {
    let sql = """
      WITH RECURSIVE feeds (feed) AS (
        SELECT min(feed) FROM claim UNION ALL
        SELECT (SELECT min(feed) FROM claim WHERE feed > feeds.feed) FROM feeds WHERE feeds.feed IS NOT NULL)
      SELECT c.drop_id FROM claim o, feeds JOIN claim c ON c.feed = feeds.feed AND c.file = o.file
      JOIN entry e ON e.id = c.entry
      WHERE o.drop_id = ?1 AND c.drop_id > ?1 AND json_extract(e.body, '$.retry.drop') = ?1 ORDER BY c.drop_id
      """
    return try Int.fetchAll(db.cachedStatement(sql: sql), arguments: [drop])
  }
}
