/// What the checks came to.
struct Report {
  private var passed: [String: Int] = [:]
  private var support = 0
  /// Path and difference of each failure.
  private(set) var failed: [(path: String, what: String)] = []
  private var open: [(path: String, why: String)] = []
  private var exceptions: [(path: String, parts: [String])] = []

  mutating func add(_ entry: ManifestEntry, _ verdict: Verdict) {
    switch verdict {
    case .passed: passed[Report.folder(entry.path), default: 0] += 1
    case .passedBut(let parts):
      passed[Report.folder(entry.path), default: 0] += 1
      exceptions.append((entry.path, parts))
    case .support: support += 1
    case .failed(let what): failed.append((entry.path, what))
    case .open(let why): open.append((entry.path, why))
    }
  }

  private static func folder(_ path: String) -> String {
    let parts = path.split(separator: "/").dropLast()
    return parts.prefix(parts.first == "hostile" ? 2 : 1).joined(separator: "/")
  }

  /// The report, as people read it.
  var text: String {
    var lines = failed.map { "FAILED \($0.path)\n       \($0.what)" }
    let reasons = Dictionary(grouping: open, by: \.why).sorted { $0.key < $1.key }
    for (why, files) in reasons {
      lines.append("not read yet: \(why) (\(files.count))")
      lines += files.map { "       \($0.path)" }
    }
    for (path, parts) in exceptions {
      lines.append("passed but for (\(parts.count)) \(path)")
      lines += parts.map { "       \($0)" }
    }
    for (folder, count) in passed.sorted(by: { $0.key < $1.key }) { lines.append("passed \(count) of \(folder)") }
    let total = passed.values.reduce(0, +)
    lines.append("\(total) passed, \(failed.count) failed, \(open.count) not read yet, \(support) support files")
    return lines.joined(separator: "\n")
  }
}
