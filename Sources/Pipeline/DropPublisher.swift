import Diff
import Feeds
import Foundation
import Intake
import Ledger
import Outbox
import Streams
import Targets

/// Publishes or holds a prepared drop: the one place where a drop becomes visible (`docs/architecture.md`, "The
/// commit").
struct DropPublisher {
  let processor: DropProcessor

  private var workplace: Workplace { processor.workplace }
  private var ledger: Ledger { processor.workplace.ledger }
  private var project: Places { processor.workplace.project }
  private var plan: FeedPlan { processor.plan }
  private var drop: Int { processor.claim.drop }

  // MARK: - Publish

  /// Commits the drop and makes its outputs appear. `decision` is set when a person released it, `rejectPath` when its
  /// hold has published its rejects, and `note` when there is something to say of it beside its counts.
  func publish(
    _ prepared: PreparedDrop, notes: [RejectNote], decision: Decision? = nil, rejectPath: String? = nil,
    note: OutcomeNote? = nil
  ) throws(SluiceError) -> DropReport {
    let publication = prepared.isUnchanged ? nil : try ledger.nextPublication()
    // Of the command that claimed it, which a crash may have ended since; a release has a time of its own.
    let given = decision == nil ? processor.claim.file.now.flatMap { UTCTime.seconds($0) } : nil
    let time = given ?? UTCTime.now()
    var files = finalNames(prepared.outputs, publication: publication ?? 0, time: time)
    if let publication, let package = try stageDataPackage(prepared.targets, files, publication, time) {
      files.append(package)
    }
    let rejects = prepared.rejects.map { output in
      rejectPath.map { FinalFile(staged: output, path: $0) } ?? rejectFile(output)
    }
    let plan = publicationPlan(files + (rejects.map { [$0] } ?? []), publication: publication, prepared)
    let note = note ?? (prepared.isRemovalWithheld ? Self.removalWithheld(prepared) : nil)
    var outcome = Outcome(
      drop: drop, kind: prepared.isUnchanged ? .unchanged : decision == nil ? .published : .released,
      reason: note?.reason, message: note?.message, publication: publication)
    fill(&outcome, prepared, notes: notes)
    outcome.outputs = files.map {
      LedgerOutput(
        target: $0.staged.target, path: shown($0), rows: $0.staged.rows, bytes: $0.staged.bytes,
        sha256: $0.staged.sha256)
    }
    outcome.rejectFile = rejects.map(shown)
    outcome.rejectSHA256 = rejects?.staged.sha256
    outcome.snapshot = LedgerSnapshot(
      publication: publication, segments: prepared.state.segments, metadata: prepared.state.encoded,
      feed: self.plan.feed.name)
    outcome.plan = try encode(plan)
    outcome.decision = decision
    if prepared.definition == self.plan.definitionHash { outcome.activates = try workplace.definition(of: self.plan) }
    outcome.supersedes = try processor.supersededDrops()
    try workplace.syncPlaces(of: self.plan, staged: workplace.stagingDirectory(of: drop))
    let entry = try ledger.commit(outcome)
    if let text = outcome.snapshot?.metadata { workplace.remember(prepared.state, text: text, of: self.plan) }
    try complete(plan, manifest: manifest(outcome.publication, entry: entry, files: outcome.outputs))
    for other in outcome.supersedes { try workplace.finishSuperseded(other) }
    return report(prepared, outcome: outcome, files: files)
  }

  /// Takes a drop into the snapshot without output: its receivers have what it says. Nothing of it is judged by guards
  /// that compare it with what was sent; a drop that is itself in doubt is quarantined.
  func adopt(_ prepared: PreparedDrop, notes: [RejectNote]) throws(SluiceError) -> DropReport {
    let doubts = ["guard-empty", "guard-min-rows", "guard-max-rows", "guard-rejected"]
    if let doubt = prepared.violations.first(where: { doubts.contains($0.code) }) {
      throw SluiceError(
        .damaged, doubt.code, file: DisplayName.escape(processor.claim.file.file), cause: doubt.message,
        remedy: "correct the file or the feed's guards and adopt it again")
    }
    var adopted = prepared
    adopted.outputs = []
    adopted.rowsWritten = [:]
    for index in adopted.counts.states.indices { adopted.counts.states[index].rowsWritten = 0 }
    for index in adopted.counts.events.indices {
      adopted.counts.events[index] = EventCounts(fired: 0, skipped: prepared.counts.accepted)
    }
    let note = OutcomeNote(
      reason: "adopted", message: "\(prepared.counts.accepted) records were taken over, and nothing was sent")
    return try publish(adopted, notes: notes, note: note)
  }

