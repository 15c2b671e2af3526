import Foundation
import Streams

/// Reads `sluice.yaml`.
package enum ProjectLoader {
  /// The file that makes a directory a project.
  package static let fileName = "sluice.yaml"

  /// The project in `directory`; throws the first problem of its `sluice.yaml`.
  package static func load(directory: String) throws(SluiceError) -> ProjectDefinition {
    let (project, problems) = check(directory: directory)
    if let first = problems.first { throw first }
    return project
  }

  /// The project in `directory`, and everything that is wrong with its `sluice.yaml`.
  package static func check(directory: String) -> (project: ProjectDefinition, problems: [SluiceError]) {
    var project = ProjectDefinition(directory: directory)
    let source: DefinitionSource
    do throws(SluiceError) {
      source = try DefinitionFile.read("\(directory)/\(fileName)", shownAs: fileName)
    } catch {
      var error = error
      if error.code == "definition-missing" {
        error.code = "project-missing"
        error.cause = "\(directory) is no project: it has no \(fileName)"
        error.remedy = "create an empty \(fileName) there, run sluice init, or name the project with --project DIR"
      }
      return (project, [error])
    }
    let problems = Problems(path: fileName)
    guard let root = DefinitionParser.parse(source, problems: problems),
      // A file of comments only means the defaults.
      root.words != "nothing", let keys = KeyedMapping(root, DefinitionKeys.project, problems)
    else { return (project, problems.sorted) }
    read(keys, into: &project, problems)
    checkApart(project, keys, problems)
    return (project, problems.sorted)
  }

  private static var places: [(key: String, path: WritableKeyPath<ProjectDefinition, String>)] {
    [
      ("feeds", \.feeds), ("inbox", \.inbox), ("work", \.work), ("outbox", \.outbox), ("archive", \.archive),
      ("quarantine", \.quarantine), ("snapshots", \.snapshots), ("ledger", \.ledger),
    ]
  }

  private static func read(_ keys: KeyedMapping, into project: inout ProjectDefinition, _ problems: Problems) {
    for (key, path) in places {
      guard let scalar = problems.scalar(keys[key], what: key, takes: "a path") else { continue }
      let parts = scalar.text.split(separator: "/").filter { $0 != "." }
      guard !parts.isEmpty, !parts.contains("..") else {
        problems.wrongValue(
          scalar, what: key, takes: "a path inside the project, or an absolute one",
          remedy: "write a path such as \(project[keyPath: path])")
        continue
      }
      project[keyPath: path] = (scalar.text.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
    }
  }

  /// Places inside each other would take each other's files for their own.
  private static func checkApart(_ project: ProjectDefinition, _ keys: KeyedMapping, _ problems: Problems) {
    for (index, place) in places.enumerated() {
      for other in places[..<index] {
        let (own, others) = (
          project.resolve(project[keyPath: place.path]), project.resolve(project[keyPath: other.path])
        )
        guard own == others || own.hasPrefix(others + "/") || others.hasPrefix(own + "/") else { continue }
        problems.add(
          "place-overlap", at: (keys[place.key] ?? keys[other.key])?.position ?? keys.position,
          cause: "\(place.key) and \(other.key) lie inside each other", remedy: "give each a directory of its own")
      }
    }
  }
}

/// Reads the text of a definition.
enum DefinitionFile {
  /// Definitions are small; a greater file was hardly meant.
  private static let mostBytes = 4 << 20

  /// The definition at `path`, which messages show as `shown`.
  static func read(_ path: String, shownAs shown: String) throws(SluiceError) -> DefinitionSource {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw SluiceError(
        .definition, "definition-missing", file: shown, cause: "the definition does not exist or can not be read",
        remedy: "check its name and that the account that runs sluice may read it")
    }
    guard data.count <= mostBytes else {
      throw SluiceError(
        .definition, "definition-too-large", file: shown, cause: "the definition is larger than 4 MiB",
        remedy: "move tables into lookup files")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw SluiceError(
        .definition, "definition-encoding", file: shown, cause: "the definition is not UTF-8",
        remedy: "save it as UTF-8")
    }
    return DefinitionSource(path: shown, text: text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text)
  }
}
