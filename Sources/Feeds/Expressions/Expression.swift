/// The syntax tree of an expression, before names and types are resolved.
struct Expression: Equatable, Sendable {
  /// A part of a template.
  enum TemplatePart: Equatable, Sendable {
    case text(String)
    case hole(Expression)
  }

  /// Operators with one operand.
  enum UnaryOperator: String, Sendable {
    case not = "!"
    case negate = "-"
  }

  /// What a node is.
  indirect enum Kind: Equatable, Sendable {
    case name(String)
    case text(String)
    case template([TemplatePart])
    case number(Int64, scale: UInt8)
    case boolean(Bool)
    case null
    case clear
    case unary(UnaryOperator, Expression)
    case binary(Token.Symbol, Expression, Expression)
    case conditional(Expression, then: Expression, otherwise: Expression)
    case call(String, [Expression])
  }

  /// What it is.
  var kind: Kind
  /// Where messages about the node point: its first character, or its operator.
  var offset: Int

  /// Where its first character stands (opening parentheses left out).
  var start: Int {
    switch kind {
    case .binary(_, let left, _): left.start
    case .conditional(let condition, _, _): condition.start
    default: offset
    }
  }

  /// The names of fields and captures in it, each with the place where it stands first.
  var names: [String: Int] {
    var found: [String: Int] = [:]
    collectNames(into: &found)
    return found
  }

  private func collectNames(into found: inout [String: Int]) {
    switch kind {
    case .name(let name): found[name] = min(found[name] ?? .max, offset)
    case .text, .number, .boolean, .null, .clear: break
    case .template(let parts):
      for case .hole(let hole) in parts { hole.collectNames(into: &found) }
    case .unary(_, let operand): operand.collectNames(into: &found)
    case .binary(_, let left, let right):
      left.collectNames(into: &found)
      right.collectNames(into: &found)
    case .conditional(let condition, let then, let otherwise):
      for part in [condition, then, otherwise] { part.collectNames(into: &found) }
    case .call(_, let arguments):
      for argument in arguments { argument.collectNames(into: &found) }
    }
  }
}
