import ArgumentParser
import Pipeline

/// The command line.
@main
struct Sluice: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sluice",
    abstract: "Takes dropped files whole, and sends on only what changed.",
    discussion: """
      Sluice works on a project: a directory with sluice.yaml, feed definitions and an inbox. Every drop goes through
      validate, map and diff; what changed appears in the outbox, and everything is recorded in the ledger.

      Exit statuses: 0 everything ready was published or there was nothing to do; 1 a drop was held, quarantined or
      failed; 2 the command line or a definition is wrong, nothing was touched; 3 the environment failed, nothing
      half-done is left.

      Example: sluice run --project /srv/shop
      """,
    version: "sluice \(BinaryVersion.text)",
    subcommands: [
      RunCommand.self, WatchCommand.self, InitCommand.self, CheckCommand.self, TestCommand.self,
      PreviewCommand.self,
      StatusCommand.self, ReleaseCommand.self, DiscardCommand.self, PauseCommand.self, ResumeCommand.self,
      RetryCommand.self, AdoptCommand.self, ResyncCommand.self, ResendCommand.self, RevertCommand.self,
      ReplayCommand.self, SnapshotCommand.self, LedgerCommand.self,
    ])

  /// Runs the command and leaves with one of the documented exit statuses.
  static func main() {
    ProcessMemoryRules.apply()
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let status as CommandExit {
      exit(withError: ExitCode(status.rawValue))
    } catch {
      let status = exitCode(for: error)
      if status == .success { exit(withError: error) }
      Console.error(fullMessage(for: error))
      exit(withError: ExitCode(CommandExit.definition.rawValue))
    }
  }
}

/// How a command ends other than with 0.
enum CommandExit: Int32, Error {
  /// A drop was held, quarantined or failed.
  case trouble = 1
  /// The command line, `sluice.yaml` or a definition is wrong.
  case definition = 2
  /// The environment failed.
  case environment = 3
}
