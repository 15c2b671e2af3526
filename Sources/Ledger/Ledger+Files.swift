import GRDB
import Streams

/// A file that the ledger has the hash of.
package struct RecordedFile: Sendable, Equatable {
  /// What the file is.
  package enum Kind: String, Sendable {
    /// A published output; `path` is as the ledger shows it, below the outbox.
    case output
    /// A reject file, with a path of the same kind.
    case rejects
    /// The drop itself; `path` is its name in the inbox.
    case drop
  }

  package let kind: Kind
  /// The drop, and the feed that it was claimed for.
  package let drop: Int
  package let feed: String
  /// What became of the drop.
  package let status: String
  package let path: String
  /// SHA-256 in lower-case hexadecimal digits.
  package let sha256: String
}

extension Ledger {
  /// Files of the drops with the numbers after `drop`, at most `limit` drops of them, by drop. Empty after the last
  /// one.
  package func recordedFiles(
    after drop: Int, limit: Int = 1000
  ) throws(SluiceError) -> (files: [RecordedFile], last: Int?) {
    try read { db in
      let last = try Int.fetchOne(
        db, sql: "SELECT max(drop_id) FROM (SELECT drop_id FROM claim WHERE drop_id > ? ORDER BY drop_id LIMIT ?)",
        arguments: [drop, limit])
      guard let last else { return ([], nil) }
      let rows = try Row.fetchAll(
        db,
        sql: """
          SELECT 'drop' AS kind, drop_id, feed, status, file AS path, sha256 FROM drops
          WHERE sha256 IS NOT NULL AND drop_id > ?1 AND drop_id <= ?2
          UNION ALL
          SELECT 'output', o.drop_id, d.feed, d.status, o.path, o.sha256 FROM output o JOIN drops d USING (drop_id)
          WHERE o.publication IS NOT NULL AND o.drop_id > ?1 AND o.drop_id <= ?2
          UNION ALL
          SELECT DISTINCT 'rejects', r.drop_id, d.feed, d.status, r.reject_file,
            json_extract(e.body, '$.reject_sha256')
          FROM result r JOIN entry e ON e.id = r.entry JOIN drops d USING (drop_id)
          WHERE r.reject_file IS NOT NULL AND json_extract(e.body, '$.reject_sha256') IS NOT NULL
            AND r.drop_id > ?1 AND r.drop_id <= ?2
          ORDER BY 2, 1
          """, arguments: [drop, last])
      let files = rows.compactMap { row in
        RecordedFile.Kind(rawValue: row["kind"]).map {
          RecordedFile(
            kind: $0, drop: row["drop_id"], feed: row["feed"], status: row["status"], path: row["path"],
            sha256: row["sha256"])
        }
      }
      return (files, last)
    }
  }

  /// The entry with this number; nil when there is none.
  package func entry(_ number: Int) throws(SluiceError) -> Entry? {
    try read { db in
      try Entry.fetchOne(db, sql: "SELECT \(Entry.columns) FROM entry WHERE id = ?", arguments: [number])
    }
  }

  /// The number of the entry with this hash; nil when there is none.
  package func entryNumber(hash: String) throws(SluiceError) -> Int? {
    try read { db in try Int.fetchOne(db, sql: "SELECT id FROM entry WHERE hash = ?", arguments: [hash]) }
  }
}
