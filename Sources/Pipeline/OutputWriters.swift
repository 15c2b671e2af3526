import Diff
import Feeds
import Records
import Streams
import Targets

/// The writers of all targets of a feed for one drop, and the staging area that they share.
final class OutputWriters {
  let plan: FeedPlan
  let staging: StagingArea
  private let now: Value
  private let commerce: [CommerceWriter?]
  private let changes: [ChangeEventWriter?]
  private let triggers: [TriggerWriter?]
  /// Events of targets that are published for the first time do not fire.
  private let isKnownTarget: [Bool]

  init(
    plan: FeedPlan, staging: StagingArea, scratch: String, evaluator: Evaluator, now: Value, drop: Int,
    time: String, publishedTargets: [String]
  ) throws(SluiceError) {
    self.plan = plan
    self.staging = staging
    self.now = now
    let late = try CompiledProgram.make(plan.layout.latePrograms)
    var commerce: [CommerceWriter?] = []
    var changes: [ChangeEventWriter?] = []
    var triggers: [TriggerWriter?] = []
    for (index, target) in plan.feed.targets.enumerated() {
      let layout = plan.layout.targets[index]
      let entity = target.system == .commerce ? CommerceEntity(rawValue: target.entity) : nil
      commerce.append(
        entity.map {
          CommerceWriter(
            target, entity: $0, layout: layout, late: late, staging: staging, evaluator: evaluator, now: now,
            key: Self.identityParts(plan), scratchDirectory: scratch)
        })
      changes.append(
        target.reportsKey
          ? ChangeEventWriter(
            target, layout: plan.layout, target: index, keyNames: plan.keyNames, staging: staging, drop: drop,
            time: time) : nil)
      triggers.append(
        target.system == .edm && target.kind == .event
          ? try TriggerWriter(
            target, layout: layout, late: late, fields: plan.feed.fields, staging: staging, evaluator: evaluator,
            now: now) : nil)
    }
    self.commerce = commerce
    self.changes = changes
    self.triggers = triggers
    isKnownTarget = plan.feed.targets.map { publishedTargets.contains($0.name) }
  }

  private static func identityParts(_ plan: FeedPlan) -> [IdentityPart] {
    plan.feed.key.map { part in
      IdentityPart(field: part.field, isCaseless: part.isFolded || plan.feed.fields[part.field].type != .text)
    }
  }

  /// Whether a target's rows are written while keys are decided; grouped and whole ones are written afterwards.
  private func isWrittenAtOnce(_ target: Int) -> Bool {
    plan.feed.targets[target].groupBy == nil && !plan.feed.targets[target].isWhole
  }

  /// Why a decided key can not be sent: what goes out with its first row only, or with an event, has no value or breaks
  /// a rule of Commerce.
  func refusal(
    _ decision: KeyDecision, record: Record, new: ImageView, old: ImageView?, tracked: [Bool]?
  ) -> Refusal? {
    for (index, state) in plan.states.enumerated() where isWrittenAtOnce(state.target) {
      guard let writer = commerce[state.target] else { continue }
      let broken = writer.brokenOnce(decision.change(index), new: new, old: old, record: record)
      if let fault = record.evaluator.fault { return Refusal(cause: .expression(fault)) }
      guard let broken else { continue }
      let target = plan.feed.targets[state.target]
      let fields = target.columns.first { $0.name == broken.column }?.program.fields ?? []
      return Refusal(
        cause: .commerce(
          broken.rule, place: "\(target.name).\(broken.column)", value: broken.value,
          isMasked: fields.contains { plan.feed.fields[$0].isSensitive }))
    }
    guard decision.isEventful else { return nil }
    for (index, trigger) in triggers.enumerated() where isKnownTarget[index] && tracked?[index] ?? true {
      guard let fault = trigger?.fault(record, old: old) else { continue }
      return Refusal(cause: .expression(fault))
    }
    return nil
  }

  /// Whether the rows of keys that nothing is known of follow from their images alone: no column is evaluated from the
  /// record, and no event that looks at it fires.
  var needOnlyImages: Bool {
    !commerce.contains { $0?.hasOnce == true }
      && !triggers.indices.contains { triggers[$0] != nil && isKnownTarget[$0] }
  }

