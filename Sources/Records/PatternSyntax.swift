import Streams

/// The characters that one place of a pattern accepts.
struct ScalarSet {
  /// Members below U+0080.
  var ascii = [Bool](repeating: false, count: 128)
  /// Ranges from U+0080 on, in any order.
  var ranges: [ClosedRange<UInt32>] = []
  /// Whether the set is what `ascii` and `ranges` leave out.
  var isNegated = false

  init(_ range: ClosedRange<UInt32>) { insert(range) }
  init() {}

  /// `.`: every character.
  static let any = ScalarSet(0...0x10FFFF)

  mutating func insert(_ range: ClosedRange<UInt32>) {
    for scalar in range.clamped(to: 0...127) where range.contains(scalar) { ascii[Int(scalar)] = true }
    if range.upperBound >= 128 { ranges.append(max(range.lowerBound, 128)...range.upperBound) }
  }

  mutating func formUnion(_ other: ScalarSet) {
    for scalar in 0..<128 where other.ascii[scalar] != other.isNegated { ascii[scalar] = true }
    // Of the negated sets only the ASCII ones (`\D`) ever come here.
    ranges += other.isNegated ? [0x80...0x10FFFF] : other.ranges
  }

  /// The ranges in ascending order, none overlapping another.
  var mergedRanges: [ClosedRange<UInt32>] {
    ranges.sorted { $0.lowerBound < $1.lowerBound }.reduce(into: []) { merged, range in
      if let last = merged.last, range.lowerBound <= last.upperBound {
        merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        merged.append(range)
      }
    }
  }

  /// The set behind `\d`, `\w`, `\s` or their capitals; nil for other letters.
  static func named(_ letter: UInt32) -> ScalarSet? {
    var set = ScalarSet()
    switch letter | 0x20 {
    case 0x64: set.insert(0x30...0x39)
    case 0x77:
      for range: ClosedRange<UInt32> in [0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F...0x5F] { set.insert(range) }
    case 0x73: for range: ClosedRange<UInt32> in [0x09...0x0D, 0x20...0x20] { set.insert(range) }
    default: return nil
    }
    set.isNegated = letter & 0x20 == 0
    return set
  }
}

/// A pattern taken apart.
indirect enum PatternTree {
  case empty
  case set(ScalarSet)
  case sequence([PatternTree])
  case choice([PatternTree])
  case repeated(PatternTree, least: Int, most: Int?)
}

/// Takes a pattern apart; runs once per definition.
struct PatternParser {
  private let source: String
  private let scalars: [UInt32]
  private var position = 0
  private var depth = 0

  /// The most repetitions that braces may ask for.
  static let repetitionsMaximum = 1000
  /// The deepest that groups may be nested.
  static let depthMaximum = 50

  init(_ source: String) {
    self.source = source
    scalars = source.unicodeScalars.map(\.value)
  }

  mutating func parse() throws(SluiceError) -> PatternTree {
    let tree = try choice()
    if position < scalars.count { throw invalid("a closing parenthesis without an opening one") }
    return tree
  }

  private func peek(_ offset: Int = 0) -> Character? {
    guard position + offset < scalars.count else { return nil }
    return Unicode.Scalar(scalars[position + offset]).map(Character.init)
  }

  private mutating func take(_ character: Character) -> Bool {
    guard peek() == character else { return false }
    position += 1
    return true
  }

  private mutating func choice() throws(SluiceError) -> PatternTree {
    var alternatives = [try sequence()]
    while take("|") { alternatives.append(try sequence()) }
    return alternatives.count == 1 ? alternatives[0] : .choice(alternatives)
  }

  private mutating func sequence() throws(SluiceError) -> PatternTree {
    var items: [PatternTree] = []
    if depth == 0 { _ = take("^") }
    while let next = peek(), next != "|", next != ")" {
      if next == "$", depth == 0, peek(1) == nil || peek(1) == "|" {
        position += 1
        break
      }
      items.append(try quantified(atom(next)))
    }
    return items.isEmpty ? .empty : .sequence(items)
  }

  private mutating func atom(_ next: Character) throws(SluiceError) -> PatternTree {
    switch next {
    case "(": return try group()
    case "[": return .set(try bracket())
    case "\\": return .set(try escape())
    case "*", "+", "?", "{": throw invalid("nothing to repeat before \"\(next)\"")
    case "^", "$": throw unsupported("\"\(next)\" inside the pattern")
    case ".":
      position += 1
      return .set(.any)
    default:
      position += 1
      return .set(ScalarSet(scalars[position - 1]...scalars[position - 1]))
    }
  }

  private mutating func group() throws(SluiceError) -> PatternTree {
    position += 1
    if peek() == "?" {
      guard peek(1) == ":" else { throw unsupported("look-around, named groups and inline flags (\"(?\")") }
      position += 2
    }
    depth += 1
    if depth > Self.depthMaximum { throw unsupported("groups nested deeper than \(Self.depthMaximum)") }
    let tree = try choice()
    depth -= 1
    guard take(")") else { throw invalid("a parenthesis is not closed") }
    return tree
  }

