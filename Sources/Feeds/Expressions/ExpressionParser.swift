/// Builds the syntax tree of an expression by operator precedence (Pratt 1973).
struct ExpressionParser {
  private let tokens: [Token]
  private var index = 0
  private var depth = 0
  /// Deeper nesting than this is refused, so that no definition can exhaust the stack.
  private static let deepest = 64

  private init(_ tokens: [Token], depth: Int) {
    self.tokens = tokens
    self.depth = depth
  }

  /// The tree of `text`.
  static func parse(_ text: String) throws(ExpressionError) -> Expression {
    let tokens = try Lexer.tokens(of: text)
    guard tokens.count > 1 else {
      throw .syntax(at: 0, "an expression is missing", remedy: "write a field, a text in '…', or null for no value")
    }
    return try parse(tokens, depth: 0)
  }

  private static func parse(_ tokens: [Token], depth: Int) throws(ExpressionError) -> Expression {
    var parser = ExpressionParser(tokens, depth: depth)
    let expression = try parser.expression(binding: 0)
    guard parser.current.kind == .end else { throw parser.unexpected() }
    return expression
  }

  private var current: Token { tokens[min(index, tokens.count - 1)] }

  private func isAt(_ symbol: Token.Symbol) -> Bool { current.kind == .symbol(symbol) }

  /// How strongly an operator binds: greater binds tighter; nil: not an operator between operands.
  private static func binding(_ symbol: Token.Symbol) -> Int? {
    switch symbol {
    case .question: 1
    case .or: 2
    case .and: 3
    case .equal, .notEqual: 4
    case .less, .lessOrEqual, .greater, .greaterOrEqual: 5
    case .plus, .minus: 6
    case .times, .divide: 7
    case .not, .colon, .open, .close, .comma: nil
    }
  }

  private mutating func expression(binding least: Int) throws(ExpressionError) -> Expression {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.deepest else {
      throw .syntax(
        at: current.offset, "the expression is nested too deep", remedy: "compute a part of it in a field of its own")
    }
    var left = try operand()
    while case .symbol(let symbol) = current.kind, let binding = Self.binding(symbol), binding > least {
      let offset = current.offset
      index += 1
      if symbol == .question {
        left = try conditional(left, offset: offset)
      } else {
        let right = try expression(binding: binding)
        left = Expression(kind: .binary(symbol, left, right), offset: offset)
      }
    }
    return left
  }

  private mutating func conditional(
    _ condition: Expression, offset: Int
  ) throws(ExpressionError) -> Expression {
    let then = try expression(binding: 0)
    guard isAt(.colon) else {
      throw .syntax(at: current.offset, "the ? has no :", remedy: "write condition ? value : other value")
    }
    index += 1
    // Binding 0 again makes a chain a ? b : c ? d : e group to the right.
    let otherwise = try expression(binding: 0)
    return Expression(kind: .conditional(condition, then: then, otherwise: otherwise), offset: offset)
  }

  private mutating func operand() throws(ExpressionError) -> Expression {
    let token = current
    index += 1
    let kind: Expression.Kind
    switch token.kind {
    case .name(let name): return try named(name, offset: token.offset)
    case .text(let text): kind = .text(text)
    case .number(let mantissa, let scale): kind = .number(mantissa, scale: scale)
    case .template(let parts): kind = .template(try template(parts))
    case .symbol(.not): kind = .unary(.not, try expression(binding: 8))
    case .symbol(.minus): kind = .unary(.negate, try expression(binding: 8))
    case .symbol(.open):
      let inner = try expression(binding: 0)
      try close(openedAt: token.offset)
      return inner
    case .symbol, .end:
      index -= 1
      throw unexpected()
    }
    return Expression(kind: kind, offset: token.offset)
  }

  private mutating func named(_ name: String, offset: Int) throws(ExpressionError) -> Expression {
    if isAt(.open) {
      return Expression(kind: .call(name, try arguments()), offset: offset)
    }
    let kind: Expression.Kind =
      switch name {
      case "true": .boolean(true)
      case "false": .boolean(false)
      case "null": .null
      case "clear": .clear
      default: .name(name)
      }
    return Expression(kind: kind, offset: offset)
  }

  private mutating func arguments() throws(ExpressionError) -> [Expression] {
    let opening = current.offset
    index += 1
    var arguments: [Expression] = []
    if isAt(.close) {
      index += 1
      return arguments
    }
    while true {
      arguments.append(try expression(binding: 0))
      if isAt(.comma) {
        index += 1
      } else {
        try close(openedAt: opening)
        return arguments
      }
    }
  }

  private mutating func close(openedAt opening: Int) throws(ExpressionError) {
    if isAt(.close) {
      index += 1
    } else if current.kind == .end {
      throw .syntax(at: opening, "the ( is never closed", remedy: "add the missing )")
    } else {
      throw unexpected()
    }
  }

  private func template(_ parts: [Token.TemplatePart]) throws(ExpressionError) -> [Expression.TemplatePart] {
    var built: [Expression.TemplatePart] = []
    for part in parts {
      switch part {
      case .text(let text): built.append(.text(text))
      case .hole(let tokens):
        guard tokens.count > 1 else {
          throw .syntax(
            at: tokens[0].offset, "the hole { } is empty", remedy: "name a field in it, or write {{ }} for braces")
        }
        built.append(.hole(try Self.parse(tokens, depth: depth)))
      }
    }
    return built
  }

  private func unexpected() -> ExpressionError {
    if case .name(let word) = current.kind, let sign = ["and": "&&", "or": "||", "not": "!"][word.lowercased()] {
      return .syntax(at: current.offset, "\"\(word)\" is not an operator", remedy: "write \(sign)")
    }
    if current.kind == .end {
      return .syntax(at: current.offset, "the expression ends too early", remedy: "complete it or drop the last sign")
    }
    let remedy =
      switch current.kind {
      case .symbol(.comma): "a comma stands only between arguments; the decimal sign of expressions is the point"
      case .symbol(.close): "drop the ) or add the ( that it closes"
      case .symbol(.colon): "a : belongs to condition ? value : other value"
      case .symbol: "an operand is missing before it"
      default: "an operator is missing before it; texts are joined by a template: \"{a} {b}\""
      }
    return .syntax(at: current.offset, "\(current.words) is not expected here", remedy: remedy)
  }
}