  /// Everything after the commit; may be repeated after a crash.
  func complete(_ plan: PublicationPlan) throws(SluiceError) { try complete(plan, manifest: recordedManifest()) }

  private func complete(_ plan: PublicationPlan, manifest: Manifest?) throws(SluiceError) {
    let roots = PublicationRoots(outbox: project.outbox, archive: project.archive, work: project.work)
    let publisher = try Publisher(
      plan, manifest: manifest, roots: roots, durable: workplace.options.isDurable)
    _ = try publisher.publish()
    try removeUnusedSegments()
    try workplace.clean(drop)
    workplace.finish(drop)
  }

  private func publicationPlan(
    _ files: [FinalFile], publication: Int?, _ prepared: PreparedDrop
  ) -> PublicationPlan {
    let number = SafeName.number(drop)
    let name = processor.claim.file.file
    return PublicationPlan(
      drop: drop, feed: plan.feed.name, moves: files.map(\.move),
      manifestPath: publication.map { "manifests/" + OutboxName.manifest(publication: $0, feed: plan.feed.name) },
      archive: PublicationPlan.Move(
        from: number + "/data", to: SafeName.storedPath(drop: drop, feed: plan.feed.name, name: name)),
      snapshotSegments: prepared.state.segments, stagingDirectory: PublicationPlan.stagingDirectory(drop: drop),
      workDirectory: number)
  }

  /// The manifest of the publication as the ledger has it; nil when nothing was sent.
  private func recordedManifest() throws(SluiceError) -> Manifest? {
    guard let detail = try ledger.drop(drop), let publication = detail.summary.publication,
      let entry = detail.entries.last(where: { $0.kind == .published || $0.kind == .released })
    else { return nil }
    return manifest(publication, entry: entry, files: detail.outputs)
  }

  private func manifest(_ publication: Int?, entry: Entry, files: [LedgerOutput]) -> Manifest? {
    guard let publication else { return nil }
    return Manifest(
      publication: publication, feed: plan.feed.name, drop: drop,
      committedAt: Int64(UTCTime.seconds(entry.at) ?? 0),
      chain: Manifest.Chain(entry: entry.id, hash: entry.hash),
      files: files.map {
        Manifest.File(path: $0.path, target: $0.target, rows: $0.rows, bytes: $0.bytes, sha256: $0.sha256)
      })
  }

  /// Removes segments that nobody needs any more: not the snapshot, not the one before it, and no held drop. What a
  /// published drop has said itself goes to the lineage.
  private func removeUnusedSegments() throws(SluiceError) {
    let (name, former) = (plan.feed.name, plan.feed.formerName)
    guard let recent = try? ledger.recentSegments(feed: name, formerly: former, snapshots: 2),
      let held = try? ledger.heldDrops(feed: name, formerly: former).map({ SafeName.number($0.claim.drop) }),
      let directory = try? workplace.snapshotDirectory(of: plan),
      let files = try? FileSystem.list(directory).names
    else { return }
    let needed = Set(recent)
    let lineage = Lineage(directory: directory)
    for name in Set(files.compactMap { $0.split(separator: ".").first.map(String.init) })
    where name != Lineage.name && !needed.contains(name) && !held.contains(where: name.hasPrefix) {
      if let written = Lineage.drop(of: name), written == drop || (try? ledger.isPublished(drop: written)) != false {
        try lineage.keep(name, isDurable: workplace.options.isDurable)
      } else {
        SnapshotWriter.remove(directory: directory, name: name)
      }
    }
  }

  // MARK: - Hold

