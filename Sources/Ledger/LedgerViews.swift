extension LedgerSchema {
  /// The views of version 1: the ledger's promise to auditors (`docs/ledger.md` lists their columns).
  static let views = [
    """
    CREATE VIEW entries AS
    SELECT id, at, kind, drop_id, feed, body, children, previous, hash FROM entry
    """,
    """
    CREATE VIEW drops AS
    SELECT c.drop_id, c.feed, c.file, c.mode, c.bytes, c.as_of, c.as_of_captured, c.sequence, c.claimed_at, c.now,
      coalesce(r.status, 'claimed') AS status, e.at AS status_at, r.reason, r.message, r.publication,
      t.read, t.rejected, t.superseded, t.accepted, t.milliseconds / 1000.0 AS seconds, t.sha256, t.content_sha256,
      t.content_bytes, coalesce(r.definition, t.definition) AS definition,
      coalesce(r.reject_file, t.reject_file) AS reject_file
    FROM claim c
    LEFT JOIN result r ON r.id = (SELECT max(id) FROM result WHERE drop_id = c.drop_id)
    LEFT JOIN result t ON t.id = (SELECT max(id) FROM result WHERE drop_id = c.drop_id AND read IS NOT NULL)
    JOIN entry e ON e.id = coalesce(r.entry, c.entry)
    """,
    """
    CREATE VIEW outputs AS
    SELECT o.publication, o.drop_id, c.feed, o.target, o.path, o.rows, o.bytes, o.sha256, e.at AS published_at
    FROM output o JOIN claim c ON c.drop_id = o.drop_id JOIN entry e ON e.id = o.entry
    WHERE o.publication IS NOT NULL
    """,
    """
    CREATE VIEW rejects AS
    SELECT r.drop_id, c.feed, c.file, r.line, r.column, r.field, r.rule, r.message
    FROM reject r JOIN claim c ON c.drop_id = r.drop_id
    WHERE r.entry = (SELECT max(entry) FROM reject WHERE drop_id = r.drop_id)
    """,
    """
    CREATE VIEW decisions AS
    SELECT id AS entry, at, kind, drop_id, feed, json_extract(body, '$.decision.person') AS person,
      json_extract(body, '$.decision.reason') AS reason,
      json_extract(body, '$.decision.command_line') AS command_line
    FROM entry WHERE json_extract(body, '$.decision') IS NOT NULL
    """,
    """
    CREATE VIEW lineage AS
    SELECT NULL AS key, NULL AS feed, NULL AS drop_id, NULL AS publication WHERE 0
    """,
  ]
}
