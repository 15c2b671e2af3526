import Records
import Streams

/// One cell of a record's image: an expression that is evaluated once a record, however many targets use it.
public struct CellSlot: Sendable {
  /// Names under which the cell is known: `commerce.stock_sources/quantity`, `field/qty`. Stable across definitions, so
  /// that an image written by an older definition can still be read.
  public var names: [String]
  /// What the cell holds.
  public var program: Program
}

/// Where a column of a target gets its cell from.
public enum CellSource: Equatable, Sendable {
  /// Slot of the image.
  case slot(Int)
  /// The same text in every row; kept out of images, part of the digest's seed.
  case constant(String)
  /// Evaluated only when written (`once` columns, event columns).
  case program(Int)
}

/// What a record leaves behind in the snapshot, and how targets read it.
///
/// The *image* of a record is the sequence of its slots' cells: what the state targets send (without `once` columns and
/// constants), what change events report, and the fields that `old.` asks for. Each cell is a header (length and
/// state as one variable-length number) and its canonical text. Digests are taken over the cells of one target.
public struct ImageLayout: Sendable {
  /// A set of slots with a digest of its own.
  public struct DigestGroup: Equatable, Sendable {
    /// Slots, ascending.
    public var slots: [Int]
    /// Texts that are part of the row but not of the image: column names and constants.
    public var seed: [UInt8]
  }

  /// How a target uses the image.
  public struct TargetLayout: Sendable {
    /// Cell of each column of the definition, in the definition's order.
    public var columns: [CellSource]
    /// Cells of each further row.
    public var rows: [ExtraRowLayout]
    /// Digest group that tells whether the target's rows changed (states), or whether to look at all (events).
    public var digestGroup: Int
    /// The values that `old.` asks for (events).
    public var oldFields: [OldField] = []
    /// By name, the slots that remember constants which identify a row: a removal is built from what was sent.
    public var constantSlots: [String: Int] = [:]
    /// Slot that names the columns and constants of a state with several rows a record, so that a change of those is
    /// told from one of the record.
    public var mark: Int?
  }

  /// How a further row of a record uses the image.
  public struct ExtraRowLayout: Equatable, Sendable {
    /// Slot that says whether the row exists; nil: always.
    public var condition: Int?
    /// Cells of its columns, in the definition's order.
    public var columns: [CellSource]
  }

  /// A field whose value before the change is asked for, and the slot that remembers it.
  public struct OldField: Equatable, Sendable {
    /// Index of the field.
    public var field: Int
    /// Slot of the image.
    public var slot: Int
  }

  /// The slots in image order.
  public private(set) var slots: [CellSlot] = []
  /// The digest groups.
  public private(set) var groups: [DigestGroup] = []
  /// One layout a target, in the feed's order.
  public private(set) var targets: [TargetLayout] = []
  /// Programs of `once` and event columns, which are evaluated only when written.
  public private(set) var latePrograms: [Program] = []
  /// Slots of the key fields, in key order; empty unless a target reports keys.
  public private(set) var keySlots: [Int] = []

  /// Slot of the number that the guards compare with what it was; nil: they do not.
  public private(set) var watchedSlot: Int?

  /// Lays out the image of a feed. `watchedField` is kept in it whatever the targets send.
  public init(
    targets definitions: [TargetDefinition], fields: [FieldRules], keyFields: [Int], watchedField: Int? = nil
  ) {
    let states = definitions.map { $0.kind == .state ? addState($0) : nil }
    if definitions.contains(where: \.reportsKey) { keySlots = keyFields.map { addField($0, fields) } }
    targets = zip(definitions, states).map { definition, state in state ?? addEvent(definition, fields: fields) }
    if let watchedField { watchedSlot = addField(watchedField, fields) }
  }

  private mutating func addState(_ definition: TargetDefinition) -> TargetLayout {
    var seed = definition.name
    var used: [Int] = []
    let columns = definition.columns.map { column in
      definition.once.contains(column.name)
        ? .program(late(column.program)) : source(column, of: definition, row: 0, seed: &seed, used: &used)
    }
    var rows: [ExtraRowLayout] = []
    for (index, row) in definition.rows.enumerated() {
      seed += "\u{1F}\(row.storeViewCode)"
      let condition = row.condition.map { slot($0, name: "\(definition.name)/\(index + 1)?") }
      if let condition { used.append(condition) }
      let columns = row.columns.map { source($0, of: definition, row: index + 1, seed: &seed, used: &used) }
      rows.append(ExtraRowLayout(condition: condition, columns: columns))
    }
    groups.append(DigestGroup(slots: Set(used).sorted(), seed: Array(seed.utf8)))
    var layout = TargetLayout(columns: columns, rows: rows, digestGroup: groups.count - 1)
    remember(definition, seed: seed, in: &layout)
    return layout
  }

