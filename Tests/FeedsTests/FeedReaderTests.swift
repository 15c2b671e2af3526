import Diff
import Intake
import Records
import Streams
import Tabular
import Targets
import Testing

@testable import Feeds

/// The definition of the interface's promise, as users write it.
private let inventory = """
  feed: erp-inventory
  zone: Europe/Berlin
  files:                                           # several patterns, one snapshot
    - { match: 'INV_FULL_{as_of:yyyyMMdd}.csv*', mode: full, at: '02:00' }
    - { match: 'INV_DELTA_{as_of:yyyyMMddHHmm}_{sequence}.csv*', mode: delta }
  format: { csv: { delimiter: ';', encoding: windows-1252, decimal: ',' } }
  fields:
    sku:    { from: ARTICLE, required: true, max_length: 64 }
    source: { from: PLANT, lookup: lookups/plants.csv }
    qty:    { from: ONHAND, type: decimal(4), min: 0 }
  key: [{ sku: fold }, source]
  duplicates: last
  guards: { max_rejected: 0.5%, max_removed: 5%, max_zeroed: { field: qty, share: 20% } }
  commerce:
    stock_sources:
      columns: { source_code: source, sku: sku, status: 'qty > 0 ? 1 : 0', quantity: qty }
      removed: zero                                # keep | zero | disable | delete
  bi:
    changes: { columns: [sku, source, qty] }       # old and new values, one event a change
  edm:
    back_in_stock: { when: 'old.qty == 0 && qty > 0', columns: { sku: sku, quantity: qty } }
  examples:
    - row: { ARTICLE: A1, PLANT: '10', ONHAND: '3,0' }
      gives: { commerce.stock_sources: { source_code: main, sku: A1, status: 1, quantity: '3.0000' } }
  """

private let catalogue = """
  feed: pim-catalogue
  files: 'CAT_*.csv*'
  mode: full
  format: csv
  fields:
    sku: SKU
    name_en: NAME_EN
    name_de: NAME_DE
    price: { from: PRICE, type: decimal(2) }
    colour: COLOUR
  key: { sku: fold }
  commerce:
    catalog_product:
      constants:
        { attribute_set_code: Default, product_type: simple, visibility: 'Catalog, Search', product_websites: base }
      columns: { name: name_en, sku: sku, price: price, url_key: 'slug("{name_en}-{sku}")' }
      additional_attributes: { color: colour }
      once: [url_key]
      rows:
        - { store_view_code: eu_de, when: 'present(name_de)', columns: { name: name_de } }
      removed: disable
  """

