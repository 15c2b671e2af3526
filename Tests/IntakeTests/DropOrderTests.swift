import Testing

@testable import Intake

@Suite("The order of drops")
struct DropOrderTests {
  private func drop(
    _ name: String, pattern: Int = 0, asOf: Int64? = nil, sequence: Int? = nil, arrival: Int = 1, modified: Int64 = 0
  ) -> ReadyDrop {
    let identity = Intake.FileIdentity(device: 1, inode: 1, size: 1, modified: modified)
    let match = PatternMatch(asOf: asOf, sequence: sequence)
    return ReadyDrop(
      candidate: Candidate(name: name, identity: identity, feed: "f", pattern: pattern, match: match), arrival: arrival)
  }

  private func names(_ drops: [ReadyDrop]) -> [String] { drops.map(\.candidate.name) }

  @Test("is as-of, then sequence, then arrival, then name, and never the modification time")
  func order() {
    let drops = [
      drop("b", arrival: 1, modified: 1), drop("a", arrival: 1, modified: 2), drop("late", arrival: 2, modified: 0),
      drop("s10", asOf: 100, sequence: 10), drop("s9", asOf: 100, sequence: 9, arrival: 5),
      drop("old", asOf: 50, sequence: 99, arrival: 9), drop("future", asOf: 5000),
    ]
    #expect(
      names(DropOrder.sorted(drops, claimTime: 1000)) == ["old", "s9", "s10", "a", "b", "late", "future"])
  }

  @Test("at one as-of takes patterns as the feed lists them, sequences within each")
  func patterns() {
    let drops = [
      drop("d1", pattern: 1, asOf: 1, sequence: 1, arrival: 1), drop("f", pattern: 0, asOf: 1, sequence: 7, arrival: 3),
      drop("d0", pattern: 1, asOf: 1, sequence: 0, arrival: 2),
    ]
    #expect(names(DropOrder.sorted(drops, claimTime: 1)) == ["f", "d0", "d1"])
  }

  @Test("is a total order, whatever the drops")
  func totalOrder() {
    let seed: UInt64 = 4711
    var generator = SeededGenerator(seed: seed)
    let spellings = ["é", "e\u{301}", "a", "A", "", "z\n"]
    var drops: [ReadyDrop] = []
    for index in 0..<60 {
      drops.append(
        drop(
          (spellings.randomElement(using: &generator) ?? "") + String(index % 7)
            + String(repeating: "x", count: index / 7),
          pattern: Int.random(in: 0...2, using: &generator),
          asOf: Bool.random(using: &generator) ? Int64.random(in: 0...3, using: &generator) : nil,
          sequence: Bool.random(using: &generator) ? Int.random(in: 0...2, using: &generator) : nil,
          arrival: Int.random(in: 0...2, using: &generator)))
    }
    func before(_ left: ReadyDrop, _ right: ReadyDrop) -> Bool { DropOrder.precedes(left, right, claimTime: 2) }
    for (i, one) in drops.enumerated() {
      #expect(!before(one, one), "seed \(seed)")
      for (j, two) in drops.enumerated() where i != j {
        #expect(before(one, two) != before(two, one), "seed \(seed): \(one) \(two)")
        guard before(one, two) else { continue }
        let isBroken = drops.contains { before(two, $0) && !before(one, $0) }
        #expect(!isBroken, "seed \(seed): \(one) \(two)")
      }
    }
    let sorted = names(DropOrder.sorted(drops, claimTime: 2)).map { Array($0.utf8) }
    for _ in 0..<20 {
      let again = names(DropOrder.sorted(drops.shuffled(using: &generator), claimTime: 2)).map { Array($0.utf8) }
      #expect(again == sorted, "seed \(seed)")
    }
  }

  @Test("holds back what follows a gap, per pattern")
  func gaps() {
    let drops = [
      drop("a4", sequence: 4), drop("a5", sequence: 5), drop("a7", sequence: 7), drop("a8", sequence: 8),
      drop("b3", pattern: 1, sequence: 3), drop("b4", pattern: 1, sequence: 4), drop("c", pattern: 2),
    ]
    let (ready, waiting) = DropOrder.splitAtGaps(drops, lastPublished: [0: 4])
    #expect(names(ready) == ["a4", "a5", "b3", "b4", "c"])
    #expect(waiting.map(\.name) == ["a7", "a8"])
    #expect(waiting.allSatisfy { $0.reason == .sequenceGap && $0.message.contains("sequence 6 has not come") })
  }

  @Test("takes a repeated sequence for no gap")
  func repeated() {
    let drops = [drop("a5", sequence: 5), drop("a5b", sequence: 5), drop("a6", sequence: 6)]
    #expect(DropOrder.splitAtGaps(drops, lastPublished: [0: 4]).waiting.isEmpty)
    #expect(names(DropOrder.splitAtGaps(drops, lastPublished: [0: 9]).ready) == ["a5", "a5b", "a6"])
  }
}
