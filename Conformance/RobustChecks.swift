import Tabular

/// Files whose outcome is free, but must be one: rows or an error, the same however the bytes arrive.
enum RobustChecks {
  static func check(_ entry: ManifestEntry, in folder: String) -> Verdict {
    let path = "\(folder)/\(entry.path)"
    for delimiter in Array(",;|\t".utf8) {
      let format = SourceFormat.csv(CSVDialect(delimiter: delimiter))
      let whole = Reading(path, format, keepsRows: true)
      // A smaller batch holds shorter rows.
      if whole.error == "row-too-long" || whole.longestRow > Reading.smallBatch - 2 { continue }
      let pieces = Reading(inPieces: path, format)
      if let difference = difference(whole, pieces) { return .failed(difference) }
    }
    return .passed
  }

  /// Which rows come before an error depends on the sizes; what they are does not, nor does the error.
  private static func difference(_ whole: Reading, _ pieces: Reading) -> String? {
    if whole.error != pieces.error || whole.detail != pieces.detail {
      return "\(whole.error ?? "read") \(whole.detail), in pieces \(pieces.error ?? "read") \(pieces.detail)"
    }
    if whole.error == nil, whole != pieces { return "other rows in pieces" }
    let common = min(whole.rows.count, pieces.rows.count)
    return whole.rows.prefix(common) == pieces.rows.prefix(common) ? nil : "other rows before the error in pieces"
  }
}
