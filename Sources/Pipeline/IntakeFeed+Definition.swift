import Feeds
import Intake
import Streams

extension IntakeFeed {
  /// What intake has to know of `feed`. Throws `pattern-invalid`, `as-of-time-missing`, `marker-invalid`.
  init(_ feed: FeedDefinition) throws(SluiceError) {
    // The reject file of a document is a table, which the feed can not read.
    let isTable = if case .csv = feed.format { true } else { false }
    let names = [feed.name] + (feed.formerName.map { [$0] } ?? [])
    try self.init(
      name: feed.name, patterns: feed.patterns, rules: feed.intake, rejectNames: isTable ? names : [])
  }
}
