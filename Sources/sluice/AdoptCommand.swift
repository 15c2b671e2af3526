import ArgumentParser
import Pipeline
import Streams

/// `sluice adopt`.
struct AdoptCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "adopt",
    abstract: "Take a file into the snapshot without output, to go live.",
    discussion: """
      For the day on which the receivers have everything already: what the file says is taken for sent, and the next
      drops send only what differs from it. A file outside the inbox stays where it is.

      Example: sluice adopt /exports/PRODUCTS_20261101.csv --reason "go-live, imported by the agency"
      """)

  @OptionGroup var global: GlobalOptions

  @Argument(help: "The file, whose name tells the feed.")
  var file: String

  @Option(help: ArgumentHelp("Why; it goes into the ledger.", valueName: "text"))
  var reason = "the receivers have what the file says"

  @Flag(name: .customLong("no-fsync"), help: "Do not wait for the disk: for tests and trials only.")
  var noFsync = false

  func run() throws {
    let (project, feeds) = try global.load()
    var options = global.runOptions()
    options.isDurable = !noFsync
    let report = try global.attempt { [options] () throws(SluiceError) in
      try InboxRun(project: project, feeds: feeds, options: options).adopt(file, reason: reason)
    }
    try ReportPrinter(global).show(report)
    if report.isEnvironmentFailure { throw CommandExit.environment }
    if report.status != .unchanged { throw CommandExit.trouble }
  }
}
