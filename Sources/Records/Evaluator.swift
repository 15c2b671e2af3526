import Streams

/// Why an expression has no value for a row; the row is rejected.
public enum EvaluationFault: UInt8, Sendable {
  /// A quotient by zero.
  case divisionByZero
  /// A number that does not fit into 18 digits.
  case overflow
  /// A result with more decimals than the type of the expression has.
  case tooPrecise
  /// The texts of the row do not fit into its scratch space.
  case tooLong
}

/// Runs compiled expressions over a record. One for each thread; allocates nothing while it runs.
///
/// Null and clear, the two ways to have no value:
/// - comparisons with them are false, `!=` too; as a condition they count as false, so `!` of them is true, and `&&`
///   and `||` give plain booleans;
/// - arithmetic on two numbers gives null when either is missing;
/// - functions of one value pass them through, so that the wish to clear survives `trim(name)`;
/// - in joined texts they are nothing.
public final class Evaluator {
  /// The first fault since it was last set to nil; the caller looks at it once a row.
  public var fault: EvaluationFault?
  private let stack = FixedBuffer(repeating: Value.null, count: CompiledProgram.stackMaximum)
  private var top = 0

  /// An evaluator.
  public init() {}

  /// The value of `program` for a record.
  ///
  /// Texts that are made go to `scratch`, a fixed arena which the caller empties before each row; the result may
  /// borrow from it, from the fields and from the program. After a fault the result is null or otherwise useless.
  /// - `old`: the values of the same fields when the key was last published; nil when it never was: all null.
  /// - `now`: what `now()` gives, a datetime in the feed's zone.
  public func evaluate(
    _ program: CompiledProgram, fields: ValueRow, old: ValueRow?, now: Value, scratch: ByteArena
  ) -> Value {
    if let field = program.plainField { return fields[field] }
    top = 0
    var next = 0
    while next < program.count {
      let instruction = program[next]
      next &+= 1
      switch instruction {
      case .field(let index): push(fields[Int(index)])
      case .old(let index): push(old?[Int(index)] ?? .null)
      case .constant(let index): push(program.constant(Int(index)))
      case .null: push(.null)
      case .clear: push(.clear)
      case .now: push(now)
      case .jump(let target): next = Int(target)
      case .jumpIfFalse(let target):
        if !pop().isTrue { next = Int(target) }
      case .jumpIfFalseKeep(let target): decide(false, target, &next)
      case .jumpIfTrueKeep(let target): decide(true, target, &next)
      case .jumpIfPresentKeep(let target):
        if stack[top &- 1].isPresent { next = Int(target) } else { top &-= 1 }
      case .present: replace(.boolean(stack[top &- 1].isPresent))
      case .not: replace(.boolean(!stack[top &- 1].isTrue))
      case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: compare(instruction)
      case .add, .subtract, .multiply, .divide: combine(instruction)
      case .round, .negate, .formatNumber: convert(instruction, scratch)
      case .trim, .upper, .lower, .slug, .truncate, .lookup, .formatDate: transform(instruction, program, scratch)
      case .concatenate(let count): concatenate(Int(count), scratch)
      case .replace: replaceAll(scratch)
      case .join: join(scratch)
      }
    }
    if scratch.overflowed { fail(.tooLong) }
    return settle(pop(), as: program.scale)
  }

  /// Brings a number to the scale that the expression's type promises.
  @inline(__always)
  private func settle(_ value: Value, as scale: UInt8?) -> Value {
    guard let scale, value.kind == .number, value.scale != scale else { return value }
    guard DecimalMath.isExact(value.number, from: value.scale, to: scale) else { return fail(.tooPrecise) }
    guard let mantissa = DecimalMath.rescale(value.number, from: value.scale, to: scale) else {
      return fail(.overflow)
    }
    return .number(mantissa, scale: scale)
  }

  // MARK: Stack

  @inline(__always)
  private func push(_ value: Value) {
    stack[top] = value
    top &+= 1
  }

  @inline(__always)
  private func pop() -> Value {
    top &-= 1
    return stack[top]
  }

  @inline(__always)
  private func replace(_ value: Value) { stack[top &- 1] = value }

  @discardableResult
  private func fail(_ fault: EvaluationFault) -> Value {
    if self.fault == nil { self.fault = fault }
    return .null
  }

  @inline(__always)
  private func decide(_ deciding: Bool, _ target: Int32, _ next: inout Int) {
    if stack[top &- 1].isTrue == deciding {
      replace(.boolean(deciding))
      next = Int(target)
    } else {
      top &-= 1
    }
  }

  // MARK: Comparison and arithmetic

  private func compare(_ instruction: Instruction) {
    let right = pop()
    let left = stack[top &- 1]
    guard let order = ValueOrder.compare(left, right) else {
      replace(.boolean(false))
      return
    }
    let truth =
      switch instruction {
      case .equal: order == 0
      case .notEqual: order != 0
      case .less: order < 0
      case .lessOrEqual: order <= 0
      case .greater: order > 0
      default: order >= 0
      }
    replace(.boolean(truth))
  }

