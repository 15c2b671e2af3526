import Streams
import Testing

@testable import Feeds

/// A part of a definition with a mark before the problem, and what its message says.
struct WrongPart: Sendable, CustomTestStringConvertible {
  var part: @Sendable (String) -> FeedText
  var marked: String
  var code: String
  var message: String
  var testDescription: String { marked }

  init(
    _ path: any WritableKeyPath<FeedText, String> & Sendable, _ marked: String, _ code: String, _ message: String
  ) {
    part = { FeedText().with(path, $0) }
    self.marked = marked
    self.code = code
    self.message = message
  }
}

/// A stock target and an updated product, for keys below them, and the fields of the key, for fields below them.
private let stock = """
  commerce:
    stock_sources:
      columns: { source_code: source, sku: sku, quantity: qty, status: '1' }
  """
private let product = "commerce:\n  catalog_product:\n    creates: false\n    columns:"
private let keyFields = "fields:\n  sku: A\n  source: B\n  "

@Suite struct FeedErrorTests {
  static let top: [WrongPart] = [
    .init(\.head, "feed: ▸'my feed'", "wrong-value", "64 letters"),
    .init(\.head, "feed: ▸[a]", "wrong-type", "feed takes a text, not a list"),
    .init(\.head, "feed:▸ ", "wrong-type", "not nothing"),
    .init(\.head, "feed: s\nzone: ▸Europe/Berlni", "wrong-value", "did you mean \"Europe/Berlin\""),
    .init(\.head, "feed: s\n▸gaurds: {}", "unknown-key", "did you mean \"guards\""),
    .init(\.head, "feed: s\n▸feed: t", "duplicate-key", "first in line 1"),
    .init(\.files, "▸files: 'S_*.csv'", "missing-key", "mode: full, or mode: delta"),
    .init(\.files, "files: 'S_*.csv'\nmode: ▸Full", "wrong-value", "did you mean \"full\""),
    .init(\.files, "files: [{ match: a, mode: full }]\n▸mode: full", "unknown-key", "into each item"),
    .init(\.files, "files: [▸{ match: a }]", "missing-key", "an item of files needs the key \"mode\""),
    .init(\.files, "files: ▸[]", "wrong-type", "files takes"),
    .init(\.files, "files: ▸{ match: a }\nmode: full", "wrong-type", "not a mapping"),
    .init(\.files, "files: 'S_{▸as_of}.csv'\nmode: full", "file-pattern", "{as_of:yyyyMMdd}"),
    .init(\.files, "files: 'in▸/S.csv'\nmode: full", "file-pattern", "no directory"),
    .init(\.files, "files: 'S_▸{n.csv'\nmode: full", "file-pattern", "never closed"),
    .init(\.files, "files: 'S_▸}.csv'\nmode: full", "file-pattern", "closes nothing"),
    .init(\.files, "files: 'S_{▸a b}.csv'\nmode: full", "file-pattern", "no name for a capture"),
    .init(\.files, "files: '{n}_{▸n}.csv'\nmode: full", "file-pattern", "twice"),
    .init(\.files, "files: 'S_{▸as_of:yyyyMM}.csv'\nmode: full", "file-pattern", "lacks the day"),
    .init(\.files, "files: 'S_{▸as_of:d-M-yyyy}.csv'\nmode: full", "file-pattern", "no fixed number of digits"),
    .init(\.files, "files: 'S_{▸sequence:yyyy}.csv'\nmode: full", "file-pattern", "write {sequence}"),
    .init(\.files, "files: '▸S_*.tmp'\nmode: full", "pattern-invalid", "never taken"),
    .init(\.files, "files: 'S_{a}{▸b}.csv'\nmode: full", "pattern-invalid", "nothing stands between"),
    .init(\.files, "files: [{ match: S, mode: full, at: ▸'02:00' }]", "at-unused", "needs an as_of"),
    .init(
      \.files, "files: [{ match: 'S{as_of:yyyyMMddHH}', mode: full, at: ▸'02:00' }]", "at-unused",
      "a time of its own"),
    .init(
      \.files, "files: [{ match: 'S{as_of:yyyyMMdd}', mode: full, at: ▸'24:00' }]", "wrong-value", "a time of day"),
    .init(
      \.files,
      "files:\n  - { match: '▸F{as_of:yyyyMMdd}', mode: full }\n  - { match: 'D{as_of:yyyyMMddHH}', mode: delta }",
      "as-of-granularity", "at: '02:00'"),
    .init(
      \.files, "files: [{ match: A, mode: full }, { match: ▸A, mode: delta }]", "pattern-duplicate", "as in line 2"),
    .init(\.key, "key: [sku, ▸plant]", "unknown-field", "key names \"plant\""),
    .init(\.key, "key: [sku, ▸sku]", "duplicate-key", "twice"),
    .init(\.key, "key: [{ ▸qty: fold }]", "key-type", "only texts"),
    .init(\.key, "key: [{ sku: ▸fodl }]", "wrong-value", "did you mean \"fold\""),
    .init(\.key, "key: ▸tags", "key-type", "a list can not be"),
    .init(\.key, "key: ▸[]", "wrong-type", "key takes"),
    .init(\.more, "duplicates: ▸lsat", "wrong-value", "did you mean \"last\""),
    .init(\.more, "duplicates: { latest: ▸sinec }", "unknown-field", "did you mean \"since\""),
    .init(\.more, "duplicates: { latest: ▸active }", "latest-type", "no latest"),
    .init(\.more, "duplicates: { latest: ▸sku }", "latest-type", "give the field the type date"),
    .init(\.more, "guards: { max_removed: ▸0.5 }", "wrong-value", "write 0.5%"),
    .init(\.more, "guards: { max_removed: ▸101% }", "wrong-value", "a share"),
    .init(\.more, "guards: { max_zeroed: { field: ▸sku } }", "guard-field", "watches a number"),
    .init(\.more, "guards: { ▸max_remove: 5% }", "unknown-key", "did you mean \"max_removed\""),
    .init(\.more, "intake: { ▸marker_holds: sha256 }", "missing-key", "add marker"),
    .init(\.more, "intake: { marker: '{name}.m', marker_holds: ▸sha1 }", "wrong-value", "sha256"),
    .init(\.more, "deletes: { field: ▸qty, values: D }", "deletes-field", "looks at a text"),
    .init(\.more, "deletes: ▸{ field: sku }", "missing-key", "\"values\""),
    .init(\.more, "guards: { by: ▸qty }", "guard-field", "name one of sku"),
    .init(\.more, "guards: { by: ▸skuu }", "unknown-field", "did you mean"),
    .init(\.more, "guards: { max_zeroed: { within: ▸0 } }", "wrong-value", "31 days"),
    .init(\.more, "guards: { max_swing: { field: qty, by: ▸half, share: 2% } }", "wrong-value", "a share such as 50%"),
    .init(\.more, "guards: { max_swing: { field: ▸sku, by: 50%, share: 2% } }", "guard-field", "watches a number"),
    .init(\.more, "guards: { max_swing: ▸{ field: qty, by: 50% } }", "missing-key", "\"share\""),
    .init(\.more, "guards: { at_least: ▸-1 }", "wrong-value", "a whole number"),
    .init(\.more, "intake: { quiet: ▸5 minutes }", "wrong-value", "30s, 15min or 2h"),
    .init(\.more, "intake: { marker: ▸done.ok }", "wrong-value", "'{name}.ok'"),
    .init(\.more, "intake: { marker: ▸'{name}' }", "wrong-value", "'{name}.ok'"),
    .init(\.more, "intake: { sequence: ▸continuous }", "sequence-unknown", "{sequence}"),
    .init(\.more, "examples: [▸{ row: { A: 1 } }]", "missing-key", "gives"),
    .init(\.more, "examples: [{ row: { A: ▸{ b: c } }, gives: {} }]", "wrong-type", "A takes a text"),
    .init(\.more, "examples: [{ row: { A: 1 }, gives: { ▸commerce.stock: {} } }]", "unknown-target", "stock_sources"),
    .init(
      \.more, "examples: [{ row: { A: 1 }, gives: { commerce.stock_sources: { ▸sk: A } } }]", "unknown-column",
      "did you mean \"sku\""),
    .init(\.more, "examples: [{ row: { A: 1 }, gives: {}, ▸rejects: required }]", "unknown-key", "keep one"),
    .init(\.more, "examples: [{ row: { A: 1 }, rejects: ▸requierd }]", "wrong-value", "did you mean \"required\""),
    .init(\.more, "examples: [{ row: { file.asof: ▸1 }, gives: {} }]", "unknown-column", "no field reads"),
    .init(
      \.targets, "bi: { c: { columns: [sku, qty] } }\nexamples: [{ row: {}, gives: { bi.c: { ▸qty: 1 } } }]",
      "unknown-column", "has no column \"qty\""),
  ]

