import Intake
import Records
import Streams

/// A file pattern with what it captures.
struct ScannedPattern {
  /// The pattern as the pipeline takes it.
  var pattern: FilePattern
  /// Its captures.
  var captures: [PatternCapture]

  /// The date pattern of `as_of`, or nil.
  var asOf: String? { captures.first { $0.name == "as_of" }?.datePattern }
}

/// One `{name}` or `{name:PATTERN}` of a file pattern.
struct PatternCapture: Equatable {
  /// The name.
  var name: String
  /// The date pattern, when there is one.
  var datePattern: String?
}

extension FeedReader {
  /// The patterns of `files`, short form or list.
  func patterns(_ feed: KeyedMapping) -> [ScannedPattern] {
    guard let files = feed["files"] else { return [] }
    var patterns: [ScannedPattern] = []
    if case .sequence(let items, _) = files {
      if let mode = feed.keyPosition("mode") {
        problems.add(
          "unknown-key", at: mode, cause: "mode stands beside a single pattern only",
          remedy: "write the mode into each item of files")
      }
      if items.isEmpty { problems.wrongType(files, what: "files", takes: "a pattern or a list of patterns") }
      for item in items {
        guard let mapping = KeyedMapping(item, DefinitionKeys.file, problems) else { continue }
        let mode = problems.word(mapping["mode"], what: "mode", among: ["full", "delta"])
        if let pattern = pattern(mapping["match"], mode: mode, at: mapping["at"]) { patterns.append(pattern) }
      }
    } else {
      if feed["mode"] == nil {
        problems.add(
          "missing-key", at: feed.keyPosition("files") ?? feed.position,
          cause: "a single pattern needs its mode beside it", remedy: "add mode: full, or mode: delta")
      }
      let mode = problems.word(feed["mode"], what: "mode", among: ["full", "delta"])
      if let pattern = pattern(files, mode: mode, at: nil) { patterns.append(pattern) }
    }
    checkTogether(patterns)
    return patterns
  }

  private func pattern(_ node: DefinitionNode?, mode: String?, at: DefinitionNode?) -> ScannedPattern? {
    guard let match = problems.scalar(node, what: "a file pattern") else { return nil }
    guard let captures = scanCaptures(match) else { return nil }
    let pattern = FilePattern(
      match: match.text, mode: mode == "delta" ? .delta : .full, at: timeOfDay(at),
      position: source.position(of: 0, in: match))
    let scanned = ScannedPattern(pattern: pattern, captures: captures)
    if let at, scanned.asOf.map(DateNotation.hasTime) ?? true {
      problems.add(
        "at-unused", at: at.position,
        cause: scanned.asOf == nil ? "at needs an as_of in the pattern" : "the as_of has a time of its own",
        remedy: scanned.asOf == nil ? "capture {as_of:yyyyMMdd} in match" : "drop at")
    }
    return scanned
  }

  /// Seconds since midnight of `HH:mm` or `HH:mm:ss`.
  private func timeOfDay(_ node: DefinitionNode?) -> Int? {
    guard let scalar = problems.scalar(node, what: "at", takes: "a time of day such as '02:00'") else { return nil }
    let parts = scalar.text.split(separator: ":", omittingEmptySubsequences: false).map { part in
      part.count == 2 && part.allSatisfy { ("0"..."9").contains($0) } ? Int(part) : nil
    }
    let numbers = parts.compactMap { $0 }
    guard numbers.count == parts.count, (2...3).contains(numbers.count), numbers[0] < 24,
      numbers.dropFirst().allSatisfy({ $0 < 60 })
    else {
      problems.wrongValue(scalar, what: "at", takes: "a time of day such as '02:00'")
      return nil
    }
    return numbers[0] * 3600 + numbers[1] * 60 + (numbers.count == 3 ? numbers[2] : 0)
  }

  // MARK: Captures

