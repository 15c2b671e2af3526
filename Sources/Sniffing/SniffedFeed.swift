import Feeds
import Pipeline
import Streams
import Tabular

/// A feed that was made from samples: its definition, and what was found out on the way.
package struct SniffedFeed: Sendable {
  /// Name of the feed.
  package let name: String
  /// Paths of its samples, as given.
  package let samples: [String]
  /// The definition with its comments.
  package let text: String
  /// The same, checked.
  package let definition: FeedDefinition
  /// What there is to tell about it.
  package let report: Report

  init(_ draft: FeedDraft, text: String, definition: FeedDefinition, trials: [SampleTrial]) {
    name = draft.name
    samples = draft.samples
    self.text = text
    self.definition = definition
    report = Report(draft, trials)
  }

  /// What `--json` prints of a feed.
  package struct Report: Sendable, Encodable {
    /// A file pattern.
    package struct File: Sendable, Encodable {
      package var match: String
      package var mode: String
    }

    /// A field.
    package struct Field: Sendable, Encodable {
      package var name: String
      package var from: String
      package var type: String
      package var guess: Guess?
    }

    /// Rows that the definition would reject.
    package struct Reject: Sendable, Encodable {
      package var rule: String
      package var field: String
      package var line: Int
      package var count: Int
    }

    package var feed: String
    package var samples: [String]
    /// `csv` or `xml`.
    package var format: String
    package var knownFormat: String?
    package var files: [File]
    /// CSV: the signs themselves; quote nil for none.
    package var delimiter: String?
    package var quote: String?
    package var header: Bool?
    package var skipLines: Int?
    package var encoding: String?
    /// XML: path of the record element.
    package var record: String?
    package var decimal: String
    package var thousands: String?
    package var fields: [Field]
    package var key: [String]
    package var duplicates: String
    package var rows: Int
    package var rejected: Int
    package var rejects: [Reject]
    package var guesses: [Guess]

    init(_ draft: FeedDraft, _ trials: [SampleTrial]) {
      feed = draft.name
      samples = draft.samples
      knownFormat = draft.known
      files = draft.files.map { File(match: $0.match, mode: $0.mode.rawValue) }
      switch draft.format {
      case .csv(let dialect):
        format = "csv"
        delimiter = Self.sign(dialect.delimiter)
        quote = dialect.quote.map(Self.sign)
        header = dialect.hasHeader
        skipLines = dialect.skippedLines
        encoding = draft.encoding?.name
      case .xml(let layout):
        format = "xml"
        record = layout.record
        encoding = draft.encoding?.name
      }
      decimal = Self.sign(draft.numbers.decimal)
      thousands = draft.numbers.thousands.map(Self.sign)
      fields = draft.fields.map { Field(name: $0.name, from: $0.from, type: $0.type.text, guess: $0.guess) }
      key = draft.key
      duplicates = draft.duplicates?.value ?? "reject"
      rows = trials.reduce(0) { $0 + $1.rows }
      rejected = trials.reduce(0) { $0 + $1.rejected }
      rejects = trials.flatMap(\.refused).map {
        Reject(rule: $0.rule, field: $0.field, line: $0.line, count: $0.count)
      }
      guesses = draft.files.flatMap(\.guesses) + draft.formatGuesses + [draft.keyGuess]
      if let duplicates = draft.duplicates { guesses.append(duplicates) }
    }

    private static func sign(_ byte: UInt8) -> String { String(UnicodeScalar(byte)) }
  }
}
