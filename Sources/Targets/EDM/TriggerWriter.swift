import Records
import Streams

/// Writes the rows of an event that fires for a record: back in stock, price drop.
public final class TriggerWriter {
  private let definition: TargetDefinition
  private let layout: ImageLayout.TargetLayout
  private let condition: CompiledProgram?
  private let programs: [CompiledProgram]
  private let staging: StagingArea
  private let evaluator: Evaluator
  private let now: Value
  private let oldValues: ValueRow
  private let oldTypes: [ValueType]
  /// Whether any expression of the event may have no value.
  private let mayFail: Bool
  private let cell = ByteArena(capacity: 1 << 12)
  private var file: RowFile?

  /// A writer; `late` are the layout's late programs, compiled.
  public init(
    _ definition: TargetDefinition, layout: ImageLayout.TargetLayout, late: [CompiledProgram], fields: [FieldRules],
    staging: StagingArea, evaluator: Evaluator, now: Value
  ) throws(SluiceError) {
    self.definition = definition
    self.layout = layout
    self.staging = staging
    self.evaluator = evaluator
    self.now = now
    condition = try CompiledProgram.make(definition.condition)
    programs = layout.columns.compactMap { if case .program(let index) = $0 { late[index] } else { nil } }
    oldValues = ValueRow(count: fields.count)
    oldTypes = fields.map(\.type)
    mayFail = ([definition.condition].compactMap { $0 } + definition.columns.map(\.program)).contains(where: \.mayFail)
  }

  /// Writes the event's row when it fires for `record`. An event that asks for an old value that was not tracked yet
  /// does not fire. Returns whether it fired.
  public func write(_ record: Record, old: ImageView?) throws(SluiceError) -> Bool {
    guard fires(record, old: old) else { return false }
    let file = try currentFile()
    for program in programs {
      let value = evaluator.evaluate(
        program, fields: record.values, old: oldValues, now: now, scratch: record.scratch)
      cell.removeAll()
      ValueText.append(value, to: cell)
      file.append(ReceiverText.singleLine(cell))
    }
    try file.endRow()
    return true
  }

  /// Why the event can not be told: an expression of it has no value for `record`. Asked before anything of the record
  /// is written, since it is rejected then.
  public func fault(_ record: Record, old: ImageView?) -> EvaluationFault? {
    guard mayFail else { return nil }
    if fires(record, old: old) {
      for program in programs {
        _ = evaluator.evaluate(program, fields: record.values, old: oldValues, now: now, scratch: record.scratch)
      }
    }
    return evaluator.fault
  }

  private func fires(_ record: Record, old: ImageView?) -> Bool {
    for field in layout.oldFields {
      if let old, !old.has(field.slot) { return false }
      oldValues[field.field] = old.map { value(field, $0) } ?? .null
    }
    guard let condition else { return true }
    return evaluator.evaluate(
      condition, fields: record.values, old: oldValues, now: now, scratch: record.scratch
    ).isTrue
  }

  private func value(_ field: ImageLayout.OldField, _ old: ImageView) -> Value {
    switch old.state(field.slot) {
    case .null: .null
    case .clear: .clear
    case .value: ValueText.parse(old.text(field.slot), type: oldTypes[field.field])
    }
  }

  private func currentFile() throws(SluiceError) -> RowFile {
    if let file { return file }
    let kind = StagingArea.Kind(
      target: definition.name, system: definition.system, step: 60, entity: definition.entity, behaviour: "trigger")
    let started = try staging.makeFile(kind, columns: definition.columns.map(\.name))
    file = started
    return started
  }
}

/// What receivers of e-mail files ask of a cell.
public enum ReceiverText {
  /// The text without line breaks (each becomes a blank), since e-mail systems read a file line by line, and with lists
  /// joined by `|`.
  public static func singleLine(_ arena: ByteArena) -> ByteView {
    let text = arena.view
    guard
      text.firstIndex(of: 0x0A) != nil || text.firstIndex(of: 0x0D) != nil || text.firstIndex(of: listSeparator) != nil
    else { return text }
    for index in 0..<text.count {
      switch text[index] {
      case 0x0A, 0x0D: arena.overwrite(raw: 0x20 as UInt8, at: index)
      case listSeparator: arena.overwrite(raw: 0x7C as UInt8, at: index)
      default: break
      }
    }
    return arena.view
  }
}
