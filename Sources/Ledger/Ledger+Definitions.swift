import Foundation
import GRDB
import Streams

/// A look-up table as a definition used it.
package struct LookupContent: Sendable, Equatable {
  /// Path in the project.
  package var path: String
  /// SHA-256 of the content.
  package var hash: String
  /// The file's bytes.
  package var content: [UInt8]

  /// A look-up table.
  package init(path: String, hash: String, content: [UInt8]) {
    self.path = path
    self.hash = hash
    self.content = content
  }
}

/// A definition as it is to be recorded.
package struct ActiveDefinition: Sendable, Equatable {
  /// The feed.
  package var feed: String
  /// The hash under which results name it.
  package var hash: String
  /// The definition file's text.
  package var text: String
  /// Its look-up tables.
  package var lookups: [LookupContent]
  /// Version of the program that uses it.
  package var binaryVersion: String

  /// A definition.
  package init(feed: String, hash: String, text: String, lookups: [LookupContent] = [], binaryVersion: String) {
    self.feed = feed
    self.hash = hash
    self.text = text
    self.lookups = lookups
    self.binaryVersion = binaryVersion
  }
}

/// A feed definition with all that is needed to process a drop as on its day.
package struct StoredDefinition: Sendable, Equatable {
  /// The hash under which results name it.
  package let hash: String
  /// The definition file's text.
  package let text: String
  /// Version of the program that used it last.
  package let binaryVersion: String
  /// Its look-up tables.
  package let lookups: [LookupContent]
}

extension Ledger {
  /// Makes a definition the feed's active one: appends `definition` unless hash, look-ups and binary are what was
  /// active before (nil then), and stores the texts that are new.
  @discardableResult
  package func recordDefinition(
    feed: String, hash: String, text: String, lookups: [LookupContent] = [], binaryVersion: String
  ) throws(SluiceError) -> Entry? {
    let definition = ActiveDefinition(
      feed: feed, hash: hash, text: text, lookups: lookups, binaryVersion: binaryVersion)
    return try write { db, clock in try Self.activate(definition, db, clock: clock) }
  }

  /// Records a definition inside the write transaction of `db`, unless it is the active one.
  static func activate(_ definition: ActiveDefinition, _ db: Database, clock: Int64) throws -> Entry? {
    let (feed, hash, lookups) = (definition.feed, definition.hash, definition.lookups)
    let body = EntryBody.Definition(
      hash: hash, binary: definition.binaryVersion, lookups: lookups.map { .init(path: $0.path, hash: $0.hash) })
    if try activeDefinition(db, feed: feed) == body { return nil }
    return try Chain.append(db, .definition, drop: nil, feed: feed, clock: clock) { entry, _ in
      let known = "SELECT 1 FROM definition WHERE feed = ? AND hash = ?"
      if try Int.fetchOne(db.cachedStatement(sql: known), arguments: [feed, hash]) == nil {
        try Chain.insert(db, .definition, entry: entry, [hash, feed, definition.text])
      }
      for lookup in lookups {
        let known = "SELECT 1 FROM lookup WHERE path = ? AND hash = ?"
        if try Int.fetchOne(db.cachedStatement(sql: known), arguments: [lookup.path, lookup.hash]) == nil {
          try Chain.insert(db, .lookup, entry: entry, [lookup.hash, lookup.path, Data(lookup.content)])
        }
      }
      return body
    }
  }

  /// The definition of `feed` under `hash`, with the look-ups and the binary of its latest use; nil when unknown.
  package func definition(feed: String, hash: String) throws(SluiceError) -> StoredDefinition? {
    try read { db in
      let textOf = "SELECT text FROM definition WHERE feed = ? AND hash = ?"
      guard let text = try String.fetchOne(db.cachedStatement(sql: textOf), arguments: [feed, hash]),
        let body = try Self.activeDefinition(db, feed: feed, hash: hash)
      else { return nil }
      let lookups = try body.lookups.map { lookup in
        let contentOf = "SELECT content FROM lookup WHERE path = ? AND hash = ?"
        guard let data = try Data.fetchOne(db.cachedStatement(sql: contentOf), arguments: [lookup.path, lookup.hash])
        else {
          throw LedgerFault.damaged("the look-up table \(lookup.path) of feed \(feed) is missing")
        }
        return LookupContent(path: lookup.path, hash: lookup.hash, content: Array(data))
      }
      return StoredDefinition(hash: hash, text: text, binaryVersion: body.binary, lookups: lookups)
    }
  }

  /// The body of the feed's latest `definition` entry, or of the latest one for `hash`.
  private static func activeDefinition(
    _ db: Database, feed: String, hash: String? = nil
  ) throws -> EntryBody.Definition? {
    let sql = """
      SELECT body FROM entry WHERE kind = 'definition' AND feed = ?
        AND (? IS NULL OR json_extract(body, '$.hash') = ?) ORDER BY id DESC LIMIT 1
      """
    let body = try String.fetchOne(db.cachedStatement(sql: sql), arguments: [feed, hash, hash])
    return try body.map { try EntryBody.decode(EntryBody.Definition.self, $0) }
  }
}
