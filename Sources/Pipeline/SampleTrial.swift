import Feeds
import Intake
import Records
import Streams
import Tabular

/// Takes all rows of a file through the real validation and mapping of a feed, and counts what is rejected. Nothing is
/// compared with what was published, and nothing is written.
package struct SampleTrial: Sendable {
  /// Rows that were rejected for one reason.
  package struct Refused: Sendable, Equatable {
    /// The rule, as in the column `_rule` of reject files.
    package var rule: String
    /// The field concerned; empty: the row as a whole.
    package var field: String
    /// Line of the first of them.
    package var line: Int
    /// How many.
    package var count: Int
  }

  /// Rows read.
  package private(set) var rows = 0
  /// What was rejected, by field and rule, in the order of the file.
  package private(set) var refused: [Refused] = []

  /// Rows rejected.
  package var rejected: Int { refused.reduce(0) { $0 + $1.count } }

  /// Reads the file at `path`, which `feed` has to match by its name. `now` is what `now()` gives, seconds since 1970
  /// UTC.
  ///
  /// Throws `no-feed` (definition) when no pattern of the feed takes the name, and what is wrong with the file, its
  /// columns, or the definition.
  package init(_ feed: FeedDefinition, path: String, now: Int) throws(SluiceError) {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    var match: PatternMatch?
    for pattern in feed.patterns where match == nil { match = try CompiledPattern(pattern).match(name) }
    guard let match else {
      throw SluiceError(
        .definition, "no-feed", file: DisplayName.escape(path), cause: "no pattern of \(feed.name) takes this name",
        remedy: "correct match in the definition")
    }
    let plan = try FeedPlan(feed)
    let reader = try DropReader(
      path: path, format: feed.format, encoding: feed.encoding, paths: feed.sourceColumns, hashing: false)
    let time = Value.datetime(seconds: try FeedZone(feed.zone).wall(utc: Int64(now)))
    let stage = try RowStage(
      plan: plan, columns: reader.columns, captures: match.captures, digestKey: .random(), now: time)
    let batch = RowBatch()
    repeat {
      try reader.fill(batch)
      for row in 0..<batch.rowCount {
        rows += 1
        guard case .rejected = stage.process(batch, row: row) else { continue }
        let line = batch.firstLine + Int(batch.head(row).lineOffset)
        let note = stage.refusal.note(
          line: line, fields: feed.fields, columns: reader.columns, keyNames: plan.keyNames)
        add(note)
      }
    } while !batch.isLast
  }

  private mutating func add(_ note: RejectNote) {
    if let index = refused.firstIndex(where: { $0.rule == note.rule && $0.field == note.field }) {
      refused[index].count += 1
    } else {
      refused.append(Refused(rule: note.rule, field: note.field, line: note.line, count: 1))
    }
  }
}
