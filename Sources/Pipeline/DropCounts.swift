import Diff

/// How many times an event target fired and was passed over.
package struct EventCounts: Codable, Equatable, Sendable {
  package var fired = 0
  package var skipped = 0
}

/// Everything that is counted while a drop is processed.
package struct DropCounts: Codable, Equatable, Sendable {
  /// Data rows read.
  package var read = 0
  /// Rows that broke a rule.
  package var rejected = 0
  /// Valid rows that lost to another row of their key.
  package var superseded = 0
  /// Those of them that are corrected rejects whose keys were spoken for since: they are in the reject file.
  package var refusedAsNewer = 0
  /// Keys that a request to revert has given back what they had, and those that have changed since.
  package var restated = 0
  package var changedSince = 0
  /// Records that went on to the diff.
  package var accepted = 0
  /// Rejected rows whose key could not be read.
  package var unkeyed = 0
  /// Keys spelled otherwise than when they were first sent.
  package var respelled = 0
  /// Live keys that changed in any way, new ones excepted.
  package var changedKeys = 0
  /// Keys that vanished from a full.
  package var vanished = 0
  /// Keys whose guarded value went to zero, vanished ones included.
  package var zeroed = 0
  /// Vanished keys whose guarded value was above zero.
  package var vanishedPositive = 0
  /// Live keys whose guarded value was not above zero and is now.
  package var raised = 0
  /// Live keys whose watched number moved further than the guards allow.
  package var swung = 0
  /// What the publication adds to the live keys, and to those above zero.
  package var liveDelta = 0
  package var positiveDelta = 0
  /// By state target, in the order of the plan's states.
  package var states: [TargetCounts]
  /// By target, in the feed's order; only events use theirs.
  package var events: [EventCounts]

  /// What was counted for the guards alone is not written down: they have been judged by then.
  private enum CodingKeys: String, CodingKey {
    case read, rejected, superseded, accepted, unkeyed, respelled, changedKeys, vanished, zeroed, vanishedPositive
    case liveDelta, positiveDelta, states, events
  }

  init(plan: FeedPlan) {
    states = Array(repeating: TargetCounts(), count: plan.states.count)
    events = Array(repeating: EventCounts(), count: plan.feed.targets.count)
  }

  /// Takes one decided key into account.
  @inline(__always)
  mutating func add(_ decision: KeyDecision) {
    for index in states.indices { states[index].add(decision.change(index)) }
    guard !decision.isNewer else { return }
    let old = decision.old.flags
    let wasLive = decision.old.exists && old.isLive
    if wasLive, decision.isEventful { changedKeys += 1 }
    if !wasLive { liveDelta += 1 }
    let wasPositive = wasLive && old.isPositive
    let isPositive = decision.flags.isPositive
    if wasPositive, !isPositive { zeroed += 1 }
    if wasLive, isPositive, !wasPositive { raised += 1 }
    positiveDelta += (isPositive ? 1 : 0) - (wasPositive ? 1 : 0)
  }

  /// Takes `number` records into account that are those of last time, whose entries have these flags.
  mutating func addUnchanged(_ flags: EntryFlags, number: Int) {
    accepted += number
    for index in states.indices {
      if flags.state(index) == .sent { states[index].unchanged += number } else { states[index].skipped += number }
    }
  }

  /// Takes back a decided key that is rejected after all.
  mutating func takeBack(_ decision: KeyDecision) {
    accepted -= 1
    rejected += 1
    for index in states.indices { states[index].remove(decision.change(index)) }
    guard !decision.isNewer else { return }
    let old = decision.old.flags
    let wasLive = decision.old.exists && old.isLive
    if wasLive, decision.isEventful { changedKeys -= 1 }
    if !wasLive { liveDelta -= 1 }
    let wasPositive = wasLive && old.isPositive
    let isPositive = decision.flags.isPositive
    if wasPositive, !isPositive { zeroed -= 1 }
    if wasLive, isPositive, !wasPositive { raised -= 1 }
    positiveDelta -= (isPositive ? 1 : 0) - (wasPositive ? 1 : 0)
  }

  /// Turns a record that was accepted so far into one that a later drop has superseded.
  mutating func refuseNewer() {
    accepted -= 1
    superseded += 1
    refusedAsNewer += 1
  }

  /// Takes one vanished key into account.
  mutating func addVanished(_ flags: EntryFlags) {
    vanished += 1
    liveDelta -= 1
    if flags.isPositive {
      vanishedPositive += 1
      zeroed += 1
      positiveDelta -= 1
    }
    for index in states.indices where flags.state(index) == .sent { states[index].add(.removed) }
  }

  /// Takes a row of a delta into account that says that its key is gone. A key that is not live has nothing to
  /// withdraw.
  mutating func addDeleted(_ old: OldKey) {
    accepted += 1
    for index in states.indices {
      states[index].add(old.exists && old.flags.state(index) == .sent ? .withdrawn : .skipped)
    }
    guard old.exists, old.flags.isLive else { return }
    vanished += 1
    liveDelta -= 1
    guard old.flags.isPositive else { return }
    vanishedPositive += 1
    zeroed += 1
    positiveDelta -= 1
  }

  /// Takes a row into account that changes nothing by itself.
  mutating func addUneventful(_ change: TargetChange) {
    accepted += 1
    for index in states.indices { states[index].add(change) }
  }

  /// Takes back all vanished keys: the removal is withheld.
  mutating func withholdRemovals() {
    liveDelta += vanished
    positiveDelta += vanishedPositive
    zeroed -= vanishedPositive
    vanished = 0
    vanishedPositive = 0
    for index in states.indices { states[index].removed = 0 }
  }
}
