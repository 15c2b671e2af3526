extension GuardRules {
  /// The guards that hold a drop with these counts, in a fixed order; empty when it may be published.
  ///
  /// Shares and counts hold strictly above their limit; shares only from `atLeast` rows or keys (of the denominator)
  /// on. A first publication has nothing before, so only an empty full, the rejects and the minimum of rows are judged.
  public func violations(_ counts: GuardCounts) -> [GuardViolation] {
    var found: [GuardViolation] = []
    if counts.isFull {
      if counts.read == 0 { found.append(GuardRules.emptyFull) }
      if let minimumRows, counts.read < minimumRows { found.append(GuardRules.tooFew(counts, minimum: minimumRows)) }
    }
    func judge(_ guarded: Guarded, _ limit: GuardLimit, _ count: Int, of denominator: Int) {
      guard exceeds(limit, count, of: denominator) else { return }
      found.append(guarded.violation(limit, count, of: denominator))
    }
    judge(.rejected, maximumRejected, counts.rejected, of: counts.read)
    if counts.isFirst { return found }
    judge(.removed, maximumRemoved, counts.removed, of: counts.keysBefore)
    if zeroedField != nil { judge(.zeroed, maximumZeroed, counts.zeroed, of: counts.positiveBefore) }
    if counts.isFull { judge(.changed, maximumChanged, counts.changed, of: counts.keysBefore) }
    return found
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

  private static let decision = "publish the drop with `sluice release` if it is right, else `sluice discard` it"

  private static let emptyFull = GuardViolation(
    code: "guard-empty", message: "the full holds no data rows, which would remove every key of the feed",
    remedy: "let the source system export again; " + decision)

  private static func tooFew(_ counts: GuardCounts, minimum: Int) -> GuardViolation {
    GuardViolation(
      code: "guard-min-rows",
      message: "the full holds \(counts.read) rows (\(counts.accepted) accepted), fewer than the minimum of \(minimum)",
      remedy: "check whether the export was cut off; \(decision), or lower `min_rows` in the feed's guards")
  }

  /// The four guards that compare a count with a limit.
  private enum Guarded: String {
    case removed, rejected, zeroed, changed

    func violation(_ limit: GuardLimit, _ count: Int, of denominator: Int) -> GuardViolation {
      let found =
        switch self {
        case .removed: "\(count) of \(denominator) live keys vanished"
        case .rejected: "\(count) of \(denominator) rows were rejected"
        case .zeroed: "\(count) of \(denominator) keys that were above zero went to zero or vanished"
        case .changed: "\(count) of \(denominator) live keys changed"
        }
      let check =
        switch self {
        case .removed, .zeroed: "check whether the export is complete"
        case .rejected: "look at the drop's rejects"
        case .changed: "check whether the export or the definition changed its meaning"
        }
      let bound: String
      switch limit {
      case .share(let partsPerMillion):
        bound = " (\(share(count, denominator))), more than the limit of \(percent(partsPerMillion))"
      case .count(let most): bound = ", more than the limit of \(most)"
      case .off: bound = ""
      }
      return GuardViolation(
        code: "guard-" + rawValue, message: found + bound,
        remedy: "\(check); \(GuardRules.decision), or widen `max_\(rawValue)` in the feed's guards")
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
}
