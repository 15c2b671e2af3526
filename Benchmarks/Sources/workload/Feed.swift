/// What can be generated.
enum Feed: String, CaseIterable {
  /// Narrow stock snapshot, semicolon CSV.
  case inventory
  /// Catalogue of 20 columns, comma CSV with quoting and UTF-8.
  case product
  /// The same as XML.
  case pim
  /// The catalogue with quotes around every cell.
  case quoted
  /// The catalogue with one more column of 60 bytes, the same in all rows, to stand first in the key.
  case prefixed
  /// The catalogue with descriptions of about 100 KB.
  case long
  /// The catalogue with 300 columns.
  case wide
  /// The catalogue with 40 more columns, one name for each store view.
  case views
  /// XML with 200 elements a record.
  case fields

  /// True for the feeds that are written as XML.
  var isXML: Bool { self == .pim || self == .fields }
}
