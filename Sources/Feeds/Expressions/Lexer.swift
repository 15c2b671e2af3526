/// Splits the text of an expression into tokens.
///
/// Numbers are digits with an optional point and digits; `'…'` is text as it stands with `''` for a quote; `"…"` is a
/// template in which `{…}` holds an expression, `{{` and `}}` stand for braces and `""` for a quote.
struct Lexer {
  private let scalars: [Unicode.Scalar]
  private var index = 0
  private var depth = 0
  /// Templates may stand in the holes of templates, so deep.
  private static let deepest = 8

  private init(_ text: String) { scalars = Array(text.unicodeScalars) }

  /// The tokens of `text`, the last one `.end`.
  static func tokens(of text: String) throws(ExpressionError) -> [Token] {
    var lexer = Lexer(text)
    return try lexer.run(holeAt: nil)
  }

  /// Reads tokens up to the end, or up to the `}` that closes the hole opened at `holeAt`.
  private mutating func run(holeAt opening: Int?) throws(ExpressionError) -> [Token] {
    var tokens: [Token] = []
    while true {
      while let scalar = peek(), scalar.properties.isWhitespace { index += 1 }
      let offset = index
      guard let scalar = peek() else {
        if let opening {
          throw .syntax(at: opening, "the { is never closed", remedy: "close the hole with }, or write {{ for a brace")
        }
        tokens.append(Token(kind: .end, offset: offset))
        return tokens
      }
      if scalar == "}", opening != nil {
        tokens.append(Token(kind: .end, offset: offset))
        index += 1
        return tokens
      }
      tokens.append(Token(kind: try next(scalar), offset: offset))
    }
  }

  private func peek(_ ahead: Int = 0) -> Unicode.Scalar? {
    index + ahead < scalars.count ? scalars[index + ahead] : nil
  }

  private mutating func next(_ scalar: Unicode.Scalar) throws(ExpressionError) -> Token.Kind {
    switch scalar {
    case "'": return .text(try text())
    case "\"": return .template(try template())
    case "0"..."9": return try number()
    case _ where Self.startsName(scalar): return .name(try name())
    default: return .symbol(try symbol(scalar))
    }
  }

  /// Whether a field name may start with the character.
  static func startsName(_ scalar: Unicode.Scalar) -> Bool { scalar == "_" || scalar.properties.isAlphabetic }

  /// Whether a field name may go on with the character.
  static func continuesName(_ scalar: Unicode.Scalar) -> Bool {
    startsName(scalar) || ("0"..."9").contains(scalar)
  }

  private mutating func word() -> String {
    var word = String.UnicodeScalarView()
    while let scalar = peek(), Self.continuesName(scalar) {
      word.append(scalar)
      index += 1
    }
    return String(word)
  }

  private mutating func name() throws(ExpressionError) -> String {
    let first = word()
    guard peek() == "." else { return first }
    guard first == "file" || first == "old" else {
      throw .syntax(
        at: index, "a point after \"\(first)\" has no meaning",
        remedy: "only file.NAME (a capture) and old.FIELD (the value published last) have a point")
    }
    guard let following = peek(1), Self.startsName(following) else {
      throw .syntax(at: index, "a name is missing after \"\(first).\"", remedy: "write \(first).NAME")
    }
    index += 1
    return "\(first).\(word())"
  }

  private mutating func number() throws(ExpressionError) -> Token.Kind {
    let start = index
    var mantissa: Int64 = 0
    var scale: UInt8 = 0
    var digits = 0
    var isFraction = false
    while let scalar = peek() {
      if scalar == ".", !isFraction, let digit = peek(1), ("0"..."9").contains(digit) {
        isFraction = true
      } else if let digit = Self.digit(scalar) {
        digits += 1
        let (shifted, overflow) = mantissa.multipliedReportingOverflow(by: 10)
        let (sum, carry) = shifted.addingReportingOverflow(digit)
        if overflow || carry {
          throw .syntax(at: start, "the number has more than 18 digits", remedy: "write it as text in '…'")
        }
        mantissa = sum
        if isFraction, scale == 18 {
          throw .syntax(at: start, "the number has more than 18 decimals", remedy: "write it as text in '…'")
        }
        if isFraction { scale += 1 }
      } else {
        break
      }
      index += 1
    }
    try checkNumber(from: start, wholeDigits: digits - Int(scale))
    return .number(mantissa, scale: scale)
  }

