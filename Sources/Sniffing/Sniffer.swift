import Feeds
import Intake
import Pipeline
import Streams
import Tabular

/// Makes feed definitions from samples.
package enum Sniffer {
  /// How often a type that rows contradict is corrected.
  private static let mostTrials = 12

  /// The feeds that the files at `samples` belong to, in their order; files that are drops of one feed make one.
  /// Each definition was checked, and all rows of its samples taken through it. `now` is seconds since 1970 UTC.
  ///
  /// Throws what is wrong with a sample, and `samples-differ` (definition) for files whose names say one feed and whose
  /// contents do not.
  package static func feeds(samples: [String], now: Int) throws(SluiceError) -> [SniffedFeed] {
    var sketches: [Sketch] = []
    for path in samples where !sketches.contains(where: { $0.path == path }) {
      sketches.append(try Sketch(path: path))
    }
    let groups = SampleGroup.make(sketches)
    let batch = RowBatch()
    var feeds: [SniffedFeed] = []
    for group in groups {
      if let other = feeds.first(where: { $0.name == group.feedName }) {
        throw SluiceError(
          .definition, "samples-differ", file: DisplayName.escape(group.sketches[0].path),
          cause: "its name is that of a drop of the same feed as \(DisplayName.escape(other.samples[0])), but its "
            + "columns, delimiter or encoding are others",
          remedy: "give init one of them at a time, and name the feeds with --feed")
      }
      feeds.append(try feed(group, name: nil, batch, now: now))
    }
    return feeds
  }

  /// The one feed that all `samples` belong to, by this name. Throws as `feeds`.
  package static func feed(samples: [String], name: String, now: Int) throws(SluiceError) -> SniffedFeed {
    var sketches: [Sketch] = []
    for path in samples { sketches.append(try Sketch(path: path)) }
    let groups = SampleGroup.make(sketches)
    guard let first = groups.first, groups.count == 1 else {
      throw SluiceError(
        .definition, "samples-differ", file: DisplayName.escape(groups.last?.sketches[0].path ?? ""),
        cause: "its name or its columns are not those of a drop of the same feed",
        remedy: "leave out --feed, and each becomes a feed of its own")
    }
    return try feed(first, name: name, RowBatch(), now: now)
  }

  private static func feed(
    _ group: SampleGroup, name: String?, _ batch: RowBatch, now: Int
  ) throws(SluiceError) -> SniffedFeed {
    let path = DisplayName.escape(group.sketches[0].path)
    var draft: FeedDraft
    do throws(SluiceError) {
      switch group.sketches[0].layout {
      case .table(let table): draft = try TableDrafter.draft(group, table, batch)
      case .xml(let root, let encoding): draft = try XMLDrafter.draft(group, root: root, encoding: encoding, batch)
      }
    } catch {
      var error = error
      error.file = error.file.map(DisplayName.escape) ?? path
      throw error
    }
    if let name { draft.name = name }
    guard !draft.key.isEmpty else {
      throw SluiceError(
        .damaged, "no-record", file: path, cause: "the table has no column that a key could be made of",
        remedy: "take a sample with a header or some rows")
    }
    return try settled(draft, now: now)
  }

  /// Writes the draft down, checks it, and takes all rows through it until no type is contradicted.
  private static func settled(_ draft: FeedDraft, now: Int) throws(SluiceError) -> SniffedFeed {
    var draft = draft
    for attempt in 1...mostTrials {
      let text = DefinitionWriter.text(draft)
      let definition = try checked(text, name: draft.name)
      var trials: [SampleTrial] = []
      for path in draft.samples { trials.append(try SampleTrial(definition, path: path, now: now)) }
      let refused = trials.flatMap(\.refused)
      if attempt == mostTrials || !correct(&draft, refused) {
        return SniffedFeed(draft, text: text, definition: definition, trials: trials)
      }
    }
    throw defect("no attempt ended", name: draft.name)
  }

  private static func checked(_ text: String, name: String) throws(SluiceError) -> FeedDefinition {
    let (feed, problems) = FeedLoader.read(text: text, path: "\(name).yaml", directory: ".")
    guard let feed, problems.isEmpty else {
      throw defect(problems.first?.description ?? "it can not be read", name: name)
    }
    _ = try FeedPlan(feed)
    return feed
  }

  /// Takes back types that rows contradict; false when there is nothing to take back.
  private static func correct(_ draft: inout FeedDraft, _ refused: [SampleTrial.Refused]) -> Bool {
    var isChanged = false
    for one in refused where !one.field.isEmpty {
      guard let index = draft.fields.firstIndex(where: { $0.name == one.field }) else { continue }
      let field = draft.fields[index]
      let wanted: FeedDraft.FieldType = one.rule == "several-values" && draft.isXML ? .list : .text
      guard field.type != wanted, field.type != .list, !(wanted == .list && draft.key.contains(field.name)) else {
        continue
      }
      draft.fields[index].guess = Guess(
        "type", wanted.text, .likely,
        "\(one.count) of \(draft.rows) rows, the first in line \(one.line), are no \(field.type.text)")
      draft.fields[index].type = wanted
      isChanged = true
    }
    return isChanged
  }

  private static func defect(_ what: String, name: String) -> SluiceError {
    SluiceError(
      .definition, "init-defect", file: "\(name).yaml", cause: "init made a definition that is not right: \(what)",
      remedy: "write the definition by hand, and report this with the first lines of the sample")
  }
}