  static let fields: [WrongPart] = [
    .init(\.fields, keyFields + "qty: { from: Q, ▸zeros: strip, type: integer }", "key-unfit", "the type string"),
    .init(\.fields, keyFields + "qty: { from: Q, zeros: ▸0 }", "wrong-value", "from 1 to 100"),
    .init(\.fields, keyFields + "qty: { from: Q, ▸implied: 2 }", "key-unfit", "it concerns numbers"),
    .init(\.fields, keyFields + "qty: { from: Q, ▸zoned: true }", "key-unfit", "it concerns numbers"),
    .init(\.fields, keyFields + "qty: { from: Q, type: decimal(2), implied: ▸19 }", "wrong-value", "from 0 to 18"),
    .init(\.fields, keyFields + "qty: { from: Q, strip: ▸' ' }", "wrong-value", "blanks go by themselves"),
    .init(\.fields, keyFields + "qty: { from: Q, ▸strip: a, type: 'list(,)' }", "key-unfit", "as they stand"),
    .init(\.fields, keyFields + "qty: { value: '1 + 1', ▸zeros: strip }", "unknown-key", "a computed field has none"),
    .init(\.fields, keyFields + "▸qty: { type: integer }", "missing-key", "no source"),
    .init(
      \.fields, keyFields + "qty: { from: C, value: ▸sku }", "unknown-key", "both from and value"),
    .init(
      \.fields, keyFields + "qty: { value: '1', ▸type: integer }", "unknown-key",
      "the type follows"),
    .init(
      \.fields, "fields:\n  sku: { from: A, ▸requierd: true }\n  source: B\n  qty: { from: C, type: integer }",
      "unknown-key", "\"required\""),
    .init(
      \.fields, "fields:\n  sku: { from: A, required: ▸yes }\n  source: B\n  qty: { from: C, type: integer }",
      "wrong-value", "true or false"),
    .init(\.fields, keyFields + "qty: { from: C, type: ▸decimal }", "wrong-value", "decimal(2)"),
    .init(\.fields, keyFields + "qty: { from: C, type: ▸float }", "wrong-value", "decimal(2)"),
    .init(
      \.fields, keyFields + "qty: { from: C, type: ▸decimal(19) }", "wrong-value", "0 to 18"),
    .init(
      \.fields, keyFields + "qty: { from: C, type: ▸date(DD.MM.yyyy) }", "wrong-value", "\"DD\""),
    .init(\.fields, keyFields + "qty: { from: C, type: ▸date(dMyyyy) }", "wrong-value", "nothing separates them"),
    .init(\.fields, keyFields + "qty: { from: C, type: ▸list }", "wrong-value", "list(,)"),
    .init(
      \.fields, keyFields + "qty: { from: C, type: ▸'enum(a, a)' }", "wrong-value", "different"),
    .init(
      \.fields, keyFields + "qty: { from: C, type: ▸boolean(J) }", "wrong-value", "boolean(J/N)"),
    .init(
      \.fields, keyFields + "qty:\n    from: C\n    type: ▸enum(a", "wrong-value", "into quotes"),
    .init(
      \.fields, keyFields + "qty: { from: C, type: ▸{ date: a, list: b } }", "wrong-type",
      "one type"),
    .init(
      \.fields, "fields:\n  sku: { from: A, ▸min: 1 }\n  source: B\n  qty: { from: C, type: integer }", "key-unfit",
      "bounds numbers"),
    .init(
      \.fields, keyFields + "qty: { from: C, type: integer, min: ▸0.5 }", "wrong-value",
      "at most 0 decimals"),
    .init(
      \.fields, keyFields + "qty: { from: C, type: integer, min: 2, max: ▸1 }", "wrong-value",
      "less than min"),
    .init(
      \.fields, keyFields + "qty: { from: C, type: integer, ▸pattern: a }", "key-unfit",
      "bounds texts"),
    .init(
      \.fields,
      keyFields + "qty: { from: C, type: integer }\n  other: { from: A, type: { enum: [a, b] }, default: ▸c }",
      "wrong-value", "a or b"),
    .init(
      \.fields, "fields:\n  sku: { from: A, lookup: ▸t.csv }\n  source: B\n  qty: { from: C, type: integer }",
      "lookup-missing", "t.csv"),
    .init(
      \.fields, "fields:\n  sku: { from: A, lookup: ▸../t.csv }\n  source: B\n  qty: { from: C, type: integer }",
      "lookup-outside", "../t.csv"),
    .init(
      \.fields, keyFields + "qty: { from: C, type: integer }\n  ▸1st: D", "wrong-value",
      "a letter first"),
    .init(
      \.fields, keyFields + "qty: { from: C, type: integer }\n  ▸null: D", "wrong-value",
      "has a meaning"),
    .init(\.fields, keyFields + "qty: ▸file.seq", "unknown-capture", "{seq}"),
    .init(
      \.fields, keyFields + "qty: { value: '1 + x' }\n  x: { value: ▸qty }", "field-circle", "→"),
  ]

