import ArgumentParser
import Feeds
import Pipeline
import Streams

/// What `resync` and `revert` share: the reason, which goes into the ledger with the person.
struct RequestOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Why; it goes into the ledger.", valueName: "text"))
  var reason: String

  @Flag(name: .customLong("no-fsync"), help: "Do not wait for the disk: for tests and trials only.")
  var noFsync = false

  func validate() throws {
    if reason.allSatisfy(\.isWhitespace) { throw ValidationError("--reason must say why, an auditor will read it") }
  }

  /// Lets `body` answer the request and prints what came of it.
  func answer(
    _ global: GlobalOptions, _ body: (InboxRun, [FeedDefinition]) throws -> DropReport
  ) throws {
    let (project, feeds) = try global.load()
    var options = global.runOptions()
    options.isDurable = !noFsync
    let run = try global.attempt { [options] () throws(SluiceError) in
      try InboxRun(project: project, feeds: feeds, options: options)
    }
    let report = try body(run, feeds)
    try ReportPrinter(global).show(report)
    if report.isEnvironmentFailure { throw CommandExit.environment }
    if report.status.isTrouble { throw CommandExit.trouble }
  }
}

/// `sluice resync`.
struct ResyncCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resync",
    abstract: "Send a feed's whole current state again.",
    discussion: """
      For a receiver that has lost its data: every key goes to every target that keeps a state, as an update, and whole
      files are written anew. Change events and triggers do not fire; columns that are sent once only are left out.

      Example: sluice resync erp-inventory --reason "shop restored from Monday's backup"
      """)

  @OptionGroup var global: GlobalOptions
  @OptionGroup var request: RequestOptions

  @Argument(help: "The feed.")
  var feed: String

  func run() throws {
    try request.answer(global) { run, feeds in
      let feed = try FeedNames.feed(feed, in: feeds, named: "resync")
      return try global.attempt { () throws(SluiceError) in try run.resync(feed, reason: request.reason) }
    }
  }
}

/// `sluice revert`.
struct RevertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revert",
    abstract: "Publish the values from before a drop, for the keys that have not changed since.",
    discussion: """
      What the drop changed is changed back, what it brought is removed, what it removed comes back. Keys that a later
      drop has written stay as they are, and are counted. The next drop is compared with the values from before.

      Example: sluice revert 42 --reason "price list of the wrong season"
      """)

  @OptionGroup var global: GlobalOptions
  @OptionGroup var request: RequestOptions

  @Argument(help: ArgumentHelp("Number of the drop.", valueName: "id"))
  var drop: Int

  func run() throws {
    try request.answer(global) { run, _ in
      try global.attempt { () throws(SluiceError) in try run.revert(drop, reason: request.reason) }
    }
  }
}
