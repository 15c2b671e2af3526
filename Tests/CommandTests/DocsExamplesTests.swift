import Foundation
import TestSupport
import Testing

/// What the manual shows is what happens: its marked examples are run against the binary of this build.
///
/// A fenced block after `<!-- check -->` is a feed definition, or some sections of one, that `sluice check` must find
/// right. One after `<!-- run -->` is a session: the lines after `$ ` are run by bash in a copy of the sample project,
/// one project a page, and what they print must be what follows them. Times, durations, hashes and the user's name
/// are masked. `RECORD=1` writes what was printed into the page, and fails.
@Suite("Examples of the manual")
struct DocsExamplesTests {
  @Test("Feed definitions of a page are right", arguments: ManualPage.all(marker: .check))
  func definitions(_ page: ManualPage) throws {
    for block in page.blocks where block.marker == .check {
      let project = try TestProject(feeds: ["example": FeedSections.completed(block.lines)])
      try project.write("lookups/plants.csv", "plant;source\n1000;default\n")
      let result = try project.sluice("check")
      #expect(result.errors == "" && result.status == 0, "\(page.path):\(block.firstLine)")
    }
  }

  @Test("Sessions of a page print what it shows", arguments: ManualPage.all(marker: .run))
  func sessions(_ page: ManualPage) throws {
    let project = try SampleProject()
    var lines = page.lines
    var hasChanged = false
    // From the last to the first, so that line numbers still fit when a recording has another length.
    let sessions = page.blocks.filter { $0.marker == .run }
    var printed: [[String]] = []
    for block in sessions { printed.append(try project.play(block.lines)) }
    for (block, actual) in zip(sessions, printed).reversed() where !Mask.agree(block.lines, actual) {
      hasChanged = true
      lines.replaceSubrange(block.range, with: actual)
      if !SampleProject.isRecording {
        Issue.record(
          """
          \(page.path):\(block.firstLine) shows
          \(block.lines.joined(separator: "\n"))
          but this was printed
          \(actual.joined(separator: "\n"))
          """)
      }
    }
    if hasChanged, SampleProject.isRecording {
      try FileTree.write(lines.joined(separator: "\n"), to: "\(BuildProducts.repository)/\(page.path)")
      Issue.record("\(page.path) was recorded")
    }
  }

  @Test("The manual has examples of both kinds")
  func thereAreExamples() {
    #expect(ManualPage.all(marker: .check).count >= 3)
    #expect(ManualPage.all(marker: .run).contains { $0.path == "README.md" })
  }

  @Test("Masks hide times and hashes, and nothing else")
  func masks() {
    #expect(Mask.agree(["at 2026-11-02T05:00:00Z in 0.05 s"], ["at 2026-11-03T06:00:01.123Z in 12.0 s"]))
    #expect(!Mask.agree(["178 new"], ["177 new"]))
    #expect(!Mask.agree(["one"], ["one", "two"]))
  }
}

/// A page of the manual with its marked blocks.
struct ManualPage: Sendable, CustomTestStringConvertible {
  enum Marker: String { case check, run }

  struct Block: Sendable {
    var marker: Marker
    /// Number of the first line inside the fence, from 1.
    var firstLine: Int
    var lines: [String]
    /// Where the lines are in the page.
    var range: Range<Int> { firstLine - 1..<firstLine - 1 + lines.count }
  }

  /// Path from the repository's root.
  let path: String
  let lines: [String]
  let blocks: [Block]

  var testDescription: String { path }

  /// The two READMEs and all pages below `docs` that have a block with this marker.
  static func all(marker: Marker) -> [ManualPage] {
    let root = BuildProducts.repository
    let pages = FileTree.files(below: "\(root)/docs").filter { $0.hasSuffix(".md") }.map { "docs/\($0)" }
    return (["README.md", "samples/README.md"] + pages).compactMap { path in
      guard let text = try? FileTree.text("\(root)/\(path)") else { return nil }
      let page = ManualPage(path: path, text: text)
      return page.blocks.contains { $0.marker == marker } ? page : nil
    }
  }

  private init(path: String, text: String) {
    self.path = path
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var blocks: [Block] = []
    for (index, line) in lines.enumerated() where index + 1 < lines.count && lines[index + 1].hasPrefix("```") {
      let word = String(line.dropFirst(5).dropLast(4))
      guard line.hasPrefix("<!-- "), let marker = Marker(rawValue: word) else { continue }
      let content = lines[(index + 2)...].prefix { $0 != "```" }
      blocks.append(Block(marker: marker, firstLine: index + 3, lines: Array(content)))
    }
    self.blocks = blocks
  }
}

