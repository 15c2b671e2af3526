import Diff
import Feeds
import Records
import Streams
import Tabular
import Targets

/// Makes the cells that a preview shows, masked where they may hold personal data.
struct PreviewCells {
  private let plan: FeedPlan
  private let columns: [String]
  /// What fields take from the file's name, behind the columns.
  private let captures: [PreviewCell]
  /// For each field the place of its source among the source cells; nil: it is computed.
  private let origins: [Int?]
  /// Columns that are masked.
  private let masked: Set<Int>
  private let text: CellText

  /// For rows with these columns of a file whose name captures these texts.
  init(plan: FeedPlan, columns: [String], captures: [String: String]) {
    self.plan = plan
    self.columns = columns
    text = plan.feed.format.cells
    var names: [PreviewCell] = []
    var origins: [Int?] = []
    var read: Set<Int> = []
    var masked: Set<Int> = []
    for field in plan.feed.fields {
      switch field.source {
      case .column(let name):
        let column = columns.firstIndex(of: name)
        origins.append(column)
        if let column {
          read.insert(column)
          if field.isSensitive { masked.insert(column) }
        }
      case .capture(let name):
        origins.append(columns.count + names.count)
        let text = captures[name].map { field.isSensitive ? RejectMessage.mask : $0 }
        names.append(PreviewCell(name: "file.\(name)", content: text.map { .text($0) } ?? .none))
      case .computed: origins.append(nil)
      }
    }
    // Nobody has said of a column that no field reads that it is not personal data.
    if plan.hasSensitiveFields { masked.formUnion(Set(columns.indices).subtracting(read)) }
    self.captures = names
    self.origins = origins
    self.masked = masked
  }

  /// The cells of a row as they were read, by the columns of the file, then what its name captured.
  func source(_ batch: RowBatch, _ head: RowHead) -> [PreviewCell] {
    // In a damaged row any cell may have come into any column.
    let isHidden = head.defect != .none && plan.hasSensitiveFields
    let count = Int(head.fieldCount)
    let cells = (0..<max(columns.count, count)).map { index in
      var cell = PreviewCell(name: index < columns.count ? columns[index] : "column \(index + 1)", content: .none)
      guard index < count else { return cell }
      let slice = batch.slice(Int(head.firstField) + index)
      guard !slice.flags.contains(.absent) else { return cell }
      let isMasked = (isHidden || masked.contains(index)) && slice.count > 0
      cell.content = .text(isMasked ? RejectMessage.mask : Self.shown(batch.text(slice, text)))
      return cell
    }
    return Array(cells.prefix(columns.count)) + captures + cells.dropFirst(columns.count)
  }

  /// The fields of a record.
  func fields(_ record: Record, source: [PreviewCell]) -> [PreviewRow.Field] {
    let arena = ByteArena(capacity: 256)
    return plan.feed.fields.enumerated().map { index, rules in
      var cell = PreviewCell(name: rules.name, content: .none)
      let value = record.values[index]
      if !record.isReadable(index) {
        cell.content = .unreadable
      } else if value.kind == .clear {
        cell.content = .clear
      } else if value.isPresent {
        arena.removeAll()
        ValueText.append(value, to: arena)
        cell.content = .text(rules.isSensitive ? RejectMessage.mask : Self.shown(arena.view.text))
      }
      return PreviewRow.Field(cell: cell, source: origins[index])
    }
  }

  /// What a target gets, and which of its columns differ from what was sent last.
  func target(_ trial: TrialOutputs.Target, new: ImageView, old: ImageView?) -> PreviewRow.Target {
    let definition = plan.feed.targets[trial.target]
    let rows = trial.rows.map { row in
      // The drop's number is not known before it is claimed.
      row.filter { !definition.reportsKey || $0.column != "drop" }.map { cell in
        let isMasked = !cell.text.isEmpty && plan.isSensitive(column: cell.column, of: definition)
        return PreviewCell(name: cell.column, content: .text(isMasked ? RejectMessage.mask : cell.text))
      }
    }
    let change = trial.change.map { "\($0)" } ?? (rows.isEmpty ? "skipped" : "fired")
    let changed = trial.change == .changed ? old.map { differing(trial.target, new: new, old: $0) } ?? [] : []
    return PreviewRow.Target(name: definition.name, change: change, changed: changed, rows: rows)
  }

  private func differing(_ target: Int, new: ImageView, old: ImageView) -> [String] {
    let definition = plan.feed.targets[target]
    let layout = plan.layout.targets[target]
    var names: [String] = []
    func add(_ columns: [TargetColumn], _ sources: [CellSource], prefix: String) {
      for (column, source) in zip(columns, sources) {
        guard case .slot(let slot) = source, !new.isSame(slot, as: old) else { continue }
        let name = prefix + (column.isPackedAttribute ? "additional_attributes" : column.name)
        if !names.contains(name) { names.append(name) }
      }
    }
    add(definition.columns, layout.columns, prefix: "")
    for (row, rowLayout) in zip(definition.rows, layout.rows) {
      if let condition = rowLayout.condition, !new.isTrue(condition), !old.isTrue(condition) { continue }
      add(row.columns, rowLayout.columns, prefix: row.storeViewCode + "/")
    }
    return names
  }

  /// Several values as messages show them, with bars between.
  private static func shown(_ text: String) -> String { text.replacing("\u{1F}", with: " | ") }
}
