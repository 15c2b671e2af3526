import ArgumentParser
import Pipeline
import Streams

/// `sluice retry`.
struct RetryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry",
    abstract: "Take a quarantined or failed drop again.",
    discussion: """
      Its file is taken from the quarantine, or from the inbox after a failure, under a new drop number and processed
      with today's definitions: for a drop that a wrong definition or a full disk has stopped. What it holds may have
      been published before. A file that is damaged itself has to be sent again.

      Example: sluice retry 42 --reason "the column is called ARTNO now, definition corrected"
      """)

  @OptionGroup var global: GlobalOptions

  @Argument(help: ArgumentHelp("Number of the quarantined or failed drop.", valueName: "id"))
  var drop: Int

  @Option(help: ArgumentHelp("Why; it goes into the ledger.", valueName: "text"))
  var reason = "taken again"

  func validate() throws { try DecisionOptions.check(reason) }

  func run() throws {
    let (project, feeds) = try global.load()
    let report = try global.attempt { () throws(SluiceError) in
      try InboxRun(project: project, feeds: feeds, options: global.runOptions()).retry(drop, reason: reason)
    }
    try ReportPrinter(global).show(report)
    if report.isEnvironmentFailure { throw CommandExit.environment }
    if report.status != .published, report.status != .unchanged { throw CommandExit.trouble }
  }
}