  /// Keeps the staged outputs aside until a person decides; only the rejects can be read at once.
  func hold(
    _ prepared: PreparedDrop, notes: [RejectNote], reason: String, _ message: String, decision: Decision? = nil
  ) throws(SluiceError) -> DropReport {
    let held = workplace.heldDirectory(of: drop)
    try Publisher.removeTree(held)
    try StagedTree.move(
      from: workplace.stagingDirectory(of: drop), to: held, durable: workplace.options.isDurable)
    let holds = decision == nil ? 0 : try holds()
    let rejects = prepared.rejects.map { rejectFile($0, hold: holds + 1) }
    let plan = HeldPlan(prepared: prepared, notes: notes, reject: rejects?.move)
    var outcome = Outcome(drop: drop, kind: .held, reason: reason, message: message)
    fill(&outcome, prepared, notes: notes)
    outcome.outputs = prepared.outputs.map {
      LedgerOutput(
        target: $0.target, path: workplace.relative(held + "/" + $0.stagedName), rows: $0.rows, bytes: $0.bytes,
        sha256: $0.sha256)
    }
    outcome.rejectFile = rejects.map(shown)
    outcome.rejectSHA256 = rejects?.staged.sha256
    outcome.plan = try encode(plan)
    outcome.decision = decision
    outcome.activates = try workplace.definition(of: self.plan)
    try workplace.syncPlaces(of: self.plan, staged: held)
    _ = try ledger.commit(outcome)
    try completeHold(plan)
    var report = report(prepared, outcome: outcome, files: [])
    report.status = .held
    return report
  }

  /// Records that what was staged for a held drop is no longer meant: from now on a release stages it anew.
  func giveUpStaged(_ held: HeldPlan, _ note: OutcomeNote, decision: Decision) throws(SluiceError) {
    var given = held
    given.isGivenUp = true
    var outcome = Outcome(drop: drop, kind: .held, reason: note.reason, message: note.message)
    fill(&outcome, held.prepared, notes: held.notes)
    outcome.plan = try encode(given)
    outcome.decision = decision
    _ = try ledger.commit(outcome)
    workplace.finish(drop)
  }

  /// Everything after the commit of a hold; may be repeated after a crash.
  func completeHold(_ plan: HeldPlan) throws(SluiceError) {
    if let move = plan.reject {
      _ = try Publisher.place(
        "\(workplace.heldDirectory(of: drop))/\(move.from)", at: "\(project.outbox)/\(move.to)",
        durable: workplace.options.isDurable)
    }
    try Publisher.removeTree(workplace.scratchDirectory(of: drop))
    _ = rmdir("\(project.outbox)/.staging")
    workplace.finish(drop)
  }

  // MARK: - Names and records

  /// A staged file and what it will be called.
  private struct FinalFile {
    var staged: StagedOutput
    /// Path below the outbox.
    var path: String

    var move: PublicationPlan.Move { PublicationPlan.Move(from: staged.stagedName, to: path) }
  }

  /// The path of a file as reports and the ledger show it.
  private func shown(_ file: FinalFile) -> String { "\(project.outboxName)/\(file.path)" }

  private func finalNames(_ outputs: [StagedOutput], publication: Int, time: Int) -> [FinalFile] {
    outputs.map { output in
      let siblings = outputs.count {
        $0.target == output.target && $0.variant == output.variant && $0.behaviour == output.behaviour
      }
      let name = OutboxName(
        publication: publication, step: OutboxStep(rawValue: output.step) ?? .bi, time: Int64(time),
        feed: plan.feed.name, entity: output.entity,
        form: output.variant.flatMap { OutboxName.Form(rawValue: "-" + $0) } ?? .any, behaviour: output.behaviour,
        part: siblings > 1 ? output.part : nil)
      return FinalFile(staged: output, path: "\(output.system.rawValue)/\(name.fileName)")
    }
  }

  /// How many times the drop was held.
  private func holds() throws(SluiceError) -> Int { try ledger.drop(drop)?.entries.count { $0.kind == .held } ?? 0 }

  /// Where the rejects of a drop go that is staged anew: those of its holds are there already.
  func nextRejectPath() throws(SluiceError) -> String {
    "rejects/" + OutboxName.rejects(drop: drop, feed: plan.feed.name, hold: try holds() + 1)
  }

  private func rejectFile(_ output: StagedOutput, hold: Int = 1) -> FinalFile {
    FinalFile(staged: output, path: "rejects/" + OutboxName.rejects(drop: drop, feed: plan.feed.name, hold: hold))
  }

