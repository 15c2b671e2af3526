import Glibc

/// A case folder run through the real binary: `Tests/Cases/AREA/NNN-NAME`.
///
/// | in the folder | is |
/// | --- | --- |
/// | `sluice.yaml`, `feeds/`, `lookups/` … | copied into a fresh project |
/// | `inbox/`, `inbox-2/`, `inbox-3/` … | dropped before the first, second, third run; each run is a day later |
/// | `arguments` | further words for each `sluice run`, separated by blanks (optional) |
/// | `expected/` | the outbox after the last run, byte by byte, without `manifests/` |
/// | `expected.status` | exit status of the last run; 0 without it |
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
    for (index, inbox) in inboxes.enumerated() {
      for name in FileTree.files(below: inbox) { try project.drop(name, bytes: try FileTree.read("\(inbox)/\(name)")) }
      result = try project.sluice(["run", "--now", "2026-11-\(23 + index)T02:15:00Z"] + words)
    }
    guard let result else { return ["no inbox folder in \(folder)"] }
    let actual = try project.outboxContents().filter { !$0.key.hasPrefix("manifests/") }
    if recording { return [try record(actual, status: result.status)] }
    var differences = try compare(actual, status: result.status)
    if !differences.isEmpty { differences.append("stderr:\n\(result.errors)") }
    return differences
  }

  private var inboxes: [String] {
    let numbered = (2...9).map { "\(folder)/inbox-\($0)" }.prefix { FileTree.isDirectory($0) }
    return ["\(folder)/inbox"].filter { FileTree.isDirectory($0) } + numbered
  }

  private func isOwn(_ name: String) -> Bool {
    name.hasPrefix("inbox") || name.hasPrefix("expected") || name == "arguments" || name.hasSuffix(".md")
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

  private static func firstDifference(_ name: String, _ expected: [UInt8], _ actual: [UInt8]) -> String {
    let left = expected.split(separator: 0x0A, omittingEmptySubsequences: false)
    let right = actual.split(separator: 0x0A, omittingEmptySubsequences: false)
    let line = zip(left, right).prefix { $0 == $1 }.count
    func text(_ lines: [ArraySlice<UInt8>]) -> String {
      line < lines.count ? String(decoding: lines[line], as: UTF8.self) : "(end of file)"
    }
    return "\(name):\(line + 1): expected \(text(left)), got \(text(right))"
  }

  private func record(_ actual: [String: [UInt8]], status: Int32) throws -> String {
    FileTree.remove("\(folder)/expected")
    FileTree.remove("\(folder)/expected.status")
    for (name, bytes) in actual { try FileTree.write(bytes, to: "\(folder)/expected/\(name)") }
    if status != 0 { try FileTree.write("\(status)\n", to: "\(folder)/expected.status") }
    return "recorded \(actual.count) files with exit status \(status); look at them, then run again without RECORD"
  }
}
