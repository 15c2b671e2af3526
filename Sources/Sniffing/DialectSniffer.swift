import Streams
import Tabular

/// Tells how a table is laid out: delimiter, quote, lines before the header.
struct DialectSniffer {
  /// A dialect with how sure its parts are, and the rows that it splits the beginning into.
  struct Found {
    var dialect: CSVDialect
    var head: HeadRows
    var guesses: [Guess]
  }

  /// One dialect and how well it fits.
  private struct Trial {
    var dialect: CSVDialect
    var head: HeadRows
    /// The number of cells that most rows have.
    var width: Int
    /// Rows before the first of that width.
    var preamble: Int
    var score: Double
  }

  /// Delimiters that are tried, with what speaks for them beforehand.
  private static let delimiters: [(sign: UInt8, prior: Double)] = [
    (0x2C, 1), (0x3B, 1), (0x09, 1), (0x7C, 1), (0x3A, 0.4), (0x5E, 0.8), (0x7E, 0.8), (0x20, 0.4),
  ]
  private static let names: [UInt8: String] = [0x2C: "','", 0x3B: "';'", 0x09: "tab", 0x7C: "'|'", 0x20: "' '"]
  /// Bytes of the beginning that are split.
  private static let limit = 256 << 10
  private static let longestPreamble = 30

  private let text: [UInt8]
  private let isWhole: Bool
  private let batch = RowBatch()

  /// A sniffer of a text in UTF-8 that begins with `text`, and goes on unless it `isWhole`.
  init(_ text: [UInt8], isWhole: Bool) {
    self.isWhole = isWhole && text.count <= Self.limit
    self.text = Array(text.prefix(Self.limit))
  }

  /// The dialect that fits best.
  func guess() -> Found {
    if let found = named() { return found }
    let trials = trials()
    let best = trials.first { trial in
      guard trial.width > 1, trial.score > 0.25 else { return false }
      // Blanks and colons stand inside texts too: they have to be even everywhere.
      return ![0x20, 0x3A].contains(trial.dialect.delimiter) || trial.head.rows.count > 2 && trial.score > 0.4
    }
    guard let best else { return single() }
    var dialect = best.dialect
    dialect.skippedLines = best.preamble > 0 ? best.head.lines[best.preamble] - 1 : 0
    var head = best.head
    head.rows.removeFirst(best.preamble)
    head.lines.removeFirst(best.preamble)
    let rivals = trials.filter {
      $0.dialect.delimiter != dialect.delimiter && $0.width > 1 && $0.score > best.score * 0.7
    }
    let others = Self.distinct(rivals.map { Self.name($0.dialect.delimiter) })
    let even = head.rows.count { $0.count == best.width }
    let certainty: Guess.Certainty =
      others.isEmpty ? (even == head.rows.count && even > 2 ? .certain : .likely) : .unsure
    var guesses = [
      Guess(
        "delimiter", Self.name(dialect.delimiter), certainty,
        "\(even) of the first \(head.rows.count) rows have \(best.width) cells", others: others)
    ]
    guesses.append(quoteGuess(best, trials))
    if dialect.skippedLines > 0 {
      guesses.append(
        Guess("skip_lines", "\(dialect.skippedLines)", .likely, "these lines have fewer cells than the rows"))
    }
    return Found(dialect: dialect, head: head, guesses: guesses)
  }

  // MARK: - Trials

  private func trials() -> [Trial] {
    var trials: [Trial] = []
    for (delimiter, prior) in Self.delimiters where text.contains(delimiter) {
      for quote in [0x22, 0x27, nil] as [UInt8?] where quote.map(text.contains) ?? true || quote == 0x22 {
        var dialect = CSVDialect(delimiter: delimiter, quote: quote, hasHeader: false)
        guard let head = HeadRows(text, dialect, isWhole: isWhole, batch: batch), !head.rows.isEmpty else { continue }
        dialect.hasHeader = true
        if let trial = trial(dialect, head, prior: prior) { trials.append(trial) }
      }
    }
    let hasRival = trials.contains { $0.dialect.delimiter != 0x2C && $0.width > 1 && $0.score > 0.8 }
    let numeric = Set([0x2C, 0x3A, 0x20].filter(standsBetweenDigits))
    for index in trials.indices where numeric.contains(trials[index].dialect.delimiter) {
      // A comma may be a decimal sign, a colon belongs to times, and a blank stands between day and time.
      let isComma = trials[index].dialect.delimiter == 0x2C
      if !isComma || hasRival { trials[index].score *= isComma ? 0.5 : 0.2 }
    }
    // Among equals the order above decides.
    return trials.enumerated().sorted { ($0.element.score, -$0.offset) > ($1.element.score, -$1.offset) }.map(\.element)
  }

