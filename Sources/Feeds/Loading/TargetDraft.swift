import Records
import Streams
import Targets

/// A column as the definition writes it, before its target is checked as a whole.
struct ColumnDraft {
  /// Its name and where that stands.
  var name: DefinitionScalar
  /// What it holds; nil when the expression is wrong (reported).
  var program: Program?
  /// Packed inside `additional_attributes`.
  var isPacked = false
  /// Where its value stands.
  var position: Position?

  /// The column, when its expression is right.
  var column: TargetColumn? {
    program.map { TargetColumn(name: name.text, program: $0, isPackedAttribute: isPacked, position: name.position) }
  }
}

/// A further row as the definition writes it.
struct RowDraft {
  /// Store view and where it stands.
  var storeView: DefinitionScalar
  /// When the row exists; nil: always.
  var condition: Program?
  /// Its columns.
  var columns: [ColumnDraft]
}

/// A target as the definition writes it.
struct TargetDraft {
  /// Who reads it.
  var system: TargetSystem
  /// Entity and where it stands.
  var entity: DefinitionScalar
  /// The keys below it.
  var keys: KeyedMapping
  /// Constants, then columns, then packed attributes, as written.
  var columns: [ColumnDraft] = []
  /// Columns sent once.
  var once: [DefinitionScalar] = []
  /// Further rows.
  var rows: [RowDraft] = []
  /// Membership or trigger.
  var condition: Program?
  /// What happens to keys that are gone.
  var removed = RemovalPolicy.keep
  /// Whether new keys may be sent.
  var creates = true
  /// Length of the key's part that is written together.
  var groupBy: Int?
  /// Import behaviour, when the definition says one.
  var behaviour: ImportBehaviour?
  /// Written whole.
  var isWhole = false

  /// State or event.
  var kind: TargetDefinition.Kind { system == .commerce || isWhole ? .state : .event }

  /// Import behaviour, its default included: prices written in groups replace what Commerce has for the group.
  var effectiveBehaviour: ImportBehaviour {
    behaviour ?? (entity.text == "advanced_pricing" && groupBy != nil ? .replace : .append)
  }

  /// The position of a key below the target, or of the target.
  func position(of key: String) -> Position { keys[key]?.position ?? entity.position }

  /// The target for the pipeline: `sku` stands first where Commerce looks for it first, the rest as written.
  var definition: TargetDefinition {
    var ordered = columns
    if system == .commerce, entity.text == "catalog_product" || entity.text == "advanced_pricing",
      let index = ordered.firstIndex(where: { $0.name.text == "sku" && !$0.isPacked })
    {
      ordered.insert(ordered.remove(at: index), at: 0)
    }
    return TargetDefinition(
      system: system, entity: entity.text, kind: kind, columns: ordered.compactMap(\.column), once: once.map(\.text),
      rows: rows.map { row in
        ExtraRow(
          storeViewCode: row.storeView.text, condition: row.condition, columns: row.columns.compactMap(\.column))
      },
      condition: condition, removed: removed, creates: creates, groupBy: groupBy, behaviour: effectiveBehaviour,
      isWhole: isWhole, position: entity.position)
  }
}
