/// One cell of one stage of a row.
package struct PreviewCell: Sendable, Equatable {
  /// What a cell holds.
  package enum Content: Sendable, Equatable {
    /// Nothing: an absent element, a field or a column without a value.
    case none
    /// A text, possibly empty; several values have bars between them. Masked where it may be personal data.
    case text(String)
    /// The wish to clear what the receiver has.
    case clear
    /// A value that could not be read.
    case unreadable
  }

  /// Column, XML path, `file.NAME` or field.
  package var name: String
  /// What it holds.
  package var content: Content

  /// The text, when there is one.
  package var text: String? { if case .text(let text) = content { text } else { nil } }
}

/// A row of a drop after each stage, as `sluice preview` shows it.
package struct PreviewRow: Sendable {
  /// A field, and the source cell that it was read from.
  package struct Field: Sendable {
    /// Name and value, as canonical text of its type.
    package var cell: PreviewCell
    /// Index of the source cell; nil for a computed field.
    package var source: Int?
  }

  /// What one target gets.
  package struct Target: Sendable {
    /// `commerce.stock_sources`.
    package var name: String
    /// `new`, `changed`, `returned`, `unchanged`, `newer`, `withdrawn`, `skipped`; of events `fired` or `skipped`.
    package var change: String
    /// Columns that differ from what was sent last, as `name`, in further rows as `eu_de/name`; empty when the
    /// definition changed and not the record.
    package var changed: [String]
    /// The rows as they would be written: columns and texts.
    package var rows: [[PreviewCell]]
  }

  /// Physical line of the decompressed file on which it starts.
  package var line: Int
  /// The cells as they were read.
  package var source: [PreviewCell]
  /// The fields after validation; what could not be read is there without a value.
  package var fields: [Field]
  /// Why it is rejected; nil: it is not.
  package var reject: RejectNote?
  /// What the targets get; empty for a rejected row.
  package var targets: [Target]
}

extension PreviewRow: Encodable {
  private enum Key: String, CodingKey { case line, status, reject, source, fields, cleared, targets }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(line, forKey: .line)
    try container.encode(reject == nil ? "accepted" : "rejected", forKey: .status)
    try container.encode(reject, forKey: .reject)
    try container.encode(Self.texts(source), forKey: .source)
    try container.encode(Self.texts(fields.map(\.cell)), forKey: .fields)
    try container.encode(fields.filter { $0.cell.content == .clear }.map(\.cell.name), forKey: .cleared)
    try container.encode(targets, forKey: .targets)
  }

  /// By name; a column without a name goes by its number.
  fileprivate static func texts(_ cells: [PreviewCell]) -> [String: String?] {
    let named = cells.enumerated().map { index, cell in (cell.name.isEmpty ? String(index + 1) : cell.name, cell.text) }
    return Dictionary(named) { first, _ in first }
  }
}

extension PreviewRow.Target: Encodable {
  private enum Key: String, CodingKey { case target, change, changed, rows }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(name, forKey: .target)
    try container.encode(change, forKey: .change)
    try container.encode(changed, forKey: .changed)
    try container.encode(rows.map(PreviewRow.texts), forKey: .rows)
  }
}
