import Streams

/// The name of a reject file that comes back: `NUMBER-FEED.csv`, or `NUMBER-FEED-2.csv` for a drop that was staged once
/// more.
package struct RejectFileName: Equatable, Sendable {
  /// The drop whose rejects it holds, from 1 on.
  package let drop: Int
  /// The feed, one of those asked for.
  package let feed: String

  /// Reads `name`; nil when it is no such name of one of `feeds`: the names under which their reject files are called,
  /// each with the feed. Of `erp` and `erp-2` the longer name is meant.
  package init?(_ name: String, feeds: [(name: String, feed: String)]) {
    guard name.hasSuffix(".csv"), let dash = name.firstIndex(of: "-") else { return nil }
    let number = name[..<dash]
    guard number.utf8.count >= 8, number.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let drop = Int(number),
      drop > 0, SafeName.number(drop) == number
    else { return nil }
    let rest = name[name.index(after: dash)...].dropLast(4)
    let named = feeds.filter { feed in
      let component = SafeName.component(feed.name)
      guard rest.hasPrefix(component) else { return false }
      let suffix = rest.dropFirst(component.count)
      guard !suffix.isEmpty else { return true }
      return suffix.hasPrefix("-") && (Int(suffix.dropFirst()) ?? 0) >= 2
    }
    guard let found = named.max(by: { $0.name.count < $1.name.count }) else { return nil }
    self.drop = drop
    feed = found.feed
  }
}
