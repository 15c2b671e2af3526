import ArgumentParser
import Feeds
import Pipeline
import Streams

/// `sluice check`.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Lint sluice.yaml and all feed definitions.",
    discussion: """
      Prints every problem with file:line:column, its cause and what to do, and leaves with 2 when there is one.

      Example: sluice check --project /srv/shop
      """)

  @OptionGroup var global: GlobalOptions

  func run() throws {
    let project = try global.attempt { () throws(SluiceError) in try ProjectLoader.load(directory: global.project) }
    let result = FeedLoader.load(project)
    var problems = result.problems
    for feed in result.feeds {
      do { _ = try FeedPlan(feed) } catch { problems.append(error) }
    }
    for problem in problems {
      if global.json { try Console.json(Finding(problem)) } else { Console.error(problem.description) }
    }
    guard problems.isEmpty else { throw CommandExit.definition }
    guard !global.quiet, !global.json else { return }
    for feed in result.feeds {
      Console.line("\(feed.path): \(feed.name), \(feed.fields.count) fields, \(feed.targets.count) targets")
    }
    Console.line("no problems in \(result.feeds.count) feed definitions")
  }

  /// A problem as JSON.
  private struct Finding: Encodable {
    var code: String
    var file: String?
    var line: Int?
    var column: Int?
    var cause: String
    var remedy: String

    init(_ problem: SluiceError) {
      code = problem.code
      file = problem.file
      line = problem.position?.line
      column = problem.position?.column
      cause = problem.cause
      remedy = problem.remedy
    }
  }
}
