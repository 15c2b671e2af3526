import Diff

/// A row of a random drop of the feed in `DiffHistory`.
struct ModelRow: Equatable, Sendable {
  /// As spelled; empty: the key can not be read.
  var sku: String
  var src: String
  /// nil: no number, so that the row is rejected with its key.
  var qty: Int?
  var isActive: Bool
  var rev: Int
  /// Says that its key is gone.
  var isDelete = false

  var line: String {
    "\(sku),\(src),\(qty.map(String.init) ?? "x"),\(isActive ? 1 : 0),\(rev),\(isDelete ? "D" : "")"
  }
  var isKeyed: Bool { !sku.isEmpty }
  var isValid: Bool { isKeyed && (qty != nil || isDelete) }
  /// Folded and joined as snapshots order keys.
  var key: String { "\(sku.lowercased())\u{0}\(src)" }
}

/// A random drop.
struct ModelDrop: Sendable {
  var number: Int
  var isFull: Bool
  /// Seconds since 1970.
  var asOf: Int
  var rows: [ModelRow]
  /// The definition of its day.
  var definition = ModelDefinition()
}

/// What changes in the feed's definition while its history goes on. Targets are added, never taken away.
struct ModelDefinition: Equatable, Sendable {
  var hasCatalogue = true
  var hasChanges = true
  var hasBack = true
  /// Change events report `active` too.
  var reportsActive = false
  /// Above which quantity a row is in stock.
  var threshold = 0
}

/// What a feed may say that the decisions depend on.
struct ModelRules: Sendable {
  var duplicates: String
  var removed: String
}

/// What a drop comes to: counts, and the rows of each file without order.
struct ModelOutcome: Equatable {
  var read = 0
  var rejected = 0
  var superseded = 0
  var accepted = 0
  var unkeyed = 0
  var respelled = 0
  var vanished = 0
  var zeroed = 0
  var live = 0
  var positive = 0
  var stock = TargetCounts()
  var catalogue = TargetCounts()
  var changes = 0
  var back = 0
  /// The catalogue is written before all its rows were brought.
  var needsFull = false
  /// Sorted rows by `TARGET/BEHAVIOUR`.
  var files: [String: [String]] = [:]
}

/// The diff as `semantics.md` tells it, over a dictionary, one key after the other: slow and plain, to compare with.
struct DiffModel {
  private struct Known {
    var spelling: String
    var isLive = true
    var asOf: Int
    var row: ModelRow
    var stock = OldState.never
    var stockRow = ""
    var catalogue = OldState.never
    var catalogueRow = ""
    /// Whether the definition had the target, or the column, when the key was last accepted.
    var tracksChanges = false
    var tracksBack = false
    var tracksActive = false
  }

  private let rules: ModelRules
  private var known: [String: Known] = [:]
  private var lastFull = Int.min
  /// Every key was brought since there is a catalogue, or somebody has released a drop that was held for that.
  private var isCatalogueCovered = false

  init(_ rules: ModelRules) { self.rules = rules }

  /// Takes one drop.
  mutating func take(_ drop: ModelDrop) -> ModelOutcome {
    var outcome = ModelOutcome()
    outcome.read = drop.rows.count
    let isAll = !known.values.contains(where: \.isLive) || (drop.isFull && spoken <= drop.asOf)
    isCatalogueCovered = drop.definition.hasCatalogue && (isCatalogueCovered || isAll)
    let winners = choose(drop, &outcome)
    for (key, row) in winners.sorted(by: { $0.key < $1.key }) { accept(key, row, drop, &outcome) }
    if drop.isFull {
      let seen = Set(drop.rows.filter(\.isKeyed).map(\.key)).subtracting(winners.filter(\.value.isDelete).map(\.key))
      if outcome.unkeyed == 0 {
        for key in known.keys.sorted() where !seen.contains(key) { vanish(key, drop, &outcome) }
      }
      lastFull = max(lastFull, drop.asOf)
    }
    let isCatalogueChanged =
      outcome.catalogue.new + outcome.catalogue.changed + outcome.catalogue.returned + outcome.catalogue.withdrawn
      + outcome.catalogue.removed > 0
    if isCatalogueChanged {
      outcome.files["edm.catalogue/whole"] = known.values.filter { $0.catalogue == .sent }.map(\.catalogueRow)
      outcome.needsFull = !isCatalogueCovered
      // The history goes on as if every drop was released.
      isCatalogueCovered = true
    }
    outcome.live = known.values.count(where: \.isLive)
    outcome.positive = known.values.count { $0.isLive && ($0.row.qty ?? 0) > 0 }
    outcome.stock.rowsWritten = outcome.files.filter { $0.key.hasPrefix("commerce") }.values.map(\.count).reduce(0, +)
    outcome.catalogue.rowsWritten = outcome.files["edm.catalogue/whole"]?.count ?? 0
    outcome.files = outcome.files.mapValues { $0.sorted() }
    return outcome
  }

