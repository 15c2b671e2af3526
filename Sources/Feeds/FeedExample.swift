import Streams

/// One of the `examples` of a feed definition: a source row and what has to become of it.
package struct FeedExample: Sendable {
  /// A named text, and where it stands in the definition.
  package struct Cell: Sendable, Equatable {
    /// Column, XML path, or `file.NAME`.
    package var name: String
    /// The text; several values are joined by U+001F.
    package var text: String
    /// Where the text stands.
    package var position: Position
  }

  /// A row that a target gets; only the columns that it names are compared.
  package struct ExpectedRow: Sendable, Equatable {
    /// Columns and texts.
    package var cells: [Cell]
    /// Where the row stands.
    package var position: Position
  }

  /// What one target gets.
  package struct ExpectedTarget: Sendable, Equatable {
    /// `commerce.stock_sources`.
    package var target: String
    /// Its rows, in the order in which they are written; none: the target gets nothing.
    package var rows: [ExpectedRow]
    /// Where the target is named.
    package var position: Position
  }

  /// What has to become of the row.
  package enum Outcome: Sendable, Equatable {
    /// It is accepted, and these targets get these rows; others are not compared.
    case gives([ExpectedTarget])
    /// It is rejected for breaking this rule, which is written there.
    case rejects(rule: String, Position)
  }

  /// Where the example stands.
  package var position: Position
  /// The row of the same key that was published before; nil: the key is new.
  package var before: [Cell]?
  /// The source row.
  package var row: [Cell]
  /// What has to become of it.
  package var outcome: Outcome
}