  private static func digit(_ scalar: Unicode.Scalar) -> Int64? {
    ("0"..."9").contains(scalar) ? Int64(scalar.value - 0x30) : nil
  }

  /// Refuses what looks like a number but was hardly meant as one: `010`, `1e3`, `10cm`, `5.`.
  private func checkNumber(from start: Int, wholeDigits: Int) throws(ExpressionError) {
    let written = String(String.UnicodeScalarView(scalars[start..<index]))
    if wholeDigits > 1, scalars[start] == "0" {
      throw .syntax(
        at: start, "a number does not start with 0", remedy: "write '\(written)' for the text, or drop the zeros")
    }
    if let after = peek(), Self.startsName(after) || after == "." {
      throw .syntax(
        at: index, "the number \(written) goes straight over into \"\(after)\"",
        remedy: "write numbers with digits and one decimal point, texts in '…'")
    }
  }

  private mutating func text() throws(ExpressionError) -> String {
    let start = index
    index += 1
    var text = String.UnicodeScalarView()
    while let scalar = peek() {
      index += 1
      if scalar != "'" {
        text.append(scalar)
      } else if peek() == "'" {
        text.append(scalar)
        index += 1
      } else {
        return String(text)
      }
    }
    throw .syntax(at: start, "the text is never closed", remedy: "close it with ', and write '' for a quote inside it")
  }

  private mutating func template() throws(ExpressionError) -> [Token.TemplatePart] {
    let start = index
    guard depth < Self.deepest else {
      throw .syntax(at: start, "templates are nested too deep", remedy: "compute the inner text in a field of its own")
    }
    index += 1
    depth += 1
    defer { depth -= 1 }
    var parts: [Token.TemplatePart] = []
    var text = String.UnicodeScalarView()
    while let scalar = peek() {
      let isDoubled = peek(1) == scalar
      index += 1
      switch scalar {
      case "\"", "{", "}":
        if isDoubled {
          text.append(scalar)
          index += 1
        } else if scalar == "{" {
          if !text.isEmpty { parts.append(.text(String(text))) }
          text = String.UnicodeScalarView()
          parts.append(.hole(try run(holeAt: index - 1)))
        } else if scalar == "}" {
          throw .syntax(at: index - 1, "the } closes nothing", remedy: "write }} for a brace")
        } else {
          if !text.isEmpty { parts.append(.text(String(text))) }
          return parts
        }
      default: text.append(scalar)
      }
    }
    throw .syntax(at: start, "the text is never closed", remedy: "close it with \"")
  }

  private mutating func symbol(_ scalar: Unicode.Scalar) throws(ExpressionError) -> Token.Symbol {
    if let second = peek(1) {
      let pair = String(String.UnicodeScalarView([scalar, second]))
      if let symbol = Token.Symbol(rawValue: pair) {
        index += 2
        return symbol
      }
    }
    if let symbol = Token.Symbol(rawValue: String(scalar)) {
      index += 1
      return symbol
    }
    let remedy =
      switch scalar {
      case "=": "write == to compare"
      case "&", "|": "write \(scalar)\(scalar)"
      case "\u{2018}", "\u{2019}", "\u{201C}", "\u{201D}", "\u{201E}": "write straight quotes, '…' or \"…\""
      case "{", "}": "holes stand inside \"…\": \"{name}\""
      default: "see docs/expressions.md for what an expression may hold, and write texts in '…'"
      }
    throw .syntax(at: index, "\"\(scalar)\" has no meaning here", remedy: remedy)
  }
}
