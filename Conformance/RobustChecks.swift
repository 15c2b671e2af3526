import Tabular

/// Files whose outcome is free, but must be an outcome: rows or an error, the same each time.
enum RobustChecks {
  static func check(_ entry: ManifestEntry, in folder: String) -> Verdict {
    let path = "\(folder)/\(entry.path)"
    for delimiter in Array(",;|\t".utf8) {
      let format = SourceFormat.csv(CSVDialect(delimiter: delimiter))
      let first = Reading(path, format, keepsRows: true)
      guard first == Reading(path, format, keepsRows: true) else { return .failed("two readings differ") }
      guard first.error != nil || first.count == first.rows.count else { return .failed("rows were lost") }
    }
    return .passed
  }
}
