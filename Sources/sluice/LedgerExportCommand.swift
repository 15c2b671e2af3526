import ArgumentParser
import Feeds
import Ledger
import Pipeline
import Streams

/// `sluice ledger export`.
struct LedgerExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a part of the ledger for an auditor: CSV files, and one page.",
    discussion: """
      A new directory gets drops.csv, outputs.csv, rejects.csv, decisions.csv, entries.csv and audit.html, which needs
      nothing beside itself. Days are UTC and inclusive. The exit status is 1 when the hash chain does not hold.

      Example: sluice ledger export --into audit-november --from 2026-11-01 --to 2026-11-30
      """)

  @OptionGroup var global: GlobalOptions

  @Option(help: ArgumentHelp("The directory to make.", valueName: "dir"))
  var into: String

  @Option(
    help: ArgumentHelp(
      "The first day, such as 2026-11-01; all from the beginning when it is left out.", valueName: "day"))
  var from: String?

  @Option(help: ArgumentHelp("The last day; up to now when it is left out.", valueName: "day"))
  var to: String?

  @Option(help: ArgumentHelp("Only what belongs to this feed.", valueName: "name"))
  var feed: String?

  func run() throws {
    let first = try from.map { try day($0, named: "--from") }
    let last = try to.map { try day($0, named: "--to") }
    if let first, let last, last < first {
      Console.error("--to: \(to ?? "") is before \(from ?? ""); the days are given in order")
      throw CommandExit.definition
    }
    let period = ExportedPeriod(
      from: first.map(UTCTime.text), before: last.map { UTCTime.text($0 + 86_400) }, feed: feed)
    let result = try global.attempt { () throws(SluiceError) in
      try LedgerExport(ledger: try global.openLedger(), period: period).write(to: into)
    }
    if global.json {
      try Console.json(result)
    } else if !global.quiet {
      let rows = ExportedView.allCases.map { "\(result.rows[$0.rawValue] ?? 0) \($0.rawValue)" }
      Console.line("\(result.directory): \(rows.joined(separator: ", "))")
      Console.line("the chain \(result.holds ? "holds" : "does not hold") up to entry \(result.entry) \(result.head)")
    }
    if !result.holds { throw CommandExit.trouble }
  }

  private func day(_ text: String, named option: String) throws -> Int {
    guard text.utf8.count == 10, let seconds = UTCTime.seconds(text + "T00:00:00Z") else {
      Console.error("\(option): \(text) is no day; write it as 2026-11-30")
      throw CommandExit.definition
    }
    return seconds
  }
}
