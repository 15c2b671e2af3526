import Feeds
import Intake
import Ledger
import Streams

/// What `sluice status` shows: how each feed stands. Reads the ledger and looks at the inbox once.
package struct ProjectStatus: Sendable {
  /// A drop that waits for a person.
  package struct Held: Encodable, Sendable {
    package var drop: Int
    package var file: String
    package var since: String
    package var reason: String
    package var message: String
  }

  /// A file that waits in the inbox.
  package struct Waiting: Encodable, Sendable {
    package var file: String
    package var reason: String
    package var message: String
  }

  /// One feed.
  package struct Feed: Encodable, Sendable {
    package var feed: String
    /// Number, time (UTC) and as-of of the last publication.
    package var publication: Int?
    package var publishedAt: String?
    package var asOf: String?
    /// Live keys in the snapshot.
    package var keys: Int
    /// Files in the inbox that could be taken now.
    package var backlog: Int
    package var held: [Held]
    package var waiting: [Waiting]
    /// Since when, by whom and why the feed is paused; nil: it goes on.
    package var paused: Paused?
  }

  /// Why a feed publishes nothing.
  package struct Paused: Encodable, Sendable {
    package var since: String
    package var person: String
    package var reason: String
    /// Numbers of drops that were claimed before the pause and go on after it.
    package var claimed: [Int]
  }

  package private(set) var feeds: [Feed] = []
  /// Files that belong to no feed, or to two.
  package private(set) var unassigned: [Waiting] = []

  /// Looks at the project. A ledger that is not there yet is no error.
  package init(project: Places, feeds definitions: [FeedDefinition]) throws(SluiceError) {
    let ledger =
      try FileSystem.status(of: project.ledger) == nil
      ? nil : Ledger.open(path: project.ledger, mode: .readOnly)
    var intake: [IntakeFeed] = []
    for feed in definitions {
      intake.append(try IntakeFeed(feed))
    }
    let listing = try InboxScan(feeds: intake).list(project.inbox)
    let returned = try ledger?.returnedFiles() ?? []
    let homes = try SnapshotHomes(ledger, feeds: definitions)
    let rejects = ReturnedRejects(ledger: ledger, feeds: definitions, inbox: project.inbox)
    var candidates: [Candidate] = []
    var unresolved: [(feed: String, file: Waiting)] = []
    for candidate in listing.candidates {
      switch try rejects.verdict(candidate) {
      case .taken(let candidate): candidates.append(candidate)
      case .waiting(let candidate, let reason, let message):
        unresolved.append(
          (candidate.feed, Waiting(file: DisplayName.escape(candidate.name), reason: reason, message: message)))
      }
    }
    for definition in definitions {
      let mine = candidates.filter { $0.feed == definition.name }
      var waiting = listing.waiting.filter { $0.feed == definition.name }.map(Self.waiting)
      waiting += unresolved.filter { $0.feed == definition.name }.map(\.file)
      var backlog = 0
      let pause = try ledger?.pause(feed: definition.name, formerly: definition.formerName)
      for candidate in mine {
        if let known = returned.first(where: { $0.file == candidate.name && $0.inode == candidate.identity.inode }) {
          waiting.append(
            Waiting(
              file: DisplayName.escape(candidate.name), reason: known.reason ?? "incomplete",
              message: "incomplete since \(known.firstSeen)"))
        } else if let pause {
          waiting.append(
            Waiting(
              file: DisplayName.escape(candidate.name), reason: FeedPause.waitingCode,
              message: pause.waiting(definition.name)))
        } else {
          backlog += 1
        }
      }
      var feed = try Self.feed(definition, ledger: ledger, homes: homes, backlog: backlog, waiting: waiting)
      feed.paused = try pause.map { (pause) throws(SluiceError) in
        Paused(
          since: pause.at, person: pause.person, reason: pause.reason, claimed: try Self.claimed(definition, in: ledger)
        )
      }
      feeds.append(feed)
    }
    unassigned = listing.waiting.filter { $0.feed == nil }.map(Self.waiting)
  }

  private static func feed(
    _ definition: FeedDefinition, ledger: Ledger?, homes: SnapshotHomes, backlog: Int, waiting: [Waiting]
  ) throws(SluiceError) -> Feed {
    let last = try ledger?.lastPublication(feed: definition.name, formerly: definition.formerName)
    let held = try ledger?.heldDrops(feed: definition.name, formerly: definition.formerName) ?? []
    return Feed(
      feed: definition.name, publication: last?.publication, publishedAt: last?.at, asOf: last?.asOf,
      keys: homes.published(definition)?.live ?? 0,
      backlog: backlog,
      held: held.map {
        Held(
          drop: $0.claim.drop, file: DisplayName.escape($0.claim.file.file), since: $0.since, reason: $0.reason ?? "",
          message: $0.message ?? "")
      },
      waiting: waiting)
  }

  /// Drops of a feed that are claimed and have no outcome.
  private static func claimed(_ feed: FeedDefinition, in ledger: Ledger?) throws(SluiceError) -> [Int] {
    try ledger?.openClaims().filter {
      $0.latest == .claimed && ($0.file.feed == feed.name || $0.file.feed == feed.formerName)
    }.map(\.drop) ?? []
  }

  private static func waiting(_ file: WaitingFile) -> Waiting {
    Waiting(file: file.name, reason: file.reason.rawValue, message: "\(file.message); \(file.reason.remedy)")
  }
}
