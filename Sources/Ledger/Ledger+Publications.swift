import GRDB
import Streams

/// A publication of a feed, for the checks on repeated content and on order.
package struct Publication: Sendable, Equatable, FetchableRecord {
  /// Its number.
  package let publication: Int
  /// The drop that it came from.
  package let drop: Int
  /// `full` or `delta`.
  package let mode: String
  /// Index of the file pattern that the drop matched.
  package let pattern: Int
  /// UTC time (`Timestamp`) of the commit.
  package let at: String
  /// The time that the drop spoke for: captured, or else the time of the claim.
  package let asOf: String
  /// Whether `asOf` comes from the file's name or content.
  package let isAsOfCaptured: Bool
  /// The number captured from the name.
  package let sequence: Int?
  /// Hash of the definition that processed it.
  package let definition: String?
  /// SHA-256 of the decompressed content.
  package let contentSHA256: String?

  /// Followed by conditions and an order; a released drop's totals are those of its hold.
  static let sql = """
    SELECT r.publication, r.drop_id, c.mode, c.pattern, e.at, coalesce(c.as_of, c.claimed_at) AS as_of,
      c.as_of_captured,
      c.sequence, coalesce(r.definition, t.definition) AS definition,
      coalesce(r.content_sha256, t.content_sha256) AS content_sha256
    FROM result r JOIN claim c ON c.drop_id = r.drop_id JOIN entry e ON e.id = r.entry
    LEFT JOIN result t ON t.id = (SELECT max(id) FROM result WHERE drop_id = r.drop_id AND read IS NOT NULL)
    WHERE r.publication IS NOT NULL
    """

  package init(row: Row) {
    publication = row["publication"]
    drop = row["drop_id"]
    mode = row["mode"]
    pattern = row["pattern"]
    at = row["at"]
    asOf = row["as_of"]
    isAsOfCaptured = row["as_of_captured"]
    sequence = row["sequence"]
    definition = row["definition"]
    contentSHA256 = row["content_sha256"]
  }
}

extension Ledger {
  /// The last publication of the feed, under its former name if that is given too.
  package func lastPublication(feed: String, formerly: String? = nil) throws(SluiceError) -> Publication? {
    try read { db in
      // The plus keeps SQLite from sorting all of the feed's drops: it walks down the publications instead.
      try Publication.fetchOne(
        db.cachedStatement(sql: Publication.sql + " AND +c.feed IN (?, ?) ORDER BY r.publication DESC LIMIT 1"),
        arguments: [feed, formerly])
    }
  }

  /// The feed's publications of content with this hash, newest first; those under its former name too.
  package func publishedContent(
    feed: String, formerly: String? = nil, sha256: String
  ) throws(SluiceError) -> [Publication] {
    try read { db in
      let sql = """
        \(Publication.sql) AND c.feed IN (?, ?) AND coalesce(r.content_sha256, t.content_sha256) = ?
        AND c.drop_id IN (SELECT drop_id FROM result WHERE content_sha256 = ?) ORDER BY r.publication DESC
        """
      return try Publication.fetchAll(db.cachedStatement(sql: sql), arguments: [feed, formerly, sha256, sha256])
    }
  }

  /// Of each publication of the feed, the drop and the time that it spoke for.
  package func publicationTimes(feed: String) throws(SluiceError) -> [Int: (drop: Int, asOf: String)] {
    try read { db in
      let rows = try Publication.fetchCursor(db, sql: Publication.sql + " AND c.feed = ?", arguments: [feed])
      var times: [Int: (drop: Int, asOf: String)] = [:]
      while let row = try rows.next() { times[row.publication] = (row.drop, row.asOf) }
      return times
    }
  }

  /// The feed's current snapshot; nil before its first.
  package func latestSnapshot(feed: String) throws(SluiceError) -> LedgerSnapshot? {
    try read { db in
      let sql = "SELECT publication, segments, metadata FROM snapshot WHERE feed = ? ORDER BY id DESC LIMIT 1"
      return try Row.fetchOne(db.cachedStatement(sql: sql), arguments: [feed]).map { row in
        LedgerSnapshot(
          publication: row["publication"], segments: try EntryBody.decode([String].self, row["segments"]),
          metadata: row["metadata"])
      }
    }
  }

