import Streams

/// One step of a compiled expression: a stack machine, so that evaluating a row follows no references.
public enum Instruction: Equatable, Sendable {
  /// Push the value of field `index` of the record.
  case field(Int32)
  /// Push the value that field `index` had when the key was last published; null when there was none.
  case old(Int32)
  /// Push constant `index` of the program.
  case constant(Int32)
  /// Push null.
  case null
  /// Push the wish to clear.
  case clear
  /// Push the time of the run (`--now` or the claim) as a datetime in the feed's zone.
  case now
  /// Replace the top `count` values by their texts joined; null and clear give no text.
  case concatenate(Int32)
  /// Arithmetic on the top two numbers; null in, null out.
  case add, subtract, multiply
  /// `round(a / b, scale)`: half away from zero; division by zero rejects the row.
  case divide(scale: UInt8)
  /// `round(a, scale)`: half away from zero.
  case round(scale: UInt8)
  /// Negate the top number.
  case negate
  /// Compare the top two values of one type; null compares as false.
  case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
  /// Negate the top boolean.
  case not
  /// Jump to the instruction at `target` when the top boolean is false (null counts as false); pops it.
  case jumpIfFalse(Int32)
  /// Jump to the instruction at `target`.
  case jump(Int32)
  /// `a && b` and `a || b`: when the top boolean decides, leave it and jump to `target`; else pop it.
  case jumpIfFalseKeep(Int32), jumpIfTrueKeep(Int32)
  /// Replace the top value by whether it is present.
  case present
  /// When the top value is present jump to `target`, else pop it: `default(a, b)`.
  case jumpIfPresentKeep(Int32)
  /// Text functions on the top value(s).
  case trim, upper, lower, slug
  /// `replace(text, from, to)` on the top three.
  case replace
  /// `truncate(text, n)`: at most `count` characters (Unicode scalars).
  case truncate(Int32)
  /// `join(list, separator)` on the top two.
  case join
  /// `lookup(text, table)`: by table `index` of the program; a missing entry gives null.
  case lookup(Int32)
  /// `format(date, pattern)`: by date pattern `index` of the program.
  case formatDate(Int32)
  /// `format(number, scale)`: text with exactly `scale` digits after the point, half away from zero.
  case formatNumber(scale: UInt8)
}

/// A compiled expression. Immutable; made by the compiler in `Feeds`, run by `Evaluator`.
public struct Program: Equatable, Sendable {
  /// A constant of the program.
  public enum Constant: Equatable, Sendable {
    /// UTF-8 text.
    case text([UInt8])
    /// A decimal.
    case number(Int64, scale: UInt8)
    /// True or false.
    case boolean(Bool)
  }

  /// The steps.
  public var instructions: [Instruction]
  /// What `.constant` names.
  public var constants: [Constant]
  /// What `.lookup` names.
  public var tables: [LookupTable]
  /// What `.formatDate` names.
  public var datePatterns: [String]
  /// The type of the result.
  public var type: ValueType
  /// The expression as written in the definition.
  public var source: String

  /// A program; `instructions` must leave exactly one value of `type` (or null, or clear) on the stack.
  public init(
    instructions: [Instruction], constants: [Constant] = [], tables: [LookupTable] = [], datePatterns: [String] = [],
    type: ValueType, source: String
  ) {
    self.instructions = instructions
    self.constants = constants
    self.tables = tables
    self.datePatterns = datePatterns
    self.type = type
    self.source = source
  }

  /// A program that gives one text.
  public static func literal(_ text: String) -> Program {
    Program(instructions: [.constant(0)], constants: [.text(Array(text.utf8))], type: .text, source: text)
  }

  /// Whether the program may have no value for a record: anything but fields, comparisons and choices among them may.
  public var mayFail: Bool {
    guard instructions.count > 1 else { return false }
    if case .number = type { return true }
    return !instructions.allSatisfy { instruction in
      switch instruction {
      case .field, .old, .constant, .null, .clear, .now, .present, .not, .equal, .notEqual, .less, .lessOrEqual,
        .greater, .greaterOrEqual, .jump, .jumpIfFalse, .jumpIfFalseKeep, .jumpIfTrueKeep, .jumpIfPresentKeep:
        true
      default: false
      }
    }
  }

  /// Indices of the fields whose old values the program asks for, ascending.
  public var oldFields: [Int] {
    Set(instructions.compactMap { if case .old(let index) = $0 { Int(index) } else { nil } }).sorted()
  }

  /// Indices of the fields that the program reads, ascending.
  public var fields: [Int] {
    Set(instructions.compactMap { if case .field(let index) = $0 { Int(index) } else { nil } }).sorted()
  }
}
