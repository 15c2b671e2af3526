import Streams
import Tabular

/// Makes the draft of a feed from samples that are tables: reads all of their rows, and corrects what the beginning did
/// not tell.
struct TableDrafter {
  private static let mostPasses = 5
  private static let trailerWords: Set<String> = [
    "t", "tr", "trl", "trailer", "eof", "end", "total", "totals", "summe", "sum", "gesamt", "z", "99", "footer",
  ]

  private let group: SampleGroup
  private var table: Sketch.Table
  private let batch: RowBatch

  private init(_ group: SampleGroup, _ table: Sketch.Table, _ batch: RowBatch) {
    self.group = group
    self.table = table
    self.batch = batch
  }

  /// The draft. Throws what is wrong with a sample.
  static func draft(_ group: SampleGroup, _ table: Sketch.Table, _ batch: RowBatch) throws(SluiceError) -> FeedDraft {
    var drafter = TableDrafter(group, table, batch)
    let scan = try drafter.settle()
    return drafter.draft(scan)
  }

  private func scan(_ dialect: CSVDialect, _ encoding: TextEncoding) throws(SluiceError) -> SampleScan {
    try SampleScan(
      paths: group.sketches.map(\.path), format: .csv(dialect), encoding: encoding, xmlPaths: [], batch: batch)
  }

  /// Reads all rows until nothing about the layout is to be corrected any more.
  private mutating func settle() throws(SluiceError) -> SampleScan {
    var scan = try scan(table.dialect, table.encoding)
    for _ in 0..<Self.mostPasses {
      if let encoding = betterEncoding(scan) {
        table.encoding = encoding.encoding
        replace(encoding.guess)
        scan = try self.scan(table.dialect, table.encoding)
      } else if let better = try withoutQuotes(scan) {
        table.dialect.quote = nil
        replace(Guess("quote", "none", .likely, "quotes stand inside cells, further down", others: ["'\"'"]))
        scan = better
      } else if let (trailer, guess, better) = try withTrailer(scan) {
        table.dialect.trailer = trailer
        replace(guess)
        scan = better
      } else {
        break
      }
    }
    return scan
  }

  private mutating func replace(_ guess: Guess) {
    if let index = table.guesses.firstIndex(where: { $0.what == guess.what }) {
      table.guesses[index] = guess
    } else {
      table.guesses.append(guess)
    }
  }

  /// Another encoding where later rows are not UTF-8, and hardly any row shows that it is.
  private func betterEncoding(_ scan: SampleScan) -> EncodingSniffer.Found? {
    guard let bad = scan.defects[.badByte], table.encoding == .utf8, scan.foreign <= bad,
      !scan.badRows.contains(0)
    else { return nil }
    let found = EncodingSniffer.singleByte(scan.badRows)
    return found.encoding == .utf8 ? nil : found
  }

  private func withoutQuotes(_ scan: SampleScan) throws(SluiceError) -> SampleScan? {
    guard scan.defects[.misplacedQuote] != nil, table.dialect.quote != nil else { return nil }
    var dialect = table.dialect
    dialect.quote = nil
    let other = try self.scan(dialect, table.encoding)
    return other.defectCount < scan.defectCount ? other : nil
  }

  /// A last row that is none: it says how many rows there are, or has other cells than the rest.
  private func withTrailer(_ scan: SampleScan) throws(SluiceError) -> (CSVTrailer, Guess, SampleScan)? {
    let (cells, line, isBad) = scan.last
    guard table.dialect.trailer == nil, let first = cells.first, !first.isEmpty, scan.rows > 2,
      group.sketches.count == 1
    else { return nil }
    let data = scan.rows - 1
    let count =
      cells.indices.dropFirst().first { cells[$0] == "\(data)" }
      ?? cells.indices.dropFirst().first { Int(cells[$0]).map { $0 == data + 1 || $0 == data + 2 } ?? false }
    let isWord = Self.trailerWords.contains(first.lowercased())
    guard isBad && (scan.defectCount == 1 || isWord) || isWord && count != nil else { return nil }
    var trailer = CSVTrailer(starts: first)
    if let count {
      trailer.rows = count + 1
      trailer.alsoCounted = (Int(cells[count]) ?? data) - data
    }
    var dialect = table.dialect
    dialect.trailer = trailer
    let other: SampleScan
    do throws(SluiceError) {
      other = try self.scan(dialect, table.encoding)
    } catch {
      // Other rows begin like it.
      return nil
    }
    let why =
      count == nil ? "the last row, line \(line), has other cells than the rest" : "the last row counts the others"
    return (trailer, Guess("trailer", first, count == nil ? .unsure : .likely, why), other)
  }

