import Streams

/// Glushkov's automaton of a pattern, run on sets of places: one bit for each character that the pattern writes out.
///
/// There is no backtracking: every character of the text costs at most places × places / 64 steps, and one or two for
/// ordinary patterns, where a single place is active at a time.
final class PatternAutomaton: Sendable {
  /// Characters from U+0080 on that differ from what `wide` says of a place.
  private struct Exception {
    var low: UInt32
    var high: UInt32
    var word: Int32
    var bit: UInt64
  }

  /// The most places a pattern may have after its counted repetitions are written out.
  static let placesMaximum = 1024

  /// 64-bit words of a set of places.
  private let words: Int
  private let acceptsEmpty: Bool
  private let first: FixedBuffer<UInt64>
  private let last: FixedBuffer<UInt64>
  /// For each place the set of places that may follow.
  private let follow: FixedBuffer<UInt64>
  /// For each ASCII character the set of places that accept it.
  private let ascii: FixedBuffer<UInt64>
  /// Places that accept characters from U+0080 on, but for `exceptions`.
  private let wide: FixedBuffer<UInt64>
  private let exceptions: FixedBuffer<Exception>

  init(_ tree: PatternTree, source: String) throws(SluiceError) {
    let places = PatternBuilder.places(tree)
    guard places <= Self.placesMaximum else {
      throw SluiceError(
        .definition, "pattern-unsupported", value: source,
        cause: "the pattern is too long: its repetitions written out have more than \(Self.placesMaximum) characters",
        remedy: "limit the length with max_length and use * or + in the pattern")
    }
    var builder = PatternBuilder(places: places)
    let whole = builder.build(tree)
    words = builder.words
    acceptsEmpty = whole.isNullable
    first = FixedBuffer(whole.first)
    last = FixedBuffer(whole.last)
    follow = FixedBuffer(builder.follow)
    var asciiSets = [UInt64](repeating: 0, count: 128 * builder.words)
    var wideSet = [UInt64](repeating: 0, count: builder.words)
    var found: [Exception] = []
    for (place, set) in builder.sets.enumerated() {
      let (word, bit) = (place / 64, UInt64(1) << UInt64(place % 64))
      for scalar in 0..<128 where set.ascii[scalar] != set.isNegated { asciiSets[scalar * builder.words + word] |= bit }
      if set.isNegated { wideSet[word] |= bit }
      found += set.mergedRanges.map {
        Exception(low: $0.lowerBound, high: $0.upperBound, word: Int32(word), bit: bit)
      }
    }
    ascii = FixedBuffer(asciiSets)
    wide = FixedBuffer(wideSet)
    exceptions = FixedBuffer(found)
  }

  func matches(_ text: ByteView) -> Bool {
    if text.isEmpty { return acceptsEmpty }
    if words == 1 { return matchesShort(text) }
    return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: words * 3) { matchesLong(text, room: $0) }
  }

  /// For patterns of up to 64 places: sets are single words.
  private func matchesShort(_ text: ByteView) -> Bool {
    var position = 0
    var allowed = first[0]
    var active: UInt64 = 0
    while position < text.count {
      let byte = text[position]
      if byte < 0x80 {
        active = allowed & ascii[Int(byte)]
        position &+= 1
      } else {
        active = allowed & accepting(UTF8Scan.scalar(text, &position), word: 0)
      }
      if active == 0 { return false }
      allowed = 0
      var rest = active
      while rest != 0 {
        allowed |= follow[rest.trailingZeroBitCount]
        rest &= rest &- 1
      }
    }
    return active & last[0] != 0
  }

  private func matchesLong(_ text: ByteView, room: UnsafeMutableBufferPointer<UInt64>) -> Bool {
    var position = 0
    for word in 0..<words { room[word] = first[word] }
    while position < text.count {
      var scalar = UInt32(text[position])
      if scalar < 0x80 { position &+= 1 } else { scalar = UTF8Scan.scalar(text, &position) }
      var any: UInt64 = 0
      for word in 0..<words {
        let accepting = scalar < 0x80 ? ascii[Int(scalar) * words + word] : accepting(scalar, word: word)
        room[words + word] = room[word] & accepting
        any |= room[words + word]
        room[word] = 0
      }
      if any == 0 { return false }
      for word in 0..<words {
        var rest = room[words + word]
        while rest != 0 {
          let place = word * 64 + rest.trailingZeroBitCount
          for other in 0..<words { room[other] |= follow[place * words + other] }
          rest &= rest &- 1
        }
      }
    }
    return (0..<words).contains { room[words + $0] & last[$0] != 0 }
  }

  /// The places of one word that accept a character from U+0080 on.
  private func accepting(_ scalar: UInt32, word: Int) -> UInt64 {
    var set = wide[word]
    for index in 0..<exceptions.count {
      let exception = exceptions[index]
      if exception.word == word, scalar >= exception.low, scalar <= exception.high { set ^= exception.bit }
    }
    return set
  }
}

