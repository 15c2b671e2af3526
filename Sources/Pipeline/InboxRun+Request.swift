import Feeds
import Foundation
import Intake
import Ledger
import Streams

/// What a person asks to be sent: it takes a drop's number and way, with the request itself as its file.
extension InboxRun {
  /// Sends the whole current state of `feed` to its state targets once more; events do not fire. Throws `behind-held`,
  /// and the errors of `run`.
  package func resync(_ feed: FeedDefinition, reason: String) throws(SluiceError) -> DropReport {
    try answer(Request(kind: .resync, decision: decision(reason)), feed: feed.name)
  }

  /// Publishes the values from before `drop` for the keys that no later drop has written. Throws `drop-unknown`,
  /// `drop-not-published`, `lineage-missing`, `behind-held`, and the errors of `run`.
  package func revert(_ drop: Int, reason: String) throws(SluiceError) -> DropReport {
    guard let summary = try workplace.ledger.drop(drop)?.summary else {
      throw SluiceError(
        .definition, "drop-unknown", value: String(drop), cause: "the ledger has no drop of this number",
        remedy: "look it up with `sluice ledger list`")
    }
    guard [.published, .unchanged].contains(summary.status) else {
      throw SluiceError(
        .definition, "drop-not-published", value: String(drop), cause: "the drop is \(summary.status.rawValue)",
        remedy: "only what was published can be taken back; `sluice discard` gives up a held drop")
    }
    return try answer(
      Request(kind: .revert, drop: drop, decision: decision(reason)), feed: summary.claim.file.feed)
  }

  private func decision(_ reason: String) -> Decision {
    let options = workplace.options
    return Decision(person: options.person, commandLine: options.commandLine, reason: reason)
  }

  private func answer(_ request: Request, feed: String) throws(SluiceError) -> DropReport {
    let reports = try recover()
    if let stopping = reports.first(where: \.stopsRun) { return stopping }
    defer { try? workplace.unlock() }
    return try workplace.locked { () throws(SluiceError) in
      let plan = try workplace.plan(of: feed)
      try workplace.requireRecovered(plan)
      if let held = try workplace.ledger.heldDrops(feed: plan.feed.name, formerly: plan.feed.formerName).first {
        throw SluiceError(
          .definition, "behind-held", value: String(held.claim.drop),
          cause: "drop \(held.claim.drop) of the feed is held", remedy: "release or discard it first")
      }
      if let drop = request.drop {
        let lineage = Lineage(directory: try workplace.snapshotDirectory(of: plan))
        guard try PastVersions(plan: plan, lineage: lineage).cursor(of: drop) != nil else {
          throw PastVersions.missing(drop)
        }
      }
      let content = try text(of: request, feed: plan.feed.name)
      let file = NewClaim(
        feed: plan.feed.name, mode: DropMode.delta.rawValue, file: name(of: request), pattern: 0, bytes: content.count,
        inode: 0, mtime: 0, now: workplace.options.now.map(UTCTime.text), request: request)
      return try claimed(file, plan: plan) { (drop) throws(SluiceError) in
        try workplace.claims.claimContent(content, drop: drop)
      } body: { (processor) throws(SluiceError) in
        try processor.process()
      }
    }
  }

  private func name(of request: Request) -> String {
    request.kind.rawValue + (request.drop.map { "-\($0)" } ?? "") + ".json"
  }

  /// The request as it is archived.
  private func text(of request: Request, feed: String) throws(SluiceError) -> [UInt8] {
    struct Text: Encodable {
      var request: String
      var feed: String
      var drop: Int?
      var person: String
      var reason: String
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let text = Text(
      request: request.kind.rawValue, feed: feed, drop: request.drop, person: request.decision.person,
      reason: request.decision.reason)
    guard let bytes = try? encoder.encode(text) else {
      throw SluiceError(
        .environment, "internal-error", cause: "the request can not be written down",
        remedy: "report this as a defect of Sluice; nothing was published")
    }
    return Array(bytes) + [0x0A]
  }
}
