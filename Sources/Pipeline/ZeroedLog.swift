/// How many keys have gone to zero lately, so that many small drops can not do what one is held for.
package struct ZeroedLog: Codable, Equatable, Sendable {
  /// What some publications in a row have done.
  struct Span: Codable, Equatable, Sendable {
    /// When the span begins, seconds since 1970 UTC.
    var from: Int
    /// Keys that went to zero or vanished, less those that came back above zero.
    var zeroed: Int
    /// Keys above zero before the span's first publication.
    var positiveBefore: Int
  }

  /// Ascending by time, each the 24th part of the guard's time or more apart, so that there are few of them however
  /// many drops there are.
  private(set) var spans: [Span] = []
  private static let parts = 24

  /// The sum over the `seconds` before a drop that speaks for `asOf`, with what the drop itself does: never below zero,
  /// and over the most keys that were above zero before one of these drops.
  func sum(
    zeroed: Int, positiveBefore: Int, asOf: Int, within seconds: Int
  ) -> (zeroed: Int, positiveBefore: Int) {
    let recent = spans.filter { $0.from > asOf - seconds && $0.from < asOf + seconds }
    return (
      max(0, recent.reduce(zeroed) { $0 + $1.zeroed }),
      recent.reduce(positiveBefore) { max($0, $1.positiveBefore) }
    )
  }

  /// Takes a publication into account and forgets what is older than `seconds`.
  mutating func add(zeroed: Int, positiveBefore: Int, asOf: Int, within seconds: Int) {
    let width = max(1, seconds / Self.parts)
    let from = asOf - (asOf % width + width) % width
    let oldest = max(asOf, spans.last?.from ?? asOf) - seconds
    spans.removeAll { $0.from <= oldest }
    if let index = spans.firstIndex(where: { $0.from >= from }) {
      if spans[index].from == from {
        spans[index].zeroed += zeroed
      } else {
        spans.insert(Span(from: from, zeroed: zeroed, positiveBefore: positiveBefore), at: index)
      }
    } else {
      spans.append(Span(from: from, zeroed: zeroed, positiveBefore: positiveBefore))
    }
  }
}
