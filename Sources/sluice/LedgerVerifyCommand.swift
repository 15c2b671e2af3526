import ArgumentParser
import Feeds
import Ledger
import Pipeline
import Streams

/// `sluice ledger verify`.
struct LedgerVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check the hash chain, and the files that it names.",
    discussion: """
      Reads every entry, and every file of outbox and archive that is still there. The exit status is 1 when anything is
      not as it was recorded.

      Examples:
        sluice ledger verify
        sluice ledger verify --head 5b1c… --chain-only
      """)

  @OptionGroup var global: GlobalOptions

  @Option(help: ArgumentHelp("Hash of an entry that the chain has to have, noted down earlier.", valueName: "hash"))
  var head: String?

  @Flag(name: .customLong("chain-only"), help: "Do not read the files.")
  var chainOnly = false

  func run() throws {
    let result = try global.attempt { () throws(SluiceError) in
      let project = try ProjectLoader.load(directory: global.project)
      var audit = try LedgerAudit(ledger: try global.openLedger(), places: Places(project))
      return try audit.run(head: head, chainOnly: chainOnly)
    }
    if global.json {
      try Console.json(result)
    } else {
      for finding in result.findings {
        Console.line((finding.path.map { "\($0): " } ?? "") + finding.message)
      }
      if !global.quiet { Console.line(summary(result)) }
    }
    if !result.findings.isEmpty { throw CommandExit.trouble }
  }

  private func summary(_ result: LedgerAudit.Result) -> String {
    let hasBreak = result.findings.contains { $0.kind == "chain" }
    var text = "\(result.entries) entries\(hasBreak ? "" : " hold"), the last hash is \(result.head)"
    if !chainOnly {
      text +=
        "\n\(result.compared) files compared, \(result.taken) outputs taken, \(result.missing) drops not in the archive"
    }
    return text
  }
}
