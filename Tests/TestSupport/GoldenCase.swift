import Glibc

/// A case folder run through the real binary: `Tests/Cases/AREA/NNN-NAME`.
///
/// | in the folder | is |
/// | --- | --- |
/// | `sluice.yaml`, `feeds/`, `lookups/` … | copied into a fresh project |
/// | `inbox/`, `inbox-2/`, `inbox-3/` … | dropped before the first, second, third run; each run is a day later |
/// | `project-2/`, `project-3/` … | laid over the project before that run: an edited lookup, say |
/// | `arguments` | further words for each `sluice run`, separated by blanks (optional) |
/// | `expected/` | the outbox after the last run, byte by byte, without `manifests/` |
/// | `expected.status` | exit status of the last run; 0 without it |
/// | `expected.reports` | a line for each drop of all runs: `run file status reason`, `-` for none (optional) |
///
/// Manifests are left out, since they hold the real clock and the head of the hash chain. With `RECORD=1` in the
/// environment the expectation is rewritten, and the case fails so that nobody takes a recording for a passed test.
package struct GoldenCase: Sendable, CustomStringConvertible {
  /// The case's folder.
  package let folder: String
  private let binary: String

  /// The case in `folder`.
  package init(folder: String, binary: String = BuildProducts.sluice) {
    self.folder = folder
    self.binary = binary
  }

  /// All cases of an area in byte order of their names.
  package static func all(_ area: String) -> [GoldenCase] {
    let cases = "\(BuildProducts.repository)/Tests/Cases/\(area)"
    return FileTree.names(in: cases).filter { FileTree.isDirectory("\(cases)/\($0)") }
      .map { GoldenCase(folder: "\(cases)/\($0)") }
  }

  /// The folder's last two parts.
  package var description: String { folder.split(separator: "/").suffix(2).joined(separator: "/") }

  /// Runs the case: every difference, one line each; none when it passed.
  package func run(recording: Bool = getenv("RECORD") != nil) throws -> [String] {
    let project = try TestProject(binary: binary)
    for name in FileTree.names(in: folder) where !isOwn(name) { try copy(name, into: project) }
    let words =
      (try? FileTree.text("\(folder)/arguments"))?.split(whereSeparator: \.isWhitespace).map(String.init) ?? []
    var result: CommandResult?
    var reports: [String] = []
    for (index, inbox) in inboxes.enumerated() {
      let overlay = "\(folder)/project-\(index + 1)"
      if index > 0, FileTree.isDirectory(overlay) {
        for (name, bytes) in try FileTree.contents(below: overlay) { try project.write(name, bytes: bytes) }
      }
      for name in FileTree.files(below: inbox) { try project.drop(name, bytes: try FileTree.read("\(inbox)/\(name)")) }
      let ran = try project.sluice(["run", "--json", "--now", "2026-11-\(23 + index)T02:15:00Z"] + words)
      reports += try ran.jsonLines().map { GoldenCase.line($0, run: index + 1) }
      result = ran
    }
    guard let result else { return ["no inbox folder in \(folder)"] }
    let actual = try project.outboxContents().filter { !$0.key.hasPrefix("manifests/") }
    if recording { return [try record(actual, status: result.status, reports: reports)] }
    var differences = try compare(actual, status: result.status) + compare(reports)
    if !differences.isEmpty { differences.append("stderr:\n\(result.errors)") }
    return differences
  }

  private var inboxes: [String] {
    let numbered = (2...9).map { "\(folder)/inbox-\($0)" }.prefix { FileTree.isDirectory($0) }
    return ["\(folder)/inbox"].filter { FileTree.isDirectory($0) } + numbered
  }

  private static func line(_ drop: JSONValue, run: Int) -> String {
    "\(run) \(drop["file"].string ?? "-") \(drop["status"].string ?? "-") \(drop["reason"].string ?? "-")"
  }

  private func isOwn(_ name: String) -> Bool {
    name.hasPrefix("inbox") || name.hasPrefix("expected") || name.hasPrefix("project-") || name == "arguments"
      || name.hasSuffix(".md")
  }

  private func copy(_ name: String, into project: TestProject) throws {
    let source = "\(folder)/\(name)"
    if FileTree.isDirectory(source) {
      try FileTree.copy(source, into: project.path(name))
    } else {
      try project.write(name, bytes: try FileTree.read(source))
    }
  }

  private func compare(_ actual: [String: [UInt8]], status: Int32) throws -> [String] {
    let expected = try FileTree.contents(below: "\(folder)/expected")
    var differences: [String] = []
    let wanted = Int32((try? FileTree.text("\(folder)/expected.status"))?.prefix { $0.isNumber } ?? "0") ?? 0
    if status != wanted { differences.append("exit status \(status), expected \(wanted)") }
    for name in Set(expected.keys).union(actual.keys).sorted() {
      switch (expected[name], actual[name]) {
      case (nil, .some): differences.append("unexpected file \(name)")
      case (.some, nil): differences.append("missing file \(name)")
      case (.some(let left), .some(let right)) where left != right:
        differences.append(GoldenCase.firstDifference(name, left, right))
      default: break
      }
    }
    return differences
  }

  private func compare(_ reports: [String]) throws -> [String] {
    let path = "\(folder)/expected.reports"
    guard FileTree.exists(path) else { return [] }
    let actual = reports.map { $0 + "\n" }.joined()
    let expected = try FileTree.read(path)
    return expected == Array(actual.utf8)
      ? [] : [GoldenCase.firstDifference("expected.reports", expected, Array(actual.utf8))]
  }

  private static func firstDifference(_ name: String, _ expected: [UInt8], _ actual: [UInt8]) -> String {
    let left = expected.split(separator: 0x0A, omittingEmptySubsequences: false)
    let right = actual.split(separator: 0x0A, omittingEmptySubsequences: false)
    let line = zip(left, right).prefix { $0 == $1 }.count
    func text(_ lines: [ArraySlice<UInt8>]) -> String {
      line < lines.count ? String(decoding: lines[line], as: UTF8.self) : "(end of file)"
    }
    return "\(name):\(line + 1): expected \(text(left)), got \(text(right))"
  }

  private func record(_ actual: [String: [UInt8]], status: Int32, reports: [String]) throws -> String {
    FileTree.remove("\(folder)/expected")
    FileTree.remove("\(folder)/expected.status")
    for (name, bytes) in actual { try FileTree.write(bytes, to: "\(folder)/expected/\(name)") }
    try FileTree.write(reports.map { $0 + "\n" }.joined(), to: "\(folder)/expected.reports")
    if status != 0 { try FileTree.write("\(status)\n", to: "\(folder)/expected.status") }
    return "recorded \(actual.count) files with exit status \(status); look at them, then run again without RECORD"
  }
}
