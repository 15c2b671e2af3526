import Streams

/// Finds declared columns among those of a header.
public enum ColumnFinder {
  /// The index of `name` in `columns`. Throws `column-missing` with the columns that are there and the nearest name,
  /// and `column-ambiguous` when the header has the name twice.
  public static func index(of name: String, in columns: [String], field: String) throws(SluiceError) -> Int {
    guard let index = columns.firstIndex(of: name) else {
      let there = columns.prefix(20).map { "\"\(shown($0))\"" }.joined(separator: ", ")
      let near = nearest(to: name, among: columns).map { "did the source rename it to \"\($0)\"? " } ?? ""
      throw SluiceError(
        .damaged, "column-missing", field: field, value: name,
        cause: "the header has no column \"\(name)\"; it has \(there)\(columns.count > 20 ? ", …" : "")",
        remedy: near + "correct the export, or \"from\" in the feed definition, and retry the drop")
    }
    if columns[(index + 1)...].contains(name) {
      throw SluiceError(
        .damaged, "column-ambiguous", field: field, value: name,
        cause: "the header has the column \"\(name)\" more than once",
        remedy: "correct the export so that every column used has a name of its own, and retry the drop")
    }
    return index
  }

  /// A column's name as messages show it: read in the wrong encoding or without a header, it may be the whole file,
  /// which is nobody's business.
  private static func shown(_ name: String) -> String {
    let beginning = String(name.prefix(60))
    return beginning.replacingControls + (beginning.count < name.count ? "…" : "")
  }

  /// The name among `names` that `name` was most likely meant to be; nil when none is near.
  public static func nearest(to name: String, among names: [String]) -> String? {
    let wanted = Array(name.lowercased().unicodeScalars)
    let measured = names.map { (name: $0, distance: distance(wanted, Array($0.lowercased().unicodeScalars))) }
    guard let best = measured.min(by: { $0.distance < $1.distance }) else { return nil }
    return best.distance <= max(1, wanted.count / 3) ? best.name : nil
  }

  /// Levenshtein's distance.
  private static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var row = Array(0...right.count)
    for (line, scalar) in left.enumerated() {
      var diagonal = row[0]
      row[0] = line + 1
      for column in right.indices {
        let above = row[column + 1]
        row[column + 1] = min(above + 1, row[column] + 1, diagonal + (scalar == right[column] ? 0 : 1))
        diagonal = above
      }
    }
    return row[right.count]
  }
}
