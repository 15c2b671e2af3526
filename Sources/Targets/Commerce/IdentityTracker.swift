import Diff
import Records
import Streams

/// A field of the key, as far as identities in Commerce depend on it.
public struct IdentityPart: Sendable {
  /// Index of the field.
  public var field: Int
  /// Two keys never differ in the letters' case of this part alone.
  public var isCaseless: Bool

  /// A part of the key.
  public init(field: Int, isCaseless: Bool) {
    self.field = field
    self.isCaseless = isCaseless
  }
}

/// Keeps removals of a target back until it is known which identities its other keys hold, for targets in which one key
/// can have what identified another: Commerce would end with the removal of a row that is still there.
///
/// Bounded memory: identities held and identities to be removed go through external sorts and are merged. Of those held
/// only the ones are kept that a filter of fixed size takes for removed.
final class IdentityTracker {
  private let held: ExternalSorter
  private let removed: ExternalSorter
  private let left: ExternalSorter
  private let key = ByteArena(capacity: 256)
  private let payload = ByteArena(capacity: 256)
  /// Bits of the identities to be removed.
  private let filter = FixedBuffer(repeating: 0 as UInt64, count: 1 << 14)
  /// Bits of what they have of the key.
  private let keyFilter = FixedBuffer(repeating: 0 as UInt64, count: 1 << 14)
  /// For each identity cell that is a part of the key: its index and that of the part. Empty when identities do not
  /// follow from keys.
  private let keyCells: [(cell: Int, part: Int)]
  /// Identities follow from keys, but for the letters' case.
  var followsFromKeys: Bool { !keyCells.isEmpty }
  /// Removals kept back so far.
  private(set) var removals: UInt64 = 0

  /// A tracker that spills into `directory`.
  init(directory: String, keyCells: [(cell: Int, part: Int)]) {
    self.keyCells = keyCells
    held = ExternalSorter(directory: directory, memory: 2 << 20)
    removed = ExternalSorter(directory: directory, memory: 2 << 20)
    left = ExternalSorter(directory: directory, memory: 1 << 20)
  }

  /// Whether a live key of the snapshot may have an identity that is to be removed; false for most keys whose identity
  /// follows from them.
  func mayHold(_ encoded: ByteView) -> Bool {
    guard !keyCells.isEmpty else { return true }
    key.removeAll()
    for (_, part) in keyCells {
      var rest = encoded
      for _ in 0..<part { rest = rest.dropping((rest.firstIndex(of: KeyEncoder.separator) ?? rest.count - 1) + 1) }
      appendLower(rest.slice(from: 0, count: rest.firstIndex(of: KeyEncoder.separator) ?? rest.count))
    }
    return contains(keyFilter)
  }

  /// Notes that a key which stays has these identity cells.
  func noteHeld(_ cells: [ByteView]) throws(SluiceError) {
    makeKey(cells)
    if contains(filter) { try held.append(key: key.view, payload: ByteView()) }
  }

  /// Keeps the removal of the row with these identity cells back; `rows` is handed out with it.
  func noteRemoved(_ cells: [ByteView], rows: ByteView) throws(SluiceError) {
    if !keyCells.isEmpty {
      key.removeAll()
      for (cell, _) in keyCells { appendLower(cells[cell]) }
      insert(keyFilter)
    }
    makeKey(cells)
    insert(filter)
    payload.removeAll()
    payload.append(raw: removals.bigEndian)
    removals += 1
    for cell in [rows] + cells {
      payload.append(raw: UInt32(cell.count))
      payload.append(cell)
    }
    try removed.append(key: key.view, payload: payload.view)
  }

  /// Hands every removal whose identity no other key holds to `body`, once each, in the order in which they came.
  func forEachRemoval(
    _ body: (_ cells: [ByteView], _ rows: ByteView) throws(SluiceError) -> Void
  ) throws(SluiceError) {
    guard removals > 0 else { return }
    let holders = try held.finish()
    let entries = try removed.finish()
    var hasHolder = try holders.next()
    key.removeAll()
    while try entries.next() {
      while hasHolder, ByteView.compare(holders.key, entries.key) < 0 { hasHolder = try holders.next() }
      let isHeld = hasHolder && holders.key == entries.key
      if isHeld || entries.key == key.view { continue }
      key.removeAll()
      key.append(entries.key)
      try left.append(key: entries.payload.slice(from: 0, count: 8), payload: entries.payload.dropping(8))
    }
    let ordered = try left.finish()
    while try ordered.next() {
      var cells: [ByteView] = []
      var rest = ordered.payload
      while !rest.isEmpty {
        let count = Int(rest.load(as: UInt32.self))
        cells.append(rest.slice(from: 4, count: count))
        rest = rest.dropping(4 + count)
      }
      try body(Array(cells.dropFirst()), cells.first ?? ByteView())
    }
  }

