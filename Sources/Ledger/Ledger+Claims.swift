import GRDB
import Streams

extension Ledger {
  /// Allots the next drop number and appends `claimed`; before it, in the same transaction, `finished` for the drops of
  /// `finishing`, as `finish` does.
  package func claim(_ claim: NewClaim, finishing: [Int] = []) throws(SluiceError) -> Claim {
    try write { db, clock in
      for drop in finishing { _ = try Self.finish(drop, db, clock: clock) }
      let drop = try Self.lastDrop(db) + 1
      var claimedAt = ""
      _ = try Chain.append(db, .claimed, drop: drop, feed: claim.feed, clock: clock) { entry, at in
        claimedAt = at
        try Chain.insert(
          db, .claim, entry: entry,
          [
            drop, claim.feed, claim.mode, claim.file, claim.pattern, claim.bytes, Int64(bitPattern: claim.inode),
            claim.mtime, claim.asOf, claim.isAsOfCaptured, claim.sequence, at, claim.now,
          ])
        return EntryBody.Claimed(
          file: claim.file, mode: claim.mode, forced: claim.isForced ? true : nil,
          decision: claim.adoption ?? claim.request?.decision ?? claim.retry?.decision, parent: claim.parent,
          request: claim.request?.kind.rawValue, of: claim.request?.drop, retry: claim.retry.map(Retry.Body.init))
      }
      return Claim(drop: drop, claimedAt: claimedAt, latest: .claimed, file: claim)
    }
  }

  /// The claim of `drop`; nil when the number was never allotted.
  package func claim(of drop: Int) throws(SluiceError) -> Claim? {
    try read { db in
      try Claim.fetchOne(
        db.cachedStatement(sql: "SELECT \(Claim.columns) FROM claim c WHERE c.drop_id = ?"), arguments: [drop])
    }
  }

  /// The drops that held corrected rejects of `drop`, or of one of these in turn.
  package func returns(of drop: Int) throws(SluiceError) -> Set<Int> {
    try read { db in
      let sql = """
        SELECT c.drop_id, json_extract(e.body, '$.parent') AS parent FROM claim c JOIN entry e ON e.id = c.entry
        WHERE c.drop_id > ? AND json_extract(e.body, '$.parent') IS NOT NULL ORDER BY c.drop_id
        """
      var returns: Set<Int> = []
      for row in try Row.fetchAll(db.cachedStatement(sql: sql), arguments: [drop]) {
        if let parent = row["parent"] as Int?, parent == drop || returns.contains(parent) {
          returns.insert(row["drop_id"])
        }
      }
      return returns
    }
  }

  /// Claims that recovery must look after, by number: those without an outcome and those whose renames after the last
  /// commit are not yet recorded as `finished`.
  package func openClaims() throws(SluiceError) -> [Claim] {
    try read { db in
      try Claim.fetchAll(
        db,
        sql: """
          SELECT \(Claim.columns) FROM claim c
          WHERE (SELECT kind FROM entry WHERE drop_id = c.drop_id ORDER BY id DESC LIMIT 1) <> 'finished'
          ORDER BY c.drop_id
          """)
    }
  }

  /// Whether a drop with entries after number `entry` has anything left to do, and the number of the last entry. Costs
  /// as much as there are entries after that one, so that a queue of drops can ask again and again.
  package func openClaims(after entry: Int) throws(SluiceError) -> (isAny: Bool, last: Int) {
    try read { db in
      let sql = """
        SELECT (SELECT coalesce(max(id), 0) FROM entry) AS last, EXISTS (
          SELECT 1 FROM entry e WHERE e.id > ? AND e.drop_id IS NOT NULL AND e.kind <> 'finished'
          AND NOT EXISTS (SELECT 1 FROM entry l WHERE l.drop_id = e.drop_id AND l.id > e.id)) AS is_any
        """
      let row = try Row.fetchOne(db.cachedStatement(sql: sql), arguments: [entry])
      return (row?["is_any"] ?? true, row?["last"] ?? 0)
    }
  }

  /// Appends `finished` after a commit; nil when the drop already is. A drop without an outcome is a `ledger-conflict`.
  @discardableResult
  package func finish(drop: Int) throws(SluiceError) -> Entry? {
    try write { db, clock in try Self.finish(drop, db, clock: clock) }
  }

