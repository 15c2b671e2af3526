import Streams

/// A regular expression that a text must match as a whole. Compiled once; matching allocates nothing, and takes time
/// in proportion to the text's length whatever the pattern.
///
/// What is understood: literals, `.` (any one character), classes with ranges and negation, `\d \w \s \D \W \S`
/// (ASCII), `\t \n \r \f`, escaped punctuation, groups, `(?:…)`, `|`, `? * + {n} {n,} {n,m}` and their lazy forms, `^`
/// and `$` at the ends (they change nothing). A character is a Unicode scalar. Look-around, back references, possessive
/// quantifiers, word boundaries, inline flags and properties are refused.
public struct TextPattern: Sendable, Equatable {
  /// The pattern as written.
  public let source: String
  private let automaton: PatternAutomaton

  /// Compiles a pattern; throws `pattern-invalid` or `pattern-unsupported`.
  public init(_ source: String) throws(SluiceError) {
    var parser = PatternParser(source)
    let tree = try parser.parse()
    self.source = source
    automaton = try PatternAutomaton(tree, source: source)
  }

  /// Whether the whole of `text` matches.
  @inline(__always)
  public func matches(_ text: ByteView) -> Bool { automaton.matches(text) }

  /// Patterns are equal when they are written alike.
  public static func == (left: TextPattern, right: TextPattern) -> Bool { left.source == right.source }
}