  // MARK: - The draft

  private func draft(_ scan: SampleScan) -> FeedDraft {
    let labels = scan.columns.indices.map { $0 < table.labels.count ? table.labels[$0] : "column \($0 + 1)" }
    let types = TypeSniffer(scan.profiles, labels: labels, delimiter: table.dialect.delimiter)
    // A column without a name, and one that holds the sign which joins lists, can not be referred to.
    let used = scan.columns.indices.filter { !scan.columns[$0].isEmpty && scan.profiles[$0].several == 0 }
    let names = FieldNames.names(for: used.map { labels[$0] })
    var fields: [FeedDraft.Field] = []
    for (column, name) in zip(used, names) {
      var field = FeedDraft.Field(name: name, from: scan.columns[column])
      if !table.dialect.hasHeader, labels[column] != "column \(column + 1)" { field.label = labels[column] }
      (field.type, field.nulls, field.guess) = types.type(of: column)
      field.isSensitive = types.isPersonal(column)
      fields.append(field)
    }
    var draft = FeedDraft(
      name: group.feedName, samples: group.sketches.map(\.path), sampleNames: group.sketches.map(\.name),
      files: group.files, format: .csv(table.dialect), encoding: table.encoding, numbers: types.numbers,
      formatGuesses: table.guesses + types.numberGuesses, fields: fields,
      keyGuess: Guess("key", "", .unsure, ""), known: KnownFormats.name(of: labels), rows: scan.rows)
    let unnamed = scan.columns.count - used.count
    if unnamed > 0 {
      draft.remarks.append(
        unnamed == 1 ? "A column without a name is not read." : "\(unnamed) columns without a name are not read.")
    }
    FieldDrafter.setKey(of: &draft, scan, used: used, types: types)
    return draft
  }
}

/// What tables and XML have in common.
enum FieldDrafter {
  private static let longText = 80

  /// Chooses the key; `used` are the columns of the draft's fields.
  static func setKey(of draft: inout FeedDraft, _ scan: SampleScan, used: [Int], types: TypeSniffer) {
    var names = scan.columns
    var isFit = scan.columns.map { _ in false }
    var isText = isFit
    var weight = scan.columns.map { _ in 0 }
    for (field, column) in zip(draft.fields, used) {
      let profile = scan.profiles[column]
      names[column] = field.name
      isFit[column] = field.type != .list && (scan.rows == 0 || profile.filled > 0)
      isText[column] = field.type != .list
      switch field.type {
      case .decimal, .datetime, .boolean: weight[column] -= 80
      case .date: weight[column] -= 10
      case .integer: weight[column] -= 5
      default: break
      }
      if profile.filled > 0, profile.bytes / profile.filled > longText { weight[column] -= 80 }
      if field.isSensitive { weight[column] -= 20 }
    }
    guard
      let choice = KeyChooser.choose(
        scan.keys, names: names, rows: scan.rows, isFit: isFit, isText: isText, weight: weight)
    else { return }
    draft.keyGuess = choice.guess
    draft.duplicates = choice.duplicates
    for column in choice.columns {
      guard let index = used.firstIndex(of: column) else { continue }
      draft.key.append(draft.fields[index].name)
      if draft.fields[index].type != .text {
        draft.fields[index].guess = Guess(
          "type", "string", .likely, "a part of the key, kept as it is", others: [draft.fields[index].type.text])
      }
      draft.fields[index].type = .text
      let profile = scan.profiles[column]
      let hasGaps = profile.empty > 0 || profile.nulls.contains { $0 > 0 }
      if hasGaps { draft.fields[index].defaultText = "-" } else { draft.fields[index].isRequired = true }
      if !hasGaps { draft.fields[index].nulls = [] }
    }
  }
}
