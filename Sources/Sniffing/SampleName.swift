import Foundation
import Intake

/// What a sample's name says about the drops of its kind: which part is a time, which a number, which says the mode.
struct SampleName: Equatable {
  /// The name as it is.
  let name: String
  /// A pattern for names of this kind, as definitions write it.
  private(set) var pattern = ""
  /// What is left without time, number, mode and suffix, in lower case: names of one feed have the same.
  private(set) var base = ""
  /// The mode, and whether the name says so.
  private(set) var mode = DropMode.full
  private(set) var saysMode = false
  /// How the time is written; nil: there is none.
  private(set) var asOf: String?
  /// Whether a number of the drop was found.
  private(set) var hasSequence = false

  private static let fulls: Set<String> = ["full", "complete", "snapshot", "voll", "komplett", "total"]
  private static let deltas: Set<String> = [
    "delta", "deltas", "incr", "incremental", "inc", "diff", "change", "changes", "changed", "update", "updates",
    "upd", "partial",
  ]
  /// Forms of a time in a name, the longest first.
  private static let times = [
    "yyyyMMddHHmmss", "yyyyMMdd_HHmmss", "yyyyMMdd-HHmmss", "yyyyMMddTHHmmss", "yyyy-MM-dd_HH-mm-ss",
    "yyyy-MM-ddTHH-mm-ss", "yyyy-MM-ddTHHmmss", "yyyyMMddHHmm", "yyyyMMdd_HHmm", "yyyyMMdd-HHmm", "yyyyMMddTHHmm",
    "yyyy-MM-dd_HH-mm", "yyyy-MM-ddTHHmm", "yyyy-MM-dd", "yyyy_MM_dd", "yyyy.MM.dd", "dd.MM.yyyy", "dd-MM-yyyy",
    "yyyyMMdd", "ddMMyyyy",
  ]

  /// Takes a name apart. `isNumbered`: any run of digits counts as the number of the drop, since other names of its
  /// kind differ there.
  init(_ name: String, isNumbered: Bool = false) {
    self.name = name
    var stem = Array(name)
    var suffix = ""
    let lower = name.lowercased()
    if lower.hasSuffix(".gz") { stem.removeLast(3) }
    if let dot = stem.lastIndex(of: "."), dot > 0, stem.count - dot <= 6,
      stem[(dot + 1)...].contains(where: { $0.isLetter })
    {
      suffix = String(stem[dot...])
      stem.removeSubrange(dot...)
    }
    var parts = Self.parts(stem)
    takeTime(&parts)
    takeSequence(&parts, isNumbered: isNumbered)
    let literals = parts.compactMap { $0.isCapture ? " " : $0.text }.joined()
    takeMode(literals)
    pattern = parts.map { $0.isCapture ? $0.text : Self.escaped($0.text) }.joined()
    pattern += Self.escaped(suffix) + (suffix.isEmpty && !lower.hasSuffix(".gz") ? "" : "*")
    // A Z right behind a time says UTC.
    base = Self.words(literals).filter {
      !Self.fulls.contains($0) && !Self.deltas.contains($0) && !(asOf != nil && $0 == "z")
    }
    .joined(separator: "-")
  }

  /// A name for the feed: letters a to z, digits and hyphens, at most 40.
  var feedName: String {
    let words = base.split(separator: "-").map { FieldNames.ascii(String($0)) }
    let joined = words.flatMap { $0.split { !$0.isLetter && !$0.isNumber } }.joined(separator: "-")
    let name = String(joined.prefix(40)).trimmingCharacters(in: CharacterSet(charactersIn: "-"))
    return name.isEmpty ? "feed" : name
  }

  /// How the mode was found.
  var modeGuess: Guess {
    let other = mode == .full ? "delta" : "full"
    return saysMode
      ? Guess("mode", mode.rawValue, .likely, "the name says so", others: [other])
      : Guess(
        "mode", mode.rawValue, .unsure, "the name does not say; in a full, a key that is missing is removed",
        others: [other])
  }

  /// How the time was found; nil: there is none.
  var asOfGuess: Guess? {
    guard let asOf else { return nil }
    let isSwapped = asOf.hasPrefix("dd")
    return Guess(
      "as_of", asOf, isSwapped ? .unsure : .likely, "the name holds a date of this form",
      others: isSwapped
        ? [
          asOf.replacingOccurrences(of: "dd", with: "MM").replacingOccurrences(
            of: "MM", with: "dd", options: .backwards)
        ] : [])
  }

  // MARK: - Parts

  private struct Part {
    var text: String
    var isCapture = false
    var isDigits = false
  }

  private static func parts(_ stem: [Character]) -> [Part] {
    var parts: [Part] = []
    for character in stem {
      let isDigit = character.isASCII && character.isNumber
      if let last = parts.last, last.isDigits == isDigit {
        parts[parts.count - 1].text.append(character)
      } else {
        parts.append(Part(text: String(character), isDigits: isDigit))
      }
    }
    return parts
  }

  private mutating func takeTime(_ parts: inout [Part]) {
    for form in Self.times {
      // A form is as many parts of a name as it has runs of letters and signs.
      let shape = Self.parts(Array(form.map { "yMdHms".contains($0) ? "0" : $0 }))
      guard parts.count >= shape.count else { continue }
      for start in (0...(parts.count - shape.count)).reversed() {
        let slice = parts[start..<start + shape.count]
        let text = slice.map(\.text).joined()
        guard text.count == form.count, slice.first?.isDigits == true, Self.isTime(text, form) else { continue }
        parts.replaceSubrange(start..<start + shape.count, with: [Part(text: "{as_of:\(form)}", isCapture: true)])
        asOf = form
        return
      }
    }
  }

  /// Whether a text is a time of our days in this form.
  private static func isTime(_ text: String, _ form: String) -> Bool {
    guard let pattern = try? CompiledPattern(FilePattern(match: "{as_of:\(form)}", mode: .full)),
      let seconds = pattern.match(text)?.asOf
    else { return false }
    // 1990 to 2069.
    return (631_152_000..<3_124_224_000).contains(seconds)
  }

  private mutating func takeSequence(_ parts: inout [Part], isNumbered: Bool) {
    let index = parts.indices.last { index in
      guard parts[index].isDigits, parts[index].text.count <= 18 else { return false }
      let isBeside = index > 0 && parts[index - 1].isCapture || index + 1 < parts.count && parts[index + 1].isCapture
      guard !isBeside else { return false }
      if isNumbered { return true }
      let before = index > 0 ? parts[index - 1].text.last : nil
      let isApart = before.map { "_-.# ".contains($0) } ?? false
      let isPadded = parts[index].text.hasPrefix("0") && parts[index].text.count >= 3
      return isApart && (isPadded || parts[index].text.count >= 5)
    }
    guard let index else { return }
    parts[index] = Part(text: "{sequence}", isCapture: true)
    hasSequence = true
  }

  private mutating func takeMode(_ literals: String) {
    for word in Self.words(literals) {
      if Self.fulls.contains(word) { (mode, saysMode) = (.full, true) }
      if Self.deltas.contains(word) { (mode, saysMode) = (.delta, true) }
    }
  }

  private static func words(_ text: String) -> [String] {
    text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
  }

  /// A literal part of a pattern: what means something in patterns or does not show stands as `?`.
  private static func escaped(_ text: String) -> String {
    String(
      text.map { character in
        let isControl = character.unicodeScalars.contains { $0.properties.generalCategory == .control }
        return "{}*?/\\".contains(character) || isControl ? "?" : character
      })
  }
}
