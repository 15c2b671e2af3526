import Streams

/// A two-column table that translates texts, immutable once loaded.
package final class LookupTable: Sendable, Equatable {
  /// Path as written in the definition.
  package let path: String
  package init(path: String, entries: [(key: [UInt8], value: [UInt8])]) { self.path = path }
  /// The translation of `key`, or nil. The view is valid as long as the table.
  package func value(of key: ByteView) -> ByteView? { nil }
  package static func == (left: LookupTable, right: LookupTable) -> Bool { left.path == right.path }
}
