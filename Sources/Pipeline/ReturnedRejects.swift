import Feeds
import Intake
import Ledger
import Streams
import Tabular

/// Tells reject files that come back from drops that are only called like one.
struct ReturnedRejects {
  /// What a file is, by the ledger and its own header.
  enum Verdict {
    /// A drop, or corrected rejects: then `parent` is set, and the feed is theirs.
    case taken(Candidate)
    /// Why the file stays where it is.
    case waiting(Candidate, reason: String, message: String)
  }

  let ledger: Ledger?
  let feeds: [FeedDefinition]
  let inbox: String

  /// What the file is. Throws the errors of reading the ledger.
  func verdict(_ candidate: Candidate) throws(SluiceError) -> Verdict {
    guard let number = candidate.parent, let feed = feeds.first(where: { $0.name == candidate.parentFeed }) else {
      return .taken(candidate)
    }
    var drop = candidate
    (drop.parent, drop.parentFeed) = (nil, nil)
    let isPatterned = candidate.pattern >= 0
    if isPatterned, !hasReasons(candidate, feed) { return .taken(drop) }
    let parent = try ledger?.drop(number)?.summary
    guard let parent, parent.rejectFile != nil, [feed.name, feed.formerName].contains(parent.claim.file.feed) else {
      if isPatterned { return .taken(drop) }
      return .waiting(
        candidate, reason: "parent-unknown",
        message: "the ledger has no drop \(number) of the feed with rejects; a file of this name holds corrected "
          + "rejects, so look the number up with `sluice ledger list`")
    }
    guard [.published, .unchanged, .held].contains(parent.status) else {
      return .waiting(
        candidate, reason: "parent-unpublished",
        message: "drop \(number) is \(parent.status.rawValue) and was not published, so that its rejects mean nothing; "
          + "take the file out of the inbox")
    }
    var returned = candidate
    returned.feed = feed.name
    returned.match = PatternMatch()
    return .taken(returned)
  }

  /// Whether the header ends with the reasons that Sluice writes behind rejects. Columns of fixed width have no header:
  /// there the name alone says it.
  private func hasReasons(_ candidate: Candidate, _ feed: FeedDefinition) -> Bool {
    if case .csv(let dialect) = feed.format, dialect.fixed != nil { return true }
    let reader = try? DropReader(
      path: inbox + "/" + candidate.name, format: feed.format.ofRejects, encoding: feed.encoding, hashing: false)
    return reader?.columns.suffix(4) == RejectCollector.reasonColumns[...]
  }
}