  /// The latest time that a key, or a full, was spoken for.
  private var spoken: Int { known.values.reduce(lastFull) { max($0, $1.asOf) } }

  /// The row that counts for each key; what does not is counted and rejected.
  private func choose(_ drop: ModelDrop, _ outcome: inout ModelOutcome) -> [String: ModelRow] {
    var rejects: [ModelRow] = drop.rows.filter { !$0.isValid }
    var winners: [String: ModelRow] = [:]
    for (key, rows) in Dictionary(grouping: drop.rows.filter(\.isValid), by: \.key) {
      if rules.duplicates == "reject", rows.count > 1 {
        rejects += rows
        continue
      }
      switch rules.duplicates {
      case "first": winners[key] = rows.first
      case "{ latest: rev }":
        let greatest = rows.map(\.rev).max()
        winners[key] = rows.last { $0.rev == greatest }
      default: winners[key] = rows.last
      }
      outcome.superseded += rows.count - 1
    }
    outcome.unkeyed = rejects.count { !$0.isKeyed }
    outcome.rejected = rejects.count
    outcome.accepted = winners.count
    if !rejects.isEmpty { outcome.files["rejects/rejects"] = rejects.map(\.line) }
    return winners
  }

  private mutating func accept(_ key: String, _ row: ModelRow, _ drop: ModelDrop, _ outcome: inout ModelOutcome) {
    if row.isDelete { return delete(key, row, drop, &outcome) }
    let old = known[key]
    if let old, old.spelling != row.sku { outcome.respelled += 1 }
    guard max(old?.asOf ?? Int.min, lastFull) <= drop.asOf else {
      outcome.stock.add(.newer)
      if drop.definition.hasCatalogue { outcome.catalogue.add(.newer) }
      return
    }
    var next = old ?? Known(spelling: row.sku, isLive: false, asOf: drop.asOf, row: row)
    let sku = next.spelling
    let stockRow = "\(row.src),\(sku),\(row.amount > drop.definition.threshold ? 1 : 0),\(row.amountText)"
    let stock = change(next.stock, isMember: row.isActive, isEqual: next.stockRow == stockRow)
    outcome.stock.add(stock)
    switch stock {
    case .new, .changed, .returned:
      next.stock = .sent
      next.stockRow = stockRow
      outcome.files["commerce.stock_sources/append", default: []].append(stockRow)
    case .withdrawn:
      next.stock = .tombstone
      remove(next, &outcome)
    default: break
    }
    if drop.definition.hasCatalogue { catalogue(&next, row, &outcome) }
    tellEvents(from: old, to: row, sku: sku, drop, &outcome)
    next.isLive = true
    next.row = row
    next.asOf = drop.asOf
    next.tracksChanges = drop.definition.hasChanges
    next.tracksBack = drop.definition.hasBack
    next.tracksActive = drop.definition.hasChanges && drop.definition.reportsActive
    known[key] = next
  }

  private func catalogue(_ next: inout Known, _ row: ModelRow, _ outcome: inout ModelOutcome) {
    let catalogueRow = "\(next.spelling),\(row.src),\(row.amountText)"
    let catalogue = change(next.catalogue, isMember: row.amount > 1, isEqual: next.catalogueRow == catalogueRow)
    outcome.catalogue.add(catalogue)
    switch catalogue {
    case .new, .changed, .returned:
      next.catalogue = .sent
      next.catalogueRow = catalogueRow
    case .withdrawn: next.catalogue = .tombstone
    default: break
    }
  }

  private func change(_ old: OldState, isMember: Bool, isEqual: Bool) -> TargetChange {
    switch (old, isMember) {
    case (.never, true): .new
    case (.tombstone, true): .returned
    case (.sent, true): isEqual ? .unchanged : .changed
    case (.sent, false): .withdrawn
    case (_, false): .skipped
    }
  }

