import Records
import Streams

/// What happened to a key, as change events name it.
public enum ChangeOperation: String, Sendable {
  case insert, update, delete
}

/// Writes change events: one row a change with the operation, the key, old and new values, the drop and its time.
public final class ChangeEventWriter {
  private let definition: TargetDefinition
  private let layout: ImageLayout.TargetLayout
  private let keyNames: [String]
  private let keySlots: [Int]
  private let staging: StagingArea
  private let drop: String
  private let time: String
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
    keySlots = layout.keySlots
    self.staging = staging
    self.drop = String(drop)
    self.time = time
    reported = definition.columns.indices.filter { !keyNames.contains(definition.columns[$0].name) }
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
    file.append(operation.rawValue)
    for slot in keySlots { file.append((new ?? old)?.text(slot) ?? ByteView()) }
    for index in reported {
      append(layout.columns[index], of: old, to: file)
      append(layout.columns[index], of: new, to: file)
    }
    file.append(drop)
    file.append(time)
    try file.endRow()
    return true
  }

  private func differs(_ source: CellSource, _ new: ImageView, _ old: ImageView) -> Bool {
    if case .slot(let slot) = source { !new.isSame(slot, as: old) } else { false }
  }

  private func append(_ source: CellSource, of image: ImageView?, to file: RowFile) {
    switch (source, image) {
    case (_, nil): file.append(ByteView())
    case (.slot(let slot), .some(let image)): file.append(image.text(slot))
    case (.constant(let text), _): file.append(text)
    case (.program, _): file.append(ByteView())
    }
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
