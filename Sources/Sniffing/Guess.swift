/// One thing that a sample does not say by itself, what it was taken for, and what it could be as well.
package struct Guess: Equatable, Sendable, Encodable {
  /// How sure a guess is.
  package enum Certainty: String, Sendable, Encodable {
    /// The sample leaves no other reading, or says it itself.
    case certain
    /// The sample speaks for it, and other readings are far-fetched.
    case likely
    /// The sample would be read just as well otherwise: look at it.
    case unsure
  }

  /// What was guessed: `delimiter`, `encoding`, `type`.
  package var what: String
  /// What it was taken for, as definitions write it.
  package var value: String
  /// How sure that is.
  package var certainty: Certainty
  /// Why, in a few words; never a value of the sample but for words that say yes or no.
  package var why: String
  /// What it could be as well, as definitions write it.
  package var others: [String]

  /// A guess.
  package init(
    _ what: String, _ value: String, _ certainty: Certainty, _ why: String, others: [String] = []
  ) {
    self.what = what
    self.value = value
    self.certainty = certainty
    self.why = why
    self.others = others
  }

  /// `likely: why; could be a or b`, as comments and the terminal show it.
  package var words: String {
    let rest = others.isEmpty ? "" : "; could be \(Self.choices(others))"
    return "\(certainty.rawValue): \(why)\(rest)"
  }

  /// `a`, `a or b`, `a, b or c`.
  static func choices(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " or " + last
  }
}
