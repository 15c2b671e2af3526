import Tabular

/// Tells whether the first row of a table names its columns.
enum HeaderSniffer {
  /// What a cell looks like.
  private enum Kind { case empty, typed, word }

  private static let usual: Set<String> = [
    "id", "sku", "name", "title", "price", "qty", "quantity", "date", "ean", "gtin", "email", "code", "type", "status",
    "description", "category", "stock", "currency", "city", "country", "street", "zip", "phone", "number", "value",
    "label", "url", "image", "brand", "artikel", "artikelnr", "bezeichnung", "preis", "menge", "bestand", "werk",
  ]

  /// Whether the first of `rows` is a header, and how sure that is.
  static func guess(_ rows: [[String]]) -> Guess {
    guard let first = rows.first, rows.count > 1 else {
      let isNamed = rows.first?.allSatisfy { kind($0) == .word } ?? true
      return isNamed
        ? Guess("header", "true", .unsure, "there is one row only, of words", others: ["false"])
        : Guess("header", "false", .unsure, "there is one row only, with values", others: ["true"])
    }
    if first.count > 1, first.allSatisfy(\.isEmpty) {
      return Guess("header", "true", .likely, "a first row without any value", others: ["false"])
    }
    let body = rows.dropFirst().filter { $0.count == first.count }
    var score = 0.0
    for (column, cell) in first.enumerated() { score += weight(of: cell, above: body.map { $0[column] }) }
    let words = first.map { $0.lowercased() }
    let isNamed = first.allSatisfy(isName)
    if words.contains(where: usual.contains) { score += 1 }
    // Where all is text, a table mostly has a header all the same.
    if first.allSatisfy({ kind($0) != .typed }), !hasTyped(body, first.count) { score += 1 }
    if isNamed { score += 0.5 }
    if Set(words).count < words.count { score -= 0.75 }
    let isHeader = score > 0
    let certainty: Guess.Certainty = abs(score) >= 2 ? .certain : abs(score) >= 1 ? .likely : .unsure
    let why =
      isHeader
      ? (score >= 1
        ? "the first row holds words where others hold values, or usual names" : "the first row looks like names")
      : "the first row looks like those below"
    return Guess("header", "\(isHeader)", certainty, why, others: certainty == .certain ? [] : ["\(!isHeader)"])
  }

  /// Whether some column holds numbers, dates, or yes and no.
  private static func hasTyped(_ body: [[String]], _ width: Int) -> Bool {
    (0..<width).contains { column in
      let kinds = body.map { kind($0[column]) }.filter { $0 != .empty }
      return !kinds.isEmpty && kinds.count { $0 == .typed } * 10 >= kinds.count * 9
    }
  }

  /// What one cell of the first row says: above zero for a header.
  private static func weight(of cell: String, above body: [String]) -> Double {
    let kinds = body.map(kind).filter { $0 != .empty }
    let typed = kinds.count { $0 == .typed }
    let isTyped = !kinds.isEmpty && typed * 10 >= kinds.count * 9
    switch (kind(cell), isTyped) {
    case (.word, true): return 1
    case (.typed, true): return -1
    case (.typed, false): return -0.6
    case (.empty, _): return -0.1
    case (.word, false):
      if body.contains(cell) { return -1 }
      let lengths = Set(body.filter { !$0.isEmpty }.map(\.count))
      return body.count > 2 && lengths.count == 1 && !lengths.contains(cell.count) ? 0.5 : 0
    }
  }

  private static func kind(_ cell: String) -> Kind {
    if cell.isEmpty { return .empty }
    let signs = cell.unicodeScalars
    guard signs.contains(where: { ("0"..."9").contains($0) }) else {
      return ["true", "false"].contains(cell.lowercased()) ? .typed : .word
    }
    // Numbers and dates: digits, and what stands between them.
    return signs.allSatisfy { ("0"..."9").contains($0) || " .,:;/+-'%TZ€$".unicodeScalars.contains($0) }
      ? .typed : .word
  }

  private static func isName(_ cell: String) -> Bool {
    guard let first = cell.unicodeScalars.first, cell.count <= 60 else { return false }
    return first.properties.isAlphabetic || first == "_" || first == "#" || first == "("
  }
}
