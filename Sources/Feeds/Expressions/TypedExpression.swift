import Records

/// A checked expression: names resolved, types known, widenings inserted; ready to be written out as instructions.
struct TypedExpression {
  /// What a node does.
  indirect enum Operation {
    /// One instruction that pushes a value.
    case push(Instruction)
    /// Pushes a constant.
    case constant(Program.Constant)
    /// Pushes the operands in order, then runs the instruction on them.
    case apply(Instruction, [TypedExpression])
    /// `condition ? then : otherwise`.
    case conditional(TypedExpression, then: TypedExpression, otherwise: TypedExpression)
    /// `left && right`.
    case and(TypedExpression, TypedExpression)
    /// `left || right`.
    case or(TypedExpression, TypedExpression)
    /// `default(value, fallback)`.
    case firstPresent(TypedExpression, TypedExpression)
    /// `lookup(text, table)`.
    case lookup(TypedExpression, LookupTable)
    /// `format(date, pattern)`.
    case formatDate(TypedExpression, pattern: String)
  }

  /// What it does.
  var operation: Operation
  /// The type of its value; nil for `null` and `clear`, which fit every type.
  var type: ValueType?
  /// Where messages about it point.
  var offset: Int

  /// The same number at a greater scale.
  func widened(to scale: UInt8) -> TypedExpression {
    guard case .number(let own) = type, own < scale else { return self }
    return TypedExpression(operation: .apply(.round(scale: scale), [self]), type: .number(scale: scale), offset: offset)
  }
}

extension Optional where Wrapped == ValueType {
  /// How a message names the type.
  var words: String {
    switch self {
    case nil: "no value"
    case .text: "a text"
    case .list: "a list"
    case .number: "a number"
    case .boolean: "true or false"
    case .date: "a date"
    case .datetime: "a date with time"
    }
  }
}
