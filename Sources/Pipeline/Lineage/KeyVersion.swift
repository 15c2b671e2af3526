import Ledger

/// One cell of a key that a drop changed.
package struct CellChange: Codable, Equatable, Sendable {
  /// The targets' columns that it is sent in: `commerce.stock_sources.quantity`; of a further row of the record with
  /// its number, `commerce.catalog_product[2].name`; `field qty` for a field that is only looked at.
  package var columns: [String]
  /// The text before, masked when it may hold personal data; nil: there was none, or it is not known any more.
  package var old: String?
  /// The text after; nil: none is sent.
  package var new: String?
}

/// What one drop made of a key.
package struct KeyVersion: Codable, Equatable, Sendable {
  /// What the drop meant for the key as a whole.
  package enum Kind: String, Codable, Sendable {
    /// It brought the key, or brought it back.
    case added
    /// It changed cells of it.
    case changed
    /// It said the same again, or changed nothing that is sent.
    case repeated
    /// It took the key away: a full did not hold it, or a row said so.
    case removed
    /// What the key was before is not known any more: the lineage does not reach back so far.
    case oldest
  }

  /// The drop, its file and the line in it (0 for a key that a full did not hold).
  package var drop: Int
  package var file: String
  package var line: Int
  /// `full` or `delta`, and the time that the drop speaks for.
  package var mode: String
  package var asOf: String
  /// Publication number, when anything was sent, and UTC time of the outcome.
  package var publication: Int?
  package var at: String
  /// The time when it was taken from the inbox.
  package var claimedAt: String
  /// Hash of the definition that made the values.
  package var definition: String?
  package var kind: Kind
  /// Cells that differ from the version before, in the order of the definition.
  package var changes: [CellChange]
  /// Paths of the outputs that carried them.
  package var outputs: [String]
}

/// A key of a feed that was found in its snapshot.
package struct FoundKey: Codable, Equatable, Sendable {
  /// The feed.
  package var feed: String
  /// Its parts as the targets spell them, in the order of the definition; sensitive ones are masked.
  package var key: [String]
  /// Whether the last full or delta that spoke for it says that it exists.
  package var isLive: Bool
}
