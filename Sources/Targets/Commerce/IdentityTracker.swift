import Diff
import Records
import Streams

/// Keeps removals of a target back until it is known which identities the drop has written, for targets in which one
/// key can take over what identified another: Commerce would end with the removal of a row that was just written.
///
/// Bounded memory: identities written and identities to be removed go through external sorts and are merged.
final class IdentityTracker {
  private let written: ExternalSorter
  private let removed: ExternalSorter
  private let left: ExternalSorter
  private let key = ByteArena(capacity: 256)
  private let payload = ByteArena(capacity: 256)
  private var removals: UInt64 = 0

  /// A tracker that spills into `directory`.
  init(directory: String) {
    written = ExternalSorter(directory: directory, memory: 2 << 20)
    removed = ExternalSorter(directory: directory, memory: 2 << 20)
    left = ExternalSorter(directory: directory, memory: 1 << 20)
  }

  /// Notes that a row with these identity cells was written.
  func noteWritten(_ cells: [ByteView]) throws(SluiceError) {
    makeKey(cells)
    try written.append(key: key.view, payload: ByteView())
  }

  /// Keeps the removal of the row with these identity cells back.
  func noteRemoved(_ cells: [ByteView]) throws(SluiceError) {
    makeKey(cells)
    payload.removeAll()
    payload.append(raw: removals.bigEndian)
    removals += 1
    for cell in cells {
      payload.append(raw: UInt32(cell.count))
      payload.append(cell)
    }
    try removed.append(key: key.view, payload: payload.view)
  }

  /// Hands the cells of every removal whose identity nobody has taken over to `body`, once each, in the order in which
  /// they came.
  func forEachRemoval(_ body: ([ByteView]) throws(SluiceError) -> Void) throws(SluiceError) {
    guard removals > 0 else { return }
    let writes = try written.finish()
    let entries = try removed.finish()
    var hasWrite = try writes.next()
    key.removeAll()
    while try entries.next() {
      while hasWrite, ByteView.compare(writes.key, entries.key) < 0 { hasWrite = try writes.next() }
      let isTaken = hasWrite && writes.key == entries.key
      if isTaken || entries.key == key.view { continue }
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
      try body(cells)
    }
  }

  /// Commerce compares without case.
  private func makeKey(_ cells: [ByteView]) {
    key.removeAll()
    for cell in cells {
      TextCase.appendLower(cell, to: key)
      key.append(0 as UInt8)
    }
  }
}

extension CommerceWriter {
  /// Whether two keys of a feed can never have the same identity in the target: each part of the key is a column of
  /// the identity, and the rest of the identity is the same in every row. `key` are the key's fields.
  static func hasOwnIdentity(_ definition: TargetDefinition, entity: CommerceEntity, key: [Int]) -> Bool {
    var missing = Set(key)
    for column in definition.columns where entity.identityColumns.contains(column.name) {
      if case .field(let field)? = column.program.instructions.first, column.program.instructions.count == 1 {
        guard missing.remove(Int(field)) != nil || key.contains(Int(field)) else { return false }
      } else if column.program.constantText == nil {
        return false
      }
    }
    return missing.isEmpty
  }

  /// The cells that identify the row of a record, in the order of the file.
  func identity(_ image: ImageView) -> [ByteView] {
    columns.columns.filter(\.isIdentity).map { text($0.sources[0], image) ?? ByteView() }
  }

  /// Writes the removals that were kept back because another key might have taken over what identified the row.
  /// Returns the rows written.
  public func finishRemovals() throws(SluiceError) -> Int {
    var rows = 0
    try tracker?.forEachRemoval { (cells) throws(SluiceError) in rows += try emitRemoval(cells) }
    return rows
  }
}