@Suite struct FeedReaderTests {
  @Test("The inventory feed of the interface loads as it is written there")
  func inventoryFeed() throws {
    let project = try TemporaryProject([
      "feeds/erp-inventory.yaml": inventory, "lookups/plants.csv": "plant;source\n10;main\n20;\"out\"\"let\"\n",
    ])
    let loaded = project.load()
    #expect(loaded.problems.map(\.description) == [])
    let feed = try #require(loaded.feeds.first)
    #expect(feed.name == "erp-inventory")
    #expect(feed.path == "feeds/erp-inventory.yaml")
    #expect(feed.text == inventory)
    #expect(feed.zone == "Europe/Berlin")
    #expect(
      feed.patterns == [
        FilePattern(
          match: "INV_FULL_{as_of:yyyyMMdd}.csv*", mode: .full, at: 7200, position: Position(line: 4, column: 15)),
        FilePattern(
          match: "INV_DELTA_{as_of:yyyyMMddHHmm}_{sequence}.csv*", mode: .delta,
          position: Position(line: 5, column: 15)),
      ])
    #expect(feed.format == .csv(CSVDialect(delimiter: 0x3B)))
    #expect(feed.encoding?.name == "windows-1252")
    #expect(feed.numbers == NumberNotation(decimal: 0x2C))
    #expect(feed.fields.map(\.name) == ["sku", "source", "qty"])
    #expect(feed.fields[0].isRequired && feed.fields[0].maximumLength == 64)
    #expect(feed.fields[0].source == .column("ARTICLE"))
    #expect(feed.fields[1].lookup?.path == "lookups/plants.csv")
    #expect(feed.fields[2].notation == .number(scale: 4) && feed.fields[2].minimum == 0)
    #expect(feed.key == [.init(field: 0, isFolded: true), .init(field: 1, isFolded: false)])
    #expect(feed.duplicates == .last)
    #expect(
      feed.guards
        == GuardRules(
          maximumRemoved: .share(partsPerMillion: 50_000), maximumRejected: .share(partsPerMillion: 5_000),
          maximumZeroed: .share(partsPerMillion: 200_000), zeroedField: 2))
    #expect(feed.lookupFiles.map(\.path) == ["lookups/plants.csv"])
    #expect(feed.lookupFiles.first?.content.count == 35)
  }

  @Test("The inventory feed's targets keep their order, kinds and columns")
  func inventoryTargets() throws {
    let project = try TemporaryProject([
      "feeds/erp-inventory.yaml": inventory, "lookups/plants.csv": "plant;source\n10;main\n",
    ])
    let feed = try #require(project.load().feeds.first)
    #expect(feed.targets.map(\.name) == ["commerce.stock_sources", "bi.changes", "edm.back_in_stock"])
    let stock = feed.targets[0]
    #expect(stock.kind == .state && stock.removed == .zero && stock.creates && stock.behaviour == .append)
    #expect(stock.columns.map(\.name) == ["source_code", "sku", "status", "quantity"])
    #expect(stock.columns[2].program.type == .number(scale: 0))
    #expect(stock.position == Position(line: 15, column: 3))
    let changes = feed.targets[1]
    #expect(changes.kind == .event && changes.columns.map(\.name) == ["sku", "source", "qty"])
    #expect(changes.columns[2].program.instructions == [.field(2)])
    #expect(feed.targets[2].condition?.oldFields == [2])
  }

  @Test("The catalogue feed of the interface loads, sku first, then constants, columns and packed attributes")
  func catalogueFeed() throws {
    let (feed, problems) = read(catalogue)
    #expect(problems.map(\.description) == [])
    let target = try #require(feed?.targets.first)
    #expect(
      target.columns.map(\.name) == [
        "sku", "attribute_set_code", "product_type", "visibility", "product_websites", "name", "price", "url_key",
        "color",
      ])
    #expect(target.columns.filter(\.isPackedAttribute).map(\.name) == ["color"])
    #expect(target.columns[3].program == Program.literal("Catalog, Search"))
    #expect(target.once == ["url_key"] && target.removed == .disable)
    #expect(target.rows.map(\.storeViewCode) == ["eu_de"])
    #expect(target.rows[0].columns.map(\.name) == ["name"])
    #expect(target.rows[0].condition?.instructions == [.field(2), .present])
    #expect(feed?.key == [.init(field: 0, isFolded: true)])
    #expect(feed?.duplicates == .reject && feed?.zone == "UTC" && feed?.encoding == nil)
  }

  @Test("An XML feed takes paths with attributes and predicates")
  func xmlFeed() throws {
    let (feed, problems) = read(
      FeedText().with(
        \.format,
        """
        format:
          xml:
            record: /BMECAT/T_NEW_CATALOG/ARTICLE
            namespaces: { b: 'http://www.bmecat.org' }
            encoding: iso-8859-1
        """
      ).with(
        \.fields,
        """
        fields:
          sku: b:SUPPLIER_AID
          source: { from: ARTICLE_DETAILS/DESCRIPTION_SHORT }
          qty: { from: 'PRICE_DETAILS/PRICE[@price_type="net_list:x"]/AMOUNT', type: decimal(2) }
          tags: { from: MIME/SOURCE, type: list }
        """
      ).text)
    #expect(problems.map(\.description) == [])
    #expect(
      feed?.format
        == .xml(XMLLayout(record: "/BMECAT/T_NEW_CATALOG/ARTICLE", namespaces: ["b": "http://www.bmecat.org"])))
    #expect(feed?.encoding?.name == "iso-8859-1")
    #expect(feed?.fields[3].notation == .list(separator: nil))
  }

  @Test(
    "Types are read in their short and long forms",
    arguments: [
      ("string", FieldRules.Notation.text), ("integer", .number(scale: 0)), ("decimal(0)", .number(scale: 0)),
      ("decimal(18)", .number(scale: 18)), ("{ decimal: 3 }", .number(scale: 3)),
      ("boolean", .boolean(yes: ["1", "true"], no: ["0", "false"])), ("boolean(J/N)", .boolean(yes: ["J"], no: ["N"])),
      ("boolean(X/)", .boolean(yes: ["X"], no: [""])),
      ("{ boolean: { yes: [J, Ja], no: [N, No] } }", .boolean(yes: ["J", "Ja"], no: ["N", "No"])),
      ("{ boolean: { yes: Y, no: N } }", .boolean(yes: ["Y"], no: ["N"])), ("date", .date(pattern: "yyyy-MM-dd")),
      ("date(dd.MM.yyyy)", .date(pattern: "dd.MM.yyyy")), ("{ date: yyyyMMdd }", .date(pattern: "yyyyMMdd")),
      ("date(yyyy-MM-dd HH:mm:ss)", .date(pattern: "yyyy-MM-dd HH:mm:ss")),
      ("datetime", .datetime(pattern: "yyyy-MM-dd HH:mm:ss")),
      ("\"datetime(yyyy-MM-dd'T'HH:mm:ss)\"", .datetime(pattern: "yyyy-MM-dd'T'HH:mm:ss")),
      ("'enum(new, used)'", .enumeration(["new", "used"])), ("{ enum: [No, 010] }", .enumeration(["No", "010"])),
      ("'list(,)'", .list(separator: ",")), ("'list( > )'", .list(separator: " > ")),
      ("{ list: '|' }", .list(separator: "|")),
    ])
  func types(text: String, notation: FieldRules.Notation) throws {
    let (feed, problems) = read(
      FeedText().with(\.fields, FeedText().fields + "\n  other: { from: O, type: \(text) }").text)
    #expect(problems.map(\.description) == [])
    #expect(feed?.fields.last?.notation == notation)
  }

  @Test("Rules of a field are kept, numbers as mantissas at the field's scale")
  func rules() throws {
    let (feed, problems) = read(
      FeedText().with(
        \.fields,
        """
        fields:
          sku: { from: A, pattern: '[A-Z]+', min_length: 2, default: X, empty: clear, sensitive: true }
          source: B
          qty: { from: C, type: decimal(2), min: -1.5, max: 1000 }
          state: { from: D, type: { enum: [a, b] }, default: b }
          serial: { from: file.serial, type: integer }
        """
      ).with(\.files, "files: 'S_{serial}.csv'\nmode: delta").text)
    #expect(problems.map(\.description) == [])
    let fields = try #require(feed?.fields)
    #expect(fields[0].pattern?.source == "[A-Z]+" && fields[0].minimumLength == 2)
    #expect(fields[0].defaultText == "X" && fields[0].empty == .clear && fields[0].isSensitive)
    #expect(fields[2].minimum == -150 && fields[2].maximum == 100_000)
    #expect(fields[3].defaultText == "b")
    #expect(fields[4].source == .capture("serial") && fields[4].notation == .number(scale: 0))
    #expect(feed?.patterns.first?.mode == .delta)
  }

  @Test("Computed fields come after what they use, whatever the order they are written in")
  func computedFields() throws {
    let (feed, problems) = read(
      FeedText().with(
        \.fields,
        """
        fields:
          total: { value: 'unit * count', min: 0 }
          unit: { value: 'round(price / per, 4)', required: true }
          sku: { from: A, sensitive: true }
          source: B
          price: { from: C, type: decimal(2) }
          per: { from: D, type: integer }
          count: { from: E, type: integer }
          qty: { value: count }
          label: { value: '"{sku}/{file.batch}"' }
        """
      ).with(\.files, "files: 'S_{batch}.csv'\nmode: full").text)
    #expect(problems.map(\.description) == [])
    let fields = try #require(feed?.fields)
    #expect(
      fields.map(\.name) == ["sku", "source", "price", "per", "count", "unit", "total", "qty", "file.batch", "label"])
    #expect(fields[5].type == .number(scale: 4) && fields[5].isRequired)
    #expect(fields[6].type == .number(scale: 4) && fields[6].minimum == 0)
    #expect(fields[8].source == .capture("batch"))
    #expect(fields[9].isSensitive, "what is made of personal data is personal data")
    #expect(!fields[6].isSensitive)
    for (index, field) in fields.enumerated() {
      guard case .computed(let program) = field.source else { continue }
      #expect(program.fields.allSatisfy { $0 < index })
    }
  }

  @Test("A capture is a date where all patterns write it alike, else text")
  func captureTypes() throws {
    let target = "bi:\n  changes: { columns: { sku: sku, day: 'format(file.as_of, \"yyyy\")' } }"
    let one = read(FeedText().with(\.files, "files: 'S_{as_of:yyyyMMdd}.csv'\nmode: full").with(\.targets, target).text)
    #expect(one.problems.isEmpty)
    #expect(one.feed?.fields.last?.notation == .date(pattern: "yyyyMMdd"))
    let files = """
      files:
        - { match: 'F_{as_of:yyyyMMdd}', mode: full, at: '23:59:59' }
        - { match: 'D_{as_of:yyyyMMddHHmm}', mode: delta }
      """
    let two = read(FeedText().with(\.files, files).with(\.targets, target).text)
    #expect(two.problems.map(\.code) == ["expression-type"])
  }

  @Test("Guards and intake are read with their units, defaults for the rest")
  func guardsAndIntake() throws {
    let (feed, problems) = read(
      FeedText().with(\.files, "files: 'S_{sequence}.csv'\nmode: full").with(
        \.more,
        """
        duplicates: { latest: since }
        guards: { max_removed: 100, max_rejected: off, max_zeroed: 12.5%, max_changed: 100%, at_least: 0, min_rows: 10 }
        intake: { quiet: 0.5, incomplete_after: 2h, marker: '{name}.ok', sequence: continuous }
        formerly: old-stock
        """
      ).text)
    #expect(problems.map(\.description) == [])
    #expect(
      feed?.guards
        == GuardRules(
          maximumRemoved: .count(100), maximumRejected: .off, maximumZeroed: .share(partsPerMillion: 125_000),
          zeroedField: 2, maximumChanged: .share(partsPerMillion: 1_000_000), atLeast: 0, minimumRows: 10))
    #expect(
      feed?.intake
        == IntakeRules(quiet: 0.5, incompleteAfter: 7200, marker: "{name}.ok", isSequenceContinuous: true))
    #expect(feed?.duplicates == .latest(field: 4))
    #expect(feed?.formerName == "old-stock")
  }

  @Test("max_zeroed watches the plain number behind the stock quantity, if there is one")
  func defaultZeroedField() {
    #expect(read(FeedText().text).feed?.guards.zeroedField == 2)
    let computed = FeedText().text.replacing("quantity: qty", with: "quantity: 'qty + 1'")
    #expect(read(computed).feed?.guards.zeroedField == nil)
    let bi = FeedText().with(\.targets, "bi:\n  changes: { columns: [sku, qty] }")
    #expect(read(bi.text).feed?.guards.zeroedField == nil)
    #expect(read(bi.with(\.more, "guards: { max_zeroed: { field: qty } }").text).feed?.guards.zeroedField == 2)
  }

  @Test("CSV dialects are read by words and signs")
  func dialects() {
    let format =
      """
      format:
        csv:
          { delimiter: tab, quote: none, header: true, skip_lines: 3, thousands: '.', decimal: ',', encoding: UTF-16 }
      """
    let feed = read(FeedText().with(\.format, format).text).feed
    #expect(feed?.format == .csv(CSVDialect(delimiter: 9, quote: nil, hasHeader: true, skippedLines: 3)))
    #expect(feed?.numbers == NumberNotation(decimal: 0x2C, thousands: 0x2E))
    #expect(feed?.encoding == .utf16)
  }

  @Test("Rare CSV dialects and columns of fixed width are read from their keys")
  func rareDialects() {
    let csv =
      """
      format:
        csv:
          delimiter: '~|~'
          escape: '\\'
          line_end: "&|\\n"
          header: repeated
          skip_to: DATA
          comment: '--'
          blank_lines: keep
          ragged: pad
          records: { data: [A, P], skip: B, cell: 2 }
          footer: END
      """
    var dialect = CSVDialect()
    dialect.separator = Array("~|~".utf8)
    dialect.escape = 0x5C
    dialect.lineEnd = .text(Array("&|\n".utf8))
    dialect.repeatsHeader = true
    dialect.skippedTo = Array("DATA".utf8)
    dialect.comment = Array("--".utf8)
    dialect.blankLines = .keep
    dialect.isPadded = true
    dialect.records = RecordTypes(cell: 2, data: ["A", "P"], skipped: ["B"])
    dialect.footer = ["END"]
    let (feed, problems) = read(FeedText().with(\.format, csv).text)
    #expect(problems.map(\.description) == [])
    #expect(feed?.format == .csv(dialect))

    let fields = "fields:\n  sku: A\n  source: B\n  qty: { from: C, type: decimal(4) }"
    let fixed = "format: { fixed: { columns: { C: 20-29, A: 1-18, B: 19 }, skip_footer: 2, ragged: pad } }"
    var layout = CSVDialect(fixed: [
      FixedColumn(name: "A", start: 0, count: 18), FixedColumn(name: "B", start: 18, count: 1),
      FixedColumn(name: "C", start: 19, count: 10),
    ])
    layout.footerLines = 2
    layout.isPadded = true
    let table = FeedText().with(\.format, fixed)
    #expect(read(table.with(\.fields, fields).text).feed?.format == .csv(layout))
    let wrong = read(table.with(\.fields, fields.replacing("from: C", with: "from: D")).text).problems
    #expect(wrong.map(\.code) == ["unknown-column"])
  }

  @Test("Tier prices grouped by sku replace what Commerce has for the sku")
  func tierPrices() throws {
    let columns =
      """
      { sku: sku, tier_price_website: "'All Websites [EUR]'", tier_price_customer_group: source, \
      tier_price_qty: qty, tier_price: qty, tier_price_value_type: "'Fixed'" }
      """
    let target = "commerce:\n  advanced_pricing:\n    columns: \(columns)\n    group_by: [sku]\n    removed: delete"
    let (feed, problems) = read(FeedText().with(\.targets, target).text)
    #expect(problems.map(\.description) == [])
    #expect(feed?.targets.first?.groupBy == 1)
    #expect(feed?.targets.first?.behaviour == .replace)
    let plain = "commerce:\n  advanced_pricing:\n    columns: \(columns)"
    #expect(read(FeedText().with(\.targets, plain).text).feed?.targets.first?.behaviour == .append)
  }

  @Test("A whole file is a state, other bi and edm targets are events")
  func kinds() {
    let target = "edm:\n  catalogue: { whole: true, columns: [sku], when: active }\nbi:\n  stock: { columns: [sku] }"
    let feed = read(FeedText().with(\.targets, target).text).feed
    #expect(feed?.targets.map(\.name) == ["bi.stock", "edm.catalogue"])
    #expect(feed?.targets.map(\.kind) == [.event, .state])
    #expect(feed?.targets.map(\.isWhole) == [false, true])
  }
}
