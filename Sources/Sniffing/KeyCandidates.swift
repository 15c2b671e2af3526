import Streams
import Tabular

/// Finds out which columns, alone or a few together, have another value in every row.
///
/// Values are told apart by 64 bits of a keyed digest. Memory is bounded: beyond a number of rows the candidates that
/// are least like a key are given up, and in the end uniqueness is no longer looked at.
struct KeyCandidates {
  /// Columns that may be a key together.
  struct Candidate {
    /// Indices of the columns.
    var columns: [Int]
    /// How much their names look like a key; the greater the better.
    var score: Int
    /// Digests of the rows so far.
    fileprivate var seen: Set<UInt64> = []
    /// Whether it had no value twice, and none missing, among the rows looked at.
    fileprivate(set) var isUnique = true
    /// Whether not all rows were looked at.
    fileprivate(set) var isCut = false

    fileprivate init(columns: [Int], score: Int) {
      self.columns = columns
      self.score = score
    }
  }

  /// Digests kept at a time, of all candidates together.
  private static let limit = 3_000_000
  private static let mostCombined = 8

  /// The candidates.
  private(set) var all: [Candidate]
  private let names: [Int]
  private let key = DigestKey.random()
  private var digests: [UInt64]
  private var isFilled: [Bool]
  private var kept = 0
  /// How many candidates that are still unique each column is a part of.
  private var uses: [Int]
  private var nullBytes = Notations.nulls.prefix(Notations.plainNulls).map { Array($0.utf8) }

  /// Candidates among columns of these names.
  init(names: [String]) {
    let scores = names.enumerated().map { KeyNames.score($1, at: $0) }
    self.names = scores
    all = scores.enumerated().map { Candidate(columns: [$0], score: $1) }
    digests = Array(repeating: 0, count: names.count)
    isFilled = Array(repeating: false, count: names.count)
    uses = Array(repeating: 1, count: names.count)
  }

  /// Adds pairs and triples of columns that are unique among the first rows; `lists` are left out.
  mutating func combine(_ head: [[String]]) {
    let rows = head.filter { $0.count == names.count }
    guard rows.count > 1 else { return }
    let distinct = names.indices.map { column in Set(rows.map { $0[column] }).count }
    let whole = names.indices.filter { column in !rows.contains { $0[column].isEmpty } && distinct[column] > 1 }
    let chosen = whole.sorted { (names[$0] / 40, distinct[$0], -$0) > (names[$1] / 40, distinct[$1], -$1) }
      .prefix(Self.mostCombined).sorted()
    var pairs: [[Int]] = []
    var triples: [[Int]] = []
    for (place, first) in chosen.enumerated() {
      for (next, second) in chosen.enumerated() where next > place {
        pairs.append([first, second])
        for third in chosen[(next + 1)...] { triples.append([first, second, third]) }
      }
    }
    for (columns, most) in [(pairs, 12), (triples, 6)] {
      let unique = columns.filter { columns in
        Set(rows.map { row in columns.map { row[$0] }.joined(separator: "\u{0}") }).count == rows.count
      }
      let ranked = unique.map { Candidate(columns: $0, score: score(of: $0)) }.sorted { $0.score > $1.score }
      all += ranked.prefix(most)
    }
    if whole.count > 3 { all.append(Candidate(columns: whole, score: -500)) }
    for candidate in all[names.count...] { for column in candidate.columns { uses[column] += 1 } }
  }

  private func score(of columns: [Int]) -> Int {
    (columns.map { names[$0] }.min() ?? 0) - 10 * (columns.count - 1)
  }

  /// Starts a new file: keys are unique within one.
  mutating func beginFile() {
    for index in all.indices { all[index].seen = [] }
    kept = 0
  }

  /// Whether a column is still of interest.
  func wants(_ column: Int) -> Bool { uses[column] > 0 }

  /// Takes a candidate out.
  private mutating func drop(_ index: Int) {
    all[index].isUnique = false
    kept -= all[index].seen.count
    all[index].seen = []
    for column in all[index].columns { uses[column] -= 1 }
  }

  /// Notes the value of a column in the row under way.
  mutating func note(_ column: Int, _ view: ByteView, isAbsent: Bool) {
    isFilled[column] = !view.isEmpty && !isAbsent && view.firstIndex(of: 0x1F) == nil && !isNull(view)
    digests[column] = isFilled[column] ? RowDigest.digest(view, key: key).first : 0
  }

