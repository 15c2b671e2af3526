import Diff
import Feeds
import Ledger
import Streams

/// Which feed owns which snapshot directory, by the ledger alone. A feed that is renamed keeps its directory, so that
/// its name and that of the directory are two things.
struct SnapshotHomes {
  /// The published state of a feed name.
  private struct Home {
    var feed: String
    var state: FeedState
    var directory: String
  }

  /// Of each directory the state that was published last: what older names left there has been taken over.
  private let homes: [Home]

  /// Reads the ledger; without one, nothing is owned.
  init(_ ledger: Ledger?, feeds: [FeedDefinition]) throws(SluiceError) {
    var homes: [Home] = []
    for (feed, snapshot) in try ledger?.latestSnapshots() ?? [] {
      let state = try FeedState.decode(snapshot.metadata, feed: feed)
      // States from before the directory was recorded: that of the former name, as long as the definition names it.
      let former = feeds.first { $0.name == feed }?.formerName
      let directory = state.directory ?? former ?? feed
      guard !homes.contains(where: { $0.directory == directory }) else { continue }
      homes.append(Home(feed: feed, state: state, directory: directory))
    }
    self.homes = homes
  }

  /// The published state of a feed, or that of its former name; nil when neither has published anything.
  func published(_ feed: FeedDefinition) -> FeedState? {
    guard let home = homes.first(where: { $0.feed == feed.name }) ?? homes.first(where: { $0.feed == feed.formerName })
    else { return nil }
    var state = home.state
    state.directory = home.directory
    return state
  }

  /// The name of the feed's directory below `snapshots/`: a new feed under a name that another one had before, whose
  /// snapshot goes on there, gets one of its own. No feed's name holds a point.
  func directory(of feed: FeedDefinition) -> String {
    if let directory = published(feed)?.directory { return directory }
    let taken = Set(homes.map(\.directory))
    guard taken.contains(feed.name) else { return feed.name }
    var number = 2
    while taken.contains("\(feed.name).\(number)") { number += 1 }
    return "\(feed.name).\(number)"
  }

  /// The name under which a directory was published last.
  func owner(of directory: String) -> String? { homes.first { $0.directory == directory }?.feed }
}
