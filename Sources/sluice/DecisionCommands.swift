import ArgumentParser
import Feeds
import Pipeline
import Streams

/// What `release` and `discard` share: a drop and the reason, which goes into the ledger with the person.
struct DecisionOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("Number of the held drop.", valueName: "id"))
  var drop: Int

  @Option(help: ArgumentHelp("Why; it goes into the ledger.", valueName: "text"))
  var reason: String

  func validate() throws { try Self.check(reason) }

  /// Refuses a reason that says nothing.
  static func check(_ reason: String) throws {
    if reason.allSatisfy(\.isWhitespace) { throw ValidationError("--reason must say why, an auditor will read it") }
  }
}

/// `sluice release`.
struct ReleaseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "release",
    abstract: "Publish a held drop.",
    discussion: """
      Publishes exactly the bytes that were staged when the drop was held. When the feed has moved on since, nothing is
      published: the drop is staged anew, stays held (snapshot-moved) and shows its new counts.

      With --without-removals the drop is staged anew without the removals of the keys that it does not hold, and
      published so. With --rebase the guard shrink takes its number of keys for what the feed has from now on.

      Example: sluice release 42 --reason "season change, confirmed by purchasing"
      """)

  @OptionGroup var global: GlobalOptions
  @OptionGroup var decision: DecisionOptions

  @Flag(help: "Keep the keys that the drop does not hold.")
  var withoutRemovals = false

  @Flag(help: "Let the guard shrink begin anew with this drop.")
  var rebase = false

  func run() throws {
    let (project, feeds) = try global.load()
    let report = try global.attempt { () throws(SluiceError) in
      try HeldDrops(project: project, feeds: feeds, options: global.runOptions())
        .release(
          decision.drop, reason: decision.reason, keepsRemoved: withoutRemovals, isRebased: rebase)
    }
    try ReportPrinter(global).show(report)
    if report.status.isTrouble { throw CommandExit.trouble }
  }
}

/// `sluice discard`.
struct DiscardCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "discard",
    abstract: "Drop a held drop: its file goes to the archive, nothing is published.",
    discussion: """
      Example: sluice discard 42 --reason "truncated export, a new one was sent"
      """)

  @OptionGroup var global: GlobalOptions
  @OptionGroup var decision: DecisionOptions

  func run() throws {
    let (project, feeds) = try global.load()
    try global.attempt { () throws(SluiceError) in
      try HeldDrops(project: project, feeds: feeds, options: global.runOptions())
        .discard(decision.drop, reason: decision.reason)
    }
    if global.json {
      try Console.json(["drop": String(decision.drop), "status": "discarded"])
    } else if !global.quiet {
      Console.line("drop \(decision.drop): discarded")
    }
  }
}
