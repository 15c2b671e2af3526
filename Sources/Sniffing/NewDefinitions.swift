import Feeds
import Intake
import Streams

/// Puts definitions that were made from samples into a project, each whole or not at all, and replaces nothing.
package struct NewDefinitions {
  private static let projectText = """
    # A Sluice project. Every place has a default; write down what differs:
    # feeds: feeds              # directory of the feed definitions
    # inbox: inbox              # directory that files are dropped into
    # outbox: outbox            # directory of what consumers read
    # work: work
    # archive: archive
    # quarantine: quarantine
    # snapshots: snapshots
    # ledger: ledger.sqlite

    """

  private let project: ProjectDefinition
  /// Whether the directory had no `sluice.yaml` yet.
  package let isNew: Bool
  private let present: [FeedDefinition]

  /// The project in `directory`, which may be none yet. Throws what is wrong with its `sluice.yaml`.
  package init(directory: String) throws(SluiceError) {
    do throws(SluiceError) {
      project = try ProjectLoader.load(directory: directory)
      isNew = false
    } catch {
      guard error.code == "project-missing" else { throw error }
      project = ProjectDefinition(directory: directory)
      isNew = true
    }
    present = FeedLoader.load(project).feeds
  }

  /// Where the definition of a feed is written, as messages show it.
  package func path(of name: String) -> String { "\(project.feeds)/\(name).yaml" }

  /// Refuses what would not go with the project as it is: `definition-exists` for a definition or a feed of that name,
  /// `sample-taken` for a sample that another feed takes, both `.definition`.
  package func check(_ feeds: [SniffedFeed]) throws(SluiceError) {
    for feed in feeds {
      for name in ["\(feed.name).yaml", "\(feed.name).yml"] {
        let path = "\(project.feeds)/\(name)"
        if try FileSystem.status(of: project.resolve(path)) != nil { throw exists(path) }
      }
      if let other = present.first(where: { $0.name == feed.name }) { throw exists(other.path) }
      for sample in feed.samples {
        let name = sample.split(separator: "/").last.map(String.init) ?? sample
        let others = present + feeds.filter { $0.name != feed.name }.map(\.definition)
        for other in others {
          for pattern in other.patterns where try CompiledPattern(pattern).match(name) != nil {
            throw SluiceError(
              .definition, "sample-taken", file: DisplayName.escape(sample),
              cause: "the feed \(other.name) takes files of this name by the pattern \(pattern.match)",
              remedy: "make that pattern narrower, or give init a sample under another name")
          }
        }
      }
    }
  }

  private func exists(_ path: String) -> SluiceError {
    SluiceError(
      .definition, "definition-exists", file: path, cause: "there is a definition of this feed already",
      remedy: "init replaces nothing: name the new feed with --feed, or move the old definition away")
  }

  /// Writes the definitions, after a `sluice.yaml` where there is none. Throws `definition-exists` and what the disk
  /// says; what was written before stays.
  package func write(_ feeds: [SniffedFeed]) throws(SluiceError) {
    try FileSystem.makeDirectories(project.resolve(project.feeds))
    if isNew { try write(Self.projectText, to: ProjectLoader.fileName) }
    for feed in feeds { try write(feed.text, to: path(of: feed.name)) }
  }

  private func write(_ text: String, to path: String) throws(SluiceError) {
    let target = project.resolve(path)
    let directory = target.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    let name = target.split(separator: "/").last ?? ""
    let temporary = "\(directory)/.\(name).part"
    // What a process left behind that was killed here.
    try FileSystem.remove(temporary)
    let file = try OutputFile(path: temporary)
    do throws(SluiceError) {
      try file.append(text)
      try file.finish()
      try FileSystem.moveWithoutReplacing(temporary, to: target)
    } catch {
      // What went wrong first is what there is to say.
      try? FileSystem.remove(temporary)
      throw error.code == "file-exists" ? exists(path) : error
    }
    try FileSystem.syncDirectory(directory)
  }
}
