import ArgumentParser
import Feeds
import Intake
import Pipeline
import Streams

/// `sluice status`.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Per feed: last success, backlog, waiting and held drops with their reasons.",
    discussion: """
      Looks once and changes nothing.

      Example: sluice status --json
      """)

  @OptionGroup var global: GlobalOptions

  func run() throws {
    let (project, feeds) = try global.load()
    let status = try global.attempt { () throws(SluiceError) in try ProjectStatus(project: project, feeds: feeds) }
    if global.json {
      for feed in status.feeds { try Console.json(feed) }
      for file in status.unassigned { try Console.json(file) }
      return
    }
    var table = TextTable(["FEED", "LAST PUBLICATION", "AT", "KEYS", "BACKLOG", "HELD"])
    for feed in status.feeds {
      table.add([
        feed.feed, feed.publication.map(String.init) ?? "-", feed.publishedAt ?? "never", String(feed.keys),
        String(feed.backlog), String(feed.held.count),
      ])
    }
    for line in table.lines { Console.line(line) }
    for feed in status.feeds {
      if let pause = feed.paused { Console.line("paused: \(feed.feed) \(pause.words)") }
      for drop in feed.held {
        Console.line(
          "held: drop \(drop.drop) \(drop.file) [\(feed.feed)] since \(drop.since): \(drop.message) (\(drop.reason))")
      }
      for file in feed.waiting {
        Console.line("waiting: \(file.file) [\(feed.feed)]: \(file.message) (\(file.reason))")
      }
    }
    for file in status.unassigned { Console.line("waiting: \(file.file): \(file.message) (\(file.reason))") }
  }
}

extension ProjectStatus.Paused {
  /// Since when, by whom and why, and what was under way.
  fileprivate var words: String {
    let drops = claimed.map(String.init).joined(separator: ", ")
    return "since \(since) by \(person): \(DisplayName.escape(reason))"
      + (claimed.isEmpty ? "" : "; claimed before and going on after it: drop \(drops)")
  }
}
