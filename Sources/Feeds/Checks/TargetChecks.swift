import Records
import Streams
import Targets

extension FeedReader {
  /// Checks a target as a whole: names, mandatory columns, and keys that do not go together.
  func check(_ draft: TargetDraft, key: [FeedDefinition.KeyPart]) {
    if draft.columns.isEmpty, draft.keys["columns"] == nil {
      problems.add(
        "missing-key", at: draft.entity.position, cause: "the target \(draft.entity.text) has no columns",
        remedy: "add columns: with column names and expressions")
      return
    }
    checkNamesAreUnique(draft.columns)
    for row in draft.rows { checkNamesAreUnique(row.columns) }
    guard let entity = draft.system == .commerce ? CommerceEntity.named(draft.entity.text) : nil else {
      for column in draft.columns where !isPlainHeader(column.name.text) {
        problems.wrongValue(column.name, what: "a column's name", takes: "a text without line breaks, not empty")
      }
      return
    }
    for column in draft.columns { check(column, of: entity) }
    checkMandatory(draft, entity)
    checkConstants(draft)
    checkOnce(draft, entity)
    checkRows(draft, entity)
    checkRemoval(draft, entity)
    checkBehaviour(draft, entity, key: key)
  }

  private func isPlainHeader(_ name: String) -> Bool {
    !name.isEmpty && name.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
  }

  private func checkNamesAreUnique(_ columns: [ColumnDraft]) {
    var firsts: [String: Position] = [:]
    for column in columns {
      if let first = firsts[column.name.text] {
        problems.add(
          "column-duplicate", at: column.name.position,
          cause: "the column \"\(column.name.text)\" is there twice, first in line \(first.line)",
          remedy: "keep it under one of constants, columns and additional_attributes")
      } else {
        firsts[column.name.text] = column.name.position
      }
    }
  }

  private func check(_ column: ColumnDraft, of entity: CommerceEntity) {
    let name = column.name
    if let closed = entity.closedColumns {
      guard !closed.contains(name.text) else { return }
      problems.add(
        "unknown-column", at: name.position, cause: "\(entity.name) has no column \"\(name.text)\"",
        remedy: Suggestion.question(name.text, in: closed) ?? "its columns are \(Suggestion.choices(closed))")
    } else if !(column.isPacked ? CommerceEntity.isCode(name.text) : entity.accepts(header: name.text)) {
      problems.add(
        "column-name", at: name.position, cause: "Commerce refuses \"\(name.text)\" as a column",
        remedy: "use letters a to z, digits and _, a letter first")
    } else if name.text == "additional_attributes", draftHasAttributes(entity) {
      problems.add(
        "column-name", at: name.position, cause: "additional_attributes is packed by Sluice",
        remedy: "write additional_attributes: beside columns:, with a code and an expression for each attribute")
    }
  }

  private func draftHasAttributes(_ entity: CommerceEntity) -> Bool { entity.name == "catalog_product" }

  private func checkMandatory(_ draft: TargetDraft, _ entity: CommerceEntity) {
    let present = Set(draft.columns.filter { !$0.isPacked }.map(\.name.text))
    for name in entity.mandatoryColumns where !present.contains(name) {
      problems.add(
        "missing-column", at: draft.entity.position, cause: "\(entity.name) needs the column \(name)",
        remedy: "add it under columns or constants")
    }
    guard draft.creates else {
      if draft.columns.contains(where: \.isPacked), !present.contains("product_type") {
        problems.add(
          "missing-column", at: draft.position(of: "additional_attributes"),
          cause: "Commerce can not read additional_attributes without the column product_type",
          remedy: "add it under constants or columns")
      }
      return
    }
    for name in entity.creationColumns where !present.contains(name) {
      problems.add(
        "missing-column", at: draft.entity.position,
        cause: "Commerce can not create a product without the column \(name)",
        remedy: "add it under columns or constants, or write creates: false if another feed creates the products")
    }
    if draft.keys["additional_attributes"] != nil, entity.name != "catalog_product" {
      problems.add(
        "key-unfit", at: draft.position(of: "additional_attributes"),
        cause: "only catalog_product has additional_attributes", remedy: "write them under columns")
    }
  }

