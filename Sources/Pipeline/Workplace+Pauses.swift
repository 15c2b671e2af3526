import Feeds
import Intake
import Ledger
import Streams

extension FeedPause {
  /// Code of files and drops that wait for the feed to be resumed.
  static let waitingCode = WaitingReason.paused.rawValue

  /// Since when, by whom and why, for people.
  package var words: String { "since \(at) by \(person): \(DisplayName.escape(reason))" }

  /// What there is to say of a file that waits for that.
  func waiting(_ feed: String) -> String {
    "the feed is paused \(words); `sluice resume \(feed) --reason TEXT` lets it go on"
  }
}

extension Workplace {
  /// The pause of a feed; nil when it goes on.
  func pause(of plan: FeedPlan) throws(SluiceError) -> FeedPause? {
    try ledger.pause(feed: plan.feed.name, formerly: plan.feed.formerName)
  }

  /// Throws `feed-paused` when nothing of the feed may be published.
  func requireRunning(_ plan: FeedPlan) throws(SluiceError) {
    guard let pause = try pause(of: plan) else { return }
    throw SluiceError(
      .definition, FeedPause.code, field: plan.feed.name, cause: "the feed is paused \(pause.words)",
      remedy: "let it go on with `sluice resume \(plan.feed.name) --reason TEXT` first")
  }
}

extension DropProcessor {
  /// What there is to say of a claimed drop whose feed is paused: it stays as it is.
  func paused() throws(SluiceError) -> DropReport {
    let pause = try workplace.pause(of: plan)
    return report(
      .waiting, reason: FeedPause.waitingCode,
      message: (pause.map { $0.waiting(plan.feed.name) } ?? "the feed was paused for a moment")
        + "; the drop is claimed and goes on then")
  }
}

extension FeedDefinition {
  /// The feed of that name among `feeds`. Throws `feed-unknown`, with the nearest name.
  package static func named(_ name: String, in feeds: [FeedDefinition]) throws(SluiceError) -> FeedDefinition {
    if let feed = feeds.first(where: { $0.name == name }) { return feed }
    let names = feeds.map(\.name).sorted()
    let hint = Suggestion.nearest(name, in: names).map { "did you mean \($0)? " } ?? ""
    throw SluiceError(
      .definition, "feed-unknown", value: DisplayName.escape(name), cause: "the project has no feed of this name",
      remedy: "\(hint)it has \(names.joined(separator: ", "))")
  }
}
