import Records
import Streams

/// A computed field whose expression still has to be compiled.
private struct ComputedDraft {
  var name: DefinitionScalar
  var keys: KeyedMapping
  var text: DefinitionScalar
  var expression: Expression
}

extension FeedReader {
  /// Words that no field may be called.
  private static let reservedNames = ["true", "false", "null", "clear", "file", "old"]
  /// Keys that say how a cell is read, and so have no meaning for a computed field.
  private static let readingKeys = [
    "type", "strip", "zeros", "implied", "zoned", "default", "nulls", "lookup", "empty",
  ]

  /// Reads `fields` into the table: those with a source in the order of the definition, then the computed ones, each
  /// after what it uses.
  func readFields(_ node: DefinitionNode?) {
    guard let node, let entries = problems.mapping(node, what: "fields") else { return }
    if entries.isEmpty { problems.wrongType(node, what: "fields", takes: "at least one field") }
    table.declaredNames = entries.map(\.key.text)
    var drafts: [ComputedDraft] = []
    for entry in entries {
      let before = problems.all.count
      checkName(entry.key)
      if let draft = readField(entry) { drafts.append(draft) }
      if problems.all.count > before { table.broken.insert(entry.key.text) }
    }
    compile(drafts)
  }

  private func checkName(_ name: DefinitionScalar) {
    let letters = Array(name.text.unicodeScalars)
    if Self.reservedNames.contains(name.text) {
      problems.wrongValue(
        name, what: "a field's name", takes: "any word but \(Suggestion.choices(Self.reservedNames))",
        remedy: "choose another name; the word has a meaning in expressions")
    } else if letters.first.map(Lexer.startsName) != true || !letters.allSatisfy(Lexer.continuesName) {
      problems.wrongValue(
        name, what: "a field's name", takes: "letters, digits and _, a letter first",
        remedy: "choose another name; the column's own name stands in from")
    }
  }

  /// Adds a field that has a source to the table; gives back one that is computed.
  private func readField(_ entry: DefinitionEntry) -> ComputedDraft? {
    let name = entry.key
    guard case .mapping = entry.value else {
      guard let column = problems.scalar(entry.value, what: name.text, takes: "a column or a mapping") else {
        return nil
      }
      if let source = fieldSource(column) { table.append(FieldRules(name: name.text, source: source)) }
      return nil
    }
    guard let keys = KeyedMapping(entry.value, DefinitionKeys.field, problems) else { return nil }
    switch (keys["from"], keys["value"]) {
    case (let from?, nil):
      let before = problems.all.count
      var rules = FieldRules(name: name.text, source: .column(""))
      if let text = problems.scalar(from, what: "from"), let source = fieldSource(text) { rules.source = source }
      rules.notation = notation(keys["type"]) ?? .text
      readReading(keys, into: &rules)
      readShape(keys, into: &rules)
      readLimits(keys, into: &rules)
      if problems.all.count == before { table.append(rules) }
    case (nil, let value?):
      for key in Self.readingKeys {
        guard let position = keys.keyPosition(key) else { continue }
        problems.add(
          "unknown-key", at: position, cause: "\(key) says how a cell is read, a computed field has none",
          remedy: "drop it; the type follows from the expression, and default(…) and lookup(…) are functions")
      }
      guard let text = problems.scalar(value, what: "value", takes: "an expression"), let expression = parse(text)
      else { return nil }
      return ComputedDraft(name: name, keys: keys, text: text, expression: expression)
    case (nil, nil):
      problems.add(
        "missing-key", at: name.position, cause: "the field \(name.text) has no source",
        remedy: "add from: with its column, or value: with an expression")
    case (.some, let value?):
      problems.add(
        "unknown-key", at: value.position, cause: "the field \(name.text) has both from and value",
        remedy: "keep one; compute from a second field")
    }
    return nil
  }

  private func fieldSource(_ text: DefinitionScalar) -> FieldSource? {
    if text.text.hasPrefix("file.") {
      let capture = String(text.text.dropFirst(5))
      guard table.mayCapture(capture) else {
        problems.add(
          "unknown-capture", at: text.position, cause: "no file pattern captures \"\(capture)\"",
          remedy: Suggestion.question(capture, in: table.captureNames) ?? "capture it in match: {\(capture)}")
        return nil
      }
      return .capture(capture)
    }
    if isXML {
      guard checkPath(text) else { return nil }
    } else if !fixedColumns.isEmpty {
      guard fixedColumns.contains(text.text) else {
        problems.add(
          "unknown-column", at: text.position, cause: "the format has no column \"\(text.text)\"",
          remedy: Suggestion.question(text.text, in: fixedColumns) ?? "add it to columns of fixed with its place")
        return nil
      }
    } else if !hasHeader, Int(text.text).map({ $0 < 1 }) ?? true {
      problems.wrongValue(
        text, what: "from", takes: "the number of a column, from 1 on, since the file has no header",
        remedy: "write from: '1' for the first column, or header: true")
      return nil
    }
    return .column(text.text)
  }

