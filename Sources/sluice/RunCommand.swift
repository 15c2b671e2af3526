import ArgumentParser
import Feeds
import Pipeline
import Streams

/// `sluice run`.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Process every ready drop, or just the files named, once.",
    discussion: """
      A file outside the inbox is copied into it first. A file named here that is not published makes the exit status 1.

      Examples:
        sluice run
        sluice run --feed erp-inventory --json
        sluice run /tmp/INV_20261123.csv --dry-run
      """)

  @OptionGroup var global: GlobalOptions
  @OptionGroup var processing: ProcessingOptions

  @Argument(help: "Files to process; without any, everything that is ready in the inbox.")
  var files: [String] = []

  func run() throws {
    let (project, feeds) = try global.load()
    var options = try processing.apply(to: global.runOptions(), feeds: feeds)
    let progress = ProgressLine(global)
    progress.attach(to: &options)
    let printer = ReportPrinter(global)
    // Told as they come: what was published is known, whatever ends the run.
    let tell: (DropReport) throws(SluiceError) -> Void = { (report) throws(SluiceError) in
      progress.clear()
      try printer.report(report, isDryRun: processing.dryRun)
    }
    let reports = try global.attempt { () throws(SluiceError) -> [DropReport] in
      let wait: (Double) -> Void = { seconds in
        progress.note("waiting \(Int(seconds.rounded(.up))) s until the inbox is quiet")
      }
      if processing.dryRun {
        return try DryRun(project: project, feeds: feeds, options: options).run(
          files: files, willWait: wait, tell: tell)
      }
      return try InboxRun(project: project, feeds: feeds, options: options).run(
        files: files, willWait: wait, tell: tell)
    }
    progress.clear()
    if reports.isEmpty, !global.quiet, !global.json {
      Console.error("nothing to do: no file in \(project.inbox) is ready")
    }
    if reports.contains(where: \.isEnvironmentFailure) { throw CommandExit.environment }
    let wanted = Set(files)
    let isUnpublished = !wanted.isEmpty && reports.contains { $0.status != .published && $0.status != .unchanged }
    if isUnpublished || reports.contains(where: { $0.status.isTrouble }) { throw CommandExit.trouble }
  }
}

/// Options of `run` and `watch`.
struct ProcessingOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Only this feed.", valueName: "name"))
  var feed: String?

  @Flag(name: .customLong("dry-run"), help: "Show what would happen; nothing is written and no number is used.")
  var dryRun = false

  @Flag(help: "Process content that was published before.")
  var force = false

  @OptionGroup var clock: ClockOption

  @Flag(name: .customLong("no-fsync"), help: "Do not wait for the disk: for tests and trials only.")
  var noFsync = false

  func apply(to options: RunOptions, feeds: [FeedDefinition]) throws -> RunOptions {
    var options = options
    if let feed { _ = try FeedNames.feed(feed, in: feeds, named: "--feed") }
    options.feed = feed
    options.isForced = force
    options.isDurable = !noFsync
    if let seconds = try clock.seconds() { options.now = seconds }
    return options
  }
}
