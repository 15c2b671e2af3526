import Intake
import Streams
import Tabular

/// A feed definition that is made from samples, before it is written down.
struct FeedDraft {
  /// How the text of a field is read.
  enum FieldType: Equatable {
    case text, integer
    case decimal(scale: Int)
    case boolean(yes: [String], no: [String])
    case date(pattern: String)
    case datetime(pattern: String)
    /// The repeated elements of a path.
    case list
  }

  /// A field.
  struct Field: Equatable {
    var name: String
    /// Column or path, as `from` has it.
    var from: String
    /// The column's own name, where `from` is its number.
    var label: String?
    var type = FieldType.text
    var isRequired = false
    var nulls: [String] = []
    var defaultText: String?
    var isSensitive = false
    /// Why the type was chosen; nil: there is nothing to say.
    var guess: Guess?
  }

  /// A file pattern.
  struct File: Equatable {
    var match: String
    var mode: DropMode
    /// Time of day, beside patterns that have one.
    var at: String?
    var guesses: [Guess]
  }

  /// Name of the feed.
  var name: String
  /// Paths of the samples, as given.
  var samples: [String]
  /// Names of the samples.
  var sampleNames: [String]
  var files: [File]
  var format: SourceFormat
  /// Nil: not written down (XML documents say it themselves).
  var encoding: TextEncoding?
  var numbers = NumberNotation()
  /// Guesses about the format, in the order of its keys.
  var formatGuesses: [Guess]
  var fields: [Field]
  /// Names of the key's fields.
  var key: [String] = []
  var keyGuess: Guess
  /// `last` where no key is certain to stand once.
  var duplicates: Guess?
  /// The name of a known format, when it is one.
  var known: String?
  /// Further remarks for the head of the definition.
  var remarks: [String] = []
  /// Rows of all samples.
  var rows = 0

  /// Whether drops are XML.
  var isXML: Bool { if case .xml = format { true } else { false } }
}

extension FeedDraft.FieldType {
  /// The type as definitions write it, for messages.
  var text: String {
    switch self {
    case .text: "string"
    case .integer: "integer"
    case .decimal(let scale): "decimal(\(scale))"
    case .boolean(let yes, let no): "boolean(\(yes.first ?? "")/\(no.first ?? ""))"
    case .date(let pattern): "date(\(pattern))"
    case .datetime(let pattern): "datetime(\(pattern))"
    case .list: "list"
    }
  }
}
