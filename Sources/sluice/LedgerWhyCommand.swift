import ArgumentParser
import Feeds
import Ledger
import Pipeline
import Streams

/// `sluice ledger why`.
struct LedgerWhyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why",
    abstract: "Why a key has its values: every drop that changed it, with old and new values.",
    discussion: """
      A key of several parts is written part by part; with the leading parts alone, the keys that have them are listed.
      Fields marked sensitive are masked. Writes nothing and takes no lock.

      Examples:
        sluice ledger why WW-1001 1000
        sluice ledger why WW-1001 1000 --field qty --limit 5
      """)

  @OptionGroup var global: GlobalOptions

  @Argument(help: "The parts of the key, in the order of the definition.")
  var key: [String]

  @Option(help: ArgumentHelp("The feed, when several have the key.", valueName: "name"))
  var feed: String?

  @Option(help: ArgumentHelp("Only changes of this column, or of columns made of this field.", valueName: "name"))
  var field: String?

  @Option(help: ArgumentHelp("How many drops, newest first.", valueName: "n"))
  var limit = 20

  /// Keys that are listed when a key is not given whole.
  private static let mostKeys = 20

  func validate() throws {
    if limit < 1 { throw ValidationError("--limit takes a number of at least 1") }
    if key.contains(where: \.isEmpty) { throw ValidationError("no part of a key is empty") }
  }

  func run() throws {
    let (project, feeds) = try global.load()
    let asked = try feed.map { [try FeedNames.feed($0, in: feeds, named: "--feed")] } ?? feeds
    try global.attempt { () throws(SluiceError) in
      let ledger = try global.openLedger()
      var isFound = false
      for feed in asked where key.count <= feed.key.count {
        let history = try KeyHistory(project: project, feeds: [feed], ledger: ledger)
        let keys = try history.keys(key, limit: Self.mostKeys + 1)
        guard let first = keys.first else { continue }
        isFound = true
        if key.count < feed.key.count { try list(keys, feed) } else { try show(first, feed, history) }
      }
      guard isFound else { throw unknown(asked) }
    }
  }

  private func list(_ keys: [FoundKey], _ feed: FeedDefinition) throws(SluiceError) {
    if global.json {
      for key in keys { try Console.printing { try Console.json(key) } }
      return
    }
    let names = feed.key.map { feed.fields[$0.field].name }.joined(separator: ", ")
    Console.line("\(feed.name): keys are made of \(names); these begin so:")
    for key in keys.prefix(Self.mostKeys) {
      Console.line("  \(key.key.map(TerminalText.visible).joined(separator: " "))\(key.isLive ? "" : "  (removed)")")
    }
    if keys.count > Self.mostKeys { Console.line("  and more") }
  }

  private func show(
    _ found: FoundKey, _ feed: FeedDefinition, _ history: KeyHistory
  ) throws(SluiceError) {
    let versions = try history.versions(key, field: field, limit: limit)
    if global.json {
      for version in versions { try Console.printing { try Console.json(Shown(key: found, version: version)) } }
      return
    }
    let title = found.key.map(TerminalText.visible).joined(separator: " ")
    Console.line("\(title) [\(feed.name)]: \(found.isLive ? "live" : "removed")")
    for version in versions { show(version) }
    if versions.isEmpty, let field { Console.line("  no drop that is still known changed \(field)") }
  }

  private func show(_ version: KeyVersion) {
    let line = version.line > 0 ? " line \(version.line)" : ""
    Console.line("")
    Console.line(
      "drop \(version.drop): \(TerminalText.visible(version.file))\(line) [\(version.mode)], \(words(version))")
    let sent = version.publication.map { "publication \($0)" } ?? "nothing sent"
    Console.line("  \(sent) at \(version.at), speaks for \(version.asOf)")
    if let definition = version.definition { Console.line("  definition \(definition)") }
    for change in version.changes {
      Console.line("  \(change.columns.joined(separator: ", ")): \(text(change.old)) → \(text(change.new))")
    }
    for path in version.outputs { Console.line("  in \(path)") }
  }

  private func words(_ version: KeyVersion) -> String {
    switch version.kind {
    case .added: "which brought it"
    case .changed: "which changed it"
    case .repeated: "which changed nothing that is sent"
    case .removed: "which took it away"
    case .oldest: "the oldest that is known: the lineage of the drop before is no longer there"
    }
  }

  private func text(_ value: String?) -> String { value.map(TerminalText.beginning) ?? "-" }

  private func unknown(_ feeds: [FeedDefinition]) -> SluiceError {
    SluiceError(
      .definition, "key-unknown", value: key.joined(separator: " "),
      cause: "no feed has published this key" + (feeds.count == 1 ? " (\(feeds[0].name))" : ""),
      remedy: "write it as the outputs have it, part by part in the order of the feed's `key`")
  }

  /// A version as `--json` prints it.
  private struct Shown: Encodable {
    var key: FoundKey
    var version: KeyVersion

    private enum CodingKeys: String, CodingKey { case feed, key }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(key.feed, forKey: .feed)
      try container.encode(key.key, forKey: .key)
      try version.encode(to: encoder)
    }
  }
}
