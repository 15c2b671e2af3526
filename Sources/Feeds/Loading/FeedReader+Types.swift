import Records
import Streams

extension FeedReader {
  private static let typeNames = ["string", "integer", "decimal", "boolean", "date", "datetime", "enum", "list"]
  private static let yes = ["1", "true"]
  private static let no = ["0", "false"]
  private static let datePattern = "yyyy-MM-dd"
  private static let datetimePattern = "yyyy-MM-dd HH:mm:ss"

  /// How the text of a field is read, from `type`: a text such as `decimal(2)`, or a mapping with one key.
  func notation(_ node: DefinitionNode?) -> FieldRules.Notation? {
    guard let node else { return .text }
    if case .mapping = node { return longNotation(node) }
    guard let scalar = problems.scalar(node, what: "type", takes: "a type") else { return nil }
    var name = scalar.text.trimmingBlanks
    var argument: String?
    if let open = name.firstIndex(of: "("), name.hasSuffix(")") {
      argument = String(name[name.index(after: open)...].dropLast())
      name = String(name[..<open]).trimmingBlanks
    }
    if name.contains("("), !name.contains(")") {
      problems.wrongValue(
        scalar, what: "type", takes: "a closing parenthesis",
        remedy: "put a type that holds a comma into quotes: 'list(,)'")
      return nil
    }
    guard Self.typeNames.contains(name) else {
      let meant = [
        "text": "string", "int": "integer", "number": "decimal(2)", "float": "decimal(2)", "bool": "boolean",
      ]
      problems.wrongValue(
        scalar, what: "type", takes: Suggestion.choices(Self.typeNames),
        remedy: meant[name].map { "write \($0)" } ?? Suggestion.question(name, in: Self.typeNames))
      return nil
    }
    return notation(name, argument: argument, at: scalar)
  }

  private func notation(_ name: String, argument: String?, at scalar: DefinitionScalar) -> FieldRules.Notation? {
    switch (name, argument) {
    case ("string", nil): return .text
    case ("integer", nil): return .number(scale: 0)
    case ("decimal", let digits?): return decimal(digits, at: scalar)
    case ("boolean", nil): return .boolean(yes: Self.yes, no: Self.no)
    case ("boolean", let words?):
      let pair = words.split(separator: "/", omittingEmptySubsequences: false).map { String($0).trimmingBlanks }
      guard pair.count == 2, pair[0] != pair[1] else {
        problems.wrongValue(
          scalar, what: "boolean", takes: "a word for true and one for false",
          remedy: "write boolean(J/N), or type: { boolean: { yes: [J, Ja], no: [N, Nein] } } for several")
        return nil
      }
      return .boolean(yes: [pair[0]], no: [pair[1]])
    case ("date", let pattern): return date(pattern ?? Self.datePattern, hasTime: false, at: scalar)
    case ("datetime", let pattern): return date(pattern ?? Self.datetimePattern, hasTime: true, at: scalar)
    case ("enum", let words?):
      return enumeration(words.split(separator: ",").map { String($0).trimmingBlanks }, at: scalar.position)
    case ("list", let separator): return list(separator, at: scalar)
    case ("decimal", nil):
      problems.wrongValue(
        scalar, what: "type", takes: "decimal with its number of decimals", remedy: "write decimal(2)")
    case ("enum", nil):
      problems.wrongValue(scalar, what: "type", takes: "enum with its words", remedy: "write enum(new, used)")
    default:
      problems.wrongValue(scalar, what: "type", takes: "\(name) without parentheses", remedy: "write \(name)")
    }
    return nil
  }

  private func longNotation(_ node: DefinitionNode) -> FieldRules.Notation? {
    guard let keys = KeyedMapping(node, DefinitionKeys.type, problems) else { return nil }
    let named = DefinitionKeys.type.names.compactMap { name in keys[name].map { (name, $0) } }
    guard named.count == 1, let (name, value) = named.first else {
      if named.count != 0 { problems.wrongType(node, what: "type", takes: "one type") }
      if case .mapping(let entries, _) = node, entries.isEmpty {
        problems.wrongType(node, what: "type", takes: "one type")
      }
      return nil
    }
    switch name {
    case "boolean":
      guard let words = KeyedMapping(value, DefinitionKeys.booleanType, problems) else { return nil }
      let yes = problems.scalars(words["yes"], what: "yes") ?? []
      let no = problems.scalars(words["no"], what: "no") ?? []
      for word in no where yes.contains(where: { $0.text == word.text }) {
        problems.wrongValue(word, what: "no", takes: "words that yes does not have", remedy: "drop it from one of them")
      }
      return .boolean(yes: yes.map(\.text), no: no.map(\.text))
    case "enum":
      guard let words = problems.scalars(value, what: "enum") else { return nil }
      return enumeration(words.map(\.text), at: value.position)
    default:
      guard let scalar = problems.scalar(value, what: name) else { return nil }
      return notation(name, argument: scalar.text, at: scalar)
    }
  }

  private func decimal(_ digits: String, at scalar: DefinitionScalar) -> FieldRules.Notation? {
    guard let scale = UInt8(digits.trimmingBlanks), scale <= ExpressionChecker.greatestScale else {
      problems.wrongValue(
        scalar, what: "decimal", takes: "a number of decimals from 0 to 18", remedy: "write decimal(2)")
      return nil
    }
    return .number(scale: scale)
  }

  private func date(_ pattern: String, hasTime: Bool, at scalar: DefinitionScalar) -> FieldRules.Notation? {
    if let problem = DateNotation.readingProblem(of: pattern) {
      problems.add(
        "wrong-value", at: scalar.position, value: scalar.text, cause: problem, remedy: DateNotation.remedy)
      return nil
    }
    return hasTime ? .datetime(pattern: pattern) : .date(pattern: pattern)
  }

  private func enumeration(_ words: [String], at position: Position) -> FieldRules.Notation? {
    guard !words.isEmpty, Set(words).count == words.count, !words.contains("") else {
      problems.add(
        "wrong-value", at: position, cause: "enum needs different words, none of them empty",
        remedy: "write enum(new, used) or type: { enum: [new, used] }")
      return nil
    }
    return .enumeration(words)
  }

  private func list(_ separator: String?, at scalar: DefinitionScalar) -> FieldRules.Notation? {
    if separator == nil, !isXML {
      problems.wrongValue(
        scalar, what: "type", takes: "list with what stands between its parts",
        remedy: "write list(,) for values such as a,b")
      return nil
    }
    if separator == "" {
      problems.wrongValue(scalar, what: "list", takes: "a separator of at least one character", remedy: "write list(,)")
      return nil
    }
    return .list(separator: separator)
  }

  /// The notation that stands for the type of a computed field.
  static func notation(of type: ValueType) -> FieldRules.Notation {
    switch type {
    case .text: .text
    case .list: .list(separator: nil)
    case .number(let scale): .number(scale: scale)
    case .boolean: .boolean(yes: yes, no: no)
    case .date: .date(pattern: datePattern)
    case .datetime: .datetime(pattern: datetimePattern)
    }
  }
}