  private func checkOnce(_ draft: TargetDraft, _ entity: CommerceEntity) {
    let names = draft.columns.map(\.name.text)
    for name in draft.once {
      if !names.contains(name.text) {
        problems.add(
          "unknown-column", at: name.position, cause: "once names \"\(name.text)\", which is no column of the target",
          remedy: Suggestion.question(name.text, in: names) ?? "name one of its columns")
      } else if entity.mandatoryColumns.contains(name.text) {
        problems.add(
          "key-unfit", at: name.position, cause: "\(name.text) is needed in every row of \(entity.name)",
          remedy: "drop it from once")
      }
    }
  }

  private func checkRows(_ draft: TargetDraft, _ entity: CommerceEntity) {
    guard draft.keys["rows"] != nil else { return }
    guard entity.name == "catalog_product" else {
      problems.add(
        "key-unfit", at: draft.position(of: "rows"), cause: "only catalog_product has rows for store views",
        remedy: "drop rows")
      return
    }
    if let own = draft.columns.first(where: { $0.name.text == "store_view_code" }) {
      problems.add(
        "column-name", at: own.name.position, cause: "with rows, the first row is that of all store views",
        remedy: "drop store_view_code from columns")
    }
    var seen: Set<String> = []
    for row in draft.rows {
      if !seen.insert(row.storeView.text).inserted {
        problems.wrongValue(
          row.storeView, what: "store_view_code", takes: "a store view once",
          remedy: "merge the rows, or tell them apart by another store view")
      }
      for column in row.columns {
        check(column, of: entity)
        if ["sku", "store_view_code"].contains(column.name.text) {
          problems.add(
            "column-name", at: column.name.position, cause: "\(column.name.text) is added to each row by itself",
            remedy: "drop it from the row's columns")
        }
      }
    }
  }

  private func checkRemoval(_ draft: TargetDraft, _ entity: CommerceEntity) {
    let unfit: (String, String)? =
      switch draft.removed {
      case .zero where entity.name != "stock_sources":
        ("only stock_sources can be zeroed", "write removed: keep or delete")
      case .disable where entity.name != "catalog_product":
        ("only catalog_product can be disabled", "write removed: keep or delete")
      case .delete where entity.name == "advanced_pricing" && draft.groupBy == nil:
        (
          "Commerce deletes all prices of a sku together, those that stay included",
          "write group_by: with the field of the sku"
        )
      default: nil
      }
    guard let (cause, remedy) = unfit else { return }
    problems.add("removal-unfit", at: draft.position(of: "removed"), cause: cause, remedy: remedy)
  }

  private func checkBehaviour(_ draft: TargetDraft, _ entity: CommerceEntity, key: [FeedDefinition.KeyPart]) {
    guard draft.effectiveBehaviour == .replace else { return }
    let place = draft.position(of: draft.behaviour == nil ? "group_by" : "behaviour")
    guard entity.name == "advanced_pricing" else {
      // Replacing deletes first: an update of some columns would lose all others.
      guard entity.name != "stock_sources" else { return }
      problems.add(
        "behaviour-unfit", at: place, cause: "replace deletes each \(entity.name) before it is written anew",
        remedy: "write behaviour: append, or drop it")
      return
    }
    let sku = draft.columns.first { $0.name.text == "sku" }?.program
    let groupFields = key.prefix(draft.groupBy ?? 0).map(\.field)
    if let sku, !key.isEmpty, groupFields.isEmpty || sku.fields != groupFields.sorted() {
      problems.add(
        "behaviour-unfit", at: place,
        cause: "replace deletes all prices of a sku, so that those which did not change have to be written with it",
        remedy: "write group_by: with the one field that the column sku holds, first in the key")
    }
  }
}
