import Ledger

/// A drop as `ledger list --json` and `ledger show --json` print it.
struct DropRecord: Encodable {
  var drop: Int
  var file: String
  var feed: String
  var mode: String
  var status: String
  var since: String
  var reason: String?
  var message: String?
  var publication: Int?
  /// The drop whose corrected rejects it holds.
  var parent: Int?
  var asOf: String
  var claimedAt: String
  var read: Int?
  var rejected: Int?
  var superseded: Int?
  var accepted: Int?
  var sha256: String?
  var contentSha256: String?
  /// The earlier drop that this one took again, and the later ones that took this one again.
  var retries: Int?
  var retriedBy: [Int]?
  var targets: [Target]?
  var outputs: [Output]?
  var rejects: [Reject]?
  var entries: [ChainEntry]?

  struct Target: Encodable {
    var target: String
    var counts: [String: Int]

    init(_ counts: LedgerCounts) {
      target = counts.target
      self.counts = [
        "new": counts.new, "changed": counts.changed, "returned": counts.returned, "unchanged": counts.unchanged,
        "newer": counts.newer, "withdrawn": counts.withdrawn, "skipped": counts.skipped, "parked": counts.parked,
        "removed": counts.removed, "rows_written": counts.rowsWritten, "fired": counts.fired,
      ]
    }

    var summary: String {
      let shown = counts.filter { $0.value > 0 }.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
      return shown.isEmpty ? "nothing" : shown.joined(separator: ", ")
    }
  }

  struct Output: Encodable {
    var target: String
    var path: String
    var rows: Int
    var bytes: Int
    var sha256: String
  }

  struct Reject: Encodable {
    var line: Int
    var column: Int?
    var field: String?
    var rule: String
    var message: String
  }

  struct ChainEntry: Encodable {
    var id: Int
    var at: String
    var kind: String
    var hash: String
  }

  init(_ summary: DropSummary) {
    drop = summary.claim.drop
    file = summary.claim.file.file
    feed = summary.claim.file.feed
    mode = summary.claim.file.mode
    status = summary.status.rawValue
    since = summary.since
    reason = summary.reason
    message = summary.message
    publication = summary.publication
    parent = summary.claim.file.parent
    asOf = summary.claim.effectiveAsOf
    claimedAt = summary.claim.claimedAt
    read = summary.totals?.read
    rejected = summary.totals?.rejected
    superseded = summary.totals?.superseded
    accepted = summary.totals?.accepted
    sha256 = summary.totals?.sha256
    contentSha256 = summary.totals?.contentSHA256
    retries = summary.claim.file.retry?.drop
  }

  init(_ detail: DropDetail) {
    self.init(detail.summary)
    retriedBy = detail.retriedBy.isEmpty ? nil : detail.retriedBy
    targets = detail.counts.map(Target.init)
    outputs = detail.outputs.map {
      Output(target: $0.target, path: $0.path, rows: $0.rows, bytes: $0.bytes, sha256: $0.sha256)
    }
    rejects = detail.rejects.map {
      Reject(line: $0.line, column: $0.column, field: $0.field, rule: $0.rule, message: $0.message)
    }
    entries = detail.entries.map { ChainEntry(id: $0.id, at: $0.at, kind: $0.kind.rawValue, hash: $0.hash) }
  }
}
