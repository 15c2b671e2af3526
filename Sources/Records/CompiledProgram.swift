import Streams

/// An expression ready to run: flat instructions, constants as values, date patterns compiled. Made once for each run
/// of the pipeline, shared by its threads.
public final class CompiledProgram: Sendable {
  /// The type of the result.
  public let type: ValueType
  /// The expression as written in the definition.
  public let source: String
  /// The field that the expression is, when it is nothing else.
  public let plainField: Int?
  /// Fields that the expression reads, ascending.
  public let fields: [Int]
  /// Whether the expression asks for old values.
  public let usesOld: Bool
  /// The most values that an expression may have on the stack at a time.
  static let stackMaximum = 256
  /// Digits after the point that a number as result has.
  let scale: UInt8?
  private let instructions: FixedBuffer<Instruction>
  private let constants: FixedBuffer<Value>
  private let bytes: FixedBuffer<UInt8>
  private let constantStart: Int
  private let constantCount: Int?
  private let tables: [LookupTable]
  private let datePatterns: [DatePattern]

  /// Prepares a program. Throws `date-pattern` and `expression-too-long`; a program that could not run (an index out of
  /// range, a stack that does not come out at one value, a jump backwards) is a defect of the compiler and ends the
  /// process.
  public init(_ program: Program) throws(SluiceError) {
    type = program.type
    source = program.source
    if case .number(let scale) = program.type { self.scale = scale } else { scale = nil }
    if program.instructions.count == 1, case .field(let index) = program.instructions[0] {
      plainField = Int(index)
    } else {
      plainField = nil
    }
    fields = program.fields
    usesOld = !program.oldFields.isEmpty
    guard ProgramChecker.stackDepth(of: program) <= Self.stackMaximum else {
      throw SluiceError(
        .definition, "expression-too-long", value: program.source,
        cause: "the expression needs more than \(Self.stackMaximum) values at a time",
        remedy: "split it over several computed fields")
    }
    instructions = FixedBuffer(program.instructions)
    tables = program.tables
    var patterns: [DatePattern] = []
    for pattern in program.datePatterns { patterns.append(try DatePattern(pattern)) }
    datePatterns = patterns
    let texts = program.constants.map(Self.text)
    bytes = FixedBuffer(texts.flatMap { $0 })
    var values: [Value] = []
    var offset = 0
    for (constant, text) in zip(program.constants, texts) {
      let view = ByteView(base: bytes.base + offset, count: text.count)
      switch constant {
      case .text: values.append(.text(view))
      case .number(let mantissa, let scale): values.append(.number(mantissa, scale: scale))
      case .boolean(let truth): values.append(.boolean(truth))
      }
      offset += text.count
    }
    constants = FixedBuffer(values)
    if program.instructions.count == 1, case .constant(let index) = program.instructions[0] {
      let before = texts[..<Int(index)].reduce(0) { $0 + $1.count }
      constantStart = before
      constantCount = texts[Int(index)].count
    } else {
      constantStart = 0
      constantCount = nil
    }
  }

  /// The text of the expression, when it is a constant and nothing else; valid as long as the program.
  @inline(__always)
  public var constantText: ByteView? {
    constantCount.map { ByteView(base: bytes.base + constantStart, count: $0) }
  }

  /// How many instructions there are.
  @inline(__always)
  var count: Int { instructions.count }

  @inline(__always)
  subscript(index: Int) -> Instruction { instructions[index] }

  @inline(__always)
  func constant(_ index: Int) -> Value { constants[index] }

  func table(_ index: Int) -> LookupTable { tables[index] }

  func datePattern(_ index: Int) -> DatePattern { datePatterns[index] }

  private static func text(_ constant: Program.Constant) -> [UInt8] {
    if case .text(let bytes) = constant { return bytes }
    let arena = ByteArena(capacity: 64)
    switch constant {
    case .text: break
    case .number(let mantissa, let scale): DecimalText.append(mantissa, scale: scale, to: arena)
    case .boolean(let truth): arena.append(truth ? 0x31 : 0x30)
    }
    return arena.view.array
  }
}

/// Proves that a program can run without checks: every index exists, jumps go forward, the stack never runs empty and
/// comes out at one value whichever way is taken.
private enum ProgramChecker {
  /// The most values on the stack at a time.
  static func stackDepth(of program: Program) -> Int {
    let end = program.instructions.count
    var depths = [Int?](repeating: nil, count: end + 1)
    var deepest = 1
    var depth: Int? = 0
    for (index, instruction) in program.instructions.enumerated() {
      if let known = depths[index] {
        precondition(depth == nil || depth == known, "the ways through a program leave different stacks")
        depth = known
      }
      guard let before = depth else { preconditionFailure("a step of a program is never reached") }
      let effect = effect(of: instruction, in: program)
      precondition(before >= effect.takes, "a program takes from an empty stack")
      var after: Int? = before - effect.takes + effect.gives
      if let jump = effect.jump {
        precondition(jump.target > index && jump.target <= end, "a program jumps backwards or behind its end")
        let landing = before - jump.pops
        precondition(depths[jump.target] == nil || depths[jump.target] == landing, "jumps meet with different stacks")
        depths[jump.target] = landing
        if jump.isAlways { after = nil }
      }
      deepest = max(deepest, before, after ?? 0)
      depth = after
    }
    precondition((depth ?? depths[end]) == 1, "a program leaves other than one value")
    precondition(depths[end] == nil || depths[end] == 1, "a program leaves other than one value")
    return deepest
  }

  /// What a step does to the stack.
  private struct Effect {
    var takes: Int
    var gives: Int
    var jump: (target: Int, pops: Int, isAlways: Bool)?
  }

  private static func effect(of instruction: Instruction, in program: Program) -> Effect {
    switch instruction {
    case .field(let index), .old(let index):
      precondition(index >= 0, "a field out of range")
      return Effect(takes: 0, gives: 1)
    case .constant(let index):
      precondition(program.constants.indices.contains(Int(index)), "a constant out of range")
      return Effect(takes: 0, gives: 1)
    case .null, .clear, .now: return Effect(takes: 0, gives: 1)
    case .concatenate(let count):
      precondition(count >= 0, "a negative count")
      return Effect(takes: Int(count), gives: 1)
    case .add, .subtract, .multiply, .divide, .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .join:
      return Effect(takes: 2, gives: 1)
    case .replace: return Effect(takes: 3, gives: 1)
    case .lookup(let index):
      precondition(program.tables.indices.contains(Int(index)), "a table out of range")
      return Effect(takes: 1, gives: 1)
    case .formatDate(let index):
      precondition(program.datePatterns.indices.contains(Int(index)), "a date pattern out of range")
      return Effect(takes: 1, gives: 1)
    case .round, .negate, .not, .present, .trim, .upper, .lower, .slug, .truncate, .formatNumber:
      return Effect(takes: 1, gives: 1)
    case .jump(let target): return Effect(takes: 0, gives: 0, jump: (Int(target), 0, true))
    case .jumpIfFalse(let target): return Effect(takes: 1, gives: 0, jump: (Int(target), 1, false))
    case .jumpIfFalseKeep(let target), .jumpIfTrueKeep(let target), .jumpIfPresentKeep(let target):
      return Effect(takes: 1, gives: 0, jump: (Int(target), 0, false))
    }
  }
}
