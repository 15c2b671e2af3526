/// Why a file stays in the inbox; the codes are listed in `docs/intake.md`.
package enum WaitingReason: String, Sendable, Codable, CaseIterable {
  /// No feed's pattern matches the name.
  case noFeed = "no-feed"
  /// Two feeds' patterns match the name.
  case ambiguousFeed = "ambiguous-feed"
  /// Two patterns of one feed match the name and say different things.
  case ambiguousPattern = "ambiguous-pattern"
  /// A directory, a symbolic link, a pipe or another thing that is no regular file.
  case notAFile = "not-a-file"
  /// The name is not valid UTF-8.
  case nameNotUTF8 = "name-not-utf8"
  /// The feed wants a marker beside the file, and it is not there yet.
  case markerMissing = "marker-missing"
  /// Size or modification time changed less than `quiet` seconds ago.
  case stillGrowing = "still-growing"
  /// A drop with a lower sequence has not been published yet.
  case sequenceGap = "sequence-gap"
  /// A person has paused the feed.
  case paused

  /// What a person can do about it.
  package var remedy: String {
    switch self {
    case .noFeed: "add its name to the files of a feed, or take the file out of the inbox"
    case .ambiguousFeed: "make the patterns of the feeds narrower, so that one of them matches"
    case .ambiguousPattern: "make the feed's patterns narrower, so that one of them matches"
    case .notAFile: "have regular files delivered straight into the inbox"
    case .nameNotUTF8: "have the file delivered under a name in UTF-8"
    case .markerMissing: "wait for the producer, or have the marker delivered"
    case .stillGrowing: "wait until the producer is done"
    case .sequenceGap: "have the missing drop delivered, or publish this one by name with --force"
    case .paused: "let the feed go on with sluice resume"
    }
  }
}

/// An entry of the inbox that is not taken now.
package struct WaitingFile: Equatable, Sendable {
  /// The name, escaped for display.
  package var name: String
  /// The feed that it belongs to, when there is exactly one.
  package var feed: String?
  /// Why it waits.
  package var reason: WaitingReason
  /// The particulars: which feeds, which marker, how many seconds.
  package var message: String

  /// A waiting file.
  package init(name: String, feed: String? = nil, reason: WaitingReason, message: String) {
    self.name = name
    self.feed = feed
    self.reason = reason
    self.message = message
  }
}
