import Intake
import Ledger
import Outbox
import Streams

/// Writes a part of the ledger for an auditor: a CSV file for each view, and one page that shows them.
package struct LedgerExport {
  /// What was written.
  package struct Result: Encodable, Sendable {
    /// The directory.
    package var directory: String
    /// Rows of each view by its name.
    package var rows: [String: Int]
    /// The last entry of the chain when it was written, and its hash.
    package var entry: Int
    package var head: String
    /// Whether the chain holds.
    package var holds: Bool
  }

  private let ledger: Ledger
  private let period: ExportedPeriod

  /// An export of what happened in `period`.
  package init(ledger: Ledger, period: ExportedPeriod) {
    self.ledger = ledger
    self.period = period
  }

  /// Writes into the new directory `name`, which appears when everything is in it. Throws `file-exists`, and the errors
  /// of reading the ledger and of writing.
  package func write(to name: String) throws(SluiceError) -> Result {
    var directory = name
    while directory.count > 1, directory.hasSuffix("/") { directory.removeLast() }
    // What an interrupted export has left may as well be somebody's own.
    let staging = directory + ".part"
    for path in [directory, staging] where try FileSystem.status(of: path) != nil {
      throw SluiceError(
        .definition, "file-exists", file: DisplayName.escape(path), cause: "something of this name is there already",
        remedy: "name a directory that does not exist yet, or remove what an interrupted export has left")
    }
    try FileSystem.makeDirectories(staging)
    do throws(SluiceError) {
      let result = try fill(staging, shownAs: directory)
      try FileSystem.moveWithoutReplacing(staging, to: directory)
      return result
    } catch {
      try? Publisher.removeTree(staging)
      throw error
    }
  }

  private func fill(_ staging: String, shownAs directory: String) throws(SluiceError) -> Result {
    let head = try ledger.head()
    let broken = try ledger.verifyChain()
    let page = try OutputFile(path: staging + "/audit.html")
    let sink = ExportFiles(directory: staging, page: AuditPage(page))
    try sink.page.begin(
      title: "Sluice ledger, \(period.words)",
      facts: [
        ("period (UTC)", period.words), ("feed", period.feed ?? "all"),
        ("last entry", "\(head.entry) \(head.hash)"),
        ("hash chain", broken.map { "entry \($0.entry) does not hold: \($0.cause)" } ?? "holds"),
        ("written at", UTCTime.text(UTCTime.now())),
      ])
    try ledger.export(period, to: sink)
    try sink.finish()
    try sink.page.end()
    try page.finish()
    return Result(
      directory: directory, rows: sink.rows, entry: head.entry, head: head.hash, holds: broken == nil)
  }
}

/// Writes each view to its file, and its first rows to the page.
private final class ExportFiles: ExportSink {
  let page: AuditPage
  private(set) var rows: [String: Int] = [:]
  private let directory: String
  private let line = ByteArena(capacity: 1 << 12)
  private var current: (view: ExportedView, file: OutputFile, shown: [Int], count: Int)?

  init(directory: String, page: AuditPage) {
    self.directory = directory
    self.page = page
  }

  func begin(_ view: ExportedView, columns: [String]) throws(SluiceError) {
    try finish()
    let file = try OutputFile(path: "\(directory)/\(view.rawValue).csv")
    let shown = AuditPage.shownColumns(view).compactMap { columns.firstIndex(of: $0) }
    current = (view, file, shown, 0)
    try file.append(PeopleCSV.mark)
    try write(columns, to: file)
    try page.beginTable(view.rawValue, columns: shown.map { columns[$0] })
  }

  func row(_ values: [String?]) throws(SluiceError) {
    guard let (view, file, shown, count) = current else { return }
    try write(values, to: file)
    if count < AuditPage.mostRows { try page.row(shown.map { values[$0] }) }
    current = (view, file, shown, count + 1)
  }

  /// Ends the view begun last.
  func finish() throws(SluiceError) {
    guard let (view, file, _, count) = current else { return }
    current = nil
    try file.finish()
    rows[view.rawValue] = count
    try page.endTable(rows: count, file: "\(view.rawValue).csv")
  }

  private func write(_ values: [String?], to file: OutputFile) throws(SluiceError) {
    line.removeAll()
    PeopleCSV.append(values, to: line)
    try file.append(line.view)
  }
}
