import Feeds
import Foundation
import Intake
import Ledger
import Outbox
import Streams

/// What a person decides about held drops.
package struct HeldDrops {
  private let workplace: Workplace

  /// Opens the project.
  package init(project: Places, feeds: [FeedDefinition], options: RunOptions) throws(SluiceError) {
    workplace = try Workplace(project: project, feeds: feeds, options: options)
  }

  /// Publishes the staged bytes of a held drop. When the snapshot has moved since, nothing is published: the drop is
  /// staged anew and stays held (`snapshot-moved`).
  ///
  /// With `keepsRemoved` it is staged anew without its removals and published so; throws `removals-none` when there are
  /// none. With `isRebased` the guards take its number of keys for what the feed usually has.
  package func release(
    _ drop: Int, reason: String, keepsRemoved: Bool = false, isRebased: Bool = false
  ) throws(SluiceError) -> DropReport {
    try workplace.locked { () throws(SluiceError) in
      var (processor, held) = try find(drop)
      try workplace.requireRunning(processor.plan)
      held.prepared.state.forgetHistory(isRebased: isRebased)
      let publisher = DropPublisher(processor: processor)
      let state = try workplace.state(of: processor.plan)
      let isStaged = held.isGivenUp != true
      guard let before = held.prepared.before, state.isSame(as: before), isStaged || keepsRemoved else {
        try Publisher.removeTree(workplace.heldDirectory(of: drop))
        try workplace.removeSegments(of: drop, plan: processor.plan)
        let (prepared, notes) = try processor.prepare(state)
        let message =
          (isStaged ? "the feed has been published since" : "a release without removals was interrupted")
          + "; these are the new counts, release it again if they are right"
        return try publisher.hold(
          prepared, notes: notes, reason: "snapshot-moved", message, decision: decision(reason))
      }
      if keepsRemoved {
        return try releaseKept(processor, held, state: state, decision: decision(reason), isRebased: isRebased)
      }
      try StagedTree.move(
        from: workplace.heldDirectory(of: drop), to: workplace.stagingDirectory(of: drop),
        durable: workplace.options.isDurable)
      return try publisher.publish(
        held.prepared, notes: held.notes, decision: decision(reason), rejectPath: held.reject?.to)
    }
  }

  /// Publishes a held drop without its removals. What was staged is given up in the ledger first, so that after a crash
  /// nobody takes for it what is staged anew.
  private func releaseKept(
    _ processor: DropProcessor, _ held: HeldPlan, state: FeedState, decision: Decision, isRebased: Bool
  ) throws(SluiceError) -> DropReport {
    let drop = processor.claim.drop
    let removed = held.prepared.counts.vanished
    guard removed > 0 else {
      throw SluiceError(
        .definition, "removals-none", value: String(drop), cause: "the drop removes no key",
        remedy: "release it without --without-removals")
    }
    let publisher = DropPublisher(processor: processor)
    let note = OutcomeNote(
      reason: "removals-kept", message: "released without the removal of \(removed) keys that vanished")
    if held.isGivenUp != true { try publisher.giveUpStaged(held, note, decision: decision) }
    try Publisher.removeTree(workplace.heldDirectory(of: drop))
    try workplace.removeSegments(of: drop, plan: processor.plan)
    var (prepared, notes) = try processor.prepare(state, keepsRemoved: true)
    prepared.state.forgetHistory(isRebased: isRebased)
    return try publisher.publish(
      prepared, notes: notes, decision: decision, rejectPath: try publisher.nextRejectPath(), note: note)
  }

  /// Gives a held drop up: its file goes to the archive, its staged outputs are deleted.
  package func discard(_ drop: Int, reason: String) throws(SluiceError) {
    try workplace.locked { () throws(SluiceError) in
      let (processor, _) = try find(drop)
      var outcome = Outcome(drop: drop, kind: .discarded, reason: "discarded", message: reason)
      outcome.decision = decision(reason)
      _ = try workplace.ledger.commit(outcome)
      try processor.settle(.discarded)
    }
  }

  private func decision(_ reason: String) -> Decision {
    Decision(
      person: workplace.options.person, commandLine: workplace.options.commandLine, reason: reason)
  }

  private func find(_ drop: Int) throws(SluiceError) -> (DropProcessor, HeldPlan) {
    guard let detail = try workplace.ledger.drop(drop) else {
      throw SluiceError(
        .definition, "drop-unknown", value: String(drop), cause: "the ledger has no drop of this number",
        remedy: "look it up with `sluice ledger list`")
    }
    guard detail.summary.status == .held else {
      throw SluiceError(
        .definition, "drop-not-held", value: String(drop), cause: "the drop is \(detail.summary.status.rawValue)",
        remedy: "only held drops can be released or discarded; `sluice status` lists them")
    }
    let plan = try workplace.plan(of: detail.summary.claim.file.feed)
    try workplace.requireRecovered(plan)
    guard let bytes = try workplace.ledger.plan(drop: drop),
      let held = try? JSONDecoder().decode(HeldPlan.self, from: Data(bytes))
    else {
      throw SluiceError(
        .environment, "ledger-damaged", value: String(drop), cause: "the plan of the held drop can not be read",
        remedy: "restore the ledger from a backup")
    }
    return (DropProcessor(workplace: workplace, plan: plan, claim: detail.summary.claim), held)
  }
}
