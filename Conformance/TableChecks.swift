import Foundation

/// Checks of CSV files, plain and gzip.
enum TableChecks {
  static func check(_ entry: ManifestEntry, in folder: String) -> Verdict {
    let path = "\(folder)/\(entry.path)"
    if entry.path.hasPrefix("hostile/encoding/charset_normalizer/") { return .support }
    if let profile = TableProfiles.all[entry.path] { return profile.verdict(path) }
    let name = entry.path.split(separator: "/").last.map(String.init) ?? ""
    if let profile = encodings(name, entry.path) { return profile.verdict(path) }
    let ignored = [
      ".json", ".jsonl", ".md5", ".sha256", ".ctl", ".ok", ".done", ".part", ".filepart", ".swp", ".sql", ".pl",
    ]
    if ignored.contains(where: { name.hasSuffix($0) }) { return .support }
    if let count = entry.expected.prefixMatch(of: /(\d+) (records|rows)/).flatMap({ Int($0.output.1) }) {
      return TableProfile(outcome: .rows(count)).verdict(path)
    }
    if entry.path.hasPrefix("erp/adventureworks/") { return TableProfile(quote: nil, hasHeader: false).verdict(path) }
    if entry.path.hasPrefix("commerce/") || entry.expected == "accept" { return TableProfile().verdict(path) }
    return .open("no rule: \(entry.expected)")
  }

  /// The same table, and texts, in many encodings.
  private static func encodings(_ name: String, _ path: String) -> TableProfile? {
    let stem = String(name.prefix { $0 != "." })
    if path.hasPrefix("hostile/encoding/cjk/") {
      return TableProfile(outcome: .text("\(stem)-utf8.txt"), encoding: known(stem))
    }
    guard path.hasPrefix("hostile/encoding/table_") else { return nil }
    let encoding = known(String(stem.dropFirst("table_".count)))
    let asian = ["big5", "euc-jp", "euc-kr", "gb18030", "shift_jis"]
    return TableProfile(
      outcome: asian.contains(encoding) ? .rows(nil) : .reference("\(stem).expected.json"), encoding: encoding,
      delimiter: ";")
  }

  /// The name by which the system knows an encoding.
  private static func known(_ name: String) -> String {
    let names = [
      "cp1141-ebcdic-nel": "cp1141", "cp273-ebcdic": "cp273", "utf-16be-bom": "utf-16be", "utf-16le-bom": "utf-16le",
      "utf-16le-nobom": "utf-16le", "utf-32le-bom": "utf-32", "euc_kr": "euc-kr", "iso2022_jp": "iso-2022-jp",
      "big5hkscs": "big5-hkscs", "gb2312": "gb2312", "shift_jisx0213": "shift_jisx0213",
    ]
    return names[name] ?? name
  }
}
