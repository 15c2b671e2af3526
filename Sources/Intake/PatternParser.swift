import Streams

/// One element of a compiled file pattern.
enum PatternElement: Equatable, Sendable {
  /// A character that stands for itself.
  case literal(Character)
  /// `?`
  case anyOne
  /// `*`
  case anyRun
  /// `{name}`
  case text(String)
  /// `{sequence}`
  case sequence
  /// `{name:PATTERN}`
  case date(String, DateShape)

  /// The capture's name, when it is one.
  var captureName: String? {
    switch self {
    case .text(let name), .date(let name, _): name
    case .sequence: "sequence"
    case .literal, .anyOne, .anyRun: nil
    }
  }
}

/// Turns the text of a file pattern into elements, or says what is wrong with it and at which column.
struct PatternParser {
  private let pattern: FilePattern
  private let text: [Character]
  private var elements: [PatternElement] = []

  private init(_ pattern: FilePattern) {
    self.pattern = pattern
    text = Array(pattern.match)
  }

  /// The elements of `pattern`. Throws `pattern-invalid`.
  static func parse(_ pattern: FilePattern) throws(SluiceError) -> [PatternElement] {
    var parser = PatternParser(pattern)
    try parser.parse()
    try parser.checkAt()
    try parser.checkIgnored()
    return parser.elements
  }

  private mutating func parse() throws(SluiceError) {
    if text.isEmpty { throw fault(0, "the pattern is empty", "write the names to match, such as 'STOCK_*.csv'") }
    var index = 0
    while index < text.count {
      let character = text[index]
      switch character {
      case "/":
        throw fault(index, "a pattern has a slash", "match the file's name only; the inbox has no subdirectories")
      case "}":
        throw fault(index, "\"}\" has no \"{\" before it", "write captures as {name}, {sequence} or {as_of:yyyyMMdd}")
      case "{":
        guard let end = text[index...].firstIndex(of: "}") else {
          throw fault(index, "the capture is not closed", "write \"}\" at its end")
        }
        try capture(from: index + 1, to: end)
        index = end
      case "*":
        // Two stars say no more than one, and would only make a mismatch slower to find.
        if elements.last != .anyRun { elements.append(.anyRun) }
      case "?": elements.append(.anyOne)
      default:
        if character.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
          throw fault(index, "a pattern has a control character", "write \"?\" in its place")
        }
        elements.append(.literal(character))
      }
      index += 1
    }
  }

  private mutating func capture(from start: Int, to end: Int) throws(SluiceError) {
    let inside = text[start..<end]
    let colon = inside.firstIndex(of: ":") ?? end
    let name = String(text[start..<colon])
    try checkName(name, at: start)
    if colon == end {
      if let last = elements.last?.captureName, !isDate(elements.last) {
        throw fault(
          start, "nothing stands between the captures \"\(last)\" and \"\(name)\"",
          "put a character between them, or give one a date pattern")
      }
      switch name {
      case "as_of":
        throw fault(start, "\"as_of\" does not say how the date is written", "write {as_of:yyyyMMdd} or the like")
      case "sequence": elements.append(.sequence)
      default: elements.append(.text(name))
      }
      return
    }
    elements.append(.date(name, try shape(name, from: colon + 1, to: end)))
  }

  private func shape(_ name: String, from start: Int, to end: Int) throws(SluiceError) -> DateShape {
    let remedy = "use yyyy, MM, dd, HH, mm and ss, and put other letters in single quotes"
    if name == "sequence" {
      throw fault(start, "a sequence has no date pattern", "write {sequence}")
    }
    let shape: DateShape
    do throws(DateShape.Fault) {
      shape = try DateShape(parsing: Array(text[start..<end]))
    } catch {
      throw fault(start + error.offset, "the date pattern is wrong: \(error.cause)", remedy)
    }
    if name == "as_of", !shape.isWholeDate {
      throw fault(start, "an as-of needs year, month and day", remedy)
    }
    return shape
  }

  private func checkName(_ name: String, at index: Int) throws(SluiceError) {
    let isName = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.digit != nil || $0 == "_") }
    guard isName, let first = name.first, first.digit == nil else {
      throw fault(
        index, "\"\(name)\" is no name for a capture", "start with a letter, go on with letters, digits and \"_\"")
    }
    if elements.contains(where: { $0.captureName == name }) {
      throw fault(index, "\"\(name)\" is captured twice", "give one of them another name")
    }
  }

  private func isDate(_ element: PatternElement?) -> Bool {
    if case .date = element { return true }
    return false
  }

  /// `at` completes an as-of that names only a day; elsewhere it would be ignored without a word.
  private func checkAt() throws(SluiceError) {
    guard let at = pattern.at else { return }
    let granularity = elements.lazy.compactMap { element -> Granularity? in
      if case .date("as_of", let shape) = element { return shape.granularity }
      return nil
    }.first
    guard granularity == .day else {
      throw fault(
        0, "\"at\" is given, but the pattern captures no as-of that names only a day",
        "remove \"at\", or capture the day with {as_of:yyyyMMdd}")
    }
    guard 0..<86_400 ~= at else {
      throw fault(0, "\"at\" is no time of day", "write a time from 00:00 to 23:59")
    }
  }

  /// A pattern for names that intake ignores would never match, and nobody would learn why.
  private func checkIgnored() throws(SluiceError) {
    let start = literals(elements)
    let end = String(literals(elements.reversed()).reversed())
    guard let ignored = IgnoredNames.rule(start: start, end: end) else { return }
    throw fault(
      0, "names with \"\(ignored)\" are temporary or companion files and never taken",
      "have the file delivered under another name")
  }

  private func literals(_ elements: some Sequence<PatternElement>) -> String {
    var text = ""
    for element in elements {
      guard case .literal(let character) = element else { break }
      text.append(character)
    }
    return text
  }

  private func fault(_ index: Int, _ cause: String, _ remedy: String) -> SluiceError {
    let place = Position(line: pattern.position.line, column: (pattern.position.column ?? 1) + index)
    return SluiceError(
      .definition, "pattern-invalid", position: place, field: "match", value: DisplayName.escape(pattern.match),
      cause: cause, remedy: remedy)
  }
}
