import GRDB
import Streams

/// Since when, by whom and why a feed publishes nothing.
package struct FeedPause: Sendable, Equatable {
  /// Code of the refusal to publish something of a paused feed.
  package static let code = "feed-paused"
  /// UTC time (`Timestamp`).
  package let at: String
  /// Operating system user.
  package let person: String
  /// Why, in their words.
  package let reason: String
}

extension Ledger {
  /// The pause of a feed; nil when it goes on. One under its former name counts too.
  package func pause(feed: String, formerly: String? = nil) throws(SluiceError) -> FeedPause? {
    try read { db in try Self.pause(db, feed: feed, formerly: formerly) }
  }

  /// Stops the publishing of a feed, or lets it go on: appends `paused` or `resumed`, unless the feed is as it should
  /// be already, which gives back nil. From then on no publication of a paused feed can be committed.
  package func setPaused(
    _ isPaused: Bool, feed: String, formerly: String? = nil, decision: Decision
  ) throws(SluiceError) -> Entry? {
    try write { db, clock in
      guard try (Self.pause(db, feed: feed, formerly: formerly) != nil) != isPaused else { return nil }
      return try Chain.append(db, isPaused ? .paused : .resumed, drop: nil, feed: feed, clock: clock) { _, _ in
        EntryBody.Deed(decision: decision)
      }
    }
  }

  /// The pause of a feed inside the transaction of `db`. Entries without a drop are few and have an index.
  static func pause(_ db: Database, feed: String, formerly: String?) throws -> FeedPause? {
    let sql = """
      SELECT at, kind, body FROM entry WHERE drop_id IS NULL AND kind IN ('paused', 'resumed') AND feed IN (?, ?)
      ORDER BY id DESC LIMIT 1
      """
    guard let row = try Row.fetchOne(db.cachedStatement(sql: sql), arguments: [feed, formerly]),
      row["kind"] == EntryKind.paused.rawValue
    else { return nil }
    let decision = try EntryBody.decode(EntryBody.Deed.self, row["body"]).decision
    return FeedPause(at: row["at"], person: decision.person, reason: decision.reason)
  }
}
