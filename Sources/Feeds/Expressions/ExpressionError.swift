/// Why an expression can not be compiled, and where in its text.
package struct ExpressionError: Error, Equatable, Sendable {
  /// Stable kebab-case code: `expression-syntax`, `expression-type`, `unknown-field`, `unknown-capture`,
  /// `unknown-function`, `old-value`, or the code of a lookup file that can not be used.
  package var code: String
  /// Unicode scalars before the place, from the start of the expression.
  package var offset: Int
  /// What is wrong, one sentence without a full stop.
  package var cause: String
  /// What to write instead, one sentence without a full stop.
  package var remedy: String

  /// An error at `offset`.
  init(_ code: String, at offset: Int, cause: String, remedy: String) {
    self.code = code
    self.offset = offset
    self.cause = cause
    self.remedy = remedy
  }

  /// The text is not an expression.
  static func syntax(at offset: Int, _ cause: String, remedy: String) -> ExpressionError {
    ExpressionError("expression-syntax", at: offset, cause: cause, remedy: remedy)
  }

  /// The parts of the expression do not fit together.
  static func type(at offset: Int, _ cause: String, remedy: String) -> ExpressionError {
    ExpressionError("expression-type", at: offset, cause: cause, remedy: remedy)
  }
}