/// Makes the sets of an automaton from a pattern; runs once per definition.
private struct PatternBuilder {
  /// A part of the pattern: whether it may be empty, and the places where a match of it may begin and end.
  struct Fragment {
    var isNullable: Bool
    var first: [UInt64]
    var last: [UInt64]
  }

  let words: Int
  var follow: [UInt64]
  var sets: [ScalarSet] = []

  init(places: Int) {
    words = max((places + 63) / 64, 1)
    follow = Array(repeating: 0, count: words * places)
  }

  /// How many places a tree has, as far as the limit.
  static func places(_ tree: PatternTree) -> Int {
    let count =
      switch tree {
      case .empty: 0
      case .set: 1
      case .sequence(let items), .choice(let items): items.reduce(0) { $0 + places($1) }
      case .repeated(let item, let least, let most): places(item) * max(most ?? 0, least, most == nil ? 1 : 0)
      }
    return min(count, PatternAutomaton.placesMaximum + 1)
  }

  mutating func build(_ tree: PatternTree) -> Fragment {
    switch tree {
    case .empty: return nothing
    case .set(let set):
      var fragment = nothing
      fragment.isNullable = false
      fragment.first[sets.count / 64] |= 1 << UInt64(sets.count % 64)
      fragment.last = fragment.first
      sets.append(set)
      return fragment
    case .sequence(let items):
      return items.reduce(nothing) { joined($0, build($1)) }
    case .choice(let items):
      var result = nothing
      result.isNullable = false
      for item in items {
        let fragment = build(item)
        result.isNullable = result.isNullable || fragment.isNullable
        result.first = union(result.first, fragment.first)
        result.last = union(result.last, fragment.last)
      }
      return result
    case .repeated(let item, let least, let most):
      // An item without places matches the empty text alone, however often.
      if Self.places(item) == 0 { return nothing }
      return repeated(item, least: least, most: most)
    }
  }

  private mutating func repeated(_ item: PatternTree, least: Int, most: Int?) -> Fragment {
    // x{2,4} is xx(x(x)?)?, which leaves each place one successor; x{2,} is xx with a loop on the last.
    var tail = nothing
    for _ in least..<max(most ?? least, least) {
      tail = joined(build(item), tail)
      tail.isNullable = true
    }
    if most == nil {
      tail = build(item)
      connect(tail.last, to: tail.first)
      if least == 0 { tail.isNullable = true }
    }
    for _ in 0..<(most == nil ? max(least - 1, 0) : least) { tail = joined(build(item), tail) }
    return tail
  }

  private var nothing: Fragment {
    let none = [UInt64](repeating: 0, count: words)
    return Fragment(isNullable: true, first: none, last: none)
  }

  private mutating func joined(_ left: Fragment, _ right: Fragment) -> Fragment {
    connect(left.last, to: right.first)
    return Fragment(
      isNullable: left.isNullable && right.isNullable,
      first: left.isNullable ? union(left.first, right.first) : left.first,
      last: right.isNullable ? union(left.last, right.last) : right.last)
  }

  private mutating func connect(_ from: [UInt64], to: [UInt64]) {
    for place in 0..<sets.count where from[place / 64] >> UInt64(place % 64) & 1 == 1 {
      for word in 0..<words { follow[place * words + word] |= to[word] }
    }
  }

  private func union(_ left: [UInt64], _ right: [UInt64]) -> [UInt64] { zip(left, right).map { $0 | $1 } }
}
