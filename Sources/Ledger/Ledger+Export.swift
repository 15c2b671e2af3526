import GRDB
import Streams

/// A view of the ledger that auditors get as a file.
package enum ExportedView: String, CaseIterable, Sendable {
  case drops, outputs, rejects, decisions, entries

  /// The condition that a row belongs to a period, given as `from` (inclusive) and `before`.
  fileprivate var condition: String {
    switch self {
    case .drops: "claimed_at >= :from AND claimed_at < :before"
    case .outputs: "published_at >= :from AND published_at < :before"
    case .rejects: "drop_id IN (SELECT drop_id FROM claim WHERE claimed_at >= :from AND claimed_at < :before)"
    case .decisions, .entries: "at >= :from AND at < :before"
    }
  }

  fileprivate var order: String {
    switch self {
    case .drops: "drop_id"
    case .outputs: "published_at, drop_id, path"
    case .rejects: "drop_id, line, column"
    case .decisions: "entry"
    case .entries: "id"
    }
  }
}

/// The part of the ledger that is exported.
package struct ExportedPeriod: Sendable, Equatable {
  /// UTC time (`Timestamp`, or the beginning of one) from which on, and before which, things have happened.
  package var from: String
  package var before: String
  /// Only of this feed; nil: of all, and what belongs to none.
  package var feed: String?

  /// A period; without `from` since the beginning, without `before` up to now.
  package init(from: String?, before: String?, feed: String? = nil) {
    self.from = from ?? Self.beginning
    self.before = before ?? Self.end
    self.feed = feed
  }

  private static let beginning = "0000-01-01T00:00:00Z"
  private static let end = "9999-12-31T00:00:00Z"

  /// The period in words.
  package var words: String {
    (from == Self.beginning ? "from the beginning" : "from \(from)")
      + (before == Self.end ? "" : " and before \(before)")
  }
}

/// Takes the rows of exported views, one view after the other.
package protocol ExportSink: AnyObject {
  /// The rows of `view` come next, with these columns.
  func begin(_ view: ExportedView, columns: [String]) throws(SluiceError)
  /// One row of the view begun last; nil is an absent value.
  func row(_ values: [String?]) throws(SluiceError)
}

extension Ledger {
  /// Hands every row of a period to `sink`, all of them as of one moment. Throws what the sink does, and the errors of
  /// reading the ledger.
  package func export(_ period: ExportedPeriod, to sink: any ExportSink) throws(SluiceError) {
    try read { db in
      for view in ExportedView.allCases {
        let sql = """
          SELECT * FROM \(view.rawValue) WHERE \(view.condition) AND (:feed IS NULL OR feed = :feed)
          ORDER BY \(view.order)
          """
        let rows = try Row.fetchCursor(
          db, sql: sql, arguments: ["from": period.from, "before": period.before, "feed": period.feed])
        try sink.begin(view, columns: try rows.columnNames(view, db))
        while let row = try rows.next() { try sink.row(row.databaseValues.map(\.exportedText)) }
      }
    }
  }
}

extension RowCursor {
  /// The view's columns, also when it has no rows.
  fileprivate func columnNames(_ view: ExportedView, _ db: Database) throws -> [String] {
    try db.makeStatement(sql: "SELECT * FROM \(view.rawValue)").columnNames
  }
}

extension DatabaseValue {
  /// The value as a text; nil for NULL.
  fileprivate var exportedText: String? { String.fromDatabaseValue(self) ?? (isNull ? nil : "\(self)") }
}
