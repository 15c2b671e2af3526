/// What is known about an entity that Adobe Commerce imports (its import models' column checks).
struct CommerceEntity: Sendable {
  /// Its import entity code.
  let name: String
  /// The only columns it has; nil: every attribute may be a column.
  var closedColumns: [String]?
  /// Columns without which its files are refused or do harm.
  let mandatoryColumns: [String]
  /// Columns that a new key needs besides.
  var creationColumns: [String] = []
  /// Columns that identify a row, or that every feed has to repeat: several feeds may write them.
  let sharedColumns: [String]
  /// Column names that are outside the syntax of attribute codes.
  var specialColumns: [String] = []

  /// The entities that a feed can write.
  static let all: [CommerceEntity] = [
    CommerceEntity(
      name: "catalog_product", mandatoryColumns: ["sku"],
      creationColumns: ["attribute_set_code", "product_type", "name", "price", "product_websites", "url_key"],
      sharedColumns: ["sku", "store_view_code", "attribute_set_code", "product_type"]),
    CommerceEntity(
      name: "stock_sources", closedColumns: ["source_code", "sku", "status", "quantity"],
      mandatoryColumns: ["source_code", "sku", "status", "quantity"], sharedColumns: ["sku", "source_code"]),
    CommerceEntity(
      name: "advanced_pricing", closedColumns: pricingColumns, mandatoryColumns: pricingColumns,
      sharedColumns: ["sku", "tier_price_website", "tier_price_customer_group", "tier_price_qty"]),
    CommerceEntity(
      name: "customer", mandatoryColumns: ["email", "_website"], sharedColumns: ["email", "_website"],
      specialColumns: ["_website", "_store"]),
    CommerceEntity(
      name: "customer_address", mandatoryColumns: ["_website", "_email", "_entity_id"],
      sharedColumns: ["_website", "_email", "_entity_id"],
      specialColumns: [
        "_website", "_email", "_entity_id", "_address_default_billing_", "_address_default_shipping_",
      ]),
  ]

  private static let pricingColumns = [
    "sku", "tier_price_website", "tier_price_customer_group", "tier_price_qty", "tier_price", "tier_price_value_type",
  ]

  /// The entity of that code.
  static func named(_ name: String) -> CommerceEntity? { all.first { $0.name == name } }

  /// Whether Commerce takes `column` as a header: a letter a to z, then those, digits and underscores.
  func accepts(header column: String) -> Bool {
    specialColumns.contains(column) || Self.isCode(column)
  }

  /// Whether a text has the syntax of an attribute code.
  static func isCode(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first, ("a"..."z").contains(first) else { return false }
    return text.unicodeScalars.allSatisfy { ("a"..."z").contains($0) || ("0"..."9").contains($0) || $0 == "_" }
  }
}
