/// What one workload found out.
struct Findings {
  /// Names the section in `RESULTS.md`.
  let section: String
  /// Markdown of the section, without its heading.
  var lines: [String] = []
  /// What it says about the goals.
  var goals: [Goal] = []
  /// Wrong counts, rows or exit statuses. One of them fails the benchmark.
  var faults: [String] = []

  init(_ section: String) { self.section = section }

  /// Adds lines to the section, and says them.
  mutating func add(_ more: [String]) {
    for line in more { Text.say(line) }
    lines += more
  }

  /// Adds a table with an empty line before and after it.
  mutating func add(_ header: [String], _ rows: [[String]]) { add([""] + Text.table(header, rows) + [""]) }
}