  private func isNull(_ view: ByteView) -> Bool {
    view.count <= 10 && nullBytes.contains { bytes in bytes.withView { $0 == view } }
  }

  /// Ends a row whose wanted columns were all noted.
  mutating func endRow() {
    for index in all.indices where all[index].isUnique && !all[index].isCut {
      var digest: UInt64 = 0
      var isWhole = true
      for column in all[index].columns {
        isWhole = isWhole && isFilled[column]
        digest = (digest ^ digests[column]) &* 0x9E37_79B9_7F4A_7C15
        digest ^= digest >> 29
      }
      if isWhole, all[index].seen.insert(digest).inserted {
        kept += 1
        continue
      }
      drop(index)
    }
    if kept > Self.limit { giveUp() }
  }

  /// Gives up the candidate that is least like a key; the last one is kept as it is, without a look at further rows.
  private mutating func giveUp() {
    let alive = all.indices.filter { all[$0].isUnique && !all[$0].isCut }
    guard let worst = alive.min(by: { all[$0].score < all[$1].score }) else { return }
    if alive.count > 1 { return drop(worst) }
    all[worst].isCut = true
    all[worst].seen = []
    kept = 0
  }
}

/// Names of columns that usually identify a record.
enum KeyNames {
  private static let words: [(String, Int)] = [
    ("sku", 200), ("id", 180), ("uuid", 180), ("guid", 180), ("key", 150), ("identifier", 170), ("artikelnr", 170),
    ("artikelnummer", 170), ("matnr", 170), ("itemno", 170), ("article", 160), ("artikel", 160), ("material", 160),
    ("supplier_pid", 175), ("supplier_aid", 175), ("pid", 150), ("ean", 140), ("gtin", 140), ("isbn", 140),
    ("upc", 140), ("mpn", 120), ("code", 130), ("number", 120), ("nummer", 120), ("handle", 130), ("no", 120),
    ("nr", 120), ("num", 110), ("email", 100), ("item", 110), ("product", 110), ("symbol", 90), ("ref", 90),
    ("reference", 90), ("rma", 150), ("order", 100), ("name", 30),
  ]
  /// Words of columns that change, or that only describe.
  private static let poor: Set<String> = [
    "price", "preis", "qty", "quantity", "menge", "stock", "bestand", "amount", "betrag", "total", "sum", "date",
    "datum", "time", "description", "beschreibung", "text", "comment", "weight", "gewicht", "url", "image", "value",
    "lat", "lon", "latitude", "longitude", "updated", "created", "modified", "changed", "phone", "address", "title",
  ]

  /// How much the name of the column at `index` looks like a key; below zero: not at all.
  static func score(_ name: String, at index: Int) -> Int {
    let field = FieldNames.names(for: [name])[0]
    let parts = field.split(separator: "_").map(String.init)
    let place = max(0, 20 - index)
    if parts.contains(where: poor.contains) { return place - 60 }
    if let whole = words.first(where: { $0.0 == field || $0.0 == parts.joined() }) { return whole.1 + place }
    // The last word says what it is: "order id".
    if let last = parts.last, let word = words.first(where: { $0.0 == last }) { return word.1 - 20 + place }
    if let first = parts.first, let word = words.first(where: { $0.0 == first }) { return word.1 - 50 + place }
    if let end = words.first(where: { $0.0.count > 2 && field.hasSuffix($0.0) }) { return end.1 - 40 + place }
    return place
  }

  /// Whether the name is that of something that identifies, so that its digits are no number.
  static func isIdentifier(_ name: String) -> Bool {
    let parts = FieldNames.names(for: [name])[0].split(separator: "_").map(String.init)
    let own: Set<String> = [
      "zip", "plz", "postal", "postcode", "phone", "tel", "telefon", "fax", "mobile", "iban", "account", "serial",
      "barcode", "sscc", "tracking", "hs", "tariff", "vat", "ustid",
    ]
    let ids: Set<String> = [
      "sku", "id", "uuid", "guid", "identifier", "artikelnr", "artikelnummer", "matnr", "itemno", "ean", "gtin",
      "isbn", "upc", "mpn", "code", "nummer", "nr", "handle", "pid", "aid",
    ]
    return parts.contains { own.contains($0) } || parts.last.map(ids.contains) == true
      || parts.first.map { ["sku", "ean", "gtin", "isbn", "upc"].contains($0) } == true
  }
}