  private func scanCaptures(_ match: DefinitionScalar) -> [PatternCapture]? {
    func wrong(_ offset: Int, _ cause: String, _ remedy: String) {
      problems.add(
        "file-pattern", at: source.position(of: offset, in: match), value: match.text, cause: cause, remedy: remedy)
    }
    let letters = Array(match.text.unicodeScalars)
    if let slash = letters.firstIndex(of: "/") {
      wrong(slash, "a file pattern has no directory", "write the file's name only; drops lie in the inbox itself")
      return nil
    }
    var captures: [PatternCapture] = []
    var index = 0
    while index < letters.count {
      if letters[index] == "}" {
        wrong(index, "the } closes nothing", "write {name} or {name:yyyyMMdd} to capture")
        return nil
      }
      guard letters[index] == "{" else {
        index += 1
        continue
      }
      guard let end = letters[index...].firstIndex(of: "}") else {
        wrong(index, "the { is never closed", "write {name} or {name:yyyyMMdd} to capture")
        return nil
      }
      let inside = String(String.UnicodeScalarView(letters[(index + 1)..<end]))
      let parts = inside.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let capture = PatternCapture(name: parts[0], datePattern: parts.count > 1 ? parts[1] : nil)
      if let (cause, remedy) = problem(of: capture, after: captures) {
        wrong(index + 1, cause, remedy)
        return nil
      }
      captures.append(capture)
      index = end + 1
    }
    return captures
  }

  private func problem(of capture: PatternCapture, after others: [PatternCapture]) -> (String, String)? {
    let letters = Array(capture.name.unicodeScalars)
    guard let first = letters.first, Lexer.startsName(first), letters.allSatisfy(Lexer.continuesName),
      letters.allSatisfy(\.isASCII)
    else {
      return ("\"\(capture.name)\" is no name for a capture", "use letters a to z, digits and _")
    }
    if others.contains(where: { $0.name == capture.name }) {
      return ("the pattern captures \"\(capture.name)\" twice", "give one of them another name")
    }
    if capture.name == "as_of", capture.datePattern == nil {
      return ("as_of needs to know how the time is written", "write {as_of:yyyyMMdd} or {as_of:yyyyMMddHHmm}")
    }
    if capture.name == "sequence", capture.datePattern != nil {
      return ("sequence is a number and takes no date pattern", "write {sequence}")
    }
    guard let pattern = capture.datePattern else { return nil }
    return DateNotation.fileNameProblem(of: pattern, isWhole: capture.name == "as_of").map { ($0, DateNotation.remedy) }
  }

  /// What the patterns capture and how it is read as a field: a date where all of them write it alike, else text.
  func captures(_ patterns: [ScannedPattern]) -> [String: FieldRules.Notation] {
    var notations: [String: FieldRules.Notation] = [:]
    for capture in patterns.flatMap(\.captures) {
      let notation: FieldRules.Notation =
        switch capture.datePattern {
        case nil: .text
        // A year alone, or a day without its year, is no date that expressions could compare.
        case .some(let pattern) where DateNotation.readingProblem(of: pattern) != nil: .text
        case .some(let pattern):
          DateNotation.hasTime(pattern) ? .datetime(pattern: pattern) : .date(pattern: pattern)
        }
      if let known = notations[capture.name], known != notation {
        notations[capture.name] = .text
      } else {
        notations[capture.name] = notation
      }
    }
    return notations
  }

  // MARK: Patterns together

  private func checkTogether(_ patterns: [ScannedPattern]) {
    let hasTimes = patterns.contains { $0.asOf.map(DateNotation.hasTime) ?? false }
    for (index, scanned) in patterns.enumerated() {
      if let first = patterns[..<index].first(where: { $0.pattern.match == scanned.pattern.match }) {
        problems.add(
          "pattern-duplicate", at: scanned.pattern.position,
          cause: "the pattern is the same as in line \(first.pattern.position.line)", remedy: "drop one of them")
      }
      if hasTimes, let asOf = scanned.asOf, !DateNotation.hasTime(asOf), scanned.pattern.at == nil {
        problems.add(
          "as-of-granularity", at: scanned.pattern.position,
          cause: "another pattern's as_of has a time of day, this one names only the day",
          remedy: "say at what time of the day these drops speak: at: '02:00'")
      }
    }
  }
}
