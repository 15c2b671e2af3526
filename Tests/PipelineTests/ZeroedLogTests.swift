import TestSupport
import Testing

@testable import Pipeline

@Suite("Keys that went to zero lately")
struct ZeroedLogTests {
  private static let day = 86_400
  private static let hour = 3_600

  @Test("Drops of the last day are summed up, over the most keys that were above zero")
  func sums() {
    var log = ZeroedLog()
    for hour in 0..<5 {
      log.add(zeroed: 4, positiveBefore: 100 - 4 * hour, asOf: hour * Self.hour, within: Self.day)
    }
    let sum = log.sum(zeroed: 4, positiveBefore: 80, asOf: 5 * Self.hour, within: Self.day)
    #expect(sum == (24, 100))
    let next = log.sum(zeroed: 4, positiveBefore: 80, asOf: Self.day, within: Self.day)
    #expect(next == (20, 96), "what is a day old does not count")
  }

  @Test("Keys that come back are taken off, and the sum is never below zero")
  func nets() {
    var log = ZeroedLog()
    log.add(zeroed: 10, positiveBefore: 100, asOf: 0, within: Self.day)
    log.add(zeroed: -8, positiveBefore: 90, asOf: Self.hour, within: Self.day)
    #expect(log.sum(zeroed: 1, positiveBefore: 98, asOf: 2 * Self.hour, within: Self.day) == (3, 100))
    #expect(log.sum(zeroed: -9, positiveBefore: 98, asOf: 2 * Self.hour, within: Self.day) == (0, 100))
  }

  @Test("However many drops there are, in whatever order, a log stays short and sums to what they did")
  func isBounded() {
    var generator = SeededGenerator(seed: 42)
    var log = ZeroedLog()
    var done: [(asOf: Int, zeroed: Int)] = []
    for step in 0..<5_000 {
      let asOf = step * 60 + Int.random(in: 0..<600, using: &generator)
      let zeroed = Int.random(in: -3...5, using: &generator)
      log.add(zeroed: zeroed, positiveBefore: 1_000, asOf: asOf, within: Self.day)
      done.append((asOf, zeroed))
      #expect(log.spans.count <= 26)
      #expect(log.spans.map(\.from) == log.spans.map(\.from).sorted())
    }
    let now = 5_000 * 60
    // A span is taken whole or not at all, so the sum is that of the drops since the first whole one.
    let first = log.spans.first { $0.from > now - Self.day }?.from ?? 0
    let expected = done.filter { $0.asOf >= first }.reduce(0) { $0 + $1.zeroed }
    #expect(log.sum(zeroed: 0, positiveBefore: 1, asOf: now, within: Self.day).zeroed == max(0, expected))
    #expect(first <= now - Self.day + Self.hour)
  }
}