  private func readReading(_ keys: KeyedMapping, into rules: inout FieldRules) {
    rules.empty = problems.word(keys["empty"], what: "empty", among: ["absent", "clear"]) == "clear" ? .clear : .absent
    rules.nulls = (problems.scalars(keys["nulls"], what: "nulls", takes: "a text or a list of texts") ?? []).map {
      $0.text.trimmingBlanks
    }
    if let path = problems.scalar(keys["lookup"], what: "lookup", takes: "a path") { rules.lookup = lookup(path) }
    if let text = problems.scalar(keys["default"], what: "default") {
      rules.defaultText = text.text
      if case .enumeration(let words) = rules.notation, !words.contains(text.text) {
        problems.wrongValue(
          text, what: "default", takes: Suggestion.choices(words), remedy: Suggestion.question(text.text, in: words))
      }
    }
  }

  private func lookup(_ path: DefinitionScalar) -> LookupTable? {
    do throws(SluiceError) {
      let loaded = try lookups.load(path.text)
      usedLookups.insert(path.text)
      return loaded.table
    } catch {
      var error = error
      if error.file == nil {
        error.file = source.path
        error.position = path.position
      }
      problems.add(error)
      return nil
    }
  }

  /// Reads what bounds a value; `rules.notation` has to be known.
  private func readLimits(_ keys: KeyedMapping, into rules: inout FieldRules) {
    rules.isRequired = problems.flag(keys["required"], what: "required") ?? false
    rules.isSensitive = problems.flag(keys["sensitive"], what: "sensitive") ?? rules.isSensitive
    rules.minimum = bound(keys, "min", notation: rules.notation)
    rules.maximum = bound(keys, "max", notation: rules.notation)
    if let least = rules.minimum, let most = rules.maximum, least > most, let node = keys["max"] {
      problems.add(
        "wrong-value", at: node.position, cause: "max is less than min", remedy: "exchange them")
    }
    let isText = if case .text = rules.notation { true } else { false }
    for key in ["min_length", "max_length", "pattern"] where !isText {
      guard let position = keys.keyPosition(key) else { continue }
      problems.add(
        "key-unfit", at: position, cause: "\(key) bounds texts, this field is none",
        remedy: "drop it, or give the field the type string")
    }
    rules.minimumLength = problems.whole(keys["min_length"], what: "min_length")
    rules.maximumLength = problems.whole(keys["max_length"], what: "max_length")
    if let least = rules.minimumLength, let most = rules.maximumLength, least > most, let node = keys["max_length"] {
      problems.add(
        "wrong-value", at: node.position, cause: "max_length is less than min_length", remedy: "exchange them")
    }
    guard let pattern = problems.scalar(keys["pattern"], what: "pattern", takes: "a regular expression") else { return }
    do throws(SluiceError) {
      rules.pattern = try TextPattern(pattern.text)
    } catch {
      problems.add(
        "wrong-value", at: pattern.position, value: pattern.text, cause: error.cause, remedy: error.remedy)
    }
  }

  private func bound(_ keys: KeyedMapping, _ key: String, notation: FieldRules.Notation) -> Int64? {
    guard let node = keys[key], let scalar = problems.scalar(node, what: key, takes: "a number") else { return nil }
    guard case .number(let scale) = notation else {
      problems.add(
        "key-unfit", at: keys.keyPosition(key) ?? node.position, cause: "\(key) bounds numbers, this field is none",
        remedy: "give the field the type integer or decimal(n)")
      return nil
    }
    guard let mantissa = ScaledDecimal.mantissa(scalar.text, scale: Int(scale)) else {
      problems.wrongValue(
        scalar, what: key, takes: "a number with a point and at most \(scale) decimals",
        remedy: "write it like the values that the type allows, with a decimal point")
      return nil
    }
    return mantissa
  }

  // MARK: Computed fields

  private func compile(_ drafts: [ComputedDraft]) {
    let byName = Dictionary(drafts.map { ($0.name.text, $0) }) { first, _ in first }
    var done: Set<String> = []
    for draft in drafts {
      var path: [String] = []
      visit(draft, among: byName, done: &done, path: &path)
    }
  }

  /// Compiles the computed fields that `draft` uses, then itself. `path` holds the fields under way.
  private func visit(
    _ draft: ComputedDraft, among drafts: [String: ComputedDraft], done: inout Set<String>, path: inout [String]
  ) {
    let name = draft.name.text
    guard !done.contains(name) else { return }
    path.append(name)
    defer {
      path.removeLast()
      done.insert(name)
    }
    for (used, offset) in draft.expression.names.sorted(by: { $0.value < $1.value }) {
      guard let other = drafts[used] else { continue }
      if let start = path.firstIndex(of: used) {
        let circle = (path[start...] + [used]).joined(separator: " → ")
        problems.add(
          "field-circle", at: source.position(of: offset, in: draft.text),
          cause: "the computed fields depend on each other: \(circle)", remedy: "compute one of them from columns only")
        table.broken.formUnion(path[start...])
      } else {
        visit(other, among: drafts, done: &done, path: &path)
      }
    }
    append(draft)
  }

  private func append(_ draft: ComputedDraft) {
    let before = problems.all.count
    guard let program = compile(draft.expression, text: draft.text, oldRefusal: "a computed field has no old. values")
    else {
      table.broken.insert(draft.name.text)
      return
    }
    var rules = FieldRules(name: draft.name.text, source: .computed(program), notation: Self.notation(of: program.type))
    rules.isSensitive = program.fields.contains { table.fields[$0].isSensitive }
    readLimits(draft.keys, into: &rules)
    if problems.all.count > before {
      table.broken.insert(draft.name.text)
    } else {
      table.append(rules)
    }
  }
}
