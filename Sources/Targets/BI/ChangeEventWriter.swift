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
    sources = FixedBuffer(
      reported.map { index in
        if case .slot(let slot) = layout.targets[target].columns[index] { Int32(slot) } else { -1 }
      })
  }

  /// The header: `op`, the key, `old_X` and `new_X` of every other column, `drop`, `time`.
  public var columns: [String] {
    let values = reported.flatMap { ["old_\(definition.columns[$0].name)", "new_\(definition.columns[$0].name)"] }
    return ["op"] + keyNames + values + ["drop", "time"]
  }

  /// Writes an event; false when no reported value differs, in which case there is none.
  public func write(_ operation: ChangeOperation, new: ImageView?, old: ImageView?) throws(SluiceError) -> Bool {
    if operation == .update, let new, let old, !reported.contains(where: { differs(layout.columns[$0], new, old) }) {
      return false
    }
    let file = try currentFile()
    file.append(operation.text)
    if let image = new ?? old {
      for index in 0..<keys.count { file.append(image.text(Int(keys[index]))) }
    }
    for index in 0..<sources.count {
      append(sources[index], index, of: old, to: file)
      append(sources[index], index, of: new, to: file)
    }
    file.append(drop.view)
    file.append(time.view)
    try file.endRow()
    return true
  }

  private func differs(_ source: CellSource, _ new: ImageView, _ old: ImageView) -> Bool {
    if case .slot(let slot) = source { !new.isSame(slot, as: old) } else { false }
  }

  /// `source` is the slot of the reported column, below zero for a constant.
  @inline(__always)
  private func append(_ source: Int32, _ index: Int, of image: ImageView?, to file: RowFile) {
    guard let image else { return file.appendEmpty() }
    if source >= 0 { return file.append(image.text(Int(source))) }
    if case .constant(let text) = layout.columns[reported[index]] { file.append(text) } else { file.appendEmpty() }
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