  private func tellEvents(
    from old: Known?, to row: ModelRow, sku: String, _ drop: ModelDrop, _ outcome: inout ModelOutcome
  ) {
    guard let old, old.isLive else {
      event("insert", sku, row.src, nil, row, drop, &outcome)
      return
    }
    if !old.tracksChanges {
      event("insert", sku, row.src, nil, row, drop, &outcome)
    } else {
      let isActiveNews = drop.definition.reportsActive && (!old.tracksActive || old.row.isActive != row.isActive)
      if old.row.amount != row.amount || old.row.rev != row.rev || isActiveNews {
        event("update", sku, row.src, old, row, drop, &outcome)
      }
    }
    if drop.definition.hasBack, old.tracksBack, old.row.amount == 0, row.amount > 0 {
      outcome.back += 1
      outcome.files["edm.back/trigger", default: []].append("\(sku),\(row.src),\(row.amountText)")
    }
    if old.row.amount > 0, row.amount == 0 { outcome.zeroed += 1 }
  }

  private func event(
    _ operation: String, _ sku: String, _ src: String, _ old: Known?, _ new: ModelRow?, _ drop: ModelDrop,
    _ outcome: inout ModelOutcome
  ) {
    guard drop.definition.hasChanges else { return }
    outcome.changes += 1
    var cells = [
      operation, sku, src, old?.row.amountText ?? "", new?.amountText ?? "", old.map { "\($0.row.rev)" } ?? "",
      new.map { "\($0.rev)" } ?? "",
    ]
    if drop.definition.reportsActive {
      let before = old.flatMap { $0.tracksActive ? $0.row.isActive : nil }
      cells += [before.map { $0 ? "1" : "0" } ?? "", new.map { $0.isActive ? "1" : "0" } ?? ""]
    }
    outcome.files["bi.changes/events", default: []].append((cells + ["\(drop.number)"]).joined(separator: ","))
  }

  private mutating func delete(_ key: String, _ row: ModelRow, _ drop: ModelDrop, _ outcome: inout ModelOutcome) {
    let isNewer = max(known[key]?.asOf ?? Int.min, lastFull) > drop.asOf
    var old = known[key] ?? Known(spelling: row.sku, isLive: false, asOf: drop.asOf, row: row)
    func change(_ state: OldState) -> TargetChange {
      isNewer ? .newer : state == .sent && !drop.isFull ? .withdrawn : .skipped
    }
    outcome.stock.add(change(old.stock))
    if drop.definition.hasCatalogue { outcome.catalogue.add(change(old.catalogue)) }
    // A full removes the key as one that it does not hold.
    guard !isNewer, !drop.isFull else { return }
    if old.stock == .sent { remove(old, &outcome) }
    if old.isLive {
      outcome.vanished += 1
      if old.row.amount > 0 { outcome.zeroed += 1 }
      if old.tracksChanges { event("delete", old.spelling, old.row.src, old, nil, drop, &outcome) }
    }
    if old.stock == .sent { old.stock = .tombstone }
    if old.catalogue == .sent { old.catalogue = .tombstone }
    old.isLive = false
    old.asOf = drop.asOf
    known[key] = old
  }

  private mutating func vanish(_ key: String, _ drop: ModelDrop, _ outcome: inout ModelOutcome) {
    guard var old = known[key], old.isLive, max(old.asOf, lastFull) <= drop.asOf else { return }
    outcome.vanished += 1
    if old.row.amount > 0 { outcome.zeroed += 1 }
    if old.stock == .sent {
      outcome.stock.add(.removed)
      remove(old, &outcome)
      old.stock = .tombstone
    }
    if old.catalogue == .sent {
      outcome.catalogue.add(.removed)
      old.catalogue = .tombstone
    }
    if old.tracksChanges { event("delete", old.spelling, old.row.src, old, nil, drop, &outcome) }
    old.isLive = false
    old.asOf = drop.asOf
    known[key] = old
  }

  private func remove(_ key: Known, _ outcome: inout ModelOutcome) {
    switch rules.removed {
    case "zero":
      outcome.files["commerce.stock_sources/append", default: []].append("\(key.row.src),\(key.spelling),0,0")
    case "delete":
      outcome.files["commerce.stock_sources/delete", default: []].append("\(key.row.src),\(key.spelling),0")
    default: break
    }
  }
}

extension ModelRow {
  var amount: Int { qty ?? 0 }
  /// With the two decimals of its type.
  var amountText: String { "\(amount).00" }
}