  /// The Frictionless descriptor of the BI files of this publication.
  private func stageDataPackage(
    _ targets: [PreparedTarget], _ files: [FinalFile], _ publication: Int, _ time: Int
  ) throws(SluiceError) -> FinalFile? {
    let package = PublishedPackage(
      feed: plan.feed.name, publication: publication, time: time, targets: targets,
      files: files.map { ($0.staged, $0.path) })
    guard let package else { return nil }
    let staged = "datapackage.json"
    // A release that was interrupted before its commit has left one.
    try FileSystem.remove(workplace.stagingDirectory(of: drop) + "/" + staged)
    let file = try StagedFile(directory: workplace.stagingDirectory(of: drop), name: staged)
    try Array(package.text.utf8).withView { (view) throws(SluiceError) in try file.append(view) }
    let summary = try file.finish(durable: workplace.options.isDurable)
    let output = StagedOutput(
      stagedName: staged, target: PublishedPackage.target, system: .bi, step: 50, entity: "datapackage", variant: nil,
      behaviour: "datapackage", part: 1, columns: [], rows: 0, bytes: summary.bytes, sha256: summary.sha256)
    return FinalFile(staged: output, path: "bi/" + package.name)
  }

  private func fill(_ outcome: inout Outcome, _ prepared: PreparedDrop, notes: [RejectNote]) {
    outcome.totals = processor.totals(prepared)
    outcome.definition = prepared.definition
    outcome.counts = prepared.targets.enumerated().map { index, target in
      var counts = LedgerCounts(target: target.name)
      if let state = target.state {
        counts.add(prepared.counts.states[state])
      } else {
        counts.fired = prepared.counts.events[index].fired
        counts.skipped = prepared.counts.events[index].skipped
      }
      counts.rowsWritten = prepared.rowsWritten[counts.target] ?? 0
      return counts
    }
    outcome.rejects = notes.map {
      RejectedRow(line: $0.line, column: $0.column, field: $0.field, rule: $0.rule, message: $0.message)
    }
  }

  private func encode(_ plan: some Encodable) throws(SluiceError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return Array(try encoder.encode(plan))
    } catch {
      throw SluiceError(
        .environment, "plan-unreadable", cause: "the publication plan can not be written down: \(error)",
        remedy: "report this as a defect of Sluice")
    }
  }

  private static func removalWithheld(_ prepared: PreparedDrop) -> OutcomeNote {
    OutcomeNote(
      reason: "removal-withheld",
      message: "\(prepared.counts.unkeyed) rejected rows have keys that could not be read, so that no key was removed")
  }

  private func report(_ prepared: PreparedDrop, outcome: Outcome, files: [FinalFile]) -> DropReport {
    var report = processor.report(
      prepared.isUnchanged ? .unchanged : .published, reason: outcome.reason, message: outcome.message)
    report.publication = outcome.publication
    report.counts = prepared.counts
    report.rejects = outcome.rejectFile
    report.targets = prepared.targets.enumerated().map { index, target in
      DropReport.Target(
        target: target.name, counts: target.state.map { prepared.counts.states[$0] },
        events: target.state == nil ? prepared.counts.events[index] : nil,
        rowsWritten: prepared.rowsWritten[target.name] ?? 0,
        files: files.filter { $0.staged.target == target.name }.map {
          DropReport.File(path: shown($0), rows: $0.staged.rows, sha256: $0.staged.sha256)
        })
    }
    return report
  }
}

extension LedgerCounts {
  /// Adds the counts of a state target.
  fileprivate mutating func add(_ counts: TargetCounts) {
    new += counts.new
    changed += counts.changed
    returned += counts.returned
    unchanged += counts.unchanged
    newer += counts.newer
    withdrawn += counts.withdrawn
    skipped += counts.skipped
    parked += counts.parked
    removed += counts.removed
  }
}

/// What there is to say of an outcome beside its counts.
struct OutcomeNote {
  /// Stable code.
  var reason: String
  var message: String
}

/// What recovery and `release` need to know of a held drop.
struct HeldPlan: Codable {
  var prepared: PreparedDrop
  var notes: [RejectNote]
  /// The reject file's way into the outbox.
  var reject: PublicationPlan.Move?
  /// What was staged is not meant any more, and perhaps gone; nil: it is.
  var isGivenUp: Bool?
}
