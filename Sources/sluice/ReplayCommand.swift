import ArgumentParser
import Pipeline
import Streams

/// `sluice replay`.
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Process a past drop again from the archive, into a directory of its own.",
    discussion: """
      Uses the definition and the look-up tables of the day, as the ledger keeps them, and the state in which the feed
      was then: the drops before it are gone through first. What comes out has the names of the day, and is there only
      when all of it has the bytes of the day too. The project is only read.

      Example: sluice replay 42 --into /tmp/drop-42
      """)

  @OptionGroup var global: GlobalOptions

  @Argument(help: ArgumentHelp("Number of the published drop.", valueName: "id"))
  var drop: Int

  @Option(help: ArgumentHelp("A new or empty directory.", valueName: "dir"))
  var into: String

  func run() throws {
    let (project, feeds) = try global.load()
    var options = global.runOptions()
    let progress = ProgressLine(global)
    progress.attach(to: &options)
    let result = try global.attempt { [options] () throws(SluiceError) in
      defer { progress.clear() }
      return try DropReplay(project: project, feeds: feeds, options: options).replay(drop, into: into)
    }
    if global.json { return try Console.json(result) }
    guard !global.quiet else { return }
    let files = result.files.count == 1 ? "1 file" : "\(result.files.count) files"
    Console.line("drop \(drop) [\(result.feed)]: \(files), each with the bytes of its day")
    for file in result.files { Console.line("  \(into)/\(file.path) (\(file.rows) rows)") }
  }
}
