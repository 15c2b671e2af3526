import Records
import Streams

/// The columns of a Commerce target's files and, for each row of a record, where their cells come from.
struct CommerceColumns {
  /// One column of the file.
  struct Column {
    var name: String
    /// The cell in the default row (index 0) and in each further row; nil: blank there.
    var sources: [CellSource?]
    /// Sent only with new keys.
    var isOnce = false
    /// Parts of `additional_attributes`: code and cell.
    var packed: [(code: String, source: CellSource, isList: Bool)] = []
    /// Several values joined by U+001F.
    var isList = false
    /// Identifies the row.
    var isIdentity = false
    /// Slot that remembers what an identity cell was sent as.
    var identitySlot: Int?
  }

  /// What a cell of the column `store_view_code` holds in each row.
  let storeViews: [String]
  let columns: [Column]
  /// Index of `store_view_code`, when the target has further rows.
  let storeViewColumn: Int?
  /// Index of `product_online` when it was added for `removed: disable` only.
  let addedOnlineColumn: Int?

  /// `sku` first, then the store view, the columns as written, packed attributes, and `once` columns last.
  init(_ definition: TargetDefinition, entity: CommerceEntity, layout: ImageLayout.TargetLayout) {
    let rowCount = definition.rows.count + 1
    var built: [Column] = []
    func add(_ name: String, _ source: CellSource, row: Int, isList: Bool, isOnce: Bool = false) {
      if let known = built.firstIndex(where: { $0.name == name }) {
        built[known].sources[row] = source
        return
      }
      var column = Column(name: name, sources: Array(repeating: nil, count: rowCount), isOnce: isOnce, isList: isList)
      column.sources[row] = source
      column.isIdentity = entity.identityColumns.contains(name)
      built.append(column)
    }
    var packed: [(code: String, source: CellSource, isList: Bool)] = []
    for (column, source) in zip(definition.columns, layout.columns) {
      let isList = column.program.type == .list
      if column.isPackedAttribute {
        packed.append((column.name, source, isList))
      } else {
        add(column.name, source, row: 0, isList: isList, isOnce: definition.once.contains(column.name))
      }
    }
    for (index, row) in definition.rows.enumerated() {
      for (column, source) in zip(row.columns, layout.rows[index].columns) {
        add(column.name, source, row: index + 1, isList: column.program.type == .list)
      }
      for name in entity.identityColumns + CommerceEntity.repeatedForNew.sorted() {
        guard let known = built.firstIndex(where: { $0.name == name }) else { continue }
        built[known].sources[index + 1] = built[known].sources[0]
      }
    }
    if !packed.isEmpty {
      var column = Column(name: "additional_attributes", sources: Array(repeating: nil, count: rowCount))
      column.packed = packed
      built.append(column)
    }
    var isOnlineAdded = false
    if definition.removed == .disable, !built.contains(where: { $0.name == "product_online" }) {
      built.append(Column(name: "product_online", sources: Array(repeating: nil, count: rowCount)))
      isOnlineAdded = true
    }
    if !definition.rows.isEmpty {
      built.append(Column(name: "store_view_code", sources: Array(repeating: nil, count: rowCount)))
    }
    for index in built.indices where built[index].isIdentity {
      if case .slot(let slot)? = built[index].sources[0] { built[index].identitySlot = slot }
      if let slot = layout.constantSlots[built[index].name] { built[index].identitySlot = slot }
    }
    let ordered = Self.ordered(built, entity: entity)
    columns = ordered
    storeViews = [""] + definition.rows.map(\.storeViewCode)
    storeViewColumn = ordered.firstIndex { $0.name == "store_view_code" }
    addedOnlineColumn = isOnlineAdded ? ordered.firstIndex { $0.name == "product_online" } : nil
  }

  private static func ordered(_ columns: [Column], entity: CommerceEntity) -> [Column] {
    guard entity != .stockSources else { return columns }
    let first = ["sku", "store_view_code"]
    return first.compactMap { name in columns.first { $0.name == name } }
      + columns.filter { !first.contains($0.name) && !$0.isOnce } + columns.filter(\.isOnce)
  }

  /// The index of the column `name`.
  func index(of name: String) -> Int? { columns.firstIndex { $0.name == name } }

  /// For each row and each column in it: whether its cell is just one of the image, or always blank.
  func plainCells() -> [PlainCell] {
    var cells: [PlainCell] = []
    for row in storeViews.indices {
      for (index, column) in columns.enumerated() {
        var cell = PlainCell(slot: -1, isPlain: false)
        let isRepeated = row > 0 && CommerceEntity.repeatedForNew.contains(column.name)
        let isSpecial =
          index == storeViewColumn || !column.packed.isEmpty || column.isOnce || column.isList || isRepeated
        if !isSpecial {
          switch column.sources[row] {
          case .slot(let slot): cell = PlainCell(slot: Int32(slot), isPlain: true)
          case nil: cell.isPlain = true
          case .constant, .program: break
          }
        }
        cells.append(cell)
      }
    }
    return cells
  }
}

/// Where a cell comes from, for the loop over the cells of every row.
struct PlainCell {
  /// Slot of the image; -1: always blank.
  var slot: Int32
  /// False for cells that take more than that.
  var isPlain: Bool
}
