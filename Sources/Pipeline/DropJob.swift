import Diff
import Feeds
import Intake
import Ledger
import Records
import Streams
import Tabular
import Targets

/// One claimed drop and where its parts are: what `DropPreparation` needs to know.
package struct DropJob: Sendable {
  /// The drop's number.
  package var drop: Int
  package var plan: FeedPlan
  /// The claimed file.
  package var path: String
  /// The file's name in the inbox, for messages.
  package var displayName: String
  package var mode: DropMode
  /// The time that the drop speaks for, seconds since 1970 UTC.
  package var asOf: Int
  /// What the file pattern captured, by name.
  package var captures: [String: String]
  /// The time of the run in the feed's zone, as expressions see it.
  package var now: Value
  /// Where outputs are staged: a directory of this drop, on the outbox's file system.
  package var staging: String
  /// Where sorted runs are spilled.
  package var scratch: String
  /// The feed's snapshot directory.
  package var snapshots: String
  package var state: FeedState
  /// Keys that vanished stay, because a person has said so (`release --without-removals`).
  package var keepsRemoved = false
  /// The drop that the rows of a reject file that came back were first rejected from; nil: the file is none. It is read
  /// as Sluice wrote it, with the reasons behind each row.
  package var returnOf: Int?
  var isReturned: Bool { returnOf != nil }
  /// The drops before it that held corrected rejects of the same drop: who corrects once more means to replace them.
  package var otherReturns: Set<Int> = []
  /// What is asked for, when the file is a request.
  package var request: Request?
  /// False leaves out fsync (`--no-fsync`).
  package var isDurable: Bool
  /// Rows of the drop read so far, and the share of its bytes, for a progress line.
  package var progress: (@Sendable (_ rows: Int, _ rawBytes: Int) -> Void)?
}

/// What a drop has become, staged and ready to be published, held, or thrown away.
package struct PreparedDrop: Codable, Equatable, Sendable {
  /// Hash of the definition that it was made with, and the targets as that has them.
  package var definition: String
  var targets: [PreparedTarget]
  /// The staged files.
  package var outputs: [StagedOutput]
  /// The reject file, when there are rejects.
  package var rejects: StagedOutput?
  package var counts: DropCounts
  /// Rows in the file of each target, by name.
  package var rowsWritten: [String: Int]
  /// The feed's state once this is published.
  package var state: FeedState
  /// Segments written for it.
  package var segments: [String]
  /// SHA-256 of the file and of its decompressed content, hex; size of the content in bytes.
  package var sha256: String
  package var contentSHA256: String
  package var contentBytes: Int
  /// Guards that it broke.
  package var violations: [GuardViolation]
  /// Keys vanished but were kept, because a reject's key could not be read.
  package var isRemovalWithheld: Bool
  /// The published state that this was diffed against; nil for a drop held by a version that did not keep it.
  package var before: FeedState?

  /// Nothing to send.
  package var isUnchanged: Bool { outputs.isEmpty }
}
