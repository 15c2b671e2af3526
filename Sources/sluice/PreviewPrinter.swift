import Intake
import Pipeline

/// Lays a previewed row out in three panes side by side, in 80 columns: as read, its fields, what the targets get.
struct PreviewPrinter {
  /// One line of a pane.
  private struct Line {
    /// What stands before the name: a mark, or an indent.
    var mark = ""
    var name: String
    var value: String
    /// The line is a heading, not a name with a value.
    var isHeading = false
  }

  /// Columns of the terminal.
  static let width = 80
  private static let gap = " | "

  /// The lines for a row.
  func lines(_ row: PreviewRow) -> [String] {
    guard let reject = row.reject else {
      return ["line \(row.line): accepted"] + table(row)
    }
    let message = TerminalText.wrapped(reject.message, to: Self.width - 2)
    return ["line \(row.line): rejected (\(reject.rule))"] + message.map { "  " + $0 } + table(row)
  }

  private func table(_ row: PreviewRow) -> [String] {
    let (sources, fields) = sourcesAndFields(row)
    var panes = [heading("source") + sources, heading("field") + fields]
    if !row.targets.isEmpty { panes.append(heading("target") + row.targets.flatMap(target)) }
    let room = Self.width - Self.gap.count * (panes.count - 1)
    let measures = panes.map(Measures.init)
    let widths = Measures.widths(measures, room: room)
    let columns = zip(panes, zip(measures, widths)).map { render($0, $1.0, width: $1.1) }
    return (0..<(columns.map(\.count).max() ?? 0)).map { index in
      let cells = zip(columns, widths).map { column, width in
        TerminalText.padded(index < column.count ? column[index] : "", to: width)
      }
      var line = cells.joined(separator: Self.gap)
      while line.hasSuffix(" ") { line.removeLast() }
      return line
    }
  }

  // MARK: - What the panes hold

  private func heading(_ text: String) -> [Line] { [Line(name: text, value: "", isHeading: true)] }

  /// Each field stands beside the cell that it was read from; below are the cells that no field reads.
  private func sourcesAndFields(_ row: PreviewRow) -> ([Line], [Line]) {
    var sources: [Line] = []
    var fields: [Line] = []
    for field in row.fields {
      sources.append(field.source.map { line(row.source[$0], row) } ?? Line(name: "", value: ""))
      fields.append(line(field.cell, row))
    }
    let read = Set(row.fields.compactMap(\.source))
    for index in row.source.indices where !read.contains(index) { sources.append(line(row.source[index], row)) }
    return (sources, fields)
  }

  private func line(_ cell: PreviewCell, _ row: PreviewRow) -> Line {
    let value =
      switch cell.content {
      case .none: ""
      case .text(let text): TerminalText.beginning(text)
      case .clear: "(clear)"
      case .unreadable: row.reject?.field == cell.name ? "(rejected)" : "(not read)"
      }
    return Line(name: DisplayName.escape(cell.name), value: value)
  }

  private func target(_ target: PreviewRow.Target) -> [Line] {
    let isRedefined = target.change == "changed" && target.changed.isEmpty
    var lines = heading("\(target.name): \(target.change)\(isRedefined ? " (definition)" : "")")
    for (index, cells) in target.rows.enumerated() {
      if target.rows.count > 1 { lines += heading("  row \(index + 1)") }
      let view = cells.first { $0.name == "store_view_code" }?.text ?? ""
      for cell in cells {
        // A blank cell leaves what the receiver has.
        guard let text = cell.text, !text.isEmpty else { continue }
        let name = view.isEmpty ? cell.name : "\(view)/\(cell.name)"
        let mark = target.changed.contains(name) ? "* " : "  "
        lines.append(Line(mark: mark, name: DisplayName.escape(cell.name), value: TerminalText.beginning(text)))
      }
    }
    return lines
  }

  // MARK: - Widths

  /// What a pane would need to be shown whole.
  private struct Measures {
    /// The widest mark, name, value and heading.
    var mark = 0, name = 0, value = 0, heading = 0
    /// Values get at least so much, if they need it, and names more than that up to as much.
    private static let (leastValue, mostName) = (10, 24)
    /// Headings get at least so much.
    private static let leastHeading = 30

    init(_ lines: [Line]) {
      for line in lines {
        if line.isHeading {
          heading = max(heading, TerminalText.width(line.name))
        } else {
          mark = max(mark, TerminalText.width(line.mark))
          name = max(name, TerminalText.width(line.name))
          value = max(value, TerminalText.width(line.value))
        }
      }
    }

    /// The width that shows everything.
    private var natural: Int { max(heading, mark + name + 2 + value) }

    /// The width that shows something of each value and names up to `names`.
    private func minimum(names: Int) -> Int {
      let cells = mark + min(name, names) + 2 + min(value, Self.leastValue)
      return max(min(heading, Self.leastHeading), min(natural, max(Self.leastValue, cells)))
    }

    /// The width of the names in a pane of this width.
    func names(in width: Int) -> Int {
      let room = width - mark - 2
      return min(name, max(room - value, room / 2, min(Self.mostName, room - Self.leastValue)))
    }

    /// The width of each pane: a minimum that all of them have room for, and then equal shares up to what it needs.
    static func widths(_ panes: [Measures], room: Int) -> [Int] {
      let minima = (0...mostName).reversed().lazy.map { names in panes.map { $0.minimum(names: names) } }
      var widths = minima.first { $0.reduce(0, +) <= room } ?? panes.map { _ in 0 }
      let wanted = zip(panes, widths).map { $0.natural - $1 }
      var left = room - widths.reduce(0, +)
      for (count, index) in wanted.indices.sorted(by: { wanted[$0] < wanted[$1] }).enumerated() {
        let share = min(wanted[index], left / (wanted.count - count))
        widths[index] += share
        left -= share
      }
      return widths
    }
  }

  private func render(_ lines: [Line], _ measures: Measures, width: Int) -> [String] {
    let names = measures.names(in: width)
    return lines.map { line in
      // The end of a heading says what becomes of the row.
      if line.isHeading { return TerminalText.cutBeginning(line.name, to: width) }
      let value = TerminalText.cut(line.value, to: max(1, width - measures.mark - 2 - names))
      return line.mark + TerminalText.padded(shortened(line.name, to: names), to: names) + "  " + value
    }
  }

  /// The name of a column; of a long XML path its last step.
  private func shortened(_ name: String, to width: Int) -> String {
    guard TerminalText.width(name) > width else { return name }
    guard name.contains("/") else { return TerminalText.cut(name, to: width) }
    var depth = 0
    let step = name.split { character in
      depth += character == "[" ? 1 : character == "]" ? -1 : 0
      return character == "/" && depth == 0
    }.last
    return TerminalText.cutMiddle(step.map(String.init) ?? name, to: width)
  }
}
