/// One word of an expression and where it starts.
struct Token: Equatable, Sendable {
  /// The signs of the language.
  enum Symbol: String, Sendable {
    case plus = "+"
    case minus = "-"
    case times = "*"
    case divide = "/"
    case equal = "=="
    case notEqual = "!="
    case lessOrEqual = "<="
    case less = "<"
    case greaterOrEqual = ">="
    case greater = ">"
    case and = "&&"
    case or = "||"
    case not = "!"
    case question = "?"
    case colon = ":"
    case open = "("
    case close = ")"
    case comma = ","
  }

  /// A part of a `"…"` template.
  enum TemplatePart: Equatable, Sendable {
    /// Text as it stands, doubled braces and quotes undone.
    case text(String)
    /// The tokens between `{` and `}`, ending with `.end`.
    case hole([Token])
  }

  /// What a token is.
  enum Kind: Equatable, Sendable {
    /// A word: a field, `file.NAME`, `old.FIELD`, a function or one of `true false null clear`.
    case name(String)
    /// A `'…'` literal.
    case text(String)
    /// A `"…"` literal.
    case template([TemplatePart])
    /// A number literal: mantissa and scale.
    case number(Int64, scale: UInt8)
    /// A sign.
    case symbol(Symbol)
    /// After the last word.
    case end
  }

  /// What it is.
  var kind: Kind
  /// Unicode scalars of the expression before it.
  var offset: Int

  /// How a message names the token.
  var words: String {
    switch kind {
    case .name(let name): "\"\(name)\""
    case .text, .template: "a text"
    case .number: "a number"
    case .symbol(let symbol): "\"\(symbol.rawValue)\""
    case .end: "the end"
    }
  }
}