  private mutating func quantified(_ tree: PatternTree) throws(SluiceError) -> PatternTree {
    var result = tree
    switch peek() {
    case "?": result = .repeated(tree, least: 0, most: 1)
    case "*": result = .repeated(tree, least: 0, most: nil)
    case "+": result = .repeated(tree, least: 1, most: nil)
    case "{":
      result = try braces(tree)
      position -= 1
    default: return tree
    }
    position += 1
    // Lazy and greedy forms accept the same whole texts.
    if take("?") { return result }
    if peek() == "+" { throw unsupported("a possessive quantifier (\"+\" after a quantifier)") }
    if let next = peek(), "*{".contains(next) { throw invalid("a quantifier after a quantifier") }
    return result
  }

  private mutating func braces(_ tree: PatternTree) throws(SluiceError) -> PatternTree {
    position += 1
    let least = number()
    let hasComma = take(",")
    let most = hasComma ? number() : least
    guard let least, take("}"), most.map({ $0 >= least }) ?? true else {
      throw invalid("braces must be {n}, {n,} or {n,m}; write \\{ for a brace")
    }
    if max(least, most ?? 0) > Self.repetitionsMaximum {
      throw unsupported("more than \(Self.repetitionsMaximum) repetitions")
    }
    return .repeated(tree, least: least, most: most)
  }

  private mutating func number() -> Int? {
    let start = position
    var value = 0
    while position < scalars.count, (0x30...0x39).contains(scalars[position]) {
      value = min(value * 10 + Int(scalars[position] - 0x30), 1_000_000)
      position += 1
    }
    return position > start ? value : nil
  }

  private mutating func escape() throws(SluiceError) -> ScalarSet {
    position += 1
    guard position < scalars.count else { throw invalid("a backslash at the end") }
    let scalar = scalars[position]
    position += 1
    if let set = ScalarSet.named(scalar) { return set }
    let controls: [UInt32: UInt32] = [0x74: 0x09, 0x6E: 0x0A, 0x72: 0x0D, 0x66: 0x0C]
    if let control = controls[scalar] { return ScalarSet(control...control) }
    let isAlphanumeric =
      scalar < 128 && Character(UnicodeScalar(UInt8(scalar))).isLetter || (0x30...0x39).contains(scalar)
    if isAlphanumeric {
      let name = (0x30...0x39).contains(scalar) ? "the back reference" : "the escape"
      throw unsupported("\(name) \\\(Character(UnicodeScalar(UInt8(scalar))))")
    }
    return ScalarSet(scalar...scalar)
  }

  private mutating func bracket() throws(SluiceError) -> ScalarSet {
    position += 1
    var set = ScalarSet()
    let isNegated = take("^")
    if peek() == "]" { throw invalid("an empty class; write \\] for a bracket") }
    while !take("]") {
      guard let next = peek() else { throw invalid("a class is not closed") }
      if next == "[" { throw unsupported("\"[\" inside a class; write \\[ for a bracket") }
      if next == "&", peek(1) == "&" { throw unsupported("\"&&\" inside a class") }
      let member = try bracketMember()
      guard peek() == "-", let end = peek(1), end != "]" else {
        set.formUnion(member)
        continue
      }
      position += 1
      guard let low = single(member), let high = single(try bracketMember()), low <= high else {
        throw invalid("a range in a class whose ends are not two characters in order")
      }
      set.insert(low...high)
      if peek() == "-", peek(1) != "]" { throw invalid("\"-\" after a range; write \\- for the character") }
    }
    set.isNegated = isNegated
    return set
  }

  private mutating func bracketMember() throws(SluiceError) -> ScalarSet {
    if peek() == "\\" { return try escape() }
    position += 1
    return ScalarSet(scalars[position - 1]...scalars[position - 1])
  }

  /// The one member of a set; nil when it has none or several.
  private func single(_ set: ScalarSet) -> UInt32? {
    let ascii = (0..<128).filter { set.ascii[$0] }.map(UInt32.init)
    let members = ascii + set.ranges.flatMap { [$0.lowerBound, $0.upperBound] }
    guard !set.isNegated, let first = members.first, members.allSatisfy({ $0 == first }) else { return nil }
    return first
  }

  private func invalid(_ reason: String) -> SluiceError {
    SluiceError(
      .definition, "pattern-invalid", value: source, cause: "\(reason), at character \(position + 1) of the pattern",
      remedy: "correct the pattern")
  }

  private func unsupported(_ reason: String) -> SluiceError {
    SluiceError(
      .definition, "pattern-unsupported", value: source,
      cause: "\(reason), at character \(position + 1) of the pattern, is not supported",
      remedy: "write the pattern with literals, classes, groups, | and quantifiers alone")
  }
}
