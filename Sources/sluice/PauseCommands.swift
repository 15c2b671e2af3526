import ArgumentParser
import Pipeline
import Streams

/// What `pause` and `resume` share: a feed and the reason, which goes into the ledger with the person.
struct PauseOptions: ParsableArguments {
  @Argument(help: "Name of the feed.")
  var feed: String

  @Option(help: ArgumentHelp("Why; it goes into the ledger.", valueName: "text"))
  var reason: String

  func validate() throws { try DecisionOptions.check(reason) }
}

/// `sluice pause`.
struct PauseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause",
    abstract: "Stop publishing a feed for a while.",
    discussion: """
      The feed's files stay where they are, in order, until `sluice resume`; other feeds go on. A drop that is being
      processed is not published any more and stays claimed.

      Example: sluice pause erp-inventory --reason "stock-taking, numbers are wrong until Monday"
      """)

  @OptionGroup var global: GlobalOptions
  @OptionGroup var pause: PauseOptions

  func run() throws { try pause.set(true, global) }
}

/// `sluice resume`.
struct ResumeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume",
    abstract: "Let a paused feed go on.",
    discussion: """
      What has come meanwhile is taken by the next run, in order.

      Example: sluice resume erp-inventory --reason "stock-taking is done"
      """)

  @OptionGroup var global: GlobalOptions
  @OptionGroup var pause: PauseOptions

  func run() throws { try pause.set(false, global) }
}

extension PauseOptions {
  /// Pauses or resumes the feed and says so.
  fileprivate func set(_ isPaused: Bool, _ global: GlobalOptions) throws {
    let (project, feeds) = try global.load()
    let at = try global.attempt { () throws(SluiceError) in
      try FeedPauses(project: project, feeds: feeds, options: global.runOptions())
        .set(isPaused, feed: feed, reason: reason)
    }
    let status = isPaused ? "paused" : "resumed"
    if global.json {
      try Console.json(["feed": feed, "status": status, "at": at])
    } else if !global.quiet {
      Console.line("\(feed): \(status)")
    }
  }
}
