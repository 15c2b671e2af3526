import ArgumentParser
import Logging
import Pipeline
import Service
import Streams

/// `sluice watch`.
struct WatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Keep polling the inbox and process drops as they become ready.",
    discussion: """
      SIGTERM and SIGINT let the current drop finish, then end the command with 0.

      Example: sluice watch --project /srv/shop --json
      """)

  @OptionGroup var global: GlobalOptions
  @OptionGroup var processing: ProcessingOptions

  func run() throws {
    let (project, feeds) = try global.load()
    guard !processing.dryRun else {
      Console.error("--dry-run goes with `sluice run`, not with `watch`")
      throw CommandExit.definition
    }
    let options = try processing.apply(to: global.runOptions(), feeds: feeds)
    var logger = Logger(label: "sluice") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = global.quiet ? .error : global.verbose ? .debug : .info
    let printer = ReportPrinter(global)
    try global.attempt { () throws(SluiceError) in
      try Watch(project: project, feeds: feeds, options: options, logger: logger).run { (report) throws(SluiceError) in
        try printer.report(report)
      }
    }
  }
}
