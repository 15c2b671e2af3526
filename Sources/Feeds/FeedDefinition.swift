import Diff
import Intake
import Records
import Streams
import Tabular
import Targets

/// A checked feed definition: everything that a run needs, expressions compiled, lookups loaded.
package struct FeedDefinition: Sendable {
  /// Which of several valid rows with one key counts.
  package enum Duplicates: Equatable, Sendable {
    case first, last, reject
    /// The row with the greatest value of field `index`; the later row among equals.
    case latest(field: Int)
  }

  /// One part of the key.
  package struct KeyPart: Equatable, Sendable {
    /// Index of the field.
    package var field: Int
    /// Compared by simple Unicode lower case.
    package var isFolded: Bool
    /// A key part.
    package init(field: Int, isFolded: Bool) {
      self.field = field
      self.isFolded = isFolded
    }
  }

  /// Which rows say that their key is gone.
  package struct Deletes: Equatable, Sendable {
    /// Index of the field, which is a text.
    package var field: Int
    /// Its values that say so, compared exactly.
    package var values: [String]
    /// Rows that delete.
    package init(field: Int, values: [String]) {
      self.field = field
      self.values = values
    }
  }

  /// The feed's name.
  package var name: String
  /// Former name, whose snapshot the feed takes over.
  package var formerName: String?
  /// Path of the definition, relative to the project where possible.
  package var path: String
  /// The definition's text, for the ledger.
  package var text: String
  /// Lookup files used: path as written and content, for the ledger.
  package var lookupFiles: [(path: String, content: [UInt8])]
  /// The Commerce installation that the outputs are for: feeds of different ones may write the same columns.
  package var store: String
  /// IANA name of the feed's time zone.
  package var zone: String
  /// Which files belong to the feed.
  package var patterns: [FilePattern]
  /// How drops are laid out.
  package var format: SourceFormat
  /// Encoding of the drops (for XML: when neither a byte order mark nor a declaration says otherwise; nil: UTF-8).
  package var encoding: TextEncoding?
  /// How numbers are written.
  package var numbers: NumberNotation
  /// The fields, computed ones after those that they use.
  package var fields: [FieldRules]
  /// The key.
  package var key: [KeyPart]
  /// What happens to rows of one key.
  package var duplicates: Duplicates
  /// Rows that say that their key is gone; nil: none do.
  package var deletes: Deletes?
  /// Rules about the whole drop.
  package var guards: GuardRules
  /// When a file is taken.
  package var intake: IntakeRules
  /// The outputs, in the order commerce, bi, edm, and as written within each.
  package var targets: [TargetDefinition]
  /// Rows and what has to become of them.
  package var examples: [FeedExample]

  /// A checked definition.
  package init(
    name: String, formerName: String? = nil, path: String, text: String,
    lookupFiles: [(path: String, content: [UInt8])] = [], store: String = "default", zone: String = "UTC",
    patterns: [FilePattern],
    format: SourceFormat, encoding: TextEncoding? = nil, numbers: NumberNotation = NumberNotation(),
    fields: [FieldRules], key: [KeyPart], duplicates: Duplicates = .reject, deletes: Deletes? = nil,
    guards: GuardRules = GuardRules(), intake: IntakeRules = IntakeRules(), targets: [TargetDefinition],
    examples: [FeedExample] = []
  ) {
    self.name = name
    self.formerName = formerName
    self.path = path
    self.text = text
    self.lookupFiles = lookupFiles
    self.store = store
    self.zone = zone
    self.patterns = patterns
    self.format = format
    self.encoding = encoding
    self.numbers = numbers
    self.fields = fields
    self.key = key
    self.duplicates = duplicates
    self.deletes = deletes
    self.guards = guards
    self.intake = intake
    self.targets = targets
    self.examples = examples
  }

  /// The columns or XML paths that fields read, each once, in the order of the fields.
  package var sourceColumns: [String] {
    var columns: [String] = []
    for field in fields {
      if case .column(let name) = field.source, !columns.contains(name) { columns.append(name) }
    }
    return columns
  }
}
