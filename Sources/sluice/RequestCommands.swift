import ArgumentParser
import Feeds
import Pipeline
import Streams

/// What requests share.
struct RequestOptions: ParsableArguments {
  @Flag(name: .customLong("no-fsync"), help: "Do not wait for the disk: for tests and trials only.")
  var noFsync = false

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

/// `--reason` of what only sends again.
struct OptionalReason: ParsableArguments {
  @Option(help: ArgumentHelp("Why; it goes into the ledger.", valueName: "text"))
  var reason = "the receiver needs it again"
}

/// `sluice resync`.
struct ResyncCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resync",
    abstract: "Send a feed's whole current state again.",
    discussion: """
      For a receiver that has lost its data: every key goes to every target that keeps a state, as an update, and whole
      files are written anew. Change events and triggers do not fire; columns that are sent once only are left out. Keys
      that are gone are not told again.

      Example: sluice resync erp-inventory --reason "shop restored from last night's backup"
      """)

  @OptionGroup var global: GlobalOptions
  @OptionGroup var request: RequestOptions
  @OptionGroup var why: OptionalReason

  @Argument(help: "The feed.")
  var feed: String

  func run() throws {
    try request.answer(global) { run, feeds in
      let feed = try FeedNames.feed(feed, in: feeds, named: "resync")
      return try global.attempt { () throws(SluiceError) in try run.resync(feed, reason: why.reason) }
    }
  }
}

/// `sluice resend`.
struct ResendCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resend",
    abstract: "Send the current rows of an output's keys again.",
    discussion: """
      For an output that got lost, or of which the consumer has refused rows. --rows names a table with the columns that
      name a row (sku, source_code …), such as rows cut out of the output. What is sent are the values of now; a key
      that is gone since is not sent.

      Example: sluice resend 00000031-20-20261123T021500Z-erp.stock_sources.append.csv --rows refused.csv \
        --reason "source was not assigned"
      """)

  @OptionGroup var global: GlobalOptions
  @OptionGroup var request: RequestOptions
  @OptionGroup var why: OptionalReason

  @Argument(help: "The output's path or name.")
  var output: String

  @Option(help: ArgumentHelp("A table of the rows that are wanted.", valueName: "csv"))
  var rows: String?

  func run() throws {
    try request.answer(global) { run, _ in
      try global.attempt { () throws(SluiceError) in
        try run.resend(output, rows: rows, reason: why.reason)
      }
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

  @Option(help: ArgumentHelp("Why; it goes into the ledger.", valueName: "text"))
  var reason: String

  func validate() throws {
    if reason.allSatisfy(\.isWhitespace) { throw ValidationError("--reason must say why, an auditor will read it") }
  }

  func run() throws {
    try request.answer(global) { run, _ in
      try global.attempt { () throws(SluiceError) in try run.revert(drop, reason: reason) }
    }
  }
}