  /// Adds what has to be remembered of the definition itself; none of it is part of the digest, which has the seed.
  private mutating func remember(_ definition: TargetDefinition, seed: String, in layout: inout TargetLayout) {
    guard definition.system == .commerce, let entity = CommerceEntity(rawValue: definition.entity) else { return }
    for column in definition.columns where entity.identityColumns.contains(column.name) {
      guard column.program.constantText != nil else { continue }
      layout.constantSlots[column.name] = ownSlot(column.program, name: "\(definition.name)/0/\(column.name)")
    }
    guard !definition.rows.isEmpty else { return }
    let digest = Array(seed.utf8).withView { RowDigest.digest($0, key: DigestKey(first: 0, second: 0)) }
    layout.mark = ownSlot(.literal(String(digest.first, radix: 36)), name: "\(definition.name)/definition")
  }

  /// The cell of a state's column. Names and constants go into the digest's seed, so that a changed one changes rows.
  private mutating func source(
    _ column: TargetColumn, of definition: TargetDefinition, row: Int, seed: inout String, used: inout [Int]
  ) -> CellSource {
    seed += "\u{1F}\(row)/\(column.name)"
    if let text = column.program.constantText {
      seed += "=\(text)"
      return .constant(text)
    }
    let index = slot(column.program, name: "\(definition.name)/\(row)/\(column.name)")
    used.append(index)
    return .slot(index)
  }

  private mutating func addEvent(_ definition: TargetDefinition, fields: [FieldRules]) -> TargetLayout {
    let asked = Set((definition.condition?.oldFields ?? []) + definition.columns.flatMap { $0.program.oldFields })
    let oldFields = asked.sorted().map { OldField(field: $0, slot: addField($0, fields)) }
    var tracked = oldFields.map(\.slot)
    var columns: [CellSource] = []
    for column in definition.columns {
      if definition.system == .edm {
        columns.append(.program(late(column.program)))
      } else if let text = column.program.constantText {
        columns.append(.constant(text))
      } else {
        let index = slot(column.program, name: "\(definition.name)/0/\(column.name)")
        tracked.append(index)
        columns.append(.slot(index))
      }
    }
    if definition.system == .edm {
      let read = Set((definition.condition?.fields ?? []) + definition.columns.flatMap { $0.program.fields })
      tracked += read.sorted().map { addField($0, fields) }
    }
    return TargetLayout(
      columns: columns, rows: [], digestGroup: group(covering: tracked, definition), oldFields: oldFields)
  }

  /// A digest group that covers the slots: an existing one where possible, since events look at the cells themselves
  /// before they report anything.
  private mutating func group(covering slots: [Int], _ definition: TargetDefinition) -> Int {
    let wanted = Set(slots)
    if let known = groups.firstIndex(where: { Set($0.slots).isSuperset(of: wanted) }) { return known }
    groups.append(DigestGroup(slots: wanted.sorted(), seed: Array(definition.name.utf8)))
    return groups.count - 1
  }

  private mutating func addField(_ index: Int, _ fields: [FieldRules]) -> Int {
    let rules = fields[index]
    let program = Program(instructions: [.field(Int32(index))], type: rules.type, source: rules.name)
    return slot(program, name: "field/\(rules.name)")
  }

  /// The slot of a program: an existing one when the same cell is already part of the image.
  private mutating func slot(_ program: Program, name: String) -> Int {
    if let known = slots.firstIndex(where: { $0.program.givesSameCell(as: program) }) {
      slots[known].names.append(name)
      return known
    }
    slots.append(CellSlot(names: [name], program: program))
    return slots.count - 1
  }

  /// A slot that is shared with no other cell, whose value may have been another at another time.
  private mutating func ownSlot(_ program: Program, name: String) -> Int {
    slots.append(CellSlot(names: [name], program: program))
    return slots.count - 1
  }

  private mutating func late(_ program: Program) -> Int {
    latePrograms.append(program)
    return latePrograms.count - 1
  }
}

extension TargetDefinition {
  /// Change events name the key of the record.
  public var reportsKey: Bool { system == .bi && kind == .event }
}

extension Program {
  /// The text of a program that is one text constant.
  public var constantText: String? {
    guard instructions == [.constant(0)], case .text(let bytes)? = constants.first else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Whether both give the same text for every record, as far as their steps show.
  fileprivate func givesSameCell(as other: Program) -> Bool {
    instructions == other.instructions && constants == other.constants && tables == other.tables
      && datePatterns == other.datePatterns && type == other.type
  }
}