  static let targets: [WrongPart] = [
    .init(\.targets, "commerce:\n  ▸stock: { columns: [sku] }", "unknown-target", "stock_sources"),
    .init(\.targets, "bi:\n  ▸Changes: { columns: [sku] }", "wrong-value", "back_in_stock"),
    .init(\.targets, "bi:\n  ▸changes: {}", "missing-key", "no columns"),
    .init(\.targets, "bi:\n  changes: { columns: ▸sku }", "wrong-type", "a mapping or a list of fields"),
    .init(\.targets, "bi:\n  changes: { columns: [sku, ▸qyt] }", "unknown-field", "did you mean \"qty\""),
    .init(\.targets, "bi:\n  changes: { columns: { a: sku, b: ▸tags } }", "expression-type", "join(tags"),
    .init(\.targets, "bi:\n  changes: { columns: { a: '\"{▸skku}\"' } }", "unknown-field", "did you mean \"sku\""),
    .init(\.targets, "bi:\n  changes: { columns: { a: ▸} }", "wrong-type", "a takes an expression"),
    .init(
      \.targets, "bi:\n  changes: { constants: { a: x }, columns: { ▸a: sku } }", "column-duplicate",
      "constants, columns"),
    .init(\.targets, "bi:\n  changes: { columns: [sku], ▸removed: delete }", "unknown-key", "bi or edm"),
    .init(\.targets, "edm:\n  all: { whole: true, columns: [sku], when: '▸old.qty == 0' }", "old-value", "state"),
    .init(\.targets, "edm:\n  all: { columns: [sku], when: ▸qty }", "expression-type", "… != 0"),
    .init(
      \.targets, "commerce:\n  ▸stock_sources:\n    columns: { source_code: source, sku: sku, quantity: qty }",
      "missing-column", "stock_sources needs the column status"),
    .init(
      \.targets,
      stock + "\n    constants: { ▸qty: '1' }",
      "unknown-column", "stock_sources has no column \"qty\""),
    .init(
      \.targets,
      stock + "\n    removed: ▸disable",
      "removal-unfit", "only catalog_product"),
    .init(
      \.targets,
      stock + "\n    group_by: ▸[source]",
      "group-by", "(sku, source)"),
    .init(
      \.targets,
      stock + "\n    rows: ▸[]",
      "key-unfit", "only catalog_product"),
    .init(
      \.targets,
      stock + "\n    once: [▸statsu]",
      "unknown-column", "did you mean \"status\""),
    .init(
      \.targets,
      stock + "\n    once: [▸sku]",
      "key-unfit", "needed in every row"),
    .init(
      \.targets, product + " { sku: sku }\n    constants: { visibility: ▸Everywhere }",
      "constant-unfit", "Commerce does not know this value"),
    .init(
      \.targets, product + " { sku: sku }\n    constants: { meta_title: ▸\(String(repeating: "x", count: 256)) }",
      "constant-unfit", "at most 255 characters"),
    .init(
      \.targets, product + " { sku: sku, url_key: ▸'\"\(String(repeating: "x", count: 256))\"' }\n    once: [url_key]",
      "constant-unfit", "at most 255 characters"),
    .init(
      \.targets, product + " { sku: sku }\n    constants: { price: ▸__EMPTY__VALUE__ }",
      "constant-unfit", "Commerce needs a value here"),
    .init(
      \.targets,
      product + " { sku: sku }\n    rows: [{ store_view_code: de, columns: { visibility: ▸'\"Nowhere\"' } }]",
      "constant-unfit", "Commerce does not know this value"),
    .init(
      \.targets,
      stock + "\n    group_by: [sku]\n  customer:\n    columns: { email: sku, _website: source }\n"
        + "    group_by: ▸[sku, source]",
      "group-by", "by another part of the key than stock_sources"),
    .init(
      \.targets,
      stock + "\n    group_by: [sku]\n  catalog_product:\n    creates: false\n"
        + "    columns: { sku: sku, name: sku }\n    once: ▸[name]",
      "group-by", "beside stock_sources, which has groups"),
    .init(
      \.targets, product + " { sku: sku, ▸Name: name }",
      "column-name", "letters a to z"),
    .init(
      \.targets, product + " { sku: sku }\n    removed: ▸zero",
      "removal-unfit", "only stock_sources"),
    .init(
      \.targets,
      product + " { sku: sku }\n    behaviour: ▸replace",
      "behaviour-unfit", "append"),
    .init(
      \.targets,
      product + " { sku: sku }\n    rows: [{ store_view_code: de, columns: { ▸sku: sku } }]",
      "column-name", "by itself"),
    .init(
      \.targets,
      product + " { sku: sku, ▸store_view_code: source }\n    rows: [{ store_view_code: de, columns: [name] }]",
      "column-name", "store_view_code"),
    .init(
      \.targets,
      product + " { sku: sku, name: ▸simple }",
      "unknown-field", "under constants"),
  ]

