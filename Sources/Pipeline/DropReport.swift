import Diff
import Streams

/// What `run --json` says about one drop, one object a line.
package struct DropReport: Encodable, Sendable {
  /// What became of the drop.
  package enum Status: String, Encodable, Sendable {
    case published, unchanged, waiting, duplicate, stale, held, quarantined, failed, superseded

    /// Statuses after which `run` exits with 1.
    package var isTrouble: Bool { self == .held || self == .quarantined || self == .failed }
  }

  /// One target.
  package struct Target: Encodable, Sendable {
    package var target: String
    /// nil for event targets.
    package var counts: TargetCounts?
    /// nil for state targets.
    package var events: EventCounts?
    package var rowsWritten: Int
    package var files: [File]

    package func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(target, forKey: "target")
      if let counts { try counts.encode(to: encoder) }
      if let events {
        try container.encode(events.fired, forKey: "fired")
        try container.encode(events.skipped, forKey: "skipped")
      }
      try container.encode(rowsWritten, forKey: "rows_written")
      try container.encode(files, forKey: "files")
    }
  }

  /// One published file.
  package struct File: Encodable, Sendable {
    package var path: String
    package var rows: Int
    package var sha256: String
  }

  /// nil before the claim.
  package var drop: Int?
  package var file: String
  package var feed: String?
  package var mode: String?
  package var status: Status
  package var reason: String?
  package var message: String?
  package var publication: Int?
  package var counts: DropCounts?
  package var targets: [Target] = []
  package var rejects: String?
  package var seconds = 0.0
  /// The drop did not get through, so that what follows it in a gapless sequence has to wait.
  var leavesGap: Bool { status == .quarantined || status == .failed || status == .waiting }
  /// The failure was one of the environment: `run` exits with 3.
  package var isEnvironmentFailure = false
  /// The failure is not one of the drop's feed alone: nothing else can be taken either.
  package var stopsRun = false

  package init(drop: Int? = nil, file: String, feed: String?, mode: String? = nil, status: Status) {
    self.drop = drop
    self.file = file
    self.feed = feed
    self.mode = mode
    self.status = status
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(drop, forKey: "drop")
    try container.encode(file, forKey: "file")
    try container.encode(feed, forKey: "feed")
    try container.encode(mode, forKey: "mode")
    try container.encode(status, forKey: "status")
    try container.encode(reason, forKey: "reason")
    try container.encode(message, forKey: "message")
    try container.encode(publication, forKey: "publication")
    try container.encode(counts?.read ?? 0, forKey: "read")
    try container.encode(counts?.rejected ?? 0, forKey: "rejected")
    try container.encode(counts?.superseded ?? 0, forKey: "superseded")
    try container.encode(counts?.accepted ?? 0, forKey: "accepted")
    try container.encode(counts?.respelled ?? 0, forKey: "respelled")
    try container.encode(targets, forKey: "targets")
    try container.encode(rejects, forKey: "rejects")
    try container.encode((seconds * 1000).rounded() / 1000, forKey: "seconds")
    try container.encode(ProcessMemory.peakBytes, forKey: "peak_memory_bytes")
  }

  fileprivate struct Key: CodingKey, ExpressibleByStringLiteral {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringLiteral value: String) { stringValue = value }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}
