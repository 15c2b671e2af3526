import Feeds

/// The places of a project as paths to open.
package struct Places: Sendable, Equatable {
  /// The project's directory.
  package var root: String
  package var inbox: String
  package var work: String
  package var outbox: String
  package var archive: String
  package var quarantine: String
  package var snapshots: String
  package var ledger: String
  /// The outbox as `sluice.yaml` writes it: what reports and the ledger put before the paths of files.
  package var outboxName: String

  /// The places of `project`.
  package init(_ project: ProjectDefinition) {
    root = project.directory
    inbox = project.resolve(project.inbox)
    work = project.resolve(project.work)
    outbox = project.resolve(project.outbox)
    archive = project.resolve(project.archive)
    quarantine = project.resolve(project.quarantine)
    snapshots = project.resolve(project.snapshots)
    ledger = project.resolve(project.ledger)
    outboxName = project.outbox
  }
}
