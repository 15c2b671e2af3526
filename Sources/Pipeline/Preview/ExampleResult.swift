/// What came of one example of a feed definition.
package struct ExampleResult: Sendable {
  /// Something that is not as the example says.
  package struct Difference: Sendable, Equatable {
    /// Where the definition says what is expected.
    package var line: Int
    /// The character there, from 1; nil when unknown.
    package var column: Int?
    /// The target; nil when it is about the row as a whole.
    package var target: String?
    /// Ordinal of the row among the target's, from 1; nil for the row as a whole.
    package var row: Int?
    /// The target's column; nil when a whole row is too many or missing.
    package var field: String?
    /// What the example says.
    package var expected: String
    /// What came.
    package var actual: String
  }

  /// The feed's name.
  package var feed: String
  /// Path of the definition as messages show it.
  package var file: String
  /// Line of the example.
  package var line: Int
  /// Its ordinal among those of the feed, from 1.
  package var example: Int
  /// What is not as the example says; none: it passed.
  package var differences: [Difference]

  /// Whether everything is as the example says.
  package var hasPassed: Bool { differences.isEmpty }
}

extension ExampleResult: Encodable {
  private enum Key: String, CodingKey { case feed, file, line, example, status, differences }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(feed, forKey: .feed)
    try container.encode(file, forKey: .file)
    try container.encode(line, forKey: .line)
    try container.encode(example, forKey: .example)
    try container.encode(hasPassed ? "passed" : "failed", forKey: .status)
    try container.encode(differences, forKey: .differences)
  }
}

extension ExampleResult.Difference: Encodable {
  private enum Key: String, CodingKey { case line, column, target, row, field, expected, actual }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(line, forKey: .line)
    try container.encode(column, forKey: .column)
    try container.encode(target, forKey: .target)
    try container.encode(row, forKey: .row)
    try container.encode(field, forKey: .field)
    try container.encode(expected, forKey: .expected)
    try container.encode(actual, forKey: .actual)
  }
}
