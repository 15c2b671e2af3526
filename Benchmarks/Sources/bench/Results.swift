import Foundation

/// `Benchmarks/RESULTS.md`: a table of goals, and a section for each workload. A run replaces what it measured and
/// leaves
/// the rest, so that the workloads can be measured one by one; each part says when and of which commit it is.
struct Results {
  private let path: String
  private let stamp: String
  private let machine: String
  private let settings: String

  init(_ place: Place) throws {
    path = place.template("RESULTS.md")
    let commit = (try? Measured.run(["git", "-C", place.options.root, "rev-parse", "--short", "HEAD"]))?.output ?? ""
    let date = Date().formatted(.iso8601.year().month().day())
    stamp = "\(date), commit \(commit.trimmingCharacters(in: .whitespacesAndNewlines))"
    settings = "ROWS=\(place.options.rows), RUNS=\(place.options.runs)"
    machine = Results.describeMachine()
  }

  /// Writes what was found into the file.
  func record(_ findings: Findings) throws {
    let old = (try? Files.text(path)) ?? ""
    var goals = Results.part("goals", of: old).filter { $0.hasPrefix("| ") }.dropFirst(2).map { String($0) }
    for goal in findings.goals {
      let line = Text.line(goal.cells + ["\(stamp), \(settings)"])
      if let place = goals.firstIndex(where: { $0.hasPrefix("| \(goal.name) |") }) {
        goals[place] = line
      } else {
        goals.append(line)
      }
    }
    var sections = Results.sections(of: old)
    let body = ["_\(stamp), \(settings)_", ""] + findings.lines
    if let place = sections.firstIndex(where: { $0.name == findings.section }) {
      sections[place].lines = body
    } else {
      sections.append((findings.section, body))
    }
    var text = [
      "# Results of `make bench`", "",
      "Written by the benchmark; `docs/performance.md` says what the numbers mean. A run replaces the parts that it",
      "measured. Machine of the last run: \(machine).", "", "## Goals", "", "<!-- goals -->",
    ]
    text += Text.table(Goal.header, []) + goals + ["<!-- end -->", ""]
    for section in sections {
      text += ["## \(section.name)", "", "<!-- section \(section.name) -->"] + section.lines + ["<!-- end -->", ""]
    }
    try Files.write(Results.withoutDoubleBlanks(text).joined(separator: "\n"), to: path)
  }

  private static func part(_ mark: String, of text: String) -> [String] {
    var lines: [String] = []
    var isInside = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line == "<!-- end -->" { isInside = false }
      if isInside { lines.append(line) }
      if line == "<!-- \(mark) -->" { isInside = true }
    }
    return lines
  }

  private static func sections(of text: String) -> [(name: String, lines: [String])] {
    text.split(separator: "\n").filter { $0.hasPrefix("<!-- section ") }.map { line in
      let name = String(line.dropFirst(13).dropLast(4))
      return (name, part("section \(name)", of: text))
    }
  }

  private static func withoutDoubleBlanks(_ lines: [String]) -> [String] {
    var kept: [String] = []
    for line in lines where !(line.isEmpty && kept.last?.isEmpty == true) { kept.append(line) }
    return kept
  }

  private static func describeMachine() -> String {
    let listing = (try? Files.text("/proc/cpuinfo")) ?? ""
    let model =
      listing.split(separator: "\n").first { $0.hasPrefix("model name") }?.split(separator: ":").last ?? "?"
    let memory = ProcessInfo.processInfo.physicalMemory / 1_073_741_824
    let system = ProcessInfo.processInfo.operatingSystemVersionString
    return
      "\(ProcessInfo.processInfo.activeProcessorCount) processors (\(model.drop { $0 == " " })), "
      + "\(memory) GiB, \(system)"
  }
}
