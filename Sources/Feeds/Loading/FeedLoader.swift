import Foundation
import Streams

/// The feeds of a project and everything that is wrong with them.
package struct LoadedFeeds: Sendable {
  /// The definitions that are right, sorted by file name.
  package var feeds: [FeedDefinition]
  /// All problems, by file and place. Nothing may run while there are any.
  package var problems: [SluiceError]
}

/// Loads and checks the feed definitions of a project.
package enum FeedLoader {
  /// Loads every `*.yaml` and `*.yml` of the feeds directory.
  package static func load(_ project: ProjectDefinition) -> LoadedFeeds {
    let directory = project.resolve(project.feeds)
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: directory)
        .filter { !$0.hasPrefix(".") && ($0.hasSuffix(".yaml") || $0.hasSuffix(".yml")) }
        .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    } catch {
      return LoadedFeeds(
        feeds: [], problems: [missing(project, "the directory of feed definitions does not exist or can not be read")])
    }
    if names.isEmpty {
      return LoadedFeeds(feeds: [], problems: [missing(project, "there is no feed definition")])
    }
    let lookups = LookupFiles(directory: project.directory)
    var loaded: [LoadedFeed] = []
    var problems: [SluiceError] = []
    for name in names {
      let path = "\(project.feeds)/\(name)"
      let (feed, found) = load(path: path, project: project, lookups: lookups)
      if let feed { loaded.append(feed) }
      for problem in found where !problems.contains(problem) { problems.append(problem) }
    }
    problems += CrossFeedChecks.problems(among: loaded)
    return LoadedFeeds(feeds: loaded.map(\.definition), problems: problems)
  }

  /// Reads one definition from its text, without the checks that need the other feeds.
  /// - Parameters:
  ///   - text: The definition.
  ///   - path: What messages call it.
  ///   - directory: The project, below which lookup files are looked for.
  package static func read(
    text: String, path: String, directory: String
  ) -> (feed: FeedDefinition?, problems: [SluiceError]) {
    let problems = Problems(path: path)
    let source = DefinitionSource(path: path, text: text)
    let reader = FeedReader(source: source, problems: problems, lookups: LookupFiles(directory: directory))
    let feed = reader.read()
    return (feed?.definition, problems.sorted)
  }

  /// Reads one definition from its text, with look-up tables that are given by their paths, such as the ledger keeps
  /// them, and without the checks that need the other feeds. `path` is what messages call it.
  package static func read(
    text: String, path: String, lookups: [String: [UInt8]]
  ) -> (feed: FeedDefinition?, problems: [SluiceError]) {
    let problems = Problems(path: path)
    let source = DefinitionSource(path: path, text: text)
    let feed = FeedReader(source: source, problems: problems, lookups: LookupFiles(contents: lookups)).read()
    return (feed?.definition, problems.sorted)
  }

  private static func load(
    path: String, project: ProjectDefinition, lookups: LookupFiles
  ) -> (LoadedFeed?, [SluiceError]) {
    do throws(SluiceError) {
      let source = try DefinitionFile.read(project.resolve(path), shownAs: path)
      let problems = Problems(path: path)
      let feed = FeedReader(source: source, problems: problems, lookups: lookups).read()
      return (feed, problems.sorted)
    } catch {
      return (nil, [error])
    }
  }

  private static func missing(_ project: ProjectDefinition, _ cause: String) -> SluiceError {
    SluiceError(
      .definition, "feeds-missing", file: project.feeds, cause: cause,
      remedy: "run sluice init SAMPLE to write one from a sample file")
  }
}

/// `sluice check`: everything that is wrong with a project.
package enum Linter {
  /// The problems of `sluice.yaml` and of all feeds; none: the project can run.
  package static func check(directory: String) -> [SluiceError] {
    let (project, problems) = ProjectLoader.check(directory: directory)
    return problems.contains { $0.code == "project-missing" } ? problems : problems + check(project)
  }

  /// The problems of all feeds of a project.
  package static func check(_ project: ProjectDefinition) -> [SluiceError] { FeedLoader.load(project).problems }
}
