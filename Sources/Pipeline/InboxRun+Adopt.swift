import Feeds
import Intake
import Ledger
import Streams

/// How a file is taken into the snapshot without output.
struct Adoption {
  var decision: Decision
  /// Where the file stands when that is not the inbox.
  var path: String?
}

extension InboxRun {
  /// Takes the file at `path` into its feed's snapshot without sending anything: what it says is what the receivers
  /// have.
  ///
  /// A file outside the inbox stays where it is and is copied straight into `work/`: in the inbox somebody else could
  /// publish it. Throws `adopt-no-feed` when its name belongs to no feed, and the errors of `run`.
  package func adopt(_ path: String, reason: String) throws(SluiceError) -> DropReport {
    let options = workplace.options
    var adoption = Adoption(
      decision: Decision(person: options.person, commandLine: options.commandLine, reason: reason))
    let reports = try recover()
    if let stopping = reports.first(where: \.stopsRun) { return stopping }
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let scan = try scan(asksForMarkers: false)
    var candidate: Candidate?
    if try isInInbox(path, name) {
      // Its feeds are made without names of reject files: what is adopted is a drop.
      candidate = try scan.list(workplace.project.inbox).candidates.first { $0.name == name }
    } else {
      guard try FileSystem.status(of: path) != nil else {
        throw SluiceError(
          .definition, "file-missing", file: path, cause: "there is no such file", remedy: "check the name")
      }
      // Refuses links and directories.
      let file = try InputFile(path: path).identity
      adoption.path = path
      candidate = assigned(
        name, Intake.FileIdentity(device: 0, inode: file.inode, size: file.size, modified: file.modified), scan)
    }
    guard let candidate, let plan = workplace.plans[candidate.feed] else {
      throw SluiceError(
        .definition, "adopt-no-feed", file: DisplayName.escape(name),
        cause: "the name belongs to no feed, or to more than one",
        remedy: "give the file a name that matches one pattern of the feed that it is for")
    }
    defer { try? workplace.unlock() }
    return try workplace.locked { () throws(SluiceError) in
      guard workplace.mayTake(plan) else {
        throw SluiceError(
          .environment, "feed-blocked", field: plan.feed.name,
          cause: "an interrupted drop of the feed could not be completed",
          remedy: "run `sluice run`, and see its report")
      }
      try workplace.requireRunning(plan)
      return try claimed(candidate, plan: plan, adoption: adoption) { (processor) throws(SluiceError) in
        try processor.process()
      }
    }
  }

  private func isInInbox(_ path: String, _ name: String) throws(SluiceError) -> Bool {
    let inInbox = workplace.project.inbox + "/" + name
    guard try FileSystem.status(of: inInbox) != nil else { return false }
    if try FileSystem.status(of: path) == nil { return !path.contains("/") }
    return try InboxCopy.isSame(path, inInbox)
  }

  private func assigned(_ name: String, _ identity: Intake.FileIdentity, _ scan: InboxScan) -> Candidate? {
    guard case .feed(let feed, let pattern, let match) = scan.assignment(of: name) else { return nil }
    return Candidate(name: name, identity: identity, feed: feed, pattern: pattern, match: match)
  }
}
