import Records
import Streams

/// Resolves the names of an expression and checks its types.
///
/// Scales: `+` and `-` give the greater one, `*` the sum, `round` and `format` the one written. The branches of `?:`
/// and the arguments of `default` must have one type; numbers are widened to the greater scale.
struct ExpressionChecker {
  /// What names stand for.
  let scope: ExpressionScope
  /// The greatest scale of a decimal (`ValueType.number`).
  static let greatestScale = 18

  /// The checked form of `expression`.
  func check(_ expression: Expression) throws(ExpressionError) -> TypedExpression {
    let offset = expression.offset
    switch expression.kind {
    case .name(let name): return try resolve(name, offset: offset)
    case .text(let text): return constant(.text(Array(text.utf8)), .text, offset)
    case .number(let mantissa, let scale): return try number(mantissa, scale: scale, offset: offset)
    case .boolean(let truth): return constant(.boolean(truth), .boolean, offset)
    case .null: return TypedExpression(operation: .push(.null), type: nil, offset: offset)
    case .clear: return TypedExpression(operation: .push(.clear), type: nil, offset: offset)
    case .template(let parts): return try template(parts, offset: offset)
    case .unary(let sign, let operand): return try unary(sign, operand, offset: offset)
    case .binary(let symbol, let left, let right): return try binary(symbol, left, right, offset: offset)
    case .conditional(let condition, let then, let otherwise):
      let checked = try self.condition(condition)
      let (first, second) = try agree(check(then), check(otherwise), offset: offset, what: "the two values of ? :")
      return TypedExpression(
        operation: .conditional(checked, then: first, otherwise: second), type: first.type ?? second.type,
        offset: offset)
    case .call(let name, let arguments): return try call(name, arguments, offset: offset)
    }
  }

  /// The checked form of an expression that has to be true or false.
  func condition(_ expression: Expression) throws(ExpressionError) -> TypedExpression {
    let checked = try check(expression)
    guard checked.type == .boolean else {
      let remedy =
        if case .number = checked.type { "compare it: … != 0" } else { "compare it with ==, or write present(…)" }
      throw .type(
        at: expression.start, "a condition is true or false, this is \(checked.type.words)", remedy: remedy)
    }
    return checked
  }

  private func constant(_ constant: Program.Constant, _ type: ValueType, _ offset: Int) -> TypedExpression {
    TypedExpression(operation: .constant(constant), type: type, offset: offset)
  }

  private func number(_ mantissa: Int64, scale: UInt8, offset: Int) throws(ExpressionError) -> TypedExpression {
    guard scale <= Self.greatestScale else {
      throw .type(at: offset, "a number has at most 18 decimals", remedy: "drop some of its decimals")
    }
    return constant(.number(mantissa, scale: scale), .number(scale: scale), offset)
  }

  // MARK: Names

  private func resolve(_ name: String, offset: Int) throws(ExpressionError) -> TypedExpression {
    if name.hasPrefix("old.") { return try old(String(name.dropFirst(4)), offset: offset) }
    if name.hasPrefix("file.") {
      let capture = String(name.dropFirst(5))
      guard let field = scope.capture(capture) else {
        let known = scope.captureNames
        let all = known.isEmpty ? "the patterns capture nothing" : "the patterns capture \(Suggestion.choices(known))"
        throw ExpressionError(
          "unknown-capture", at: offset, cause: "no file pattern captures \"\(capture)\"",
          remedy: Suggestion.question(capture, in: known) ?? all)
      }
      return push(.field(Int32(field.index)), field.type, offset)
    }
    guard let field = scope.field(name) else { throw unknownField(name, offset: offset) }
    return push(.field(Int32(field.index)), field.type, offset)
  }

  private func old(_ name: String, offset: Int) throws(ExpressionError) -> TypedExpression {
    if let refusal = scope.oldRefusal {
      throw ExpressionError(
        "old-value", at: offset, cause: refusal, remedy: "drop old.\(name), or move the rule to a bi or edm event")
    }
    guard let field = scope.field(name) else { throw unknownField(name, offset: offset + 4) }
    return push(.old(Int32(field.index)), field.type, offset)
  }