/// The sample project in a directory of its own, with an empty inbox.
private struct SampleProject {
  static let isRecording = ProcessInfo.processInfo.environment["RECORD"] != nil
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory("sluice-manual")
    let root = BuildProducts.repository
    try FileTree.write(try FileTree.read("\(root)/sluice.yaml"), to: directory("sluice.yaml"))
    try FileTree.copy("\(root)/samples", into: directory("samples"))
    try FileTree.makeDirectory(directory("inbox"))
  }

  /// Runs the commands of a session; the session as it went.
  func play(_ lines: [String]) throws -> [String] {
    var session: [String] = []
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    let binary = BuildProducts.sluice.split(separator: "/").dropLast().joined(separator: "/")
    for line in lines where line.hasPrefix("$ ") {
      session.append(line)
      let result = try RunningCommand(
        "/bin/bash", ["-c", "exec 2>&1\n\(line.dropFirst(2))"], in: directory.path,
        environment: ["PATH": "/\(binary):\(path)", "LC_ALL": "C.UTF-8"]
      ).wait()
      let output = result.output.replacing("|\(NSUserName())|", with: "|anna|")
        .replacing(" by \(NSUserName()): ", with: " by anna: ")
      var printed = output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      if printed.last == "" { printed.removeLast() }
      session += printed
    }
    return session
  }
}

/// What differs from run to run.
private enum Mask {
  /// Whether two sessions are the same but for what is masked.
  static func agree(_ shown: [String], _ printed: [String]) -> Bool { shown.map(apply) == printed.map(apply) }

  private static func apply(_ line: String) -> String {
    line.replacing(/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z/, with: "TIME")
      .replacing(/[0-9]{8}T[0-9]{6}Z/, with: "TIME")
      .replacing(/\ in [0-9.e-]+ s$/, with: " in N s")
      .replacing(/"seconds":[0-9.e-]+/, with: "\"seconds\":N")
      .replacing(/"peak_memory_bytes":[0-9]+/, with: "\"peak_memory_bytes\":N")
      .replacing(/[0-9a-f]{64}/, with: "HASH")
  }
}

/// Sections of a feed definition, by their top-level key.
private enum FeedSections {
  /// What an example that shows only some sections is completed with.
  private static let rest = """
    feed: example
    files: 'STOCK_{as_of:yyyyMMdd}.csv*'
    mode: full
    format: csv
    fields:
      sku: { from: SKU, required: true, max_length: 64 }
      source: { from: SOURCE, required: true }
      qty: { from: QTY, required: true, type: decimal(4) }
      price: { from: PRICE, type: decimal(2) }
      name: NAME
      name_de: NAME_DE
      colour: COLOUR
      active: { from: ACTIVE, type: boolean }
      website: { from: WEBSITE, default: All websites }
      tier: { from: TIER, default: ALL GROUPS }
      tier_from: { from: TIER_FROM, type: decimal(4), default: '1' }
      tier_price: { from: TIER_PRICE, type: decimal(2) }
    key: [{ sku: fold }, source]
    commerce:
      stock_sources:
        columns: { source_code: source, sku: sku, status: 'qty > 0 ? 1 : 0', quantity: qty }
    """

  /// A whole definition: the sections of the example, the others from `rest`.
  static func completed(_ lines: [String]) -> String {
    let example = split(lines)
    if example.contains(where: { $0.key == "feed" }) { return lines.joined(separator: "\n") + "\n" }
    let shown = Set(example.map(\.key))
    let isTargeted = !shown.isDisjoint(with: ["commerce", "bi", "edm"])
    let others = split(rest.split(separator: "\n").map(String.init)).filter {
      !shown.contains($0.key) && !($0.key == "commerce" && isTargeted)
    }
    return (others + example).flatMap(\.lines).joined(separator: "\n") + "\n"
  }

  private static func split(_ lines: [String]) -> [(key: String, lines: [String])] {
    var sections: [(key: String, lines: [String])] = []
    for line in lines {
      if let first = line.first, first.isLetter {
        sections.append((String(line.prefix { $0 != ":" }), [line]))
      } else if !sections.isEmpty {
        sections[sections.count - 1].lines.append(line)
      }
    }
    return sections
  }
}
