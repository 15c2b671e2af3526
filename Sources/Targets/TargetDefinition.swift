import Records
import Streams

/// The system that reads a target's files, and so the outbox directory that they appear in.
package enum TargetSystem: String, Sendable, CaseIterable, Codable {
  case commerce, bi, edm
}

/// What is written for a key that the target should no longer have.
package enum RemovalPolicy: String, Sendable, CaseIterable, Codable {
  /// Nothing.
  case keep
  /// `stock_sources`: quantity 0 and status 0.
  case zero
  /// `catalog_product`: `product_online` 2.
  case disable
  /// A row in a delete file.
  case delete
}

/// Commerce's import behaviour of a target's main file.
package enum ImportBehaviour: String, Sendable, CaseIterable, Codable {
  case append, replace
}

/// One column of a target.
package struct TargetColumn: Sendable {
  /// Name in the header.
  package var name: String
  /// What it holds.
  package var program: Program
  /// Packed inside `additional_attributes` instead of having a column of its own (`catalog_product`).
  package var isPackedAttribute: Bool
  /// Where it is defined.
  package var position: Position

  /// A column.
  package init(name: String, program: Program, isPackedAttribute: Bool = false, position: Position) {
    self.name = name
    self.program = program
    self.isPackedAttribute = isPackedAttribute
    self.position = position
  }
}

/// A further row of the same record, after the default row (a store view of a product).
package struct ExtraRow: Sendable {
  /// The store view (`store_view_code`), as written.
  package var storeViewCode: String
  /// The row exists when this is true; nil: always.
  package var condition: Program?
  /// Its columns beside the key and the store view code.
  package var columns: [TargetColumn]

  /// A further row.
  package init(storeViewCode: String, condition: Program?, columns: [TargetColumn]) {
    self.storeViewCode = storeViewCode
    self.condition = condition
    self.columns = columns
  }
}

/// One output of a feed as the definition states it.
package struct TargetDefinition: Sendable {
  /// State targets follow membership; event targets fire (`semantics.md`).
  package enum Kind: Sendable { case state, event }

  /// Who reads it.
  package var system: TargetSystem
  /// Entity or file name part: `stock_sources`, `changes`, `back_in_stock`.
  package var entity: String
  /// State or event. Commerce entities and `whole: true` files are states; the rest are events.
  package var kind: Kind
  /// Constants first, then columns, in the order of the definition.
  package var columns: [TargetColumn]
  /// Names of columns that are sent only with a key's first publication.
  package var once: [String]
  /// Further rows of a record.
  package var rows: [ExtraRow]
  /// Membership of a state, or trigger of an event; nil: always.
  package var condition: Program?
  /// What happens to keys that vanish or are withdrawn.
  package var removed: RemovalPolicy
  /// False: rows go to `-update` files only, since another feed creates the keys.
  package var creates: Bool
  /// How many leading key parts make up the unit that is written whole; nil: the whole key.
  package var groupBy: Int?
  /// Import behaviour of the main file.
  package var behaviour: ImportBehaviour
  /// The file is written whole at each publication that changes it.
  package var isWhole: Bool
  /// Where the target is defined.
  package var position: Position

  /// `commerce.stock_sources`, as `--json` and the ledger name it.
  package var name: String { "\(system.rawValue).\(entity)" }

  /// A target with the defaults of its kind.
  package init(
    system: TargetSystem, entity: String, kind: Kind, columns: [TargetColumn], once: [String] = [],
    rows: [ExtraRow] = [], condition: Program? = nil, removed: RemovalPolicy = .keep, creates: Bool = true,
    groupBy: Int? = nil, behaviour: ImportBehaviour = .append, isWhole: Bool = false, position: Position
  ) {
    self.system = system
    self.entity = entity
    self.kind = kind
    self.columns = columns
    self.once = once
    self.rows = rows
    self.condition = condition
    self.removed = removed
    self.creates = creates
    self.groupBy = groupBy
    self.behaviour = behaviour
    self.isWhole = isWhole
    self.position = position
  }
}
