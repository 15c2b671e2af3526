import Intake
import Streams

/// Samples that are drops of one feed: alike but for time, number and mode in their names.
struct SampleGroup {
  /// The samples, in the order given.
  var sketches: [Sketch]
  /// Their names, taken apart.
  var names: [SampleName]

  /// The groups of samples, in the order of their first ones.
  static func make(_ sketches: [Sketch]) -> [SampleGroup] {
    var keys: [String] = []
    var members: [String: [Sketch]] = [:]
    for sketch in sketches {
      let key = SampleName(sketch.name, isNumbered: true).base + "\u{0}" + sketch.signature
      if members[key] == nil { keys.append(key) }
      members[key, default: []].append(sketch)
    }
    return keys.map { SampleGroup(members[$0] ?? []) }
  }

  private init(_ sketches: [Sketch]) {
    self.sketches = sketches
    let plain = sketches.map { SampleName($0.name) }
    // Names that differ in nothing but a run of digits are numbered, even where one alone would not look so.
    names = Set(plain.map(\.base)).count > 1 ? sketches.map { SampleName($0.name, isNumbered: true) } : plain
  }

  /// A name for the feed.
  var feedName: String { names[0].feedName }

  /// The file patterns, each once.
  var files: [FeedDraft.File] {
    var files: [FeedDraft.File] = []
    let hasTimes = names.contains { $0.asOf?.contains("HH") == true }
    for name in names where !files.contains(where: { $0.match == name.pattern }) {
      let isCoarse = hasTimes && name.asOf?.contains("HH") == false
      var guesses = [name.asOfGuess, name.modeGuess].compactMap { $0 }
      if name.hasSequence {
        guesses.append(Guess("sequence", "{sequence}", .unsure, "a number that drops seem to be counted by"))
      }
      if isCoarse { guesses.append(Guess("at", "00:00", .unsure, "when a day without a time speaks")) }
      files.append(
        FeedDraft.File(match: name.pattern, mode: name.mode, at: isCoarse ? "00:00" : nil, guesses: guesses))
    }
    return files
  }
}
