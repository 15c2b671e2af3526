import Feeds
import Streams
import TestSupport

@testable import Pipeline

/// Random histories of a small feed, and one line of snapshots that drops are prepared against.
struct DiffHistory: CustomStringConvertible {
  let rules: ModelRules
  let drops: [ModelDrop]

  /// A history of two to six drops over at most a dozen keys, so that everything happens to each of them.
  ///
  /// With `changes`, the definition changes between them, and they are more.
  init(seed: UInt64, changes: Bool = false) {
    var random = SeededGenerator(seed: seed)
    rules = ModelRules(
      duplicates: ["first", "last", "reject", "{ latest: rev }"][random.below(4)],
      removed: ["keep", "zero", "delete"][random.below(3)])
    let rejects = random.chance(0.5) ? 0.08 : 0
    let deletes = random.chance(0.5) ? 0.15 : 0
    var time = 1_800_000_000
    var drops: [ModelDrop] = []
    var definition = ModelDefinition()
    if changes {
      definition.hasCatalogue = random.chance(0.5)
      definition.hasChanges = random.chance(0.5)
      definition.hasBack = random.chance(0.5)
    }
    for number in 1...(2 + random.below(changes ? 9 : 5)) {
      time += 3600
      if changes, number > 1, random.chance(0.4) { Self.change(&definition, &random) }
      // Some come late: they speak for a time that others have spoken for since.
      let asOf = random.chance(0.2) ? time - 3600 * random.below(5) : time
      drops.append(
        ModelDrop(
          number: number, isFull: number == 1 || random.chance(changes ? 0.2 : 0.5), asOf: asOf,
          rows: Self.rows(
            &random, rejects: rejects, deletes: deletes, shares: changes ? [0.1, 0.3, 0.7] : [0.3, 0.7, 0.9]),
          definition: definition))
    }
    self.drops = drops
  }

  private static func change(_ definition: inout ModelDefinition, _ random: inout SeededGenerator) {
    switch random.below(5) {
    case 0: definition.hasCatalogue = true
    case 1: definition.hasChanges = true
    case 2: definition.hasBack = true
    case 3: definition.reportsActive = true
    default: definition.threshold = 1 - definition.threshold
    }
  }

  private static func rows(
    _ random: inout SeededGenerator, rejects: Double, deletes: Double, shares: [Double]
  ) -> [ModelRow] {
    let share = shares[random.below(3)]
    let repetition = random.chance(0.6) ? 0.15 : 0
    var rows: [ModelRow] = []
    for number in 1...6 {
      for src in ["e", "w"] where random.chance(share) {
        repeat {
          let letter = random.chance(0.1) ? "a" : "A"
          rows.append(
            ModelRow(
              sku: random.chance(rejects / 2) ? "" : "\(letter)\(number)", src: src,
              qty: random.chance(rejects) ? nil : random.below(4), isActive: random.chance(0.8),
              rev: random.below(3), isDelete: random.chance(deletes)))
        } while random.chance(repetition)
      }
    }
    return rows
  }

  /// The same rows in another order, those of one key in the same.
  static func shuffled(_ rows: [ModelRow], seed: UInt64) -> [ModelRow] {
    var random = SeededGenerator(seed: seed)
    var places = rows.indices.map { $0 }
    places.shuffle(using: &random)
    // The n-th place that a key got takes the key's n-th row.
    var next = Dictionary(grouping: rows.indices, by: { rows[$0].key }).mapValues { $0[...] }
    return places.map { place in
      let index = next[rows[place].key]?.popFirst() ?? place
      return rows[index]
    }
  }

  /// The rules and all drops, short.
  var description: String {
    let texts = drops.map { drop in
      "\n#\(drop.number) \(drop.isFull ? "full" : "delta") as of \(drop.asOf), \(drop.definition): "
        + drop.rows.map(\.line).joined(separator: " ")
    }
    return "duplicates \(rules.duplicates), removed \(rules.removed)\(texts.joined())\n"
  }

  /// The definition of a drop's day.
  func definition(of drop: ModelDrop) -> String {
    let parts = drop.definition
    let catalogue = "  catalogue: { whole: true, when: 'qty > 1', columns: { id: sku, source: src, amount: qty } }\n"
    let back = "  back: { when: 'old.qty == 0 && qty > 0', columns: { sku: sku, source: src, qty: qty } }\n"
    let edm = (parts.hasCatalogue ? catalogue : "") + (parts.hasBack ? back : "")
    let reported = "sku, src, qty, rev" + (parts.reportsActive ? ", active" : "")
    return """
      feed: random
      files:
        - { match: 'F_{as_of:yyyyMMddHHmm}.csv', mode: full }
        - { match: 'D_{as_of:yyyyMMddHHmm}.csv', mode: delta }
      format: csv
      fields:
        sku: { from: sku, required: true }
        src: { from: src, required: true }
        qty: { from: qty, required: true, type: decimal(2), min: 0 }
        active: { from: active, type: boolean }
        rev: { from: rev, type: integer, required: true }
        op: { from: op, type: { enum: [D] } }
      key: [{ sku: fold }, src]
      deletes: { field: op, values: D }
      duplicates: \(rules.duplicates)
      commerce:
        stock_sources:
          columns: { source_code: src, sku: sku, status: 'qty > \(parts.threshold) ? 1 : 0', quantity: qty }
          when: active
          removed: \(rules.removed)

      """ + (parts.hasChanges ? "bi:\n  changes: { columns: [\(reported)] }\n" : "")
        + (edm.isEmpty ? "" : "edm:\n" + edm)
  }
}

