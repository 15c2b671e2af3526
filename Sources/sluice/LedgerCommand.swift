import ArgumentParser
import Feeds
import Foundation
import Ledger
import Streams

/// `sluice ledger`.
struct LedgerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ledger",
    abstract: "Read the record of drops, decisions and outputs.",
    discussion: """
      Examples:
        sluice ledger list
        sluice ledger show 42
        sluice ledger verify
      """,
    subcommands: [
      LedgerListCommand.self, LedgerShowCommand.self, LedgerWhyCommand.self, LedgerVerifyCommand.self,
      LedgerExportCommand.self,
    ])
}

/// `sluice ledger list`.
struct LedgerListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Drops, newest first.", discussion: "Example: sluice ledger list --limit 20")

  @OptionGroup var global: GlobalOptions

  @Option(help: ArgumentHelp("At most so many drops.", valueName: "n"))
  var limit = 50

  @Option(help: ArgumentHelp("Only drops of this feed.", valueName: "name"))
  var feed: String?

  func run() throws {
    let drops = try global.attempt { () throws(SluiceError) in
      try global.openLedger().drops(feed: feed, limit: limit)
    }
    if global.json {
      for drop in drops { try Console.json(DropRecord(drop)) }
      return
    }
    var table = TextTable(
      ["DROP", "FILE", "FEED", "MODE", "STATUS", "PUBLICATION", "READ", "REJECTED", "ACCEPTED", "SINCE", "REASON"])
    for drop in drops {
      table.add([
        String(drop.claim.drop), drop.claim.file.file, drop.claim.file.feed, drop.claim.file.mode,
        drop.status.rawValue, drop.publication.map(String.init) ?? "-", drop.totals.map { String($0.read) } ?? "-",
        drop.totals.map { String($0.rejected) } ?? "-", drop.totals.map { String($0.accepted) } ?? "-", drop.since,
        drop.reason ?? "",
      ])
    }
    for line in table.lines { Console.line(line) }
  }
}

/// `sluice ledger show`.
struct LedgerShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "One drop: counts, outputs, rejects and its entries in the chain.",
    discussion: "Example: sluice ledger show 42")

  @OptionGroup var global: GlobalOptions

  @Argument(help: ArgumentHelp("Number of the drop.", valueName: "id"))
  var drop: Int

  func run() throws {
    let detail = try global.attempt { () throws(SluiceError) in
      guard let detail = try global.openLedger().drop(drop) else {
        throw SluiceError(
          .definition, "drop-unknown", value: String(drop), cause: "the ledger has no drop of this number",
          remedy: "look it up with `sluice ledger list`")
      }
      return detail
    }
    if global.json { return try Console.json(DropRecord(detail)) }
    show(detail)
  }

  private func show(_ detail: DropDetail) {
    let drop = detail.summary
    Console.line("drop \(drop.claim.drop): \(drop.claim.file.file) [\(drop.claim.file.feed), \(drop.claim.file.mode)]")
    if let parent = drop.claim.file.parent { Console.line("  corrected rejects of drop \(parent)") }
    Console.line("  status \(drop.status.rawValue) since \(drop.since)\(drop.reason.map { " (\($0))" } ?? "")")
    if let message = drop.message { Console.line("  \(message)") }
    Console.line("  claimed at \(drop.claim.claimedAt), speaks for \(drop.claim.effectiveAsOf)")
    if let retry = drop.claim.file.retry {
      Console.line("  takes drop \(retry.drop) again, by \(retry.decision.person): \(retry.decision.reason)")
    }
    for again in detail.retriedBy { Console.line("  taken again as drop \(again)") }
    if let totals = drop.totals {
      Console.line(
        "  read \(totals.read), rejected \(totals.rejected), superseded \(totals.superseded), accepted "
          + "\(totals.accepted)")
      if let hash = totals.sha256 { Console.line("  sha256 \(hash)") }
      if let hash = totals.contentSHA256 { Console.line("  content sha256 \(hash)") }
    }
    for counts in detail.counts { Console.line("  \(counts.target): \(DropRecord.Target(counts).summary)") }
    for output in detail.outputs {
      Console.line("  output \(output.path) (\(output.rows) rows, \(output.bytes) bytes, sha256 \(output.sha256))")
    }
    for reject in detail.rejects.prefix(20) {
      Console.line("  reject line \(reject.line): \(reject.field ?? "row"): \(reject.message) (\(reject.rule))")
    }
    if detail.rejects.count > 20 {
      Console.line("  and \(detail.rejects.count - 20) more rejects, see the reject file")
    }
    for entry in detail.entries { Console.line("  entry \(entry.id) \(entry.at) \(entry.kind.rawValue) \(entry.hash)") }
  }
}

extension GlobalOptions {
  /// The project's ledger, for reading.
  func openLedger() throws(SluiceError) -> Ledger {
    let project = try ProjectLoader.load(directory: project)
    return try Ledger.open(path: project.resolve(project.ledger), mode: .readOnly)
  }
}
