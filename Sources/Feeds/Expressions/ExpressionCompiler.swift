import Records
import Streams

/// Turns the text of an expression into a `Program`.
package enum ExpressionCompiler {
  /// Compiles an expression of any type. A whole expression that is `null` or `clear` has the type text.
  package static func compile(_ text: String, scope: ExpressionScope) throws(ExpressionError) -> Program {
    try compile(ExpressionParser.parse(text), source: text, scope: scope)
  }

  /// Compiles an expression that has to be true or false.
  package static func compileCondition(_ text: String, scope: ExpressionScope) throws(ExpressionError) -> Program {
    try compileCondition(ExpressionParser.parse(text), source: text, scope: scope)
  }

  /// Compiles a syntax tree that has to be true or false; `source` is what it was parsed from.
  static func compileCondition(
    _ expression: Expression, source: String, scope: ExpressionScope
  ) throws(ExpressionError) -> Program {
    ProgramWriter.write(try ExpressionChecker(scope: scope).condition(expression), source: source)
  }

  /// Compiles a syntax tree of any type; `source` is what it was parsed from.
  static func compile(
    _ expression: Expression, source: String, scope: ExpressionScope
  ) throws(ExpressionError) -> Program {
    ProgramWriter.write(try ExpressionChecker(scope: scope).check(expression), source: source)
  }
}

/// Writes a checked expression out as stack instructions.
private struct ProgramWriter {
  private var instructions: [Instruction] = []
  private var constants: [Program.Constant] = []
  private var tables: [LookupTable] = []
  private var datePatterns: [String] = []

  static func write(_ expression: TypedExpression, source: String) -> Program {
    var writer = ProgramWriter()
    writer.emit(expression)
    return Program(
      instructions: writer.instructions, constants: writer.constants, tables: writer.tables,
      datePatterns: writer.datePatterns, type: expression.type ?? .text, source: source)
  }

  private mutating func emit(_ expression: TypedExpression) {
    switch expression.operation {
    case .push(let instruction): instructions.append(instruction)
    case .constant(let constant): instructions.append(.constant(Self.index(of: constant, in: &constants)))
    case .apply(let instruction, let operands):
      for operand in operands { emit(operand) }
      instructions.append(instruction)
    case .conditional(let condition, let then, let otherwise):
      emit(condition)
      let toOtherwise = placeholder()
      emit(then)
      let toEnd = placeholder()
      instructions[toOtherwise] = .jumpIfFalse(here)
      emit(otherwise)
      instructions[toEnd] = .jump(here)
    case .and(let left, let right): shortCut(left, right) { .jumpIfFalseKeep($0) }
    case .or(let left, let right): shortCut(left, right) { .jumpIfTrueKeep($0) }
    case .firstPresent(let value, let fallback): shortCut(value, fallback) { .jumpIfPresentKeep($0) }
    case .lookup(let key, let table):
      emit(key)
      instructions.append(.lookup(Self.index(of: table, in: &tables)))
    case .formatDate(let date, let pattern):
      emit(date)
      instructions.append(.formatDate(Self.index(of: pattern, in: &datePatterns)))
    }
  }

  /// The place of the next instruction.
  private var here: Int32 { Int32(instructions.count) }

  /// Makes room for a jump whose target is not known yet.
  private mutating func placeholder() -> Int {
    instructions.append(.jump(0))
    return instructions.count - 1
  }

  private mutating func shortCut(
    _ left: TypedExpression, _ right: TypedExpression, jump: (Int32) -> Instruction
  ) {
    emit(left)
    let place = placeholder()
    emit(right)
    instructions[place] = jump(here)
  }

  private static func index<Element: Equatable>(of element: Element, in elements: inout [Element]) -> Int32 {
    if let index = elements.firstIndex(of: element) { return Int32(index) }
    elements.append(element)
    return Int32(elements.count - 1)
  }
}
