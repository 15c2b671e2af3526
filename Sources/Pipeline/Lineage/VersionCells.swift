import Diff
import Foundation
import Records
import Streams
import Targets

/// The cells of one entry by their names, whatever definition wrote them.
struct VersionCells {
  /// Names of the cells, those of one cell together, in the order of the definition that wrote the entry.
  private(set) var names: [[String]] = []
  private var sensitive: Set<String> = []
  private var texts: [String: String?] = [:]
  /// The targets that have the key.
  private(set) var sent: Set<String> = []
  /// Those that had it and were told that it is gone.
  private(set) var removed: Set<String> = []

  /// Nothing: there was no entry.
  init() {}

  /// Takes the image of an entry apart. Throws `snapshot-damaged`.
  init(_ metadata: SegmentMetadata, flags: UInt32, image: ByteView, path: String) throws(SluiceError) {
    let view = ImageView()
    guard view.read(image) else {
      throw SluiceError(
        .environment, "snapshot-damaged", file: path, cause: "a row of the snapshot can not be read",
        remedy: "restore the file from a backup")
    }
    for (slot, names) in metadata.slots.enumerated() where view.has(slot) {
      self.names.append(names)
      for name in names { texts[name] = view.state(slot) == .null ? .some(nil) : view.text(slot).text }
    }
    sensitive = Set(metadata.sensitive ?? [])
    let flags = EntryFlags(word: flags)
    for (index, target) in metadata.states.enumerated() {
      switch flags.state(index) {
      case .sent: sent.insert(target)
      case .tombstone: removed.insert(target)
      case .never: break
      }
    }
  }

  /// Whether a cell could hold personal data when it was written.
  func isSensitive(_ names: [String]) -> Bool { names.contains(where: sensitive.contains) }

  /// The text of a cell, by any of its names; nil when there is none.
  func text(_ names: [String]) -> String? { names.lazy.compactMap { texts[$0] }.first ?? nil }
}

/// Which cells of a feed are shown, and how.
struct CellNames {
  private var sensitive: [String: Bool] = [:]
  /// Fields by name that a cell is made of.
  private var fields: [String: Set<String>] = [:]

  init(_ plan: FeedPlan) {
    for slot in plan.layout.slots {
      let used = slot.program.fields.map { plan.feed.fields[$0] }
      for name in slot.names {
        sensitive[name] = used.contains(where: \.isSensitive)
        fields[name] = Set(used.map(\.name))
      }
    }
  }

  /// What is shown of a text: a cell that today's definition does not have may hold anything.
  func shown(_ text: String?, of names: [String], isSensitive: Bool) -> String? {
    text.map { text in
      isSensitive || names.contains { sensitive[$0] ?? true }
        ? RejectMessage.mask : text.replacing("\u{1F}", with: " | ")
    }
  }

  /// Whether the cell is that column, or made of that field.
  func isOf(_ name: String, field: String) -> Bool {
    if fields[name]?.contains(field) == true { return true }
    let (target, row, column) = Self.parts(name)
    return column == field || Self.title(name) == field || (row == 0 && "\(target).\(column)" == field)
  }

  /// The columns of a cell as people read them: fields only where it is sent nowhere.
  static func titles(_ names: [String]) -> [String] {
    let columns = names.filter { target($0) != nil }.compactMap(title)
    return columns.isEmpty ? names.prefix(1).compactMap(title) : columns
  }

  /// `TARGET/ROW/COLUMN` and `field/NAME` as people read them; nil for what is remembered of a definition itself.
  static func title(_ name: String) -> String? {
    let (target, row, column) = parts(name)
    if target == "field" { return "field \(column)" }
    guard !column.isEmpty, let row else { return nil }
    return row == 0 ? "\(target).\(column)" : "\(target)[\(row)].\(column)"
  }

  /// The target of a cell; nil for a field that only events look at.
  static func target(_ name: String) -> String? {
    let target = parts(name).target
    return target == "field" ? nil : target
  }

  private static func parts(_ name: String) -> (target: String, row: Int?, column: String) {
    let parts = name.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
    if parts.count == 2, parts[0] == "field" { return ("field", nil, parts[1]) }
    return parts.count == 3 ? (parts[0], Int(parts[1]), parts[2]) : (parts[0], nil, "")
  }
}