  private func trial(_ dialect: CSVDialect, _ head: HeadRows, prior: Double) -> Trial? {
    let counts = head.rows.map(\.count)
    var tally: [Int: Int] = [:]
    for count in counts { tally[count, default: 0] += 1 }
    guard let width = tally.max(by: { ($0.value, $0.key) < ($1.value, $1.key) })?.key else { return nil }
    let leading = counts.prefix { $0 < width }.count
    let preamble = leading <= Self.longestPreamble && leading < counts.count ? leading : 0
    let rows = Double(counts.count - preamble)
    let even = Double(counts.dropFirst(preamble).count { $0 == width }) / rows
    let clean = 1 - Double(head.misplaced) / Double(counts.count)
    var score = even * even * clean * clean * prior
    score *= 1 + 0.1 * Double(min(width, 64).bitWidth - min(width, 64).leadingZeroBitCount)
    // A preamble costs a little: the simpler reading wins among equals.
    if preamble > 0 { score *= 0.9 }
    switch dialect.quote {
    case 0x22: break
    case 0x27: score *= head.quoted > 0 && head.misplaced == 0 ? 0.98 : 0.5
    default: score *= 0.97
    }
    if dialect.quote == 0x22, head.quoted > 0, head.misplaced == 0 { score *= 1.05 }
    if dialect.quote == 0x27, head.quoted > 0, head.misplaced == 0, !text.contains(0x22) { score *= 1.05 }
    return Trial(dialect: dialect, head: head, width: width, preamble: preamble, score: score)
  }

  /// Whether nearly all signs of this kind stand between digits.
  private func standsBetweenDigits(_ sign: UInt8) -> Bool {
    var (signs, inside) = (0, 0)
    for index in text.indices where text[index] == sign {
      signs += 1
      guard index > 0, index + 1 < text.count else { continue }
      if (0x30...0x39).contains(text[index - 1]), (0x30...0x39).contains(text[index + 1]) { inside += 1 }
    }
    return signs > 0 && inside * 10 >= signs * 9
  }

  private func quoteGuess(_ best: Trial, _ trials: [Trial]) -> Guess {
    let quote = best.dialect.quote
    let name = quote.map { $0 == 0x22 ? "'\"'" : "\"'\"" } ?? "none"
    if quote == nil { return Guess("quote", name, .likely, "quotes stand inside cells", others: ["'\"'"]) }
    if best.head.quoted > 0 {
      let others = best.head.misplaced > 0 ? ["none"] : []
      return Guess(
        "quote", name, best.head.misplaced > 0 ? .likely : .certain, "cells are enclosed in it", others: others)
    }
    return Guess("quote", name, .unsure, "no cell of the beginning is enclosed in it", others: ["none"])
  }

  // MARK: - Other ways

  /// A first line `sep=;`, as spreadsheets write it.
  private func named() -> Found? {
    let line = text.prefix { $0 != 0x0A && $0 != 0x0D }
    guard line.count == 5, line.starts(with: Array("sep=".utf8)), let sign = line.last, sign < 0x80 else { return nil }
    let dialect = CSVDialect(delimiter: sign, skippedLines: 1)
    guard let head = HeadRows(text, dialect, isWhole: isWhole, batch: batch) else { return nil }
    return Found(
      dialect: dialect, head: head,
      guesses: [
        Guess("delimiter", Self.name(sign), .certain, "the first line names it"),
        Guess("quote", "'\"'", .likely, "spreadsheets write it"),
        Guess("skip_lines", "1", .certain, "the first line names the delimiter"),
      ])
  }

  /// One column: some delimiter that the text does not have.
  private func single() -> Found {
    let sign = Self.delimiters.map(\.sign).first { !text.contains($0) } ?? 0x2C
    for quote in [0x22, nil] as [UInt8?] {
      let dialect = CSVDialect(delimiter: sign, quote: quote)
      guard let head = HeadRows(text, dialect, isWhole: isWhole, batch: batch), head.misplaced == 0 || quote == nil
      else { continue }
      return Found(
        dialect: dialect, head: head,
        guesses: [
          Guess("delimiter", Self.name(sign), .unsure, "there is one column only"),
          Guess("quote", quote == nil ? "none" : "'\"'", .unsure, "there is one column only"),
        ])
    }
    let empty = HeadRows(Array("\n".utf8), CSVDialect(), isWhole: true, batch: batch)
    return Found(
      dialect: CSVDialect(delimiter: sign), head: empty ?? HeadRows(),
      guesses: [Guess("delimiter", Self.name(sign), .unsure, "no delimiter gives even rows")])
  }

  /// A sign as definitions write it.
  static func name(_ sign: UInt8) -> String { names[sign] ?? "'\(Character(UnicodeScalar(sign)))'" }

  private static func distinct(_ names: [String]) -> [String] {
    names.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}

extension HeadRows {
  /// No rows.
  init() {}
}
