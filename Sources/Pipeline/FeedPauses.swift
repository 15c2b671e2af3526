import Feeds
import Ledger
import Streams

/// Stops the publishing of a feed for a while, and lets it go on.
///
/// That takes no lock, so that a long drop can not keep a person from stopping its feed: the ledger refuses to commit a
/// publication of a paused feed, whoever has begun it.
package struct FeedPauses {
  private let project: Places
  private let feeds: [FeedDefinition]
  private let options: RunOptions

  /// Pauses of the feeds of `project`.
  package init(project: Places, feeds: [FeedDefinition], options: RunOptions) {
    self.project = project
    self.feeds = feeds
    self.options = options
  }

  /// Pauses the feed `name`, or resumes it, and records who did it and why; gives back when, as a UTC time.
  ///
  /// Throws `feed-unknown`, `already-paused` or `not-paused`, and the errors of the ledger.
  package func set(_ isPaused: Bool, feed name: String, reason: String) throws(SluiceError) -> String {
    let feed = try FeedDefinition.named(name, in: feeds)
    let ledger = try Ledger.open(path: project.ledger, mode: .readWrite, durable: options.isDurable)
    let decision = Decision(person: options.person, commandLine: options.commandLine, reason: reason)
    if let entry = try ledger.setPaused(isPaused, feed: name, formerly: feed.formerName, decision: decision) {
      return entry.at
    }
    if let pause = try ledger.pause(feed: name, formerly: feed.formerName) {
      throw SluiceError(
        .definition, "already-paused", field: name, cause: "the feed is paused already, \(pause.words)",
        remedy: "leave it, or resume it")
    }
    throw SluiceError(
      .definition, "not-paused", field: name, cause: "the feed is not paused", remedy: "`sluice status` lists pauses")
  }
}
