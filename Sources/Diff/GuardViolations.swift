extension GuardRules {
  /// The guards that hold a drop with these counts, in a fixed order; empty when it may be published.
  ///
  /// Shares and counts hold strictly above their limit; shares only from `atLeast` rows or keys (of the denominator)
  /// on. A first publication has nothing before, so only an empty full, the rejects and the number of rows are judged.
  public func violations(_ counts: GuardCounts) -> [GuardViolation] {
    var found: [GuardViolation] = []
    if counts.isFull {
      if counts.read == 0 { found.append(.emptyFull) }
      if let minimumRows, counts.read < minimumRows { found.append(.tooFew(counts, minimum: minimumRows)) }
      if let maximumRows, counts.read > maximumRows { found.append(.tooMany(counts, maximum: maximumRows)) }
    }
    found += judge(.rejected, maximumRejected, counts.rejected, of: counts.read)
    if counts.isFirst { return found }
    found += judge(.removed, maximumRemoved, counts.removed, of: counts.keysBefore)
    if zeroedField != nil { found += zeroedViolations(counts) }
    if counts.isFull { found += judge(.changed, maximumChanged, counts.changed, of: counts.keysBefore) }
    found += judge(.new, maximumNew, counts.new, of: counts.keysBefore)
    if let swing { found += judge(.swing, swing.limit, counts.swung, of: counts.keysBefore) }
    if counts.isFull, let median = counts.medianLive {
      found += judge(.shrink, maximumShrink, max(0, median - counts.liveAfter), of: median)
    }
    return found + partitionViolations(counts)
  }

  private func zeroedViolations(_ counts: GuardCounts) -> [GuardViolation] {
    let alone = judge(.zeroed, maximumZeroed, counts.zeroed, of: counts.positiveBefore)
    guard alone.isEmpty, counts.zeroed > 0, let sum = counts.zeroedWithin else { return alone }
    return judge(.zeroedWithin, maximumZeroed, sum.zeroed, of: sum.positiveBefore)
  }

  /// What one of the values of a key part does beyond its limits, while the drop as a whole may be within them. A value
  /// that vanishes from a full as a whole is always beyond them, however few its keys are.
  private func partitionViolations(_ counts: GuardCounts) -> [GuardViolation] {
    var gone: [PartitionCounts] = []
    var beyond: [(Guarded, GuardLimit, [PartitionCounts])] = [
      (.removed, maximumRemoved, []), (.zeroed, zeroedField == nil ? .off : maximumZeroed, []),
      (.changed, counts.isFull ? maximumChanged : .off, []),
    ]
    for partition in counts.partitions where partition.keysBefore > 0 {
      if counts.isFull, partition.removed == partition.keysBefore, maximumRemoved != .off {
        gone.append(partition)
        continue
      }
      for index in beyond.indices {
        let (guarded, limit, _) = beyond[index]
        let (count, denominator) = guarded.counts(of: partition)
        if exceeds(limit, count, of: denominator) { beyond[index].2.append(partition) }
      }
    }
    var found: [GuardViolation] = gone.isEmpty ? [] : [.vanished(gone)]
    for (guarded, limit, partitions) in beyond where !partitions.isEmpty {
      found.append(guarded.violation(limit, partitions))
    }
    return found
  }

  private func judge(
    _ guarded: Guarded, _ limit: GuardLimit, _ count: Int, of denominator: Int
  ) -> [GuardViolation] {
    exceeds(limit, count, of: denominator) ? [guarded.violation(limit, count, of: denominator)] : []
  }

  private func exceeds(_ limit: GuardLimit, _ count: Int, of denominator: Int) -> Bool {
    switch limit {
    case .off: return false
    case .count(let most): return count > most
    case .share(let partsPerMillion):
      guard denominator >= atLeast else { return false }
      let have = count.multipliedFullWidth(by: 1_000_000)
      let most = denominator.multipliedFullWidth(by: partsPerMillion)
      return have.high != most.high ? have.high > most.high : have.low > most.low
    }
  }
}

/// The guards that compare a count with a limit.
private enum Guarded: String {
  case removed, rejected, zeroed, changed, new, swing, shrink
  case zeroedWithin = "zeroed, summed up"

  /// The code without its prefix.
  private var code: String { self == .zeroedWithin ? "zeroed" : rawValue }

  /// The key of the definition.
  private var key: String { self == .shrink ? "shrink" : "max_" + code }

  func violation(_ limit: GuardLimit, _ count: Int, of denominator: Int) -> GuardViolation {
    violation("\(finding(count, denominator))\(bound(limit, count, denominator))")
  }