  private func push(_ instruction: Instruction, _ type: ValueType, _ offset: Int) -> TypedExpression {
    TypedExpression(operation: .push(instruction), type: type, offset: offset)
  }

  private func unknownField(_ name: String, offset: Int) -> ExpressionError {
    let asText = "for the text itself write '\(name)' in quotes or put it under constants"
    let remedy = Suggestion.question(name, in: scope.fieldNames).map { "\($0)? " } ?? ""
    return ExpressionError(
      "unknown-field", at: offset, cause: "there is no field \"\(name)\"", remedy: remedy + asText)
  }

  // MARK: Operators

  private func template(_ parts: [Expression.TemplatePart], offset: Int) throws(ExpressionError) -> TypedExpression {
    var operands: [TypedExpression] = []
    for part in parts {
      switch part {
      case .text(let text): operands.append(constant(.text(Array(text.utf8)), .text, offset))
      case .hole(let hole):
        let operand = try check(hole)
        if operand.type == .list { throw listMisused(hole, "be a part of a text") }
        operands.append(operand)
      }
    }
    if operands.isEmpty { return constant(.text([]), .text, offset) }
    if operands.count == 1, case .constant(.text) = operands[0].operation { return operands[0] }
    return TypedExpression(
      operation: .apply(.concatenate(Int32(operands.count)), operands), type: .text, offset: offset)
  }

  func listMisused(_ expression: Expression, _ use: String) -> ExpressionError {
    .type(at: expression.start, "a list can not \(use)", remedy: "make it a text first: join(list, ', ')")
  }

  private func unary(
    _ sign: Expression.UnaryOperator, _ operand: Expression, offset: Int
  ) throws(ExpressionError) -> TypedExpression {
    if sign == .not {
      let checked = try condition(operand)
      return TypedExpression(operation: .apply(.not, [checked]), type: .boolean, offset: offset)
    }
    if case .number(let mantissa, let scale) = operand.kind {
      return try number(-mantissa, scale: scale, offset: offset)
    }
    let checked = try check(operand)
    guard case .number = checked.type else { throw notNumber(operand, checked, sign: "-") }
    return TypedExpression(operation: .apply(.negate, [checked]), type: checked.type, offset: offset)
  }

  private func notNumber(_ expression: Expression, _ checked: TypedExpression, sign: String) -> ExpressionError {
    let remedy =
      switch (checked.type, sign) {
      case (.text, "+"): "join texts by a template, \"{a}{b}\"; to count with a field give it the type decimal(n)"
      case (.text, _): "give the field the type integer or decimal(n)"
      default: "use numbers only"
      }
    return .type(at: expression.start, "\(sign) needs numbers, this is \(checked.type.words)", remedy: remedy)
  }

  private func binary(
    _ symbol: Token.Symbol, _ left: Expression, _ right: Expression, offset: Int
  ) throws(ExpressionError) -> TypedExpression {
    switch symbol {
    case .and, .or:
      let (first, second) = (try condition(left), try condition(right))
      return TypedExpression(
        operation: symbol == .and ? .and(first, second) : .or(first, second), type: .boolean, offset: offset)
    case .plus, .minus, .times: return try arithmetic(symbol, left, right, offset: offset)
    case .divide:
      throw .type(
        at: offset, "a division needs to know its decimals",
        remedy: "write round(a / b, n) with n decimals, the / directly inside")
    default: return try comparison(symbol, left, right, offset: offset)
    }
  }

  /// Both operands of an arithmetic sign, which have to be numbers, and their scales.
  func numbers(
    _ left: Expression, _ right: Expression, sign: String
  ) throws(ExpressionError) -> (TypedExpression, UInt8, TypedExpression, UInt8) {
    let first = try check(left)
    guard case .number(let firstScale) = first.type else { throw notNumber(left, first, sign: sign) }
    let second = try check(right)
    guard case .number(let secondScale) = second.type else { throw notNumber(right, second, sign: sign) }
    return (first, firstScale, second, secondScale)
  }

