import GRDB

/// The counts of one target of a drop (`semantics.md`, "Targets and changes").
package struct LedgerCounts: Sendable, Equatable {
  /// Target name, such as `commerce.stock_sources`.
  package var target: String
  /// Keys sent for the first time.
  package var new = 0
  /// Keys whose row differs from the one last sent.
  package var changed = 0
  /// Removed keys that came back.
  package var returned = 0
  /// Keys with nothing to send.
  package var unchanged = 0
  /// Keys for which a later drop had spoken.
  package var newer = 0
  /// Keys that no longer belong to the target.
  package var withdrawn = 0
  /// Keys that do not belong to the target and never did.
  package var skipped = 0
  /// Keys that wait for another feed.
  package var parked = 0
  /// Keys that vanished from a full.
  package var removed = 0
  /// Rows in the target's files.
  package var rowsWritten = 0
  /// Events fired, for event targets.
  package var fired = 0

  /// All zero counts of `target`.
  package init(target: String) { self.target = target }
}

/// One file of a publication.
package struct LedgerOutput: Sendable, Equatable {
  /// Target name.
  package var target: String
  /// Path in the project.
  package var path: String
  /// Rows without the header.
  package var rows: Int
  /// Size in bytes.
  package var bytes: Int
  /// SHA-256 of its bytes.
  package var sha256: String

  /// An output file.
  package init(target: String, path: String, rows: Int, bytes: Int, sha256: String) {
    self.target = target
    self.path = path
    self.rows = rows
    self.bytes = bytes
    self.sha256 = sha256
  }
}

/// A row that broke a rule; its values are already masked.
package struct RejectedRow: Sendable, Equatable {
  /// Physical line in the decompressed file, from 1 on.
  package var line: Int
  /// Ordinal of the field, from 1 on.
  package var column: Int?
  /// Name of the field.
  package var field: String?
  /// The rule's kebab-case code.
  package var rule: String
  /// What is wrong, for people.
  package var message: String

  /// A rejected row.
  package init(line: Int, column: Int? = nil, field: String? = nil, rule: String, message: String) {
    self.line = line
    self.column = column
    self.field = field
    self.rule = rule
    self.message = message
  }
}

extension LedgerCounts: FetchableRecord {
  package init(row: Row) {
    target = row["target"]
    new = row["new"]
    changed = row["changed"]
    returned = row["returned"]
    unchanged = row["unchanged"]
    newer = row["newer"]
    withdrawn = row["withdrawn"]
    skipped = row["skipped"]
    parked = row["parked"]
    removed = row["removed"]
    rowsWritten = row["rows_written"]
    fired = row["fired"]
  }

  func values(drop: Int) -> [(any DatabaseValueConvertible)?] {
    [
      drop, target, new, changed, returned, unchanged, newer, withdrawn, skipped, parked, removed, rowsWritten, fired,
    ]
  }
}

extension LedgerOutput: FetchableRecord {
  package init(row: Row) {
    target = row["target"]
    path = row["path"]
    rows = row["rows"]
    bytes = row["bytes"]
    sha256 = row["sha256"]
  }

  func values(drop: Int, publication: Int?) -> [(any DatabaseValueConvertible)?] {
    [publication, drop, target, path, rows, bytes, sha256]
  }
}

extension RejectedRow: FetchableRecord {
  package init(row: Row) {
    line = row["line"]
    column = row["column"]
    field = row["field"]
    rule = row["rule"]
    message = row["message"]
  }

  func values(drop: Int) -> [(any DatabaseValueConvertible)?] {
    [drop, line, column, field?.storable, rule, message.storable]
  }
}

extension DropTotals {
  /// Of a result row; nil when that outcome counted nothing.
  init?(row: Row) {
    guard let read: Int = row["read"] else { return nil }
    self.init(
      sha256: row["sha256"], contentSHA256: row["content_sha256"], contentBytes: row["content_bytes"], read: read,
      rejected: row["rejected"], superseded: row["superseded"], accepted: row["accepted"],
      seconds: Double(row["milliseconds"] as Int) / 1000)
  }
}

extension String {
  /// The text with U+0000, at which SQLite would cut it off, replaced by its picture U+2400.
  var storable: String { utf8.contains(0) ? String(map { $0 == "\0" ? "\u{2400}" : $0 }) : self }
}