  /// The same for some values of a key part, each with its own denominator.
  func violation(_ limit: GuardLimit, _ partitions: [PartitionCounts]) -> GuardViolation {
    let shown = partitions.prefix(GuardViolation.shownPartitions).map { partition in
      let (count, denominator) = counts(of: partition)
      return "\(partition.name): \(finding(count, denominator))\(bound(limit, count, denominator))"
    }
    return violation(shown.joined(separator: "; ") + GuardViolation.rest(partitions))
  }

  func counts(of partition: PartitionCounts) -> (count: Int, denominator: Int) {
    switch self {
    case .removed: (partition.removed, partition.keysBefore)
    case .zeroed: (partition.zeroed, partition.positiveBefore)
    default: (partition.changed, partition.keysBefore)
    }
  }

  private func violation(_ message: String) -> GuardViolation {
    GuardViolation(
      code: "guard-" + code, message: message,
      remedy: "\(check); \(GuardViolation.decision), or widen `\(key)` in the feed's guards")
  }

  private func finding(_ count: Int, _ denominator: Int) -> String {
    switch self {
    case .removed: "\(count) of \(denominator) live keys vanished"
    case .rejected: "\(count) of \(denominator) rows were rejected"
    case .zeroed: "\(count) of \(denominator) keys that were above zero went to zero or vanished"
    case .zeroedWithin:
      "together with the drops before it, \(count) of \(denominator) keys that were above zero went to zero or vanished"
    case .changed: "\(count) of \(denominator) live keys changed"
    case .new: "\(count) keys are new beside \(denominator) live ones"
    case .swing: "\(count) of \(denominator) live keys have a number that moved too far"
    case .shrink: "the feed has \(count) live keys less than the \(denominator) it usually has"
    }
  }

  private var check: String {
    switch self {
    case .removed, .zeroed, .zeroedWithin, .shrink: "check whether the export is complete"
    case .rejected: "look at the drop's rejects"
    case .changed, .swing: "check whether the export or the definition changed its meaning"
    case .new: "check whether the keys are written as before"
    }
  }

  private func bound(_ limit: GuardLimit, _ count: Int, _ denominator: Int) -> String {
    switch limit {
    case .share(let partsPerMillion):
      " (\(share(count, denominator))), more than the limit of \(percent(partsPerMillion))"
    case .count(let most): ", more than the limit of \(most)"
    case .off: ""
    }
  }

  private func share(_ count: Int, _ denominator: Int) -> String {
    guard denominator > 0 else { return "of nothing" }
    return percent(denominator.dividingFullWidth(count.multipliedFullWidth(by: 1_000_000)).quotient)
  }

  /// Parts per million as a percentage without needless zeros: 12,345 is `1.2345 %`.
  private func percent(_ partsPerMillion: Int) -> String {
    let (whole, rest) = partsPerMillion.quotientAndRemainder(dividingBy: 10_000)
    if rest == 0 { return "\(whole) %" }
    var digits = String(10_000 + rest).dropFirst()
    while digits.last == "0" { digits.removeLast() }
    return "\(whole).\(digits) %"
  }
}

extension GuardViolation {
  fileprivate static let decision = "publish the drop with `sluice release` if it is right, else `sluice discard` it"
  /// How many values of a key part a message names.
  fileprivate static let shownPartitions = 5

  fileprivate static let emptyFull = GuardViolation(
    code: "guard-empty", message: "the full holds no data rows, which would remove every key of the feed",
    remedy: "let the source system export again; " + decision)

  fileprivate static func tooFew(_ counts: GuardCounts, minimum: Int) -> GuardViolation {
    GuardViolation(
      code: "guard-min-rows",
      message: "the full holds \(counts.read) rows (\(counts.accepted) accepted), fewer than the minimum of \(minimum)",
      remedy: "check whether the export was cut off; \(decision), or lower `min_rows` in the feed's guards")
  }

  fileprivate static func tooMany(_ counts: GuardCounts, maximum: Int) -> GuardViolation {
    GuardViolation(
      code: "guard-max-rows",
      message: "the full holds \(counts.read) rows (\(counts.accepted) accepted), more than the maximum of \(maximum)",
      remedy: "check whether it is this feed's export; \(decision), or raise `max_rows` in the feed's guards")
  }

  fileprivate static func vanished(_ partitions: [PartitionCounts]) -> GuardViolation {
    let shown = partitions.prefix(shownPartitions).map { "\($0.name): all \($0.keysBefore) live keys vanished" }
    return GuardViolation(
      code: "guard-removed", message: shown.joined(separator: "; ") + rest(partitions),
      remedy: "check whether the export is complete; \(decision)")
  }

  fileprivate static func rest(_ partitions: [PartitionCounts]) -> String {
    partitions.count > shownPartitions ? "; and \(partitions.count - shownPartitions) more" : ""
  }
}
