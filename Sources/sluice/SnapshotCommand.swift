import ArgumentParser
import Pipeline
import Streams

/// `sluice snapshot`.
struct SnapshotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "snapshot",
    abstract: "Repair what Sluice remembers of what it has sent.",
    discussion: "Example: sluice snapshot rebuild erp-inventory",
    subcommands: [SnapshotRebuildCommand.self])
}

/// `sluice snapshot rebuild`.
struct SnapshotRebuildCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rebuild",
    abstract: "Make a damaged or lost snapshot again from the archive.",
    discussion: """
      Processes the feed's drops of the archive once more, each with the definition of its day, without any output, and
      checks file hashes and numbers of keys against the ledger. Other commands wait meanwhile.

      Example: sluice snapshot rebuild erp-inventory --reason "disk error, see ticket 4711"
      """)

  @OptionGroup var global: GlobalOptions

  @Argument(help: "Name of the feed.")
  var feed: String

  @Option(help: ArgumentHelp("Why; it goes into the ledger.", valueName: "text"))
  var reason = "the snapshot was damaged or lost"

  func validate() throws { try DecisionOptions.check(reason) }

  func run() throws {
    let (project, feeds) = try global.load()
    var options = global.runOptions()
    let progress = ProgressLine(global)
    progress.attach(to: &options)
    let result = try global.attempt { [options] () throws(SluiceError) in
      defer { progress.clear() }
      return try SnapshotRebuild(project: project, feeds: feeds, options: options).rebuild(feed, reason: reason)
    }
    if global.json { return try Console.json(result) }
    guard !global.quiet else { return }
    Console.line("\(result.feed): \(result.keys) keys, made from \(result.drops) drops of the archive")
    guard result.isPartial else { return }
    Console.line(
      "  drops before drop \(result.from) are not in the archive: keys that had been removed by then count as new when "
        + "they return")
  }
}
