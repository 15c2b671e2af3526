import Records
import Streams

/// A function of the language, as the documentation and error messages name it.
package struct FunctionDescription: Sendable {
  /// Its name.
  package let name: String
  /// How it is written.
  package let usage: String
  /// What it gives, one line.
  package let meaning: String
}

/// All functions of the language: the one list that the checker, its messages and the documentation's test share.
package enum ExpressionFunctions {
  /// In the order of the documentation.
  package static let all: [FunctionDescription] = [
    .init(name: "present", usage: "present(value)", meaning: "whether there is a value that is not empty"),
    .init(name: "default", usage: "default(value, fallback)", meaning: "the value, or the fallback where it is absent"),
    .init(name: "trim", usage: "trim(text)", meaning: "without blanks at both ends"),
    .init(name: "upper", usage: "upper(text)", meaning: "in upper case"),
    .init(name: "lower", usage: "lower(text)", meaning: "in lower case"),
    .init(name: "slug", usage: "slug(text)", meaning: "as a part of a URL: lower case, letters, digits and hyphens"),
    .init(name: "replace", usage: "replace(text, from, to)", meaning: "every occurrence replaced"),
    .init(name: "truncate", usage: "truncate(text, n)", meaning: "at most n characters"),
    .init(name: "round", usage: "round(number, n)", meaning: "n decimals, half away from zero; also round(a / b, n)"),
    .init(name: "format", usage: "format(value, 'pattern')", meaning: "a date by a pattern, a number with n decimals"),
    .init(name: "join", usage: "join(list, separator)", meaning: "the parts of a list as one text"),
    .init(name: "lookup", usage: "lookup(text, 'file.csv')", meaning: "the translation in a table, else no value"),
    .init(name: "now", usage: "now()", meaning: "the time of the run in the feed's zone"),
  ]

  static let names = all.map(\.name)
}

extension ExpressionChecker {
  /// The checked form of a call.
  func call(_ name: String, _ arguments: [Expression], offset: Int) throws(ExpressionError) -> TypedExpression {
    guard let function = ExpressionFunctions.all.first(where: { $0.name == name }) else {
      throw ExpressionError(
        "unknown-function", at: offset, cause: "there is no function \"\(name)\"",
        remedy: Suggestion.question(name, in: ExpressionFunctions.names)
          ?? "the functions are \(Suggestion.choices(ExpressionFunctions.names))")
    }
    let wanted = Self.argumentCounts[name] ?? 1
    guard arguments.count == wanted else {
      throw .type(
        at: offset, "\(name) takes \(wanted) argument\(wanted == 1 ? "" : "s"), not \(arguments.count)",
        remedy: "write \(function.usage)")
    }
    switch name {
    case "present":
      return apply(.present, [try check(arguments[0])], .boolean, offset)
    case "now":
      return TypedExpression(operation: .push(.now), type: .datetime, offset: offset)
    case "default":
      let (value, fallback) = try agree(
        check(arguments[0]), check(arguments[1]), offset: offset, what: "the two values of default")
      return TypedExpression(
        operation: .firstPresent(value, fallback), type: value.type ?? fallback.type, offset: offset)
    case "round": return try round(arguments, offset: offset)
    case "format": return try format(arguments, offset: offset)
    case "lookup": return try lookup(arguments, offset: offset)
    default: return try textCall(name, arguments, offset: offset)
    }
  }

  /// Numbers of arguments where it is not one.
  private static let argumentCounts = [
    "now": 0, "default": 2, "truncate": 2, "round": 2, "format": 2, "join": 2, "lookup": 2, "replace": 3,
  ]

  private func apply(
    _ instruction: Instruction, _ operands: [TypedExpression], _ type: ValueType, _ offset: Int
  ) -> TypedExpression {
    TypedExpression(operation: .apply(instruction, operands), type: type, offset: offset)
  }

