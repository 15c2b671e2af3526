/// What Commerce's importers know about an entity: which columns identify a row, which must never be blank, where the
/// entity stands in the order of imports. Sources: the importers' own column lists and checks.
public enum CommerceEntity: String, Sendable {
  case stockSources = "stock_sources"
  case catalogProduct = "catalog_product"
  case advancedPricing = "advanced_pricing"
  case customer
  case customerAddress = "customer_address"

  /// Columns that tell rows of one publication apart, beside the store view.
  public var identityColumns: [String] {
    switch self {
    case .stockSources: ["source_code", "sku"]
    case .catalogProduct: ["sku"]
    case .advancedPricing:
      ["sku", "tier_price_website", "tier_price_customer_group", "tier_price_qty"]
    case .customer: ["email", "_website"]
    case .customerAddress: ["_website", "_email", "_entity_id"]
    }
  }

  /// Columns of a delete file. `stock_sources` wants the quantity column to be there, though it reads only the
  /// identity; products and prices are deleted by SKU, customers and addresses by their identity.
  public var deleteColumns: [String] {
    switch self {
    case .stockSources: ["source_code", "sku", "quantity"]
    case .catalogProduct, .advancedPricing: ["sku"]
    case .customer, .customerAddress: identityColumns
    }
  }

  /// Whether rows of new and of known keys go to files of their own.
  public var separatesNewRows: Bool { self == .catalogProduct }

  /// STEP of the file name for the main files: sorting by name is the order to import in.
  public var step: Int {
    switch self {
    case .catalogProduct: 10
    case .stockSources: 20
    case .advancedPricing: 30
    case .customer, .customerAddress: 40
    }
  }

  /// The import behaviour of a main file, as its name says it: Commerce's customer importers know no `append`.
  func behaviour(_ behaviour: ImportBehaviour) -> String {
    switch self {
    case .customer, .customerAddress: "add_update"
    default: behaviour.rawValue
    }
  }

  /// Attributes that a product must have in every scope, so that they can not be cleared in a store view.
  public static let requiredAttributes: Set<String> = ["sku", "name", "price", "attribute_set_code", "product_type"]

  /// Columns that a store-view row of a new product has to repeat.
  public static let repeatedForNew: Set<String> = ["attribute_set_code", "product_type"]
}

extension CommerceEntity {
  /// Columns whose blank cell does harm where an absent column would not: a blank `product_online` of a default row
  /// disables the product, a blank stock cell overrides the default (importer's merge of stock items).
  static let harmfulWhenBlank: Set<String> = [
    "product_online", "qty", "out_of_stock_qty", "is_qty_decimal", "allow_backorders", "min_cart_qty", "max_cart_qty",
    "is_in_stock", "notify_on_stock_below", "manage_stock", "qty_increments", "enable_qty_increments",
    "is_decimal_divided", "deferred_stock_update", "use_config_min_qty", "use_config_backorders",
    "use_config_min_sale_qty", "use_config_max_sale_qty", "use_config_notify_stock_qty", "use_config_manage_stock",
    "use_config_qty_increments", "use_config_enable_qty_inc", "use_config_deferred_stock_update",
  ]
}

/// Commerce's notation for "clear this attribute".
public let commerceEmptyValue: StaticString = "__EMPTY__VALUE__"