  private func arithmetic(
    _ symbol: Token.Symbol, _ left: Expression, _ right: Expression, offset: Int
  ) throws(ExpressionError) -> TypedExpression {
    let (first, firstScale, second, secondScale) = try numbers(left, right, sign: symbol.rawValue)
    var scale = Int(max(firstScale, secondScale))
    var instruction = symbol == .plus ? Instruction.add : .subtract
    if symbol == .times {
      scale = Int(firstScale) + Int(secondScale)
      instruction = .multiply
      guard scale <= Self.greatestScale else {
        throw .type(
          at: offset, "the product would have \(scale) decimals, the most is 18",
          remedy: "round a factor first: round(a, n) * b")
      }
    }
    return TypedExpression(
      operation: .apply(instruction, [first, second]), type: .number(scale: UInt8(scale)), offset: offset)
  }

  private func comparison(
    _ symbol: Token.Symbol, _ left: Expression, _ right: Expression, offset: Int
  ) throws(ExpressionError) -> TypedExpression {
    let (first, second) = (try check(left), try check(right))
    guard let firstType = first.type, let secondType = second.type else {
      throw .type(
        at: offset, "null and clear compare as false with everything", remedy: "write present(…) or !present(…)")
    }
    if firstType == .list { throw listMisused(left, "be compared") }
    if secondType == .list { throw listMisused(right, "be compared") }
    guard Self.isComparable(firstType, secondType) else {
      throw .type(
        at: offset, "\(first.type.words) and \(second.type.words) can not be compared",
        remedy: comparisonRemedy((left, firstType), (right, secondType)))
    }
    if firstType == .boolean, symbol != .equal, symbol != .notEqual {
      throw .type(at: offset, "true and false have no order", remedy: "compare with == or !=")
    }
    return TypedExpression(
      operation: .apply(Self.instruction(symbol), [first, second]), type: .boolean, offset: offset)
  }

  private static func isComparable(_ left: ValueType, _ right: ValueType) -> Bool {
    if case .number = left, case .number = right { return true }
    return left == right
  }

  private static func instruction(_ symbol: Token.Symbol) -> Instruction {
    switch symbol {
    case .equal: .equal
    case .notEqual: .notEqual
    case .less: .less
    case .lessOrEqual: .lessOrEqual
    case .greater: .greater
    default: .greaterOrEqual
    }
  }

  private func comparisonRemedy(
    _ left: (Expression, ValueType), _ right: (Expression, ValueType)
  ) -> String {
    let sides = [left, right]
    let hasText = sides.contains { $0.1 == .text }
    for case (let side, .text) in sides {
      if case .text(let text) = side.kind, sides.contains(where: { if case .number = $0.1 { true } else { false } }) {
        return "write the number without quotes: \(text)"
      }
    }
    for case (let side, .number) in sides where hasText {
      if case .number = side.kind {
        return "give the field the type integer or decimal(n), or compare with a text: '…'"
      }
    }
    if sides.contains(where: { $0.1 == .date || $0.1 == .datetime }) {
      return "bring both to one text: format(date, 'yyyyMMdd') compares in the order of time"
    }
    if hasText { return "give the text's field the other's type, or write the other as text: \"{name}\"" }
    return "compare values of one type"
  }

  /// Both values at one type, numbers at the greater scale.
  func agree(
    _ first: TypedExpression, _ second: TypedExpression, offset: Int, what: String
  ) throws(ExpressionError) -> (TypedExpression, TypedExpression) {
    guard let firstType = first.type, let secondType = second.type else { return (first, second) }
    if case .number(let left) = firstType, case .number(let right) = secondType {
      return (first.widened(to: max(left, right)), second.widened(to: max(left, right)))
    }
    guard firstType == secondType else {
      throw .type(
        at: offset, "\(what) differ: \(first.type.words) and \(second.type.words)",
        remedy: "make them one type; \"{…}\" turns a value into text, null means none")
    }
    return (first, second)
  }
}
