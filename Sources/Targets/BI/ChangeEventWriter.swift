import Records
import Streams

/// What happened to a key, as change events name it.
public enum ChangeOperation: String, Sendable {
  case insert, update, delete

  /// The name as bytes of the program.
  var text: ByteView {
    let name: StaticString =
      switch self {
      case .insert: "insert"
      case .update: "update"
      case .delete: "delete"
      }
    return ByteView(base: name.utf8Start, count: name.utf8CodeUnitCount)
  }
}

/// Writes change events: one row a change with the operation, the key, old and new values, the drop and its time.
public final class ChangeEventWriter {
  private let definition: TargetDefinition
  private let layout: ImageLayout.TargetLayout
  private let keyNames: [String]
  private let keys: FixedBuffer<Int32>
  /// Slots of the reported columns, -1 for one that has none.
  private let sources: FixedBuffer<Int32>
  /// What the columns without a slot say.
  private let constants: FixedBuffer<ByteView>
  /// The bytes of `constants`.
  private let constantBytes: ByteArena
  private let staging: StagingArea
  /// The texts that are the same in every row.
  private let drop: ByteArena
  private let time: ByteArena
  private let reported: [Int]
  private var file: RowFile?

  /// A writer; `drop` is the drop's number and `time` its as-of in UTC, both the same in every row.
  public init(
    _ definition: TargetDefinition, layout: ImageLayout, target: Int, keyNames: [String], staging: StagingArea,
    drop: Int, time: String
  ) {
    self.definition = definition
    self.layout = layout.targets[target]
    self.keyNames = keyNames
    keys = FixedBuffer(layout.keySlots.map { Int32($0) })
    self.staging = staging
    self.drop = ByteArena(capacity: 64)
    self.drop.append(String(drop))
    self.time = ByteArena(capacity: 64)
    self.time.append(time)
    let reported = definition.columns.indices.filter { !keyNames.contains(definition.columns[$0].name) }
    self.reported = reported
    let cells = reported.map { layout.targets[target].columns[$0] }
    sources = FixedBuffer(cells.map { if case .slot(let slot) = $0 { Int32(slot) } else { -1 } })
    constantBytes = ByteArena(capacity: 64)
    constants = FixedBuffer(Self.constants(of: cells, into: constantBytes))
  }

  private static func constants(of cells: [CellSource], into bytes: ByteArena) -> [ByteView] {
    let texts = cells.map { if case .constant(let text) = $0 { text } else { "" } }
    // Views are taken once nothing moves any more.
    for text in texts { bytes.append(text) }
    var start = 0
    return texts.map { text in
      defer { start += text.utf8.count }
      return bytes.view(from: start, count: text.utf8.count)
    }
  }

  /// The header: `op`, the key, `old_X` and `new_X` of every other column, `drop`, `time`.
  public var columns: [String] { Self.columns(of: definition, keyNames: keyNames) }

  /// The header of the change events of `definition`, a column for each part of the key.
  public static func columns(of definition: TargetDefinition, keyNames: [String]) -> [String] {
    let names = definition.columns.map(\.name).filter { !keyNames.contains($0) }
    return ["op"] + keyNames + names.flatMap { ["old_\($0)", "new_\($0)"] } + ["drop", "time"]
  }

  /// Writes an event; false when no reported value differs, in which case there is none.
  public func write(_ operation: ChangeOperation, new: ImageView?, old: ImageView?) throws(SluiceError) -> Bool {
    if operation == .update, let new, let old, !reported.contains(where: { differs(layout.columns[$0], new, old) }) {
      return false
    }
    guard let image = new ?? old else { return false }
    try write(operation, key: image, new: new, old: old, to: try currentFile())
    return true
  }

  private func write(
    _ operation: ChangeOperation, key image: ImageView, new: ImageView?, old: ImageView?, to file: RowFile
  ) throws(SluiceError) {
    file.append(operation.text)
    for index in 0..<keys.count { file.append(image.text(Int(keys[index]))) }
    for index in 0..<sources.count {
      if let old { file.append(cell(index, of: old)) } else { file.appendEmpty() }
      if let new { file.append(cell(index, of: new)) } else { file.appendEmpty() }
    }
    file.append(drop.view)
    file.append(time.view)
    try file.endRow()
  }

  /// The text of the reported column `index`.
  @inline(__always)
  private func cell(_ index: Int, of image: ImageView) -> ByteView {
    let slot = sources[index]
    return slot >= 0 ? image.text(Int(slot)) : constants[index]
  }

  private func differs(_ source: CellSource, _ new: ImageView, _ old: ImageView) -> Bool {
    if case .slot(let slot) = source { !new.isSame(slot, as: old) } else { false }
  }

  private func currentFile() throws(SluiceError) -> RowFile {
    if let file { return file }
    let kind = StagingArea.Kind(
      target: definition.name, system: .bi, step: 50, entity: definition.entity, behaviour: "events")
    let started = try staging.makeFile(kind, columns: columns)
    file = started
    return started
  }
}
