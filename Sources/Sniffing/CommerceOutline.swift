/// A target of Adobe Commerce that a feed could have, by the names of its fields; for people to go on from.
enum CommerceOutline {
  private static let quantities = ["qty", "quantity", "stock", "onhand", "on_hand", "bestand", "menge", "available"]
  private static let prices = ["price", "unit_price", "preis", "price_amount", "net_price", "list_price"]
  private static let names = ["name", "title", "bezeichnung", "short_description", "description_short", "description"]
  private static let articles = [
    "sku", "article", "artikel", "artikelnr", "article_no", "item", "item_no", "matnr", "product_id", "item_number",
    "supplier_aid", "supplier_pid", "identifier",
  ]
  private static let sources = ["source_code", "source", "plant", "werk", "warehouse", "location", "store"]

  /// The lines of the section `commerce:`; none when no field looks like it.
  static func lines(_ draft: FeedDraft) -> [String] {
    guard let sku = field(draft, articles), draft.key.contains(sku) else { return [] }
    if let quantity = field(draft, quantities, isNumber: true) {
      let source = field(draft, sources)
      var lines = ["commerce:", "  stock_sources:"]
      if source == nil { lines.append("    constants: { source_code: default }") }
      lines += [
        "    columns:", "      source_code: \(source ?? "")", "      sku: \(sku)",
        "      status: '\(quantity) > 0 ? 1 : 0'", "      quantity: \(quantity)", "    removed: zero",
      ]
      return source == nil ? lines.filter { !$0.hasPrefix("      source_code") } : lines
    }
    let columns = [
      ("name", field(draft, names)), ("price", field(draft, prices, isNumber: true)),
    ].compactMap { column, name in name.map { "      \(column): \($0)" } }
    guard !columns.isEmpty else { return [] }
    return [
      "commerce:", "  catalog_product:",
      "    # another feed creates the products; see docs/commerce.md for what that takes",
      "    creates: false", "    columns:", "      sku: \(sku)",
    ] + columns
  }

  private static func field(_ draft: FeedDraft, _ wanted: [String], isNumber: Bool = false) -> String? {
    let fit = draft.fields.filter { field in
      guard field.type != .list else { return false }
      guard isNumber else { return true }
      if case .decimal = field.type { return true }
      return field.type == .integer
    }
    for name in wanted { if let found = fit.first(where: { $0.name == name }) { return found.name } }
    for name in wanted {
      if let found = fit.first(where: { $0.name.split(separator: "_").contains(Substring(name)) }) { return found.name }
    }
    return nil
  }
}
