import Glibc
import TestSupport
import Testing

@testable import Pipeline

/// Random histories through the real reader, validator, diff, writers and snapshots, against `DiffModel`.
@Suite("The diff agrees with a plain model of the semantics")
struct DiffPropertyTests {
  /// `SLUICE_HISTORIES` in the environment is how many there are in all; `make faults` takes more of them.
  private static let historiesPerStripe: UInt64 =
    getenv("SLUICE_HISTORIES").flatMap { UInt64(String(cString: $0)) }.map { max(1, $0 / 8) } ?? 80

  @Test("Counts and rows are the model's, whatever the order of the rows", arguments: 0..<4 as Range<UInt64>)
  func agrees(stripe: UInt64) throws {
    for seed in (stripe * Self.historiesPerStripe)..<((stripe + 1) * Self.historiesPerStripe) {
      let problem = try check(DiffHistory(seed: seed), seed: seed)
      #expect(problem == nil, "seed \(seed): \(problem ?? "")")
    }
  }

  @Test("So they are when the definition changes on the way", arguments: 0..<4 as Range<UInt64>)
  func agreesOverDefinitions(stripe: UInt64) throws {
    for seed in (stripe * Self.historiesPerStripe)..<((stripe + 1) * Self.historiesPerStripe) {
      let problem = try check(DiffHistory(seed: seed, changes: true), seed: seed)
      #expect(problem == nil, "seed \(seed): \(problem ?? "")")
    }
  }

  @Test("Segments of older definitions are merged into the base, so that their number stays bounded")
  func segments() throws {
    var changed = 0
    for seed in 0..<40 as Range<UInt64> {
      let history = DiffHistory(seed: seed, changes: true)
      let world = try DiffWorld(history)
      for (index, drop) in history.drops.enumerated() {
        _ = try world.take(drop)
        // So few keys are a large share of the base each time.
        #expect(world.segmentCount <= 2, "seed \(seed), drop \(drop.number)")
        if index > 0, drop.definition != history.drops[index - 1].definition { changed += 1 }
      }
    }
    #expect(changed > 40)
  }

  /// What is wrong with the first drop of the history that is wrong.
  private func check(_ history: DiffHistory, seed: UInt64) throws -> String? {
    var model = DiffModel(history.rules)
    let ascending = try DiffWorld(history)
    let sorted = try DiffWorld(history, inTwoPasses: true)
    let shuffled = try DiffWorld(history)
    for drop in history.drops {
      let expected = model.take(drop)
      var mixed = drop
      mixed.rows = DiffHistory.shuffled(drop.rows, seed: seed)
      let results = [try ascending.take(drop), try sorted.take(drop), try shuffled.take(mixed)]
      for (name, result) in zip(["in order", "in order, two passes", "shuffled"], results)
      where result.outcome != expected {
        return "\(history), drop \(drop.number), \(name): \(Self.differences(result.outcome, expected))"
      }
      if results[0].bytes != results[1].bytes {
        return "\(history), drop \(drop.number): one pass and two give different bytes"
      }
    }
    return nil
  }

  private static func differences(_ outcome: ModelOutcome, _ expected: ModelOutcome) -> String {
    zip(Mirror(reflecting: outcome).children, Mirror(reflecting: expected).children).compactMap { actual, wanted in
      let (left, right) = ("\(actual.value)", "\(wanted.value)")
      return left == right ? nil : "\n\(actual.label ?? ""): \(left)\n  expected \(right)"
    }.joined()
  }

  @Test("The histories hold everything that the model tells apart")
  func covers() {
    var seen = ModelOutcome()
    var withheld = 0
    for seed in 0..<100 as Range<UInt64> {
      let history = DiffHistory(seed: seed)
      var model = DiffModel(history.rules)
      for drop in history.drops {
        let outcome = model.take(drop)
        seen.rejected += outcome.rejected
        seen.superseded += outcome.superseded
        seen.respelled += outcome.respelled
        seen.vanished += outcome.vanished
        seen.back += outcome.back
        seen.stock.returned += outcome.stock.returned
        seen.stock.withdrawn += outcome.stock.withdrawn
        seen.stock.newer += outcome.stock.newer
        seen.stock.skipped += outcome.stock.skipped
        withheld += drop.isFull ? outcome.unkeyed : 0
      }
    }
    var early = 0
    for seed in 0..<100 as Range<UInt64> {
      let history = DiffHistory(seed: seed, changes: true)
      var model = DiffModel(history.rules)
      early += history.drops.count { model.take($0).needsFull }
    }
    #expect(early > 10, "\(early)")
    let counts = [
      seen.rejected, seen.superseded, seen.respelled, seen.vanished, seen.back, seen.stock.returned,
      seen.stock.withdrawn, seen.stock.newer, seen.stock.skipped, withheld,
    ]
    #expect(counts.allSatisfy { $0 > 20 }, "\(counts)")
  }
}
