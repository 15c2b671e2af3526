import GRDB

/// A file that is about to be claimed, as intake found it.
package struct NewClaim: Sendable, Equatable {
  /// The feed that it belongs to; not empty, no line break.
  package var feed: String
  /// `full` or `delta`.
  package var mode: String
  /// File name in the inbox.
  package var file: String
  /// Index of the feed's file pattern that matched, from 0 on.
  package var pattern: Int
  /// Size in bytes.
  package var bytes: Int
  /// Inode number.
  package var inode: UInt64
  /// Modification time in nanoseconds since 1970-01-01T00:00:00Z.
  package var mtime: Int64
  /// The time that the drop speaks for; nil: it becomes the time of the claim.
  package var asOf: String?
  /// Whether `asOf` comes from the file's name or content.
  package var isAsOfCaptured: Bool
  /// The number captured from the name.
  package var sequence: Int?
  /// `--now`, when it was given.
  package var now: String?
  /// `--force` was given: content that was published before is taken all the same.
  package var isForced: Bool
  /// Who takes the file into the snapshot without output (`adopt`), and why; nil: it is published as usual. Read back
  /// from the ledger it is there as well, so that whoever completes the drop after a crash does not publish it.
  package var adoption: Decision?
  /// The drop whose corrected rejects the file holds; nil: it is a drop of its own.
  package var parent: Int?
  /// What was asked for instead of a drop; the file is the request then.
  package var request: Request?
  /// The earlier drop whose file this is, taken again by a person; nil: the file came by itself.
  package var retry: Retry?

  /// Whether the file was put into `work/` by Sluice itself and never lay in the inbox, so that it does not go there.
  package var isOwnCopy: Bool { adoption != nil || request != nil }

  /// A file to claim.
  package init(
    feed: String, mode: String, file: String, pattern: Int, bytes: Int, inode: UInt64, mtime: Int64,
    asOf: String? = nil, isAsOfCaptured: Bool = false, sequence: Int? = nil, now: String? = nil,
    isForced: Bool = false, adoption: Decision? = nil, parent: Int? = nil,
    request: Request? = nil, retry: Retry? = nil
  ) {
    self.feed = feed
    self.mode = mode
    self.file = file
    self.pattern = pattern
    self.bytes = bytes
    self.inode = inode
    self.mtime = mtime
    self.asOf = asOf
    self.isAsOfCaptured = isAsOfCaptured
    self.sequence = sequence
    self.now = now
    self.isForced = isForced
    self.adoption = adoption
    self.parent = parent
    self.request = request
    self.retry = retry
  }
}

/// A claimed file: a drop. The properties of its `NewClaim` read as its own.
@dynamicMemberLookup
package struct Claim: Sendable, Equatable {
  /// Drop number, from 1 on, never reused.
  package let drop: Int
  /// UTC time of the claim (`Timestamp`).
  package let claimedAt: String
  /// The latest entry of the drop; what recovery goes by.
  package let latest: EntryKind
  /// The file as it was claimed.
  package let file: NewClaim

  /// A property of the claimed file.
  package subscript<Value>(dynamicMember path: KeyPath<NewClaim, Value>) -> Value { file[keyPath: path] }

  /// The time that the drop speaks for: captured, or else the time of the claim.
  package var effectiveAsOf: String { file.asOf ?? claimedAt }
}

extension Claim: FetchableRecord {
  /// Columns of `claim c` that make a `Claim`.
  static let columns = """
    c.*, (SELECT json_extract(body, '$.forced') FROM entry WHERE id = c.entry) AS forced,
    (SELECT json_extract(body, '$.decision') FROM entry WHERE id = c.entry) AS decision,
    (SELECT json_extract(body, '$.parent') FROM entry WHERE id = c.entry) AS parent,
    (SELECT json_extract(body, '$.request') FROM entry WHERE id = c.entry) AS request,
    (SELECT json_extract(body, '$.of') FROM entry WHERE id = c.entry) AS request_of,
    (SELECT json_extract(body, '$.retry') FROM entry WHERE id = c.entry) AS retry,
    (SELECT kind FROM entry WHERE drop_id = c.drop_id ORDER BY id DESC LIMIT 1) AS latest_kind
    """

  package init(row: Row) throws {
    guard let latest = EntryKind(rawValue: row["latest_kind"]) else {
      throw LedgerFault.damaged("drop \(row["drop_id"] as Int) has an entry of an unknown kind")
    }
    self.latest = latest
    drop = row["drop_id"]
    let decision = try (row["decision"] as String?).map { try EntryBody.decode(Decision.self, $0) }
    let retry = try (row["retry"] as String?).map { try EntryBody.decode(Retry.Body.self, $0) }
    let kind = (row["request"] as String?).flatMap(Request.Kind.init)
    claimedAt = row["claimed_at"]
    file = NewClaim(
      feed: row["feed"], mode: row["mode"], file: row["file"], pattern: row["pattern"], bytes: row["bytes"],
      inode: UInt64(bitPattern: row["inode"] as Int64), mtime: row["mtime"], asOf: row["as_of"],
      isAsOfCaptured: row["as_of_captured"], sequence: row["sequence"], now: row["now"],
      isForced: row["forced"] ?? false,
      adoption: kind == nil && retry == nil ? decision : nil, parent: row["parent"],
      request: decision.flatMap { decision in
        kind.map { Request(kind: $0, drop: row["request_of"], decision: decision) }
      },
      retry: retry.flatMap { body in decision.map { Retry(body, decision: $0) } })
  }
}
