import Pipeline
import Streams

/// Shows what became of a drop: for machines or for people.
struct ReportPrinter {
  private let options: GlobalOptions

  init(_ options: GlobalOptions) { self.options = options }

  func show(_ report: DropReport, isDryRun: Bool = false) throws {
    if options.json { return try Console.json(report) }
    guard !options.quiet else {
      if report.status.isTrouble { Console.error(headline(report)) }
      return
    }
    Console.line((isDryRun ? "(dry run) " : "") + headline(report))
    if let message = report.message { Console.line("  " + message) }
    guard let counts = report.counts else { return }
    Console.line(
      "  read \(counts.read), rejected \(counts.rejected), superseded \(counts.superseded), accepted \(counts.accepted)"
        + " in \(rounded(report.seconds)) s")
    for target in report.targets {
      Console.line("  \(target.target): \(summary(target))")
      for file in target.files { Console.line("    \(file.path) (\(file.rows) rows)") }
    }
    if let rejects = report.rejects { Console.line("  rejects: \(rejects)") }
  }

  /// `show` for callers whose errors are typed: what can not be printed is an error of the environment.
  func report(_ report: DropReport, isDryRun: Bool = false) throws(SluiceError) {
    try Console.printing { try show(report, isDryRun: isDryRun) }
  }

  private func headline(_ report: DropReport) -> String {
    var text = report.file
    if let feed = report.feed { text += " [\(feed)\(report.mode.map { ", \($0)" } ?? "")]" }
    text += ": \(report.status.rawValue)"
    if let publication = report.publication { text += " as publication \(publication)" }
    if let drop = report.drop { text += ", drop \(drop)" }
    if let reason = report.reason { text += " (\(reason))" }
    return text
  }

  private func summary(_ target: DropReport.Target) -> String {
    if let events = target.events { return "fired \(events.fired), skipped \(events.skipped)" }
    guard let counts = target.counts else { return "" }
    let parts = [
      ("new", counts.new), ("changed", counts.changed), ("returned", counts.returned),
      ("unchanged", counts.unchanged), ("newer", counts.newer), ("withdrawn", counts.withdrawn),
      ("skipped", counts.skipped), ("removed", counts.removed),
    ]
    let shown = parts.filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }
    return shown.isEmpty ? "nothing" : shown.joined(separator: ", ")
  }

  private func rounded(_ seconds: Double) -> String { String((seconds * 100).rounded() / 100) }
}