  /// Writes what a decided key means for every target; `record` may be nil where they `needOnlyImages`.
  func write(
    _ decision: KeyDecision, record: Record?, new: ImageView, old: ImageView?, tracked: [Bool]?,
    counts: inout DropCounts
  ) throws(SluiceError) {
    for (index, state) in plan.states.enumerated() where isWrittenAtOnce(state.target) {
      let change = decision.change(index)
      switch change {
      case .new, .changed, .returned:
        let rows = try commerce[state.target]?.write(change, new: new, old: old, record: record) ?? 0
        counts.states[index].rowsWritten += rows
      case .withdrawn:
        guard let old else { continue }
        counts.states[index].rowsWritten += try commerce[state.target]?.remove(old) ?? 0
      default: continue
      }
    }
    guard decision.isEventful else { return }
    for index in plan.feed.targets.indices where plan.feed.targets[index].kind == .event {
      let isTracked = tracked?[index] ?? true
      let hasFired: Bool
      if let writer = changes[index] {
        let wasThere = decision.old.exists && decision.old.flags.isLive && isTracked
        hasFired = try writer.write(wasThere ? .update : .insert, new: new, old: wasThere ? old : nil)
      } else if let writer = triggers[index], let record, isKnownTarget[index], isTracked {
        hasFired = try writer.write(record, old: old)
      } else {
        hasFired = false
      }
      if hasFired { counts.events[index].fired += 1 }
    }
  }

  /// Writes what the vanishing of a key means for every target. `old` is its last image, made when the key had the
  /// `tracked` targets.
  func writeVanished(
    _ flags: EntryFlags, old: ImageView, tracked: [Bool], counts: inout DropCounts
  ) throws(SluiceError) {
    for (index, state) in plan.states.enumerated()
    where isWrittenAtOnce(state.target) && flags.state(index) == .sent {
      counts.states[index].rowsWritten += try commerce[state.target]?.remove(old) ?? 0
    }
    // What was never told as inserted is not told as deleted.
    for index in plan.feed.targets.indices where tracked[index] {
      if try changes[index]?.write(.delete, new: nil, old: old) == true { counts.events[index].fired += 1 }
    }
  }

  /// The writers of state targets that have to know which identities are held before their removals can be written.
  var removalKeepers: [(state: Int, writer: CommerceWriter)] {
    plan.states.indices.compactMap { index in
      guard let writer = commerce[plan.states[index].target], writer.keepsRemovals else { return nil }
      return (index, writer)
    }
  }

  /// Writes the removals that had to wait until every row of the drop was written.
  func finishRemovals(counts: inout DropCounts) throws(SluiceError) {
    for (index, state) in plan.states.enumerated() {
      counts.states[index].rowsWritten += try commerce[state.target]?.finishRemovals() ?? 0
    }
  }

  /// Writes a key once more to every state target that has it and is not written from the snapshot as a whole. No event
  /// fires, and `once` columns are left out.
  /// With `only` no target but that one.
  func writeAgain(
    _ flags: EntryFlags, image: ImageView, only: Int? = nil, counts: inout DropCounts
  ) throws(SluiceError) {
    for (index, state) in plan.states.enumerated()
    where isWrittenAtOnce(state.target) && flags.state(index) == .sent && only ?? state.target == state.target {
      counts.states[index].rowsWritten +=
        try commerce[state.target]?.rewrite(image) ?? 0
    }
  }

  /// Writes one member of a group that is sent whole.
  func writeMember(_ image: ImageView, target: Int) throws(SluiceError) -> Int {
    try commerce[target]?.write(.new, new: image, old: nil, record: nil) ?? 0
  }

  /// Writes the removal of a group that has become empty; `old` is the last image of one of its members.
  func writeEmptied(_ old: ImageView, target: Int) throws(SluiceError) -> Int {
    guard plan.feed.targets[target].removed == .delete || plan.feed.targets[target].behaviour == .replace else {
      return 0
    }
    try commerce[target]?.emitDelete(old)
    return 1
  }
}