  private static func finish(_ drop: Int, _ db: Database, clock: Int64) throws -> Entry? {
    let sql = "SELECT kind, feed FROM entry WHERE drop_id = ? ORDER BY id DESC LIMIT 1"
    guard let latest = try Row.fetchOne(db.cachedStatement(sql: sql), arguments: [drop]) else {
      throw LedgerFault.conflict("drop \(drop) was never claimed")
    }
    switch EntryKind(rawValue: latest["kind"]) {
    case .finished: return nil
    case .claimed: throw LedgerFault.conflict("drop \(drop) has no outcome to finish")
    default:
      return try Chain.append(db, .finished, drop: drop, feed: latest["feed"], clock: clock) { _, _ in
        EntryBody.Empty()
      }
    }
  }

  /// The highest numbers allotted, 0 for none: what a restored backup is compared with.
  package func lastNumbers() throws(SluiceError) -> (drop: Int, publication: Int) {
    try read { db in (try Self.lastDrop(db), try Self.lastPublication(db)) }
  }

  /// The files that went back to the inbox and have not been processed since.
  package func returnedFiles() throws(SluiceError) -> [ReturnedFile] {
    try read { db in try ReturnedFile.fetchAll(db.cachedStatement(sql: ReturnedFile.sql), arguments: [Int.max]) }
  }

  /// The attempts before `claim` at the same file, when the latest of them found it incomplete; else nil.
  package func returnedFile(before claim: Claim) throws(SluiceError) -> ReturnedFile? {
    try read { db in try ReturnedFile.fetchAll(db.cachedStatement(sql: ReturnedFile.sql), arguments: [claim.drop]) }
      .first {
        $0.feed == claim.file.feed && $0.file == claim.file.file
      }
  }

  static func lastDrop(_ db: Database) throws -> Int {
    try Int.fetchOne(db.cachedStatement(sql: "SELECT coalesce(max(drop_id), 0) FROM claim")) ?? 0
  }

  static func lastPublication(_ db: Database) throws -> Int {
    try Int.fetchOne(db.cachedStatement(sql: "SELECT coalesce(max(publication), 0) FROM result")) ?? 0
  }
}

/// A file that was found incomplete and waits in the inbox.
package struct ReturnedFile: Sendable, Equatable, FetchableRecord {
  /// The feed that it belongs to.
  package let feed: String
  /// Its name in the inbox.
  package let file: String
  /// The drop number of the latest attempt.
  package let drop: Int
  /// Inode number at the latest claim.
  package let inode: UInt64
  /// Size in bytes at the latest claim.
  package let bytes: Int
  /// Modification time at the latest claim, nanoseconds since 1970.
  package let mtime: Int64
  /// Why it was returned.
  package let reason: String?
  /// UTC time (`Timestamp`) of the first claim since this name's last outcome of another kind.
  package let firstSeen: String
  /// UTC time of the latest claim: this inode, size and time of modification.
  package let lastSeen: String

  /// A name counts when its latest drop (before the one given) was returned; the attempts before are those since
  /// another outcome.
  static let sql = """
    WITH last AS (
      SELECT c.*, r.reason FROM result r JOIN claim c ON c.drop_id = r.drop_id
      WHERE r.status = 'waiting' AND r.id = (SELECT max(id) FROM result WHERE drop_id = r.drop_id) AND c.drop_id = (
        SELECT max(drop_id) FROM claim WHERE feed = c.feed AND file = c.file AND drop_id < ?)
    )
    SELECT last.*, (
      SELECT min(claimed_at) FROM claim
      WHERE feed = last.feed AND file = last.file AND drop_id > (
        SELECT coalesce(max(p.drop_id), 0) FROM claim p JOIN result q ON q.drop_id = p.drop_id
        WHERE p.feed = last.feed AND p.file = last.file AND q.status <> 'waiting')
    ) AS first_seen
    FROM last ORDER BY drop_id
    """

  package init(row: Row) {
    feed = row["feed"]
    file = row["file"]
    drop = row["drop_id"]
    inode = UInt64(bitPattern: row["inode"] as Int64)
    bytes = row["bytes"]
    mtime = row["mtime"]
    reason = row["reason"]
    firstSeen = row["first_seen"]
    lastSeen = row["claimed_at"]
  }
}
