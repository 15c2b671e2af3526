/// The places of a project, as `sluice.yaml` writes them or by default.
package struct ProjectDefinition: Equatable, Sendable {
  /// The project's directory, as given.
  package var directory: String
  /// Directory of the feed definitions.
  package var feeds = "feeds"
  /// Directory that files are dropped into.
  package var inbox = "inbox"
  /// Directory of claimed, staged and held drops.
  package var work = "work"
  /// Directory of what consumers read.
  package var outbox = "outbox"
  /// Directory of processed drops.
  package var archive = "archive"
  /// Directory of damaged drops.
  package var quarantine = "quarantine"
  /// Directory of what was published last.
  package var snapshots = "snapshots"
  /// The SQLite ledger.
  package var ledger = "ledger.sqlite"

  /// A project with all places at their defaults.
  package init(directory: String) { self.directory = directory }

  /// A place (one of the properties above, or a path below one) as a path to open: below the project's directory,
  /// unless it is absolute.
  package func resolve(_ place: String) -> String { place.hasPrefix("/") ? place : "\(directory)/\(place)" }
}
