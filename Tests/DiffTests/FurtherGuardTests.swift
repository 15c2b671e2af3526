import Diff
import Testing

@Suite("Guards that a feed asks for")
struct FurtherGuardTests {
  private static func rules(_ change: (inout GuardRules) -> Void) -> GuardRules {
    var rules = GuardRules(zeroedField: 2)
    change(&rules)
    return rules
  }

  private static let cases: [GuardCase] = [
    GuardCase(name: "as many rows as there may be", rules: rules { $0.maximumRows = 1000 }, counts: .full, codes: []),
    GuardCase(
      name: "more rows than there may be", rules: rules { $0.maximumRows = 999 }, counts: .full,
      codes: ["guard-max-rows"]),
    GuardCase(
      name: "a delta may have any number", rules: rules { $0.maximumRows = 999 }, counts: GuardCase.delta { _ in },
      codes: []),
    GuardCase(
      name: "new at the limit", rules: rules { $0.maximumNew = .share(partsPerMillion: 100_000) },
      counts: GuardCase.full { $0.new = 100 }, codes: []),
    GuardCase(
      name: "new above the limit, in a delta too", rules: rules { $0.maximumNew = .share(partsPerMillion: 100_000) },
      counts: GuardCase.delta { $0.new = 101 }, codes: ["guard-new"]),
    GuardCase(
      name: "all are new at first", rules: rules { $0.maximumNew = .count(1) },
      counts: GuardCase.first { $0.new = 1000 }, codes: []),
    GuardCase(
      name: "a swing above the limit",
      rules: rules { $0.swing = SwingRule(field: 1, by: 500_000, limit: .count(3)) },
      counts: GuardCase.delta { $0.swung = 4 }, codes: ["guard-swing"]),
    GuardCase(
      name: "shrunk at the limit", rules: rules { $0.maximumShrink = .share(partsPerMillion: 100_000) },
      counts: GuardCase.full {
        $0.medianLive = 1000
        $0.liveAfter = 900
      }, codes: []),
    GuardCase(
      name: "shrunk above the limit", rules: rules { $0.maximumShrink = .share(partsPerMillion: 100_000) },
      counts: GuardCase.full {
        $0.medianLive = 1000
        $0.liveAfter = 899
      }, codes: ["guard-shrink"]),
    GuardCase(
      name: "grown", rules: rules { $0.maximumShrink = .count(0) },
      counts: GuardCase.full {
        $0.medianLive = 1000
        $0.liveAfter = 5000
      }, codes: []),
    GuardCase(
      name: "zeroed above the limit with the drops before",
      rules: rules { $0.zeroedWithin = 86_400 },
      counts: GuardCase.delta {
        $0.positiveBefore = 95
        $0.zeroed = 1
        $0.zeroedWithin = (11, 100)
      }, codes: ["guard-zeroed"]),
    GuardCase(
      name: "a drop that zeroes nothing is not held for those before it",
      rules: rules { $0.zeroedWithin = 86_400 },
      counts: GuardCase.delta {
        $0.positiveBefore = 95
        $0.zeroedWithin = (50, 100)
      }, codes: []),
  ]

  @Test("A guard holds strictly above its limit, and not where it does not apply", arguments: cases)
  func table(_ row: GuardCase) {
    #expect(row.rules.violations(row.counts).map(\.code) == row.codes)
  }

  private func partition(_ name: String, _ change: (inout PartitionCounts) -> Void) -> PartitionCounts {
    var counts = PartitionCounts(name: name, keysBefore: 100, positiveBefore: 50)
    change(&counts)
    return counts
  }

  @Test("A part of the keys is judged by itself, with its own denominators")
  func partitions() {
    var counts = GuardCase.full { $0.positiveBefore = 1000 }
    counts.partitions = [
      partition("plant 10") { $0.removed = 5 }, partition("plant 20") { $0.removed = 6 },
      partition("plant 30") { $0.zeroed = 6 }, partition("plant 40") { $0.changed = 51 },
    ]
    let found = GuardRules(zeroedField: 2).violations(counts)
    #expect(
      found.map(\.message) == [
        "plant 20: 6 of 100 live keys vanished (6 %), more than the limit of 5 %",
        "plant 30: 6 of 50 keys that were above zero went to zero or vanished (12 %), more than the limit of 10 %",
        "plant 40: 51 of 100 live keys changed (51 %), more than the limit of 50 %",
      ])
    #expect(found.map(\.code) == ["guard-removed", "guard-zeroed", "guard-changed"])
  }

  @Test("A part that vanishes as a whole holds a full however few its keys are, unless removals are not guarded")
  func vanishedPartition() {
    var counts = GuardCase.full { _ in }
    var small = PartitionCounts(name: "plant 90", keysBefore: 2)
    small.removed = 2
    counts.partitions = [small]
    #expect(GuardRules().violations(counts).map(\.message) == ["plant 90: all 2 live keys vanished"])
    #expect(GuardRules(maximumRemoved: .off).violations(counts).isEmpty)
    counts.isFull = false
    #expect(GuardRules().violations(counts).isEmpty, "two of two are below at_least in a delta")
  }

  @Test("A message names five parts and says how many there are beside them")
  func manyPartitions() {
    var counts = GuardCase.full { _ in }
    counts.partitions = (1...7).map { number in partition("plant \(number)") { $0.removed = 100 } }
    let message = GuardRules().violations(counts).first?.message ?? ""
    #expect(message.hasPrefix("plant 1: all 100 live keys vanished; plant 2: "))
    #expect(message.hasSuffix("plant 5: all 100 live keys vanished; and 2 more"))
  }
}

extension GuardCounts {
  /// A later full of 1,000 rows over 1,000 keys to which nothing happened.
  fileprivate static var full: GuardCounts { GuardCase.full { _ in } }
}
