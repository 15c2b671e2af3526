import Feeds
import Foundation
import Intake
import Ledger
import Streams
import Targets

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
    let isAdopted = summary.claim.file.adoption != nil
    guard [.published, .unchanged].contains(summary.status), !isAdopted else {
      throw SluiceError(
        .definition, "drop-not-published", value: String(drop),
        cause: isAdopted ? "the drop was adopted, nothing of it was sent" : "the drop is \(summary.status.rawValue)",
        remedy: "only what was published can be taken back; `sluice discard` gives up a held drop")
    }
    return try answer(
      Request(kind: .revert, drop: drop, decision: decision(reason)), feed: summary.claim.file.feed)
  }

  /// Sends the current rows of the keys that `output` (its path, or its name) had a row of once more to its target;
  /// with `rows`, the path of a table with the columns that name a row, only of those. Throws `output-unknown`,
  /// `output-not-resendable`, `lineage-missing`, `column-missing`, and as `resync`.
  package func resend(_ output: String, rows: String?, reason: String) throws(SluiceError) -> DropReport {
    let name = output.split(separator: "/").last.map(String.init) ?? output
    guard let (drop, feed, recorded) = try workplace.ledger.output(named: name) else {
      throw SluiceError(
        .definition, "output-unknown", value: output, cause: "the ledger has no output of this name",
        remedy: "look it up with `sluice ledger show ID`")
    }
    let plan = try workplace.plan(of: feed)
    guard let target = plan.feed.targets.first(where: { $0.name == recorded.target && $0.kind == .state }) else {
      throw ResendOrder.noTarget(recorded.target)
    }
    var order = ResendOrder(output: recorded.path, target: target.name, drop: drop)
    if let rows {
      let identity = CommerceEntity(rawValue: target.entity)?.identityColumns ?? []
      let columns = target.columns.map(\.name).filter(identity.contains)
      guard target.system == .commerce, !columns.isEmpty else { throw ResendOrder.noTarget(target.name) }
      order.columns = columns
      order.rows = try ResendRows.read(rows, columns: columns)
    }
    return try answer(
      Request(kind: .resend, drop: drop, decision: decision(reason)), feed: feed, order: order)
  }

  private func decision(_ reason: String) -> Decision {
    let options = workplace.options
    return Decision(person: options.person, commandLine: options.commandLine, reason: reason)
  }

  private func answer(
    _ request: Request, feed: String, order: ResendOrder? = nil
  ) throws(SluiceError) -> DropReport {
    let reports = try recover()
    if let stopping = reports.first(where: \.stopsRun) { return stopping }
    if let answered = try answered(request, by: reports) { return answered }
    defer { try? workplace.unlock() }
    return try workplace.locked { () throws(SluiceError) in
      let plan = try workplace.plan(of: feed)
      try workplace.requireRecovered(plan)
      try workplace.requireRunning(plan)
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
      let state = try workplace.state(of: plan)
      guard !state.segments.isEmpty else {
        throw SluiceError(
          .definition, "nothing-published", field: plan.feed.name, cause: "the feed has published nothing yet",
          remedy: "drop a full of it first")
      }
      let content = try text(of: request, feed: plan.feed.name, order: order)
      let file = NewClaim(
        feed: plan.feed.name, mode: DropMode.delta.rawValue, file: name(of: request), pattern: 0, bytes: content.count,
        inode: 0, mtime: 0, asOf: try asOf(of: request, plan, state).map(UTCTime.text),
        now: workplace.options.now.map(UTCTime.text), request: request)
      return try claimed(file, plan: plan) { (drop) throws(SluiceError) in
        try workplace.claims.claimContent(content, drop: drop)
      } body: { (processor) throws(SluiceError) in
        try processor.process()
      }
    }
  }

  /// The report of a request of this kind that an interrupted command had begun: it is not answered twice.
  private func answered(_ request: Request, by reports: [DropReport]) throws(SluiceError) -> DropReport? {
    for report in reports {
      guard let drop = report.drop, let begun = try workplace.ledger.claim(of: drop)?.file.request else { continue }
      if begun.kind == request.kind, begun.drop == request.drop { return report }
    }
    return nil
  }

  /// The time that a request speaks for, so that it does not outweigh drops that are still to come: of a revert, that
  /// of the drop, or of a later full that has spoken; else that of the last publication.
  private func asOf(of request: Request, _ plan: FeedPlan, _ state: FeedState) throws(SluiceError) -> Int? {
    if request.kind == .revert, let drop = request.drop {
      let spoken = try workplace.ledger.claim(of: drop).flatMap { UTCTime.seconds($0.effectiveAsOf) } ?? .min
      return max(spoken, state.lastFullAsOf ?? .min)
    }
    let last = try workplace.ledger.lastPublication(feed: plan.feed.name, formerly: plan.feed.formerName)
    return (last?.asOf).flatMap(UTCTime.seconds)
  }

  private func name(of request: Request) -> String {
    request.kind.rawValue + (request.drop.map { "-\($0)" } ?? "") + ".json"
  }

  /// The request as it is archived.
  private func text(of request: Request, feed: String, order: ResendOrder?) throws(SluiceError) -> [UInt8] {
    struct Text: Encodable {
      var request: String
      var feed: String
      var drop: Int?
      var person: String
      var reason: String
      var output: String?
      var target: String?
      var columns: [String]?
      var rows: [[String]]?
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let text = Text(
      request: request.kind.rawValue, feed: feed, drop: request.drop, person: request.decision.person,
      reason: request.decision.reason, output: order?.output, target: order?.target, columns: order?.columns,
      rows: order?.rows)
    guard let bytes = try? encoder.encode(text) else {
      throw SluiceError(
        .environment, "internal-error", cause: "the request can not be written down",
        remedy: "report this as a defect of Sluice; nothing was published")
    }
    return Array(bytes) + [0x0A]
  }
}
