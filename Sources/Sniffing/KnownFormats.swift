import Tabular

/// Recognises formats that have a name.
enum KnownFormats {
  /// The name of the format of an XML document; nil: none that is known.
  static func name(of outline: XMLOutline) -> String? {
    guard let root = outline.root.map({ outline.nodes[$0] }) else { return nil }
    let local = root.name.local
    let uris = Set(outline.nodes.compactMap(\.name.uri))
    let children = root.children.map { outline.nodes[$0].name.local }
    if local == "BMECAT" {
      let isNew = uris.contains { $0.contains("bmecat/2005") } || outline.nodes.contains { $0.name.local == "PRODUCT" }
      return isNew ? "BMEcat 2005" : "BMEcat 1.2"
    }
    if children.contains("IDOC") { return "SAP IDoc \(local)" }
    for uri in uris {
      if let range = uri.range(of: "urn:oasis:names:specification:ubl:schema:xsd:"), !uri.contains("Common") {
        return "UBL \(uri[range.upperBound...].prefix { $0 != "-" })"
      }
      if uri.contains("openapplications.org/oagis") || uri.contains("InforOAGIS") { return "OAGIS \(local)" }
      if uri.lowercased().contains("opentrans") { return "openTRANS \(local)" }
    }
    if local == "cXML" { return "cXML" }
    if local == "Document", children.first.map({ $0.uppercased() == $0 && $0.hasSuffix("ENTITY") }) == true {
      return "Dynamics 365 entity \(children[0])"
    }
    return nil
  }

  /// Tables by columns that all have to be there.
  private static let tables: [(name: String, columns: [String])] = [
    ("Adobe Commerce product import", ["sku", "attribute_set_code", "product_type"]),
    ("Adobe Commerce stock import", ["source_code", "sku", "status", "quantity"]),
    ("Adobe Commerce tier prices", ["sku", "tier_price_website", "tier_price_qty"]),
    ("Akeneo products", ["sku", "family", "categories", "enabled"]),
    ("Akeneo products", ["identifier", "family", "categories", "enabled"]),
    ("Akeneo products", ["sku", "family", "categories", "groups"]),
    ("Akeneo product models", ["code", "family_variant", "categories"]),
    ("Akeneo attributes", ["code", "type", "localizable", "scopable"]),
    ("Akeneo families", ["code", "attribute_as_label", "attributes"]),
    ("Shopify products", ["Handle", "Title", "Body (HTML)", "Vendor"]),
    ("WooCommerce products", ["Type", "SKU", "Published", "Visibility in catalog"]),
    ("a Salesforce export", ["Id", "IsDeleted", "SystemModstamp"]),
    ("a Dynamics 365 Sales view", ["(Do Not Modify) Row Checksum", "(Do Not Modify) Modified On"]),
  ]

  /// The name of the format of a table with these columns; nil: none that is known.
  static func name(of columns: [String]) -> String? {
    let known = Set(columns)
    return tables.first { $0.columns.allSatisfy(known.contains) }?.name
  }
}
