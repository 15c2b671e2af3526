import Streams

/// The static type of a field or expression.
public enum ValueType: Equatable, Sendable {
  /// UTF-8 text.
  case text
  /// Several texts (repeated XML elements), joined by U+001F in a `Value`.
  case list
  /// Decimal with a scale of 0 to 18 digits after the point; an integer has scale 0.
  case number(scale: UInt8)
  /// True or false.
  case boolean
  /// Calendar day.
  case date
  /// Day and time in the feed's zone.
  case datetime
}

/// Where a field's value comes from.
public enum FieldSource: Equatable, Sendable {
  /// A CSV column by its header name, or an XML path from the record element or the root, as written in the definition.
  case column(String)
  /// What the file pattern captured (`file.sequence`), as written after `file.`.
  case capture(String)
  /// An expression over fields defined before this one.
  case computed(Program)
}

/// How a field's text becomes a value, and which values are allowed. Made by `Feeds`, run by `Validator`.
public struct FieldRules: Sendable {
  /// What a present but empty cell means.
  public enum Empty: String, Sendable {
    /// The same as an absent one: no value.
    case absent
    /// An explicit wish to clear.
    case clear
  }

  /// How the text is read.
  public enum Notation: Equatable, Sendable {
    /// As it stands.
    case text
    /// Repeated elements, or the parts of one cell split at `separator` (nil: only repeated elements).
    case list(separator: String?)
    /// Decimal number with the given scale; notation by the format's decimal and thousands signs.
    case number(scale: UInt8)
    /// Words for true and for false, compared exactly.
    case boolean(yes: [String], no: [String])
    /// Date in the pattern (`yyyy-MM-dd`, `dd.MM.yyyy`, `yyyyMMdd` …).
    case date(pattern: String)
    /// Date and time in the pattern.
    case datetime(pattern: String)
    /// One of the words.
    case enumeration([String])
  }

  /// The field's name.
  public var name: String
  /// Where its value comes from.
  public var source: FieldSource
  /// How its text is read.
  public var notation: Notation
  /// A record without a value is rejected (`required`).
  public var isRequired: Bool
  /// Least number allowed, as a mantissa at the notation's scale.
  public var minimum: Int64?
  /// Greatest number allowed, as a mantissa at the notation's scale.
  public var maximum: Int64?
  /// Least length in characters (Unicode scalars).
  public var minimumLength: Int?
  /// Greatest length in characters (Unicode scalars).
  public var maximumLength: Int?
  /// The text has to match as a whole.
  public var pattern: TextPattern?
  /// Text taken (and read like any other) where the cell is absent or empty.
  public var defaultText: String?
  /// Texts that mean that the cell is empty, blanks at both ends dropped: `NULL`, `00000000`.
  public var nulls: [String] = []
  /// How the text is written beside what the notation says.
  public var shape = TextShape()
  /// Table that translates the text before it is read.
  public var lookup: LookupTable?
  /// What a present but empty cell means.
  public var empty: Empty
  /// Personal data: never in messages, logs or the ledger in clear.
  public var isSensitive: Bool

  /// Rules with everything optional left out.
  public init(
    name: String, source: FieldSource, notation: Notation = .text, isRequired: Bool = false, minimum: Int64? = nil,
    maximum: Int64? = nil, minimumLength: Int? = nil, maximumLength: Int? = nil, pattern: TextPattern? = nil,
    defaultText: String? = nil, lookup: LookupTable? = nil, empty: Empty = .absent, isSensitive: Bool = false
  ) {
    self.name = name
    self.source = source
    self.notation = notation
    self.isRequired = isRequired
    self.minimum = minimum
    self.maximum = maximum
    self.minimumLength = minimumLength
    self.maximumLength = maximumLength
    self.pattern = pattern
    self.defaultText = defaultText
    self.lookup = lookup
    self.empty = empty
    self.isSensitive = isSensitive
  }

  /// The static type that expressions see. Computed fields take the type of their program.
  public var type: ValueType {
    if case .computed(let program) = source { return program.type }
    return switch notation {
    case .text, .enumeration: .text
    case .list: .list
    case .number(let scale): .number(scale: scale)
    case .boolean: .boolean
    case .date: .date
    case .datetime: .datetime
    }
  }
}
