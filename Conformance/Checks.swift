/// Which check a file is given.
enum Checks {
  static func check(_ entry: ManifestEntry, in folder: String) -> Verdict {
    if entry.isSupport { return .support }
    let path = entry.path
    if path.hasPrefix("hostile/values/") { return ValueChecks.check(entry, in: folder) }
    if path.hasPrefix("hostile/csv/papaparse/") && path.hasSuffix(".json") {
      return CaseChecks.check(entry, in: folder)
    }
    if path.hasPrefix("hostile/csv/duckdb/") { return RobustChecks.check(entry, in: folder) }
    if path.hasSuffix(".xml") || path.hasSuffix(".xml.gz") { return XMLChecks.check(entry, in: folder) }
    if path.hasPrefix("hostile/xml/") { return .support }
    return TableChecks.check(entry, in: folder)
  }
}