  private func combine(_ instruction: Instruction) {
    let second = pop()
    let first = stack[top &- 1]
    guard first.kind == .number, second.kind == .number else {
      replace(.null)
      return
    }
    let left = DecimalMath.Decimal(first.number, scale: first.scale)
    let right = DecimalMath.Decimal(second.number, scale: second.scale)
    let result: DecimalMath.Decimal?
    switch instruction {
    case .add: result = DecimalMath.add(left, right)
    case .subtract: result = DecimalMath.subtract(left, right)
    case .divide(let scale):
      if right.mantissa == 0 {
        replace(fail(.divisionByZero))
        return
      }
      result = DecimalMath.divide(left, by: right, scale: scale)
    default: result = DecimalMath.multiply(left, right)
    }
    replace(result.map { .number($0.mantissa, scale: $0.scale) } ?? fail(.overflow))
  }

  private func convert(_ instruction: Instruction, _ scratch: ByteArena) {
    let value = stack[top &- 1]
    guard value.kind == .number else {
      if value.kind != .clear { replace(.null) }
      return
    }
    switch instruction {
    case .negate:
      let (negated, overflow) = Int64(0).subtractingReportingOverflow(value.number)
      replace(overflow ? fail(.overflow) : .number(negated, scale: value.scale))
    case .round(let scale):
      replace(rescaled(value, to: scale))
    case .formatNumber(let scale):
      let rounded = rescaled(value, to: scale)
      guard rounded.kind == .number else { return replace(.null) }
      let start = scratch.count
      DecimalText.append(rounded.number, scale: scale, to: scratch)
      replace(.text(scratch.view(from: start)))
    default: break
    }
  }

  private func rescaled(_ value: Value, to scale: UInt8) -> Value {
    DecimalMath.rescale(value.number, from: value.scale, to: scale).map { .number($0, scale: scale) } ?? fail(.overflow)
  }

  // MARK: Text

  /// The canonical text of a value, made in `scratch` when it is not text already.
  @inline(__always)
  private func text(_ value: Value, _ scratch: ByteArena) -> ByteView {
    if value.kind == .text { return value.bytes }
    let start = scratch.count
    ValueText.append(value, to: scratch)
    return scratch.view(from: start)
  }

  private func transform(_ instruction: Instruction, _ program: CompiledProgram, _ scratch: ByteArena) {
    let value = stack[top &- 1]
    guard value.kind != .null, value.kind != .clear else { return }
    if case .formatDate(let index) = instruction {
      replace(format(value, program.datePattern(Int(index)), scratch))
      return
    }
    let text = text(value, scratch)
    let start = scratch.count
    switch instruction {
    case .trim: return replace(.text(text.trimmed))
    case .truncate(let count): return replace(.text(UTF8Scan.prefix(text, count: Int(count))))
    case .lookup(let index): return replace(program.table(Int(index)).value(of: text).map { .text($0) } ?? .null)
    case .upper: TextCase.appendUpper(text, to: scratch)
    case .lower: TextCase.appendLower(text, to: scratch)
    default: TextSlug.append(text, to: scratch)
    }
    replace(.text(scratch.view(from: start)))
  }

  private func format(_ value: Value, _ pattern: DatePattern, _ scratch: ByteArena) -> Value {
    guard let seconds = ValueOrder.seconds(value) else { return .null }
    let start = scratch.count
    pattern.append(seconds: seconds, to: scratch)
    return .text(scratch.view(from: start))
  }

  private func concatenate(_ count: Int, _ scratch: ByteArena) {
    let start = scratch.count
    for index in top &- count..<top { ValueText.append(stack[index], to: scratch) }
    top &-= count
    push(.text(scratch.view(from: start)))
  }

  private func replaceAll(_ scratch: ByteArena) {
    let to = pop()
    let from = pop()
    let value = stack[top &- 1]
    guard value.kind != .null, value.kind != .clear else { return }
    let whole = text(value, scratch)
    let wanted = text(from, scratch)
    let other = text(to, scratch)
    guard !wanted.isEmpty else { return replace(.text(whole)) }
    let start = scratch.count
    TextReplace.append(whole, replacing: wanted, with: other, to: scratch)
    replace(.text(scratch.view(from: start)))
  }

  private func join(_ scratch: ByteArena) {
    let separator = text(pop(), scratch)
    let value = stack[top &- 1]
    guard value.kind == .text else { return }
    let start = scratch.count
    for index in 0..<value.bytes.count {
      let byte = value.bytes[index]
      if byte == listSeparator { scratch.append(separator) } else { scratch.append(byte) }
    }
    replace(.text(scratch.view(from: start)))
  }
}