  private func textCall(
    _ name: String, _ arguments: [Expression], offset: Int
  ) throws(ExpressionError) -> TypedExpression {
    switch name {
    case "trim": return apply(.trim, [try text(arguments[0], of: name)], .text, offset)
    case "upper": return apply(.upper, [try text(arguments[0], of: name)], .text, offset)
    case "lower": return apply(.lower, [try text(arguments[0], of: name)], .text, offset)
    case "slug": return apply(.slug, [try text(arguments[0], of: name)], .text, offset)
    case "truncate":
      let value = try text(arguments[0], of: name)
      let count = try literalNumber(arguments[1], of: "truncate(text, n)", most: Int(Int32.max))
      return apply(.truncate(Int32(count)), [value], .text, offset)
    case "join":
      let list = try check(arguments[0])
      guard list.type == .list else {
        throw .type(
          at: arguments[0].start, "join needs a list, this is \(list.type.words)",
          remedy: "give the field the type list, or join texts by a template: \"{a}, {b}\"")
      }
      return apply(.join, [list, try text(arguments[1], of: name)], .text, offset)
    default:
      var operands: [TypedExpression] = []
      for argument in arguments { operands.append(try text(argument, of: name)) }
      if case .constant(.text(let from)) = operands[1].operation, from.isEmpty {
        throw .type(at: arguments[1].start, "there is nothing to replace", remedy: "write replace(text, 'from', 'to')")
      }
      return apply(.replace, operands, .text, offset)
    }
  }

  private func text(_ expression: Expression, of function: String) throws(ExpressionError) -> TypedExpression {
    let checked = try check(expression)
    if checked.type == .list { throw listMisused(expression, "be given to \(function)") }
    guard checked.type == .text else {
      throw .type(
        at: expression.start, "\(function) needs a text, this is \(checked.type.words)",
        remedy: "turn it into text by a template: \"{…}\"")
    }
    return checked
  }

  private func round(_ arguments: [Expression], offset: Int) throws(ExpressionError) -> TypedExpression {
    let scale = UInt8(try literalNumber(arguments[1], of: "round(number, n)", most: Self.greatestScale))
    if case .binary(.divide, let left, let right) = arguments[0].kind {
      let (dividend, _, divisor, _) = try numbers(left, right, sign: "/")
      return apply(.divide(scale: scale), [dividend, divisor], .number(scale: scale), offset)
    }
    let number = try check(arguments[0])
    guard case .number = number.type else {
      throw .type(
        at: arguments[0].start, "round needs a number, this is \(number.type.words)",
        remedy: "give the field the type integer or decimal(n)")
    }
    return apply(.round(scale: scale), [number], .number(scale: scale), offset)
  }

  private func format(_ arguments: [Expression], offset: Int) throws(ExpressionError) -> TypedExpression {
    let value = try check(arguments[0])
    switch value.type {
    case .number:
      let scale = UInt8(try literalNumber(arguments[1], of: "format(number, n)", most: Self.greatestScale))
      return apply(.formatNumber(scale: scale), [value], .text, offset)
    case .date, .datetime:
      let pattern = try literalText(arguments[1], of: "format(date, 'yyyy-MM-dd')")
      if let problem = DateNotation.problem(of: pattern, hasTime: value.type == .datetime) {
        throw .type(at: arguments[1].start, problem, remedy: DateNotation.remedy)
      }
      return TypedExpression(operation: .formatDate(value, pattern: pattern), type: .text, offset: offset)
    default:
      throw .type(
        at: arguments[0].start, "format needs a date or a number, this is \(value.type.words)",
        remedy: "give the field the type date(PATTERN), datetime(PATTERN) or decimal(n)")
    }
  }

  private func lookup(_ arguments: [Expression], offset: Int) throws(ExpressionError) -> TypedExpression {
    let key = try text(arguments[0], of: "lookup")
    let path = try literalText(arguments[1], of: "lookup(text, 'file.csv')")
    do throws(SluiceError) {
      return TypedExpression(operation: .lookup(key, try scope.lookup(path)), type: .text, offset: offset)
    } catch {
      let place = error.file.map { file in "\(file)\(error.position.map { ":\($0.line)" } ?? ""): " } ?? ""
      throw ExpressionError(error.code, at: arguments[1].start, cause: place + error.cause, remedy: error.remedy)
    }
  }

  private func literalText(_ expression: Expression, of usage: String) throws(ExpressionError) -> String {
    switch expression.kind {
    case .text(let text): return text
    case .template(let parts):
      if parts.count == 1, case .text(let text) = parts[0] { return text }
    default: break
    }
    throw .type(at: expression.start, "this argument has to be a literal text", remedy: "write \(usage)")
  }

  private func literalNumber(
    _ expression: Expression, of usage: String, most: Int
  ) throws(ExpressionError) -> Int {
    guard case .number(let number, scale: 0) = expression.kind, number <= most else {
      throw .type(
        at: expression.start, "this argument has to be a literal whole number from 0 to \(most)",
        remedy: "write \(usage)")
    }
    return Int(number)
  }
}
