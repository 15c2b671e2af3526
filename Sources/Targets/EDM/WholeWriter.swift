import Streams

/// Writes a target that replaces everything at its receiver: all rows of the snapshot, in key order.
public final class WholeWriter {
  private let definition: TargetDefinition
  private let layout: ImageLayout.TargetLayout
  private let cell = ByteArena(capacity: 1 << 12)
  private let file: RowFile

  /// A writer that has written the header.
  public init(
    _ definition: TargetDefinition, layout: ImageLayout.TargetLayout, staging: StagingArea
  ) throws(SluiceError) {
    self.definition = definition
    self.layout = layout
    let kind = StagingArea.Kind(
      target: definition.name, system: definition.system, step: definition.system == .bi ? 50 : 60,
      entity: definition.entity, behaviour: "whole")
    file = try staging.makeFile(kind, columns: definition.columns.map(\.name))
  }

  /// Writes the row of one key.
  public func write(_ image: ImageView) throws(SluiceError) {
    for source in layout.columns {
      cell.removeAll()
      switch source {
      case .slot(let slot): cell.append(image.text(slot))
      case .constant(let text): cell.append(text)
      case .program: break
      }
      file.append(ReceiverText.singleLine(cell))
    }
    try file.endRow()
  }

  /// Data rows written.
  public var rows: Int { file.rows }
}