  private func makeKey(_ cells: [ByteView]) {
    key.removeAll()
    for cell in cells { appendLower(cell) }
  }

  /// Commerce compares without case.
  private func appendLower(_ cell: ByteView) {
    TextCase.appendLower(cell, to: key)
    key.append(0 as UInt8)
  }

  // MARK: - Filters

  private func bit(_ filter: borrowing FixedBuffer<UInt64>) -> (word: Int, mask: UInt64) {
    let hash = RowDigest.digest(key.view, key: DigestKey(first: 0, second: 0)).first
    return (Int(hash >> 6 & UInt64(filter.count - 1)), 1 << (hash & 63))
  }

  private func contains(_ filter: borrowing FixedBuffer<UInt64>) -> Bool {
    let bit = bit(filter)
    return filter[bit.word] & bit.mask != 0
  }

  private func insert(_ filter: borrowing FixedBuffer<UInt64>) {
    let bit = bit(filter)
    filter[bit.word] |= bit.mask
  }
}

extension CommerceWriter {
  /// Whether two keys of a feed can never have the same identity in the target: each part of the key is a column of
  /// the identity, and the rest of the identity is the same in every row. Commerce compares identities without case,
  /// prices excepted.
  static func hasOwnIdentity(_ definition: TargetDefinition, entity: CommerceEntity, key: [IdentityPart]) -> Bool {
    followsFromKey(definition, entity: entity, key: key)
      && (entity == .advancedPricing || key.allSatisfy(\.isCaseless))
  }

  /// Whether each part of the key is a column of the identity, and the rest of it is the same in every row.
  private static func followsFromKey(
    _ definition: TargetDefinition, entity: CommerceEntity, key: [IdentityPart]
  ) -> Bool {
    var missing = Set(key.map(\.field))
    for column in definition.columns where entity.identityColumns.contains(column.name) {
      if let field = column.program.plainField {
        guard missing.remove(field) != nil || key.contains(where: { $0.field == field }) else { return false }
      } else if column.program.constantText == nil {
        return false
      }
    }
    return missing.isEmpty
  }

  /// Makes a tracker, when a key may have the identity of another.
  static func tracker(
    _ definition: TargetDefinition, entity: CommerceEntity, columns: CommerceColumns, key: [IdentityPart],
    directory: String
  ) -> IdentityTracker? {
    let isKeyed = definition.groupBy != nil || hasOwnIdentity(definition, entity: entity, key: key)
    guard !isKeyed, definition.removed != .keep else { return nil }
    var keyCells: [(cell: Int, part: Int)] = []
    if followsFromKey(definition, entity: entity, key: key) {
      for (cell, column) in columns.columns.filter(\.isIdentity).enumerated() {
        let field = definition.columns.first { $0.name == column.name }?.program.plainField
        if let part = key.firstIndex(where: { $0.field == field }) { keyCells.append((cell, part)) }
      }
    }
    return IdentityTracker(directory: directory, keyCells: keyCells)
  }

  /// The cells that identify the row of a record as it was sent, in the order of the file.
  func identity(_ image: ImageView) -> [ByteView] {
    columns.columns.filter(\.isIdentity).map { identityText($0, image) ?? ByteView() }
  }

  /// Whether removals were kept back, which `noteHeld` has to be told about before `finishRemovals`.
  public var keepsRemovals: Bool { (tracker?.removals ?? 0) > 0 }

  /// Whether two keys can have one identity only by differing in the letters' case.
  public var identitiesFollowFromKeys: Bool { tracker?.followsFromKeys ?? true }

  /// Whether `noteHeld` has to be told about the live key.
  public func mayHoldRemoved(_ key: ByteView) -> Bool { tracker?.mayHold(key) ?? false }

  /// Notes what a key that the target has after the drop was sent as.
  public func noteHeld(_ image: ImageView) throws(SluiceError) {
    scratch.removeAll()
    try tracker?.noteHeld(identity(image))
  }

  /// Writes the removals that were kept back because another key might hold what identified the row.
  /// Returns the rows written.
  public func finishRemovals() throws(SluiceError) -> Int {
    var written = 0
    try tracker?.forEachRemoval { (cells, rows) throws(SluiceError) in
      scratch.removeAll()
      written += try emitRemoval(cells, rows: rows)
    }
    return written
  }
}

extension Program {
  /// The field that the program is, when it is nothing else.
  var plainField: Int? {
    guard instructions.count == 1, case .field(let field)? = instructions.first else { return nil }
    return Int(field)
  }
}
