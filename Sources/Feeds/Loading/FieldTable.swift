import Records

/// The fields of a feed while its definition is read: names to indices, in the order of the record.
final class FieldTable {
  /// The fields so far; hidden ones for captures among them.
  private(set) var fields: [FieldRules] = []
  /// Names of the fields that the definition declares, usable or not, in its order.
  var declaredNames: [String] = []
  /// Fields whose definition is wrong: expressions that use them are not checked, since the cause is known.
  var broken: Set<String> = []
  /// What the file patterns capture: name to how its text is read.
  private let captures: [String: FieldRules.Notation]
  private var indices: [String: Int] = [:]

  /// True when a file pattern could not be read, so that captures may be missing.
  let lacksCaptures: Bool

  /// No fields yet.
  init(captures: [String: FieldRules.Notation], lacksCaptures: Bool = false) {
    self.captures = captures
    self.lacksCaptures = lacksCaptures
  }

  /// Whether the patterns capture `name`, or may do so.
  func mayCapture(_ name: String) -> Bool { captures[name] != nil || lacksCaptures }

  /// Whether the uses of `name` (a field, `file.NAME` or `old.FIELD`) can be checked.
  func isCheckable(_ name: String) -> Bool {
    if name.hasPrefix("file.") { return !lacksCaptures || captures[String(name.dropFirst(5))] != nil }
    return !broken.contains(name.hasPrefix("old.") ? String(name.dropFirst(4)) : name)
  }

  /// The names of the captures, sorted.
  var captureNames: [String] { captures.keys.sorted() }

  /// Adds a field after the others.
  func append(_ rules: FieldRules) {
    indices[rules.name] = fields.count
    fields.append(rules)
  }

  /// The index of a field.
  func index(of name: String) -> Int? { indices[name] }

  /// A field as expressions see it.
  func field(_ name: String) -> ExpressionScope.Field? {
    indices[name].map { ExpressionScope.Field(index: $0, type: fields[$0].type) }
  }

  /// The hidden field of a capture, added when it is used for the first time.
  func capture(_ name: String) -> ExpressionScope.Field? {
    guard let notation = captures[name] else { return nil }
    let hidden = "file.\(name)"
    if indices[hidden] == nil { append(FieldRules(name: hidden, source: .capture(name), notation: notation)) }
    return field(hidden)
  }
}
