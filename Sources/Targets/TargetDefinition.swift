import Records
import Streams

/// The system that reads a target's files, and so the outbox directory that they appear in.
public enum TargetSystem: String, Sendable, CaseIterable, Codable {
  case commerce, bi, edm
}

/// What is written for a key that the target should no longer have.
public enum RemovalPolicy: String, Sendable, CaseIterable, Codable {
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
public enum ImportBehaviour: String, Sendable, CaseIterable, Codable {
  case append, replace
}

/// One column of a target.
public struct TargetColumn: Sendable {
  /// Name in the header.
  public var name: String
  /// What it holds.
  public var program: Program
  /// Packed inside `additional_attributes` instead of having a column of its own (`catalog_product`).
  public var isPackedAttribute: Bool
  /// Where it is defined.
  public var position: Position

  /// A column.
  public init(name: String, program: Program, isPackedAttribute: Bool = false, position: Position) {
    self.name = name
    self.program = program
    self.isPackedAttribute = isPackedAttribute
    self.position = position
  }
}

/// A further row of the same record, after the default row (a store view of a product).
public struct ExtraRow: Sendable {
  /// The store view (`store_view_code`), as written.
  public var storeViewCode: String
  /// The row exists when this is true; nil: always.
  public var condition: Program?
  /// Its columns beside the key and the store view code.
  public var columns: [TargetColumn]

  /// A further row.
  public init(storeViewCode: String, condition: Program?, columns: [TargetColumn]) {
    self.storeViewCode = storeViewCode
    self.condition = condition
    self.columns = columns
  }
}

/// One output of a feed as the definition states it.
public struct TargetDefinition: Sendable {
  /// State targets follow membership; event targets fire (`semantics.md`).
  public enum Kind: Sendable { case state, event }

  /// Who reads it.
  public var system: TargetSystem
  /// Entity or file name part: `stock_sources`, `changes`, `back_in_stock`.
  public var entity: String
  /// State or event. Commerce entities and `whole: true` files are states; the rest are events.
  public var kind: Kind
  /// Constants first, then columns, in the order of the definition.
  public var columns: [TargetColumn]
  /// Names of columns that are sent only with a key's first publication.
  public var once: [String]
  /// Further rows of a record.
  public var rows: [ExtraRow]
  /// Membership of a state, or trigger of an event; nil: always.
  public var condition: Program?
  /// What happens to keys that vanish or are withdrawn.
  public var removed: RemovalPolicy
  /// False: rows go to `-update` files only, since another feed creates the keys.
  public var creates: Bool
  /// How many leading key parts make up the unit that is written whole; nil: the whole key.
  public var groupBy: Int?
  /// Import behaviour of the main file.
  public var behaviour: ImportBehaviour
  /// The file is written whole at each publication that changes it.
  public var isWhole: Bool
  /// Where the target is defined.
  public var position: Position

  /// `commerce.stock_sources`, as `--json` and the ledger name it.
  public var name: String { "\(system.rawValue).\(entity)" }

  /// A target with the defaults of its kind.
  public init(
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