  @Test("Problems are found at their place, each with its code and remedy", arguments: top + formats + fields + targets)
  func problems(wrong: WrongPart) {
    let (found, expected, problems) = compare(wrong.part(wrong.marked).text, code: wrong.code)
    #expect(found == expected, "\(problems.map(\.description))")
    #expect(
      problems.contains { $0.description.contains(wrong.message) }, "\(problems.map(\.description))")
    #expect(problems.allSatisfy { $0.kind == .definition && $0.file == "feeds/stock.yaml" })
  }

  @Test("All problems of a definition are reported at once, in its order")
  func allAtOnce() {
    let definition = MarkedText(
      """
      feed: stock
      files: 'S_*.csv'
      mode: ▸ful
      format: { csv: { ▸delimeter: ';' } }
      fields:
        sku: { from: A, ▸max_lenght: 64 }
        source: B
        qty: { from: C, type: ▸decimal }
      key: [sku, ▸plant]
      commerce:
        stock_sources:
          columns: { source_code: ▸sorce, sku: sku, status: 'qty > 0 ? 1 : 0', quantity: qty }
          removed: ▸zeroed
      """)
    let problems = read(definition.text).problems
    #expect(problems.map(\.position) == definition.places)
    #expect(
      problems.map(\.code) == [
        "wrong-value", "unknown-key", "unknown-key", "wrong-value", "unknown-field", "unknown-field", "wrong-value",
      ])
  }

  @Test("A message names file, line, column, cause and suggestion")
  func message() {
    let text = FeedText().with(\.more, "guards: { max_remvoed: 5% }").text
    #expect(
      read(text).problems.map(\.description) == [
        "feeds/stock.yaml:14:11: guards has no key \"max_remvoed\"; did you mean \"max_removed\" [unknown-key]"
      ])
  }

  @Test("The keys that a feed can not do without are named")
  func mandatoryKeys() {
    let problems = read("zone: UTC\n").problems
    #expect(problems.filter { $0.code == "missing-key" }.count == 6)
    for key in ["feed", "files", "format", "fields", "key"] {
      #expect(problems.contains { $0.cause.contains("\"\(key)\"") })
    }
    #expect(problems.contains { $0.cause.contains("no target") })
  }

  @Test("An empty definition is an error", arguments: ["", "# nothing here\n", "---\n"])
  func empty(text: String) {
    #expect(read(text).problems.count == 1)
    #expect(read(text).feed == nil)
  }

  @Test("A product that is created needs what Commerce needs, an updated one only its sku")
  func creationColumns() {
    let columns = "commerce:\n  catalog_product:\n    columns: { sku: sku }\n"
    let missing = read(FeedText().with(\.targets, columns).text).problems
    #expect(missing.count == 6 && missing.allSatisfy { $0.code == "missing-column" })
    #expect(read(FeedText().with(\.targets, columns + "    creates: false").text).problems.isEmpty)
  }

  @Test("Prices that are replaced or deleted have to be grouped by their sku")
  func pricingGroups() {
    let columns =
      """
      columns: { sku: sku, tier_price_website: source, tier_price_customer_group: source, tier_price_qty: qty, \
      tier_price: qty, tier_price_value_type: source }
      """
    func codes(_ more: String, key: String = "key: [sku, source]") -> [String] {
      let target = "commerce:\n  advanced_pricing:\n    \(columns)\n    \(more)"
      return read(FeedText().with(\.targets, target).with(\.key, key).text).problems.map(\.code)
    }
    #expect(codes("behaviour: replace") == ["behaviour-unfit"])
    #expect(codes("removed: delete") == ["removal-unfit"])
    #expect(codes("group_by: [sku, source]") == ["behaviour-unfit"])
    #expect(codes("group_by: [source]", key: "key: [source, sku]") == ["behaviour-unfit"])
    #expect(codes("group_by: [sku]") == [])
    #expect(codes("behaviour: append") == [])
  }

  @Test("A field that is wrong itself does not make the expressions wrong that use it")
  func noFollowingErrors() {
    let text = FeedText().text.replacing("type: decimal(4)", with: "type: decimal(44)")
    #expect(read(text).problems.map(\.code) == ["wrong-value"])
  }

  @Test("Without a header, columns are numbers")
  func withoutHeader() {
    let format = "format: { csv: { header: false } }"
    let fields = "fields:\n  sku: '1'\n  source: '2'\n  qty: { from: ▸ONHAND, type: integer }"
    let (found, expected, _) = compare(
      FeedText().with(\.format, format).with(\.fields, fields).text, code: "wrong-value")
    #expect(found == expected)
  }
}
