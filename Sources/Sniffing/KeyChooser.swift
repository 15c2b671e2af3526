/// Chooses the key of a feed among the columns that could be one.
enum KeyChooser {
  /// A key.
  struct Choice {
    /// Indices of its columns.
    var columns: [Int]
    var guess: Guess
    /// Why rows of one key are not refused; nil: none stands twice.
    var duplicates: Guess?
  }

  private static let mostOthers = 4
  private static let mostNamed = 4
  /// More columns make no key that anybody would want.
  private static let mostColumns = 60

  /// The best key; `names` are those of the fields, `isFit` says of each column whether it may be a part at all,
  /// `isText` whether it could be one without a value, and `weight` what its values say beside its name.
  static func choose(
    _ candidates: KeyCandidates, names: [String], rows: Int, isFit: [Bool], isText: [Bool], weight: [Int]
  ) -> Choice? {
    let fit = candidates.all.filter { $0.isUnique && $0.columns.allSatisfy { isFit[$0] } }
    let ranked = fit.map { candidate in
      (candidate, candidate.score + (candidate.columns.map { weight[$0] }.min() ?? 0))
    }.sorted { ($0.1, -$0.0.columns.count) > ($1.1, -$1.0.columns.count) }
    func shown(_ columns: [Int]) -> String {
      columns.count == 1 ? names[columns[0]] : "[" + columns.map { names[$0] }.joined(separator: ", ") + "]"
    }
    guard rows > 0 else { return named(candidates, shown, isFit) }
    let (poor, least) = (-35, 100)
    if (ranked.first?.1 ?? poor) <= poor, let choice = named(columns: candidates, least, shown, isFit, weight) {
      return choice
    }
    if let (best, score) = ranked.first {
      // More columns than are needed are no other key.
      let rivals = ranked.dropFirst().map(\.0.columns).filter { columns in
        !fit.contains { $0.columns.count < columns.count && $0.columns.allSatisfy(columns.contains) }
      }
      let others = rivals.prefix(mostOthers).map(shown)
      let isClear = score >= 100 && rows >= 20
      let what = best.columns.count == 1 ? "it has" : "together they have"
      let guess = Guess(
        "key", shown(best.columns), isClear ? .likely : .unsure, "\(what) another value in each of \(rows) rows",
        others: others)
      let cut = Guess("duplicates", "last", .unsure, "not all rows could be compared", others: ["reject", "first"])
      return Choice(columns: best.columns, guess: guess, duplicates: best.isCut ? cut : nil)
    }
    // Where no column has a value, one without will do: there is nothing that could be lost.
    let isPossible = isFit.contains(true) ? isFit : isText
    let all = Array(isPossible.indices.filter { isPossible[$0] }.prefix(mostColumns))
    guard !all.isEmpty else { return nil }
    return Choice(
      columns: all,
      guess: Guess("key", shown(all), .unsure, "no few columns have another value in every row; choose those that do"),
      duplicates: Guess(
        "duplicates", "last", .unsure, "whole rows stand more than once", others: ["reject", "first"]))
  }

  /// Columns that are called like a key, and others that are texts, where only numbers and descriptions are unique: of
  /// several rows of one key the last counts, as in changes of stock. Nil when that would be many columns.
  private static func named(
    columns candidates: KeyCandidates, _ least: Int, _ shown: ([Int]) -> String, _ isFit: [Bool], _ weight: [Int]
  ) -> Choice? {
    let singles = candidates.all.filter { $0.columns.count == 1 && isFit[$0.columns[0]] }
    let chosen = singles.filter { $0.score >= 0 && weight[$0.columns[0]] >= 0 }
    guard chosen.contains(where: { $0.score >= least }), chosen.count <= mostNamed else { return nil }
    let columns = chosen.map { $0.columns[0] }
    return Choice(
      columns: columns, guess: Guess("key", shown(columns), .unsure, "names of keys; some rows have the same"),
      duplicates: Guess("duplicates", "last", .unsure, "some rows have the same key", others: ["reject", "first"]))
  }

  /// Without rows only names speak.
  private static func named(
    _ candidates: KeyCandidates, _ shown: ([Int]) -> String, _ isFit: [Bool]
  ) -> Choice? {
    let best = candidates.all.filter { $0.columns.count == 1 && isFit[$0.columns[0]] }.max { $0.score < $1.score }
    return best.map {
      Choice(columns: $0.columns, guess: Guess("key", shown($0.columns), .unsure, "there is no row; its name says so"))
    }
  }
}
