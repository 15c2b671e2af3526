import ArgumentParser
import Feeds
import Foundation
import Pipeline
import Streams

/// Options that every command takes.
struct GlobalOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The project directory, which has sluice.yaml.", valueName: "dir"))
  var project = "."

  @Flag(help: "Machine output on standard output: one JSON object a line.")
  var json = false

  @Flag(help: "Say nothing but errors.")
  var quiet = false

  @Flag(help: "Say more.")
  var verbose = false

  @Flag(name: .customLong("no-color"), help: "Plain text without colours (Sluice uses none so far).")
  var noColor = false

  /// Loads the project and all feeds. Every problem is printed; with any the command ends with 2.
  func load() throws -> (Places, [FeedDefinition]) {
    let project = try attempt { () throws(SluiceError) in try ProjectLoader.load(directory: self.project) }
    let result = FeedLoader.load(project)
    guard result.problems.isEmpty else {
      for problem in result.problems { Console.error(problem.description) }
      throw CommandExit.definition
    }
    return (Places(project), result.feeds)
  }

  /// Runs `body`; a `SluiceError` is printed and becomes its exit status: 1 for a bad file, 2 for a wrong definition, 3
  /// for the environment.
  func attempt<Result>(_ body: () throws(SluiceError) -> Result) throws -> Result {
    do {
      return try body()
    } catch {
      Console.error(error.description)
      switch error.kind {
      case .incomplete, .damaged: throw CommandExit.trouble
      case .definition: throw CommandExit.definition
      case .environment: throw CommandExit.environment
      }
    }
  }

  /// The options of a run on behalf of the person at the terminal.
  func runOptions() -> RunOptions {
    var options = RunOptions()
    options.person = Person.name
    options.commandLine = CommandLine.arguments.joined(separator: " ")
    return options
  }
}

/// The operating system's user who runs the command.
enum Person {
  static var name: String {
    if let entry = getpwuid(geteuid()), let name = entry.pointee.pw_name { return String(cString: name) }
    return String(geteuid())
  }
}
