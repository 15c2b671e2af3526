import TestSupport
import Testing

/// What Commerce's importers ask of a file, as far as a file shows it. A rule that fails here was broken by whoever
/// wrote the expectation, even when the product does the same.
@Suite("Rules of Commerce's importers in all expected files")
struct CommerceRulesTests {
  private static let files = (try? CommerceFile.all()) ?? []

  /// Columns whose blank cell does harm in a default row.
  private static let harmful: Set<String> = [
    "product_online", "qty", "out_of_stock_qty", "is_qty_decimal", "allow_backorders", "min_cart_qty", "max_cart_qty",
    "is_in_stock", "notify_on_stock_below", "manage_stock", "qty_increments",
  ]
  /// Columns that a product can not be created without.
  private static let creation = ["attribute_set_code", "product_type", "product_websites", "name", "price", "url_key"]
  private static let emptyValue = "__EMPTY__VALUE__"

  @Test("There are files of every entity and form, so that the rules have something to look at")
  func coverage() {
    let kinds = Set(Self.files.map { "\($0.entity) \($0.form) \($0.behaviour)" })
    #expect(
      kinds.isSuperset(of: [
        "stock_sources  append", "stock_sources  delete", "catalog_product new append",
        "catalog_product update append", "catalog_product  delete", "advanced_pricing  replace",
        "advanced_pricing  delete", "customer  add_update", "customer  delete",
      ]), "\(kinds)")
  }

  @Test("UTF-8 without a byte order mark, LF, constant cell count, no blank line", arguments: files)
  func isPlain(_ file: CommerceFile) throws {
    #expect(!file.bytes.starts(with: [0xEF, 0xBB, 0xBF]))
    #expect(file.bytes.last == 0x0A)
    let rows = try file.rows()
    #expect(rows.count > 1, "a header without rows")
    for row in rows {
      #expect(row.count == rows[0].count, "\(row)")
      #expect(row != [""], "a blank line")
    }
  }

  @Test("Headers are unique names of lower case letters, digits and underscores", arguments: files)
  func header(_ file: CommerceFile) throws {
    let header = try #require(try file.rows().first)
    #expect(Set(header).count == header.count)
    for name in header { #expect(name.wholeMatch(of: /[a-z][a-z0-9_]*/) != nil || name == "_website", "\(name)") }
    let wanted: Set<String>? =
      switch (file.entity, file.behaviour) {
      case ("stock_sources", "delete"): ["source_code", "sku", "quantity"]
      case ("stock_sources", _): ["source_code", "sku", "status", "quantity"]
      case ("customer", "delete"): ["email", "_website"]
      case (_, "delete"): ["sku"]
      case ("advanced_pricing", _):
        [
          "sku", "tier_price_website", "tier_price_customer_group", "tier_price_qty", "tier_price",
          "tier_price_value_type",
        ]
      default: nil
      }
    if let wanted { #expect(Set(header) == wanted) }
    if ["catalog_product", "advanced_pricing"].contains(file.entity) { #expect(header.first == "sku") }
    if file.form == "update" { #expect(!header.contains("url_key"), "an address is for new products") }
  }

  @Test("Rows of known keys have no blank cell; new products have all that creates them", arguments: files)
  func blanks(_ file: CommerceFile) throws {
    for record in try file.records() {
      guard file.form == "new" else {
        for (name, cell) in record { #expect(!cell.isEmpty, "\(name) is blank in \(record)") }
        continue
      }
      #expect(record["attribute_set_code"]?.isEmpty == false)
      #expect(record["product_type"]?.isEmpty == false)
      guard record["store_view_code"] ?? "" == "" else { continue }
      for name in Self.creation { #expect(record[name]?.isEmpty == false, "\(name) of \(record)") }
      for name in Self.harmful { #expect(record[name] != "", "a blank \(name) of \(record)") }
    }
  }

  @Test("Keys are trimmed, SKUs of 1 to 64 characters; names and addresses at most 255", arguments: files)
  func lengths(_ file: CommerceFile) throws {
    for record in try file.records() {
      let sku = try #require(record["sku"] ?? record["email"])
      #expect((1...64).contains(sku.unicodeScalars.count), "\(sku)")
      #expect(sku.first?.isWhitespace == false && sku.last?.isWhitespace == false, "\(sku)")
      for name in ["name", "url_key", "meta_title"] {
        #expect((record[name] ?? "").unicodeScalars.count <= 255, "\(name) of \(sku)")
      }
      let source = record["source_code"] ?? ""
      #expect(source.wholeMatch(of: /\S*/) != nil, "\(source)")
    }
  }

  @Test("Numbers are plain decimals with a point, prices not negative, states known", arguments: files)
  func numbers(_ file: CommerceFile) throws {
    let decimals = ["quantity", "qty", "price", "special_price", "weight", "tier_price", "tier_price_qty"]
    for record in try file.records() {
      for name in decimals {
        guard let cell = record[name], !cell.isEmpty, cell != Self.emptyValue else { continue }
        #expect(cell.wholeMatch(of: /-?[0-9]+(\.[0-9]+)?/) != nil, "\(name) \(cell)")
        if name != "quantity", name != "qty" { #expect(!cell.hasPrefix("-"), "\(name) \(cell)") }
      }
      if let status = record["status"] { #expect(["0", "1"].contains(status)) }
      if let kind = record["tier_price_value_type"] { #expect(["Fixed", "Discount"].contains(kind)) }
      for name in ["sku", "name", "price", "product_online", "quantity"] { #expect(record[name] != Self.emptyValue) }
    }
  }

  @Test("Category paths have no blank beside a separator and no empty part", arguments: files)
  func categories(_ file: CommerceFile) throws {
    for record in try file.records() {
      guard let cell = record["categories"], !cell.isEmpty else { continue }
      for part in cell.split(whereSeparator: { ",/".contains($0) }) {
        #expect(!part.hasPrefix(" ") && !part.hasSuffix(" "), "\(cell)")
      }
      #expect(cell.firstMatch(of: /[,\/][,\/]|^[,\/]|[,\/]$/) == nil, "\(cell)")
    }
  }

  @Test("A product's default row stands before its store view rows", arguments: files)
  func defaultRowFirst(_ file: CommerceFile) throws {
    guard file.entity == "catalog_product", file.behaviour == "append" else { return }
    let records = try file.records()
    var defaults: Set<String> = []
    for (index, record) in records.enumerated() {
      let sku = (record["sku"] ?? "").lowercased()
      if record["store_view_code"] ?? "" == "" {
        defaults.insert(sku)
        let isLate = records[..<index].contains { $0["sku"]?.lowercased() == sku }
        #expect(!isLate, "the default row of \(sku) comes too late")
      } else if file.form == "new" {
        #expect(defaults.contains(sku), "a store view row of \(sku) without its default row")
      }
    }
  }

  @Test("A publication names each row once, whatever the case of its SKU")
  func unique() throws {
    var seen: Set<String> = []
    for file in Self.files {
      for record in try file.records() {
        let identity = [
          "sku", "store_view_code", "source_code", "email", "_website", "tier_price_website",
          "tier_price_customer_group", "tier_price_qty",
        ].map { record[$0] ?? "" }
        let behaviour = file.behaviour == "delete" ? "delete" : "write"
        let row = [file.publication, file.entity, behaviour, identity[0].lowercased()] + identity.dropFirst()
        #expect(seen.insert(row.joined(separator: "\u{1F}")).inserted, "\(file): \(record)")
      }
    }
  }

  @Test("What a publication writes it does not delete again")
  func deletesNothingWritten() throws {
    for publication in Set(Self.files.map { "\($0.publication) \($0.entity)" }) {
      let files = Self.files.filter { "\($0.publication) \($0.entity)" == publication }
      func identities(_ isDelete: Bool) throws -> Set<String> {
        let records = try files.filter { ($0.behaviour == "delete") == isDelete }.flatMap { try $0.records() }
        return Set(
          records.map { record in
            ["source_code", "sku", "_website", "email"].map { (record[$0] ?? "").lowercased() }.joined(separator: " ")
          })
      }
      #expect(try identities(true).isDisjoint(with: identities(false)), "\(publication)")
    }
  }
}
