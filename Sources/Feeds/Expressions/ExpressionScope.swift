import Records
import Streams

/// What the names in an expression stand for, and what it may use.
package struct ExpressionScope {
  /// A field as an expression sees it.
  package struct Field: Equatable, Sendable {
    /// Index in the record.
    package var index: Int
    /// Its static type.
    package var type: ValueType
    /// A field.
    package init(index: Int, type: ValueType) {
      self.index = index
      self.type = type
    }
  }

  /// Finds a field by its name.
  package var field: (String) -> Field?
  /// Finds (and if need be adds) the hidden field of a capture by the name after `file.`.
  package var capture: (String) -> Field?
  /// Loads a lookup table by its path in the project; throws without a position.
  package var lookup: (String) throws(SluiceError) -> LookupTable
  /// Names to suggest for a field that is unknown.
  package var fieldNames: [String]
  /// Names to suggest for a capture that is unknown.
  package var captureNames: [String]
  /// Why `old.FIELD` may not be used here; nil: it may.
  package var oldRefusal: String?

  /// A scope; without `lookup` every table is refused.
  package init(
    fieldNames: [String], captureNames: [String] = [],
    oldRefusal: String? = "old. values exist only in event targets",
    field: @escaping (String) -> Field?, capture: @escaping (String) -> Field? = { _ in nil },
    lookup: @escaping (String) throws(SluiceError) -> LookupTable = ExpressionScope.noLookup
  ) {
    self.field = field
    self.capture = capture
    self.lookup = lookup
    self.fieldNames = fieldNames
    self.captureNames = captureNames
    self.oldRefusal = oldRefusal
  }

  /// The lookup of a scope that has no tables.
  package static func noLookup(_ path: String) throws(SluiceError) -> LookupTable {
    throw SluiceError(
      .definition, "lookup-missing", cause: "the lookup file \(path) is not known here", remedy: "check the path")
  }
}
