import GRDB
import Streams

/// A moment at which the published state of a feed became another one.
package struct SnapshotStep: Sendable, Equatable, FetchableRecord {
  /// Number of the entry that made it so, and what that records.
  package let entry: Int
  package let kind: EntryKind
  /// The drop; nil when a person's decision about the feed moved the state.
  package let drop: Int?
  /// Name of the feed at that time.
  package let feed: String
  /// The state that became current.
  package let snapshot: LedgerSnapshot

  package init(row: Row) throws {
    guard let kind = EntryKind(rawValue: row["kind"]) else {
      throw LedgerFault.damaged("entry \(row["entry"] as Int) is of an unknown kind")
    }
    self.kind = kind
    entry = row["entry"]
    drop = row["drop_id"]
    feed = row["feed"]
    snapshot = LedgerSnapshot(
      publication: row["publication"], segments: try EntryBody.decode([String].self, row["segments"]),
      metadata: row["metadata"])
  }

  static let sql = """
    SELECT s.entry, e.kind, e.drop_id, s.feed, s.publication, s.segments, s.metadata
    FROM snapshot s JOIN entry e ON e.id = s.entry
    """
}

extension Ledger {
  /// Numbers of the entries that moved the published state that has `digestKey`, oldest first, whatever its feed was
  /// called. Looks at every state that the ledger has.
  package func snapshotEntries(digestKey: String) throws(SluiceError) -> [Int] {
    try read { db in
      try Int.fetchAll(
        db, sql: "SELECT entry FROM snapshot WHERE json_extract(metadata, '$.digestKey') = ? ORDER BY id",
        arguments: [digestKey])
    }
  }

  /// What an entry made of the published state; nil when it left it alone.
  package func snapshotStep(entry: Int) throws(SluiceError) -> SnapshotStep? {
    try read { db in
      try SnapshotStep.fetchOne(
        db.cachedStatement(sql: SnapshotStep.sql + " WHERE s.entry = ? ORDER BY s.id DESC LIMIT 1"), arguments: [entry])
    }
  }

  /// The entry with which the drop moved its feed's published state; nil when it did not.
  package func snapshotEntry(drop: Int) throws(SluiceError) -> Int? {
    try read { db in
      let sql = "SELECT max(s.entry) FROM entry e JOIN snapshot s ON s.entry = e.id WHERE e.drop_id = ?"
      return try Int.fetchOne(db, sql: sql, arguments: [drop])
    }
  }

  /// Records that the snapshot of a feed was made again: the state with its new segments becomes current, under the
  /// publication that it was. `message` says from what it was made.
  @discardableResult
  package func recordRebuilt(
    feed: String, snapshot: LedgerSnapshot, decision: Decision, message: String
  ) throws(SluiceError) -> Entry {
    try write { db, clock in
      try Chain.append(db, .rebuilt, drop: nil, feed: feed, clock: clock) { entry, _ in
        let columns: [(any DatabaseValueConvertible)?] = [
          feed, snapshot.publication, try EntryBody.text(snapshot.segments), snapshot.metadata,
        ]
        try Chain.insert(db, .snapshot, entry: entry, columns)
        return EntryBody.Rebuilt(decision: decision, message: message.storable)
      }
    }
  }
}