/// One line of snapshots: prepares drop after drop as if each was published.
final class DiffWorld {
  private let directory: TemporaryDirectory
  private let history: DiffHistory
  private var plans: [String: FeedPlan] = [:]
  private var state = FeedState.empty(digestKey: .random())
  private let inTwoPasses: Bool

  /// `inTwoPasses` sorts even what comes in order.
  init(_ history: DiffHistory, inTwoPasses: Bool = false) throws {
    directory = try TemporaryDirectory("sluice-diff")
    self.history = history
    self.inTwoPasses = inTwoPasses
  }

  /// Segments that make up the snapshot.
  var segmentCount: Int { state.segments.count }

  private func plan(of drop: ModelDrop) throws -> FeedPlan {
    let definition = history.definition(of: drop)
    if let known = plans[definition] { return known }
    let (feed, problems) = FeedLoader.read(text: definition, path: "feed.yaml", directory: directory.path)
    guard let feed, problems.isEmpty else { throw TestFailure("\(problems)") }
    let plan = try FeedPlan(feed)
    plans[definition] = plan
    return plan
  }

  /// Prepares the drop, with its rows as they stand, and takes its snapshot for published.
  func take(_ drop: ModelDrop) throws -> PreparedFiles {
    let file = directory("drop")
    let plan = try plan(of: drop)
    let text = (["sku,src,qty,active,rev,op"] + drop.rows.map(\.line)).joined(separator: "\n") + "\n"
    try FileTree.write(text, to: file)
    let job = DropJob(
      drop: drop.number, plan: plan, path: file, displayName: "drop.csv", mode: drop.isFull ? .full : .delta,
      asOf: drop.asOf, captures: ["as_of": "202601010000"], now: .null, staging: directory("staging"),
      scratch: directory("scratch"), snapshots: directory("snapshots"), state: state, isDurable: false)
    let preparation = try DropPreparation(job)
    let prepared = inTwoPasses ? try preparation.prepareSorted() : try preparation.prepare()
    state = prepared.state
    return try PreparedFiles(prepared, plan: plan, staging: directory("staging"))
  }
}

/// What a drop was prepared to: in terms of the model, and byte by byte.
struct PreparedFiles {
  var outcome = ModelOutcome()
  /// Staged files by target, behaviour and part.
  var bytes: [String: [UInt8]] = [:]

  init(_ prepared: PreparedDrop, plan: FeedPlan, staging: String) throws {
    let counts = prepared.counts
    outcome.read = counts.read
    outcome.rejected = counts.rejected
    outcome.superseded = counts.superseded
    outcome.accepted = counts.accepted
    outcome.unkeyed = counts.unkeyed
    outcome.respelled = counts.respelled
    outcome.vanished = counts.vanished
    outcome.zeroed = counts.zeroed
    outcome.live = prepared.state.live
    outcome.positive = prepared.state.positive
    outcome.needsFull = prepared.violations.contains { $0.code == "needs-full" }
    for (state, targetCounts) in zip(plan.states, counts.states) {
      let name = plan.feed.targets[state.target].name
      if name == "commerce.stock_sources" { outcome.stock = targetCounts } else { outcome.catalogue = targetCounts }
    }
    for (target, events) in zip(plan.feed.targets, counts.events) {
      if target.name == "bi.changes" { outcome.changes = events.fired }
      if target.name == "edm.back" { outcome.back = events.fired }
    }
    for output in prepared.outputs + (prepared.rejects.map { [$0] } ?? []) {
      let content = try FileTree.read("\(staging)/\(output.stagedName)")
      let name = "\(output.target)/\(output.behaviour)"
      bytes["\(name)/\(output.variant ?? "")/\(output.part)"] = content
      outcome.files[name, default: []] += Self.rows(content, name)
    }
    outcome.files = outcome.files.mapValues { $0.sorted() }
  }

  /// Without the header; events without their time, rejects without what was added.
  private static func rows(_ content: [UInt8], _ name: String) -> [String] {
    String(decoding: content, as: UTF8.self).split(separator: "\n").dropFirst().map { line in
      let cells = line.split(separator: ",", omittingEmptySubsequences: false)
      switch name {
      case "bi.changes/events": return cells.dropLast().joined(separator: ",")
      case "rejects/rejects": return cells.prefix(6).joined(separator: ",")
      default: return String(line)
      }
    }
  }
}
