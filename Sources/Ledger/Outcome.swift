/// What became of a drop, as a commit records it. Raw values are entry kinds.
package enum OutcomeKind: String, Sendable, CaseIterable {
  case published, unchanged, duplicate, stale, held, quarantined, failed, returned, released, discarded, superseded

  /// Whether it takes a publication number.
  package var isPublishing: Bool { self == .published || self == .released }

  /// The status in which it leaves the drop.
  package var status: DropStatus {
    switch self {
    case .published, .released: .published
    case .unchanged: .unchanged
    case .duplicate: .duplicate
    case .stale: .stale
    case .held: .held
    case .quarantined: .quarantined
    case .failed: .failed
    case .returned: .waiting
    case .discarded: .discarded
    case .superseded: .superseded
    }
  }
}

/// The state of a drop, as commands and views show it.
package enum DropStatus: String, Sendable, CaseIterable {
  case claimed, published, unchanged, waiting, duplicate, stale, held, quarantined, failed, discarded, superseded
}

/// What reading and mapping a drop counted.
package struct DropTotals: Sendable, Equatable {
  /// SHA-256 of the file's bytes, nil when it was not read to the end.
  package var sha256: String?
  /// SHA-256 of the decompressed content.
  package var contentSHA256: String?
  /// Length of the decompressed content in bytes.
  package var contentBytes: Int?
  /// Rows read, without header, preamble, comments and trailer.
  package var read: Int
  /// Rows that broke a rule, whether or not they are kept as reject rows.
  package var rejected: Int
  /// Rows that lost to another row of their key.
  package var superseded: Int
  /// Records that went on.
  package var accepted: Int
  /// Time taken in seconds; kept to the millisecond.
  package var seconds: Double

  /// Totals; all zero unless given.
  package init(
    sha256: String? = nil, contentSHA256: String? = nil, contentBytes: Int? = nil, read: Int = 0, rejected: Int = 0,
    superseded: Int = 0, accepted: Int = 0, seconds: Double = 0
  ) {
    self.sha256 = sha256
    self.contentSHA256 = contentSHA256
    self.contentBytes = contentBytes
    self.read = read
    self.rejected = rejected
    self.superseded = superseded
    self.accepted = accepted
    self.seconds = seconds
  }
}

/// The deed of a person.
package struct Decision: Sendable, Equatable, Codable {
  /// OS user name.
  package var person: String
  /// The command as it was given.
  package var commandLine: String
  /// The reason that the person gave.
  package var reason: String

  /// A decision.
  package init(person: String, commandLine: String, reason: String) {
    self.person = person
    self.commandLine = commandLine
    self.reason = reason
  }

  private enum CodingKeys: String, CodingKey {
    case person, reason
    case commandLine = "command_line"
  }
}

/// The feed state that a commit makes the current one.
package struct LedgerSnapshot: Sendable, Equatable {
  /// The publication that made it; nil when it moved without one.
  package var publication: Int?
  /// Segment file names, base first.
  package var segments: [String]
  /// Text that the snapshot's owner wants back, usually JSON.
  package var metadata: String
  /// The feed whose state it is; nil: that of the drop. Another one when the feed was renamed since the claim.
  package var feed: String?

  /// A snapshot state.
  package init(publication: Int?, segments: [String], metadata: String = "", feed: String? = nil) {
    self.publication = publication
    self.segments = segments
    self.metadata = metadata
    self.feed = feed
  }
}

/// Everything that one commit writes about a drop.
package struct Outcome: Sendable {
  /// At most so many rejects of a drop become rows; all are in the reject file.
  package static let maximumRejects = 1000

  /// The drop.
  package var drop: Int
  /// What became of it.
  package var kind: OutcomeKind
  /// Stable kebab-case reason code.
  package var reason: String?
  /// Message for people, without personal data.
  package var message: String?
  /// Publication number from `nextPublication`, for published and released only.
  package var publication: Int?
  /// What was counted; nil (discarded, superseded) keeps the totals of the drop's earlier outcome.
  package var totals: DropTotals?
  /// Hash of the feed definition that processed the drop.
  package var definition: String?
  /// Path of the reject file, and its SHA-256.
  package var rejectFile: String?
  package var rejectSHA256: String?
  /// Counts for each target.
  package var counts: [LedgerCounts] = []
  /// Files put into the outbox, or staged while held.
  package var outputs: [LedgerOutput] = []
  /// Rejects; those after the first `maximumRejects` are left out.
  package var rejects: [RejectedRow] = []
  /// The feed state that becomes current; nil leaves it.
  package var snapshot: LedgerSnapshot?
  /// JSON text of the publication plan, from which recovery redoes the renames.
  package var plan: [UInt8]?
  /// The person's decision behind it.
  package var decision: Decision?
  /// The definition that the drop was processed with, when it is to become the feed's active one.
  package var activates: ActiveDefinition?
  /// Held drops that this publication overtakes; they become `superseded` in the same transaction.
  package var supersedes: [Int] = []

  /// An outcome; set the rest on it.
  package init(
    drop: Int, kind: OutcomeKind, reason: String? = nil, message: String? = nil, publication: Int? = nil,
    totals: DropTotals? = nil
  ) {
    self.drop = drop
    self.kind = kind
    self.reason = reason
    self.message = message
    self.publication = publication
    self.totals = totals
  }
}