  /// The current snapshot of every feed name that ever had one, the one published last first.
  package func latestSnapshots() throws(SluiceError) -> [(feed: String, snapshot: LedgerSnapshot)] {
    try read { db in
      let sql = """
        SELECT feed, publication, segments, metadata FROM snapshot
        WHERE id IN (SELECT max(id) FROM snapshot GROUP BY feed) ORDER BY id DESC
        """
      return try Row.fetchAll(db, sql: sql).map { row in
        let snapshot = LedgerSnapshot(
          publication: row["publication"], segments: try EntryBody.decode([String].self, row["segments"]),
          metadata: row["metadata"])
        return (row["feed"], snapshot)
      }
    }
  }

  /// Names of the segments that the latest snapshots of the feed, and of its former name, are made of; `snapshots`
  /// counts from the newest.
  package func recentSegments(
    feed: String, formerly: String? = nil, snapshots: Int
  ) throws(SluiceError) -> [String] {
    try read { db in
      let sql = "SELECT segments FROM snapshot WHERE feed IN (?, ?) ORDER BY id DESC LIMIT ?"
      let lists = try String.fetchAll(db.cachedStatement(sql: sql), arguments: [feed, formerly, snapshots])
      return try lists.flatMap { try EntryBody.decode([String].self, $0) }
    }
  }

  /// Whether the feed's whole state was sent again after `drop`, under either name.
  package func hasResync(feed: String, formerly: String? = nil, after drop: Int) throws(SluiceError) -> Bool {
    try read { db in
      let sql = """
        SELECT EXISTS (
          SELECT 1 FROM result r JOIN claim c ON c.drop_id = r.drop_id JOIN entry e ON e.id = c.entry
          WHERE r.drop_id > ? AND r.reason = 'resynced' AND c.feed IN (?, ?)
          AND json_extract(e.body, '$.request') = 'resync')
        """
      return try Bool.fetchOne(db.cachedStatement(sql: sql), arguments: [drop, feed, formerly]) ?? false
    }
  }

  /// Whether `drop` has become part of its feed's snapshot.
  package func isPublished(drop: Int) throws(SluiceError) -> Bool {
    try read { db in
      let sql = "SELECT EXISTS (SELECT 1 FROM result WHERE drop_id = ? AND status IN ('published', 'unchanged'))"
      return try Bool.fetchOne(db.cachedStatement(sql: sql), arguments: [drop]) ?? false
    }
  }

  /// The highest sequence of each file pattern of the feed whose drop got through, by the pattern's index: published,
  /// held, with nothing to send, or given up. One that is damaged or incomplete leaves a gap. Drops under the former
  /// name count too.
  package func lastSequences(feed: String, formerly: String? = nil) throws(SluiceError) -> [Int: Int] {
    try read { db in
      let sql = """
        SELECT c.pattern, max(c.sequence) AS sequence FROM result r JOIN claim c ON c.drop_id = r.drop_id
        WHERE r.status IN ('published', 'unchanged', 'duplicate', 'stale', 'held', 'discarded', 'superseded')
        AND c.sequence IS NOT NULL AND c.feed IN (?, ?) GROUP BY c.pattern
        """
      let rows = try Row.fetchAll(db.cachedStatement(sql: sql), arguments: [feed, formerly])
      return Dictionary(rows.map { ($0["pattern"], $0["sequence"]) }, uniquingKeysWith: max)
    }
  }

  /// The JSON text of the drop's latest publication plan.
  package func plan(drop: Int) throws(SluiceError) -> [UInt8]? {
    try read { db in
      let sql = "SELECT plan FROM plan WHERE drop_id = ? ORDER BY id DESC LIMIT 1"
      return try String.fetchOne(db.cachedStatement(sql: sql), arguments: [drop]).map { Array($0.utf8) }
    }
  }
}
