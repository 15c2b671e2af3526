/// Finds the word that somebody probably meant.
package enum Suggestion {
  /// The candidate nearest to `word` by edit distance, or nil when none is near enough to be meant.
  ///
  /// Letters of different case count as equal until the last decision; the first candidate wins a tie. At most a third
  /// of the longer word (and at least one character) may differ.
  package static func nearest(_ word: String, in candidates: some Sequence<String>) -> String? {
    let wanted = Array(word.lowercased().unicodeScalars)
    var best: (candidate: String, distance: Int)?
    for candidate in candidates where candidate != word {
      let offered = Array(candidate.lowercased().unicodeScalars)
      let allowed = max(1, max(wanted.count, offered.count) / 3)
      let distance = editDistance(wanted, offered)
      if distance <= allowed, distance < (best?.distance ?? .max) { best = (candidate, distance) }
    }
    return best?.candidate
  }

  /// `did you mean "X"`, or nil when nothing is near.
  static func question(_ word: String, in candidates: some Sequence<String>) -> String? {
    nearest(word, in: candidates).map { "did you mean \"\($0)\"" }
  }

  /// The words with commas and a last "or", for remedies that list all choices.
  static func choices(_ words: some Sequence<String>) -> String {
    let all = Array(words)
    guard let last = all.last, all.count > 1 else { return all.first ?? "" }
    return all.dropLast().joined(separator: ", ") + " or " + last
  }

  /// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other (optimal string
  /// alignment, Damerau 1964).
  static func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var beforeLast = [Int](repeating: 0, count: right.count + 1)
    var last = Array(0...right.count)
    for row in left.indices {
      var current = [row + 1]
      for column in right.indices {
        let replaced = last[column] + (left[row] == right[column] ? 0 : 1)
        var least = min(replaced, last[column + 1] + 1, current[column] + 1)
        if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
          least = min(least, beforeLast[column - 1] + 1)
        }
        current.append(least)
      }
      beforeLast = last
      last = current
    }
    return last[right.count]
  }
}
