import ArgumentParser
import Feeds
import Pipeline

/// Names of feeds on the command line.
enum FeedNames {
  /// The feed of that name. An unknown one is answered with the nearest, and ends the command with 2; `option` says
  /// where it was named.
  static func feed(_ name: String, in feeds: [FeedDefinition], named option: String) throws -> FeedDefinition {
    if let feed = feeds.first(where: { $0.name == name }) { return feed }
    let names = feeds.map(\.name)
    let hint = Suggestion.nearest(name, in: names).map { "; did you mean \($0)?" } ?? ""
    Console.error("\(option): there is no feed \(name)\(hint) The project has \(names.joined(separator: ", "))")
    throw CommandExit.definition
  }
}

/// `--now`, for commands that evaluate expressions.
struct ClockOption: ParsableArguments {
  @Option(help: ArgumentHelp("Time for expressions and file names, such as 2026-11-23T02:15:00Z.", valueName: "time"))
  var now: String?

  /// The time in seconds since 1970 UTC; nil when none is given. One that can not be read ends the command with 2.
  func seconds() throws -> Int? {
    guard let now else { return nil }
    guard let seconds = UTCTime.seconds(now) else {
      Console.error("--now: \(now) is no time; write it in UTC as 2026-11-23T02:15:00Z")
      throw CommandExit.definition
    }
    return seconds
  }
}
