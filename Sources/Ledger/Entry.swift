import GRDB

/// What an entry of the chain records.
package enum EntryKind: String, Sendable, CaseIterable {
  /// A file was taken out of the inbox and got its drop number.
  case claimed
  /// The drop's changes went out.
  case published
  /// The drop was processed and there was nothing to send.
  case unchanged
  /// The same content was published before.
  case duplicate
  /// The drop is older than what was published.
  case stale
  /// A guard stopped the drop; it waits for a person.
  case held
  /// The drop is damaged or hostile.
  case quarantined
  /// The environment failed; the drop went back to the inbox.
  case failed
  /// The drop is incomplete and went back to the inbox, where it waits.
  case returned
  /// A person published a held drop.
  case released
  /// A person dropped a held drop.
  case discarded
  /// A later full was published while the drop was held.
  case superseded
  /// The renames and the archiving after a commit are done.
  case finished
  /// A feed's definition, look-up tables or binary became active that were not active before.
  case definition
  /// A person stopped the publishing of a feed.
  case paused
  /// A person let a feed go on.
  case resumed
  /// The snapshot of a feed was made again from the archive.
  case rebuilt
}

/// One link of the hash chain.
package struct Entry: Sendable, Equatable {
  /// Number, gapless from 1.
  package let id: Int
  /// UTC time (`Timestamp`), never before that of the previous entry.
  package let at: String
  /// What it records.
  package let kind: EntryKind
  /// The drop concerned.
  package let drop: Int?
  /// The feed concerned.
  package let feed: String?
  /// Canonical JSON: keys sorted, no whitespace.
  package let body: String
  /// SHA-256 over the entry's child rows in hexadecimal, empty without any.
  package let children: String
  /// Hash of the entry before, 64 zeros for the first.
  package let previous: String
  /// SHA-256 over the canonical form of all of the above.
  package let hash: String
}

/// The last entry of the chain.
package struct ChainHead: Sendable, Equatable {
  /// Number of the last entry, 0 when there is none.
  package let entry: Int
  /// Its hash, 64 zeros when there is none.
  package let hash: String
}

/// Where `verifyChain` found the chain broken.
package struct ChainBreak: Sendable, Equatable {
  /// Number of the first entry that does not hold.
  package let entry: Int
  /// What does not hold, one sentence without a full stop.
  package let cause: String
}

extension Entry: FetchableRecord {
  static let columns = "id, at, kind, drop_id, feed, body, children, previous, hash"

  package init(row: Row) throws {
    guard let kind = EntryKind(rawValue: row["kind"]) else {
      throw LedgerFault.damaged("entry \(row["id"] as Int) is of an unknown kind")
    }
    self.kind = kind
    id = row["id"]
    at = row["at"]
    drop = row["drop_id"]
    feed = row["feed"]
    body = row["body"]
    children = row["children"]
    previous = row["previous"]
    hash = row["hash"]
  }
}
