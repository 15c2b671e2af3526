import ArgumentParser
import Feeds
import Pipeline
import Streams

/// `sluice preview`.
struct PreviewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "preview",
    abstract: "Show the first rows of a file after each stage, side by side.",
    discussion: """
      As read, after validation, and as each target would get it, compared with what was published last. Writes nothing,
      takes no lock and uses no number; the file may lie anywhere. Fields marked sensitive are masked.

      Examples:
        sluice preview /tmp/INV_FULL_20261123.csv.gz
        sluice preview export.csv --feed erp-inventory --rows 2 --json
      """)

  @OptionGroup var global: GlobalOptions
  @OptionGroup var clock: ClockOption

  @Argument(help: "The file.")
  var file: String

  @Option(help: ArgumentHelp("How many rows.", valueName: "n"))
  var rows = 5

  @Option(help: ArgumentHelp("The feed that the file is read by, when its name does not say.", valueName: "name"))
  var feed: String?

  func validate() throws {
    if rows < 1 { throw ValidationError("--rows takes a number of at least 1") }
  }

  func run() throws {
    let (project, feeds) = try global.load()
    let chosen = try feed.map { try FeedNames.feed($0, in: feeds, named: "--feed") }
    let now = try clock.seconds() ?? UTCTime.now()
    try global.attempt { () throws(SluiceError) in
      let preview = try RowPreview(path: file, feed: chosen, feeds: feeds, project: project, now: now)
      try Console.printing { try showHead(preview) }
      var count = 0
      try preview.rows(rows) { (row) throws(SluiceError) in
        count += 1
        try Console.printing { try show(row, of: preview) }
      }
      if count == 0, !global.json, !global.quiet { Console.line("no rows") }
    }
  }

  private func showHead(_ preview: RowPreview) throws {
    guard !global.json, !global.quiet else { return }
    let compared = preview.publication.map { "compared with publication \($0)" } ?? "nothing published yet"
    Console.line("\(preview.file) [\(preview.feed), \(preview.mode)], \(compared)")
  }

  private func show(_ row: PreviewRow, of preview: RowPreview) throws {
    if global.json { return try Console.json(Shown(file: preview.file, feed: preview.feed, row: row)) }
    guard !global.quiet else { return }
    Console.line("")
    for line in PreviewPrinter().lines(row) { Console.line(line) }
  }

  /// A row with the file that it stands in.
  private struct Shown: Encodable {
    var file: String
    var feed: String
    var row: PreviewRow

    private enum Key: String, CodingKey { case file, feed }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(file, forKey: .file)
      try container.encode(feed, forKey: .feed)
      try row.encode(to: encoder)
    }
  }
}
