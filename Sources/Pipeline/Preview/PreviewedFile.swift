import Feeds
import Intake
import Streams

/// A file that is to be previewed, wherever it lies, and what its name says.
struct PreviewedFile {
  /// The path to open.
  let path: String
  /// The file's name, escaped for display.
  let name: String
  /// The feed that it is read by.
  let feed: FeedDefinition
  let mode: DropMode
  /// What the name captures; nothing when it does not match.
  let captures: [String: String]
  /// The time that the file speaks for, seconds since 1970 UTC.
  let asOf: Int

  /// Finds the feed of the file at `path` by its name, unless `feed` says it. `now` is the time that a file speaks for
  /// which names none. Throws `.definition`: `file-missing`, `no-feed`, `ambiguous-feed`, `ambiguous-pattern`,
  /// `name-ignored`.
  init(path: String, feed chosen: FeedDefinition?, feeds: [FeedDefinition], now: Int) throws(SluiceError) {
    self.path = path
    let last = path.split(separator: "/").last.map(String.init) ?? path
    name = DisplayName.escape(last)
    guard try FileSystem.status(of: path) != nil else {
      throw SluiceError(
        .definition, "file-missing", file: DisplayName.escape(path), cause: "there is no such file",
        remedy: "check the name")
    }
    let found: Place
    if let chosen {
      found = try Self.place(last, in: chosen)
    } else {
      found = try Self.place(last, among: feeds)
    }
    feed = found.feed
    mode = found.feed.patterns.indices.contains(found.pattern) ? found.feed.patterns[found.pattern].mode : .full
    captures = found.match?.captures ?? [:]
    let zone = try FeedZone(found.feed.zone)
    asOf = found.match?.asOf.map { Int(zone.utc(wall: $0)) } ?? now
  }

  private typealias Place = (feed: FeedDefinition, pattern: Int, match: PatternMatch?)

  /// What the name says in a feed that was chosen; it need not match there.
  private static func place(_ name: String, in feed: FeedDefinition) throws(SluiceError) -> Place {
    for (index, pattern) in feed.patterns.enumerated() {
      if let match = try CompiledPattern(pattern).match(name) { return (feed, index, match) }
    }
    return (feed, 0, nil)
  }

  private static func place(_ name: String, among feeds: [FeedDefinition]) throws(SluiceError) -> Place {
    var intake: [IntakeFeed] = []
    for feed in feeds {
      intake.append(try IntakeFeed(feed))
    }
    let remedy = "name the feed with --feed: " + feeds.map(\.name).joined(separator: ", ")
    switch InboxScan(feeds: intake).assignment(of: name) {
    case .feed(let feed, let pattern, let match):
      guard let feed = feeds.first(where: { $0.name == feed }) else { break }
      return (feed, pattern, match)
    case .waiting(let file):
      throw SluiceError(
        .definition, file.reason.rawValue, file: file.name, field: file.feed, cause: file.message, remedy: remedy)
    case .rejects(_, otherwise: let hit?):
      guard let feed = feeds.first(where: { $0.name == hit.feed }) else { break }
      return (feed, hit.pattern, hit.match)
    case .rejects(let rejects, otherwise: nil):
      throw SluiceError(
        .definition, "rejects-returned", file: DisplayName.escape(name), field: rejects.feed,
        cause: "the name is that of a reject file, whose rows are read in the place of those of drop \(rejects.drop)",
        remedy: "run `sluice run --dry-run` to see what becomes of it, or name the feed with --feed")
    case .ignored: break
    }
    throw SluiceError(
      .definition, "name-ignored", file: DisplayName.escape(name),
      cause: "names like this one are markers or files still being written", remedy: remedy)
  }
}
