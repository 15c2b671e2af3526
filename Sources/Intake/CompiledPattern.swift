import Streams

/// What a file's name says about the drop.
package struct PatternMatch: Equatable, Sendable {
  /// The as-of captured: seconds since 1970-01-01 00:00 on the wall clock of the feed's zone; nil when none is
  /// captured, and the drop then speaks for the time of its claim.
  package var asOf: Int64?
  /// The sequence captured.
  package var sequence: Int?
  /// All captures as texts by name, `as_of` and `sequence` included.
  package var captures: [String: String]

  /// A match.
  package init(asOf: Int64? = nil, sequence: Int? = nil, captures: [String: String] = [:]) {
    self.asOf = asOf
    self.sequence = sequence
    self.captures = captures
  }

  /// True when the name itself says what time the drop speaks for.
  package var isAsOfCaptured: Bool { asOf != nil }
}

/// A file pattern that is checked and ready to match names (the grammar is `FilePattern`'s).
///
/// A name is text here and nothing else: it is never opened, expanded or split at slashes. Characters are compared
/// as Unicode says they are equal, so that a name that a Mac wrote with combining accents matches. Upper and lower
/// case differ. `*` takes as little as it can, captures take as much as they can.
package struct CompiledPattern: Sendable, Equatable {
  /// The pattern as written.
  package let pattern: FilePattern
  private let elements: [PatternElement]

  /// Longest sequence in digits, so that it fits an `Int` and the next one too.
  private static let sequenceDigits = 18

  /// Compiles `pattern`. Throws `.definition` `pattern-invalid` with the column.
  package init(_ pattern: FilePattern) throws(SluiceError) {
    self.pattern = pattern
    elements = try PatternParser.parse(pattern)
  }

  /// Names of the captures, in the order written.
  package var captureNames: [String] { elements.compactMap(\.captureName) }

  /// How fine the captured as-of is; nil when none is captured.
  package var granularity: Granularity? {
    for case .date("as_of", let shape) in elements { return shape.granularity }
    return nil
  }

  /// True when the pattern captures a sequence.
  package var hasSequence: Bool { elements.contains(.sequence) }

  /// What `name` says, or nil when it does not match. A date that the calendar does not have does not match.
  package func match(_ name: String) -> PatternMatch? {
    var matcher = Matcher(elements: elements, name: Array(name))
    guard matcher.match(0, 0) else { return nil }
    var result = PatternMatch()
    for (element, span) in zip(elements, matcher.spans) {
      guard let capture = element.captureName else { continue }
      let text = matcher.name[span]
      result.captures[capture] = String(text)
      switch element {
      case .sequence: result.sequence = Int(String(text))
      case .date("as_of", let shape):
        result.asOf = shape.read(text).map { $0 + Int64(pattern.at ?? 0) }
      default: break
      }
    }
    return result
  }

  /// Checks what several patterns of one feed owe each other: when one names only a day and another is finer, the
  /// former must say with `at` at what time it speaks. Throws `.definition` `as-of-time-missing`.
  package static func checkTogether(_ patterns: [CompiledPattern]) throws(SluiceError) {
    guard let finest = patterns.compactMap(\.granularity).max(), finest > .day else { return }
    for compiled in patterns where compiled.granularity == .day && compiled.pattern.at == nil {
      throw SluiceError(
        .definition, "as-of-time-missing", position: compiled.pattern.position, field: "at",
        value: DisplayName.escape(compiled.pattern.match),
        cause: "the pattern names only a day while another pattern of the feed names a time",
        remedy: "say at what time of that day it speaks, such as at: '02:00'")
    }
  }

  /// Backtracking over elements and characters that remembers dead ends, so that no name costs more than
  /// elements × characters².
  private struct Matcher {
    let elements: [PatternElement]
    let name: [Character]
    /// What each element took.
    var spans: [Range<Int>]
    private var isDeadEnd: [Bool]

    init(elements: [PatternElement], name: [Character]) {
      self.elements = elements
      self.name = name
      spans = Array(repeating: 0..<0, count: elements.count)
      isDeadEnd = Array(repeating: false, count: (elements.count + 1) * (name.count + 1))
    }

    mutating func match(_ element: Int, _ start: Int) -> Bool {
      guard element < elements.count else { return start == name.count }
      let state = element * (name.count + 1) + start
      if isDeadEnd[state] { return false }
      for end in ends(elements[element], from: start) where match(element + 1, end) {
        spans[element] = start..<end
        return true
      }
      isDeadEnd[state] = true
      return false
    }

    /// Where `element` may end when it starts at `start`, the preferred end first.
    private func ends(_ element: PatternElement, from start: Int) -> [Int] {
      let rest = name[start...]
      switch element {
      case .literal(let character): return rest.first == character ? [start + 1] : []
      case .anyOne: return rest.first.map { $0 != "/" } == true ? [start + 1] : []
      case .anyRun: return Array(start...(start + rest.prefix { $0 != "/" }.count))
      case .text:
        let length = rest.prefix { $0.isLetter || $0.digit != nil || $0 == "-" || $0 == "_" }.count
        return (0..<length).reversed().map { start + $0 + 1 }
      case .sequence:
        let digits = rest.prefix(CompiledPattern.sequenceDigits).prefix { $0.digit != nil }.count
        return (0..<digits).reversed().map { start + $0 + 1 }
      case .date(_, let shape):
        let end = start + shape.width
        guard end <= name.count, shape.read(name[start..<end]) != nil else { return [] }
        return [end]
      }
    }
  }
}
