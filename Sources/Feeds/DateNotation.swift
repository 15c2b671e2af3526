import Records
import Streams

/// What may stand in a date pattern: runs of the letters of Unicode TR 35 named below; text in quotes (`'T'`) and a
/// bare `T` stand for themselves, and so does what is no letter.
enum DateNotation {
  private static let parts: [String: Character] = [
    "yyyy": "y", "yy": "y", "MM": "M", "M": "M", "dd": "d", "d": "d", "HH": "H", "H": "H", "mm": "m", "m": "m",
    "ss": "s", "s": "s", "hh": "h", "h": "h", "a": "a", "DDD": "D", "C": "C",
  ]
  private static let fixedParts: Set<String> = ["yyyy", "MM", "dd", "HH", "mm", "ss"]
  private static let timeLetters: Set<Character> = ["H", "m", "s", "S", "h", "a"]
  /// What to do about a bad pattern.
  static let remedy = "write it with yyyy, MM, dd, HH, mm and ss, as in yyyy-MM-dd or yyyyMMddHHmm"

  /// The runs of letters of a pattern; nil when a quote is never closed.
  private static func runs(of pattern: String) -> [String]? {
    var runs: [String] = []
    var run = ""
    var isQuoted = false
    for character in pattern {
      if run.last != character || isQuoted {
        if !run.isEmpty { runs.append(run) }
        run = ""
      }
      if character == "'" {
        isQuoted.toggle()
      } else if !isQuoted, character.isLetter, character != "T" {
        run.append(character)
      }
    }
    if !run.isEmpty { runs.append(run) }
    return isQuoted ? nil : runs
  }

  /// What is wrong with a pattern; nil: nothing.
  static func problem(of pattern: String, hasTime: Bool) -> String? {
    guard let runs = runs(of: pattern) else { return "a quote in the date pattern \(pattern) is never closed" }
    if runs.isEmpty { return "the date pattern \"\(pattern)\" holds no part of a date" }
    var seen: Set<Character> = []
    for run in runs {
      let isFraction = run.count <= 9 && run.allSatisfy { $0 == "S" }
      guard let letter = isFraction ? "S" : parts[run] else {
        return "\"\(run)\" means nothing in the date pattern \(pattern)"
      }
      if timeLetters.contains(letter), !hasTime {
        return "a date has no time of day, the pattern \(pattern) asks for \(run)"
      }
      if !seen.insert(letter).inserted { return "the date pattern \(pattern) holds \(run) twice" }
    }
    do throws(SluiceError) {
      _ = try DatePattern(pattern)
      return nil
    } catch {
      return error.cause
    }
  }

  /// What is wrong with a pattern that text is read by: it has to name year, month and day. A time in it is read even
  /// for a date, which drops it.
  static func readingProblem(of pattern: String) -> String? {
    if let problem = problem(of: pattern, hasTime: true) { return problem }
    let letters = Set((runs(of: pattern) ?? []).compactMap(\.first))
    if letters.contains("D"), letters.contains("y") { return nil }
    for (letter, name) in [(Character("y"), "year"), ("M", "month"), ("d", "day")] where !letters.contains(letter) {
      return "the date pattern \(pattern) lacks the \(name)"
    }
    return nil
  }

  /// What is wrong with a pattern in a file name, where every part has its fixed number of digits; `isWhole`: it has to
  /// name year, month and day.
  static func fileNameProblem(of pattern: String, isWhole: Bool) -> String? {
    if let problem = isWhole ? readingProblem(of: pattern) : problem(of: pattern, hasTime: true) {
      return problem
    }
    return (runs(of: pattern) ?? []).first { !fixedParts.contains($0) }
      .map { "\($0) has no fixed number of digits, which a file name needs" }
  }

  /// Whether a pattern names a time of day.
  static func hasTime(_ pattern: String) -> Bool {
    (runs(of: pattern) ?? []).contains { $0.first.map(timeLetters.contains) ?? false }
  }
}
