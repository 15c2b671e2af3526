import Diff
import Testing

/// One row of the guards' table.
struct GuardCase: Sendable, CustomTestStringConvertible {
  var name: String
  var rules = GuardRules()
  var counts: GuardCounts
  var codes: [String]

  var testDescription: String { name }

  /// A later full of 1,000 rows over 1,000 keys.
  static func full(_ change: (inout GuardCounts) -> Void) -> GuardCounts {
    var counts = GuardCounts(isFull: true, isFirst: false, read: 1000, accepted: 1000, keysBefore: 1000)
    change(&counts)
    return counts
  }

  static func delta(_ change: (inout GuardCounts) -> Void) -> GuardCounts {
    full {
      $0.isFull = false
      change(&$0)
    }
  }

  static func first(_ change: (inout GuardCounts) -> Void) -> GuardCounts {
    full {
      $0.isFirst = true
      $0.keysBefore = 0
      change(&$0)
    }
  }

  static let zeroed = GuardRules(zeroedField: 2)

  static let all: [GuardCase] = [
    GuardCase(name: "nothing happened", counts: full { _ in }, codes: []),
    GuardCase(name: "removed at the limit", counts: full { $0.removed = 50 }, codes: []),
    GuardCase(name: "removed above the limit", counts: full { $0.removed = 51 }, codes: ["guard-removed"]),
    GuardCase(name: "removed by a delta", counts: delta { $0.removed = 51 }, codes: ["guard-removed"]),
    GuardCase(name: "rejected at the limit", counts: full { $0.rejected = 10 }, codes: []),
    GuardCase(name: "rejected above the limit", counts: full { $0.rejected = 11 }, codes: ["guard-rejected"]),
    GuardCase(
      name: "rejected in a delta, over read and not over keys",
      counts: delta {
        $0.read = 100
        $0.rejected = 2
      }, codes: ["guard-rejected"]),
    GuardCase(name: "changed at the limit", counts: full { $0.changed = 500 }, codes: []),
    GuardCase(name: "changed above the limit", counts: full { $0.changed = 501 }, codes: ["guard-changed"]),
    GuardCase(name: "changed in a delta", counts: delta { $0.changed = 1000 }, codes: []),
    GuardCase(
      name: "zeroed without a field",
      counts: full {
        $0.positiveBefore = 100
        $0.zeroed = 100
      }, codes: []),
    GuardCase(
      name: "zeroed at the limit", rules: zeroed,
      counts: full {
        $0.positiveBefore = 100
        $0.zeroed = 10
      }, codes: []),
    GuardCase(
      name: "zeroed above the limit by a delta", rules: zeroed,
      counts: delta {
        $0.positiveBefore = 100
        $0.zeroed = 11
      }, codes: ["guard-zeroed"]),
    GuardCase(
      name: "share below the least denominator",
      counts: full {
        $0.keysBefore = 19
        $0.removed = 19
      }, codes: []),
    GuardCase(
      name: "share from the least denominator on",
      counts: full {
        $0.keysBefore = 20
        $0.removed = 2
      }, codes: ["guard-removed"]),
    GuardCase(
      name: "count below the least denominator", rules: GuardRules(maximumRemoved: .count(3)),
      counts: full {
        $0.keysBefore = 5
        $0.removed = 4
      }, codes: ["guard-removed"]),
    GuardCase(
      name: "count at the limit", rules: GuardRules(maximumRemoved: .count(3)), counts: full { $0.removed = 3 },
      codes: []),
    GuardCase(
      name: "guards that are off", rules: GuardRules(maximumRemoved: .off, maximumRejected: .off, maximumChanged: .off),
      counts: full {
        $0.removed = 1000
        $0.rejected = 1000
        $0.changed = 1000
      }, codes: []),
    GuardCase(
      name: "a share too small for parts per hundred",
      rules: GuardRules(maximumRejected: .share(partsPerMillion: 5000)),
      counts: full { $0.rejected = 6 }, codes: ["guard-rejected"]),
    GuardCase(
      name: "an empty full", counts: full { $0.read = 0 }, codes: ["guard-empty"]),
    GuardCase(name: "an empty first full", counts: first { $0.read = 0 }, codes: ["guard-empty"]),
    GuardCase(name: "an empty delta", counts: delta { $0.read = 0 }, codes: []),
    GuardCase(
      name: "an empty full with every other guard off",
      rules: GuardRules(maximumRemoved: .off, maximumRejected: .off, maximumZeroed: .off, maximumChanged: .off),
      counts: full { $0.read = 0 }, codes: ["guard-empty"]),
    GuardCase(
      name: "a first publication has nothing before", rules: zeroed,
      counts: first {
        $0.removed = 900
        $0.changed = 900
        $0.zeroed = 900
        $0.positiveBefore = 900
        $0.keysBefore = 900
      }, codes: []),
    GuardCase(name: "a first with rejects", counts: first { $0.rejected = 11 }, codes: ["guard-rejected"]),
    GuardCase(
      name: "a first with too few rows", rules: GuardRules(minimumRows: 1001), counts: first { _ in },
      codes: ["guard-min-rows"]),
    GuardCase(
      name: "a full with just enough rows", rules: GuardRules(minimumRows: 1000), counts: full { _ in }, codes: []),
    GuardCase(
      name: "a delta needs no minimum", rules: GuardRules(minimumRows: 1001), counts: delta { _ in }, codes: []),
    GuardCase(
      name: "several at once, in a fixed order", rules: GuardRules(zeroedField: 0, minimumRows: 2000),
      counts: full {
        $0.removed = 60
        $0.rejected = 70
        $0.changed = 800
        $0.zeroed = 90
        $0.positiveBefore = 100
      },
      codes: ["guard-min-rows", "guard-rejected", "guard-removed", "guard-zeroed", "guard-changed"]),
    GuardCase(
      name: "numbers beyond 64 bits when multiplied",
      counts: full {
        $0.keysBefore = Int.max
        $0.removed = Int.max / 20 + 1
      }, codes: ["guard-removed"]),
  ]
}

@Suite("Guards")
struct GuardTests {
  @Test("A guard holds strictly above its limit", arguments: GuardCase.all)
  func table(_ row: GuardCase) {
    #expect(row.rules.violations(row.counts).map(\.code) == row.codes)
  }

  @Test("A violation says the numbers, the limit and what to do")
  func sentence() throws {
    let counts = GuardCounts(isFull: true, isFirst: false, read: 900, accepted: 900, keysBefore: 4924, removed: 500)
    let violation = try #require(GuardRules().violations(counts).first)
    #expect(violation.message == "500 of 4924 live keys vanished (10.1543 %), more than the limit of 5 %")
    #expect(violation.remedy.contains("`sluice release`"))
    #expect(violation.remedy.contains("`max_removed`"))
    let absolute = GuardRules(maximumRejected: .count(7)).violations(
      GuardCounts(isFull: false, isFirst: true, read: 12, rejected: 8))
    #expect(absolute.map(\.message) == ["8 of 12 rows were rejected, more than the limit of 7"])
  }
}
