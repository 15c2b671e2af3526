import ArgumentParser
import Feeds
import Pipeline
import Streams

/// `sluice test`.
struct TestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Run the examples written in the feed definitions.",
    discussion: """
      Takes the row of each example through the real validation and mapping, and shows every field that is not as the
      example says. Leaves with 1 when an example fails, with 2 when a definition is wrong.

      Example: sluice test erp-inventory
      """)

  @OptionGroup var global: GlobalOptions
  @OptionGroup var clock: ClockOption

  @Argument(help: "Feeds whose examples are run; without any, those of all feeds.")
  var feed: [String] = []

  func run() throws {
    let (_, all) = try global.load()
    var feeds = all
    if !feed.isEmpty {
      for name in feed { _ = try FeedNames.feed(name, in: all, named: "test") }
      feeds = all.filter { feed.contains($0.name) }
    }
    let now = try clock.seconds() ?? UTCTime.now()
    var (passed, failed) = (0, 0)
    for feed in feeds {
      let results = try global.attempt { () throws(SluiceError) in try ExampleRun(feed, now: now).run() }
      for result in results where global.json || !result.hasPassed { try show(result) }
      let good = results.count(where: \.hasPassed)
      passed += good
      failed += results.count - good
      guard !global.json, !global.quiet else { continue }
      let what = results.isEmpty ? "no examples" : "\(good) of \(results.count) examples passed"
      Console.line("\(feed.path): \(feed.name), \(what)")
    }
    if !global.json, !global.quiet { Console.line("\(passed) passed, \(failed) failed") }
    if failed > 0 { throw CommandExit.trouble }
  }

  private func show(_ result: ExampleResult) throws {
    if global.json { return try Console.json(result) }
    let say = global.quiet ? Console.error : Console.line
    say("\(result.file):\(result.line): example \(result.example) of \(result.feed) failed")
    for difference in result.differences {
      let place = "\(result.file):\(difference.line)" + (difference.column.map { ":\($0)" } ?? "")
      say("  \(place): \(subject(difference))")
      say("    expected  \(text(difference.expected, of: difference))")
      say("    got       \(text(difference.actual, of: difference))")
    }
  }

  private func subject(_ difference: ExampleResult.Difference) -> String {
    guard let target = difference.target, let row = difference.row else { return "the row" }
    guard let field = difference.field else { return "\(target), row \(row)" }
    return row == 1 ? "\(target), \(field)" : "\(target), row \(row), \(field)"
  }

  /// Words stand as they are; a text of a field is made visible.
  private func text(_ text: String, of difference: ExampleResult.Difference) -> String {
    difference.field == nil ? text : text.isEmpty ? "(blank)" : TerminalText.visible(text)
  }
}
