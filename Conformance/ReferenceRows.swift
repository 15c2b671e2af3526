import Foundation

/// Rows that a file must give, as a JSON file says: a list of lists, or a list of objects by column.
struct ReferenceRows {
  /// The rows with the header as the first one.
  let table: [[String]]

  /// Reads a JSON file; nil when it is of another form.
  init?(path: String) {
    guard let data = FileManager.default.contents(atPath: path),
      let json = try? JSONSerialization.jsonObject(with: data)
    else { return nil }
    self.init(json: json)
  }

  /// Takes a JSON value.
  init?(json: Any) {
    if let lists = json as? [[Any]] {
      table = lists.map { $0.map { String(describing: $0) } }
    } else if let objects = json as? [[String: Any]] ?? (json as? [String: Any]).map({ [$0] }) {
      let names = Set(objects.flatMap(\.keys)).sorted()
      table = [names] + objects.map { object in names.map { String(describing: object[$0] ?? "") } }
      isByName = true
      return
    } else {
      return nil
    }
    isByName = false
  }

  private let isByName: Bool

  /// Nil when the reading holds these rows, else the first difference.
  func difference(from reading: Reading, hasHeader: Bool) -> String? {
    var found = (hasHeader ? [reading.columns] : []) + reading.rows
    if isByName {
      let order = found.first.map { header in header.indices.sorted { header[$0] < header[$1] } } ?? []
      found = found.map { row in order.map { $0 < row.count ? row[$0] : "" } }
    }
    if let error = reading.error { return "\(error), \(reading.detail)" }
    if found == table { return nil }
    for (index, row) in table.enumerated() {
      guard index < found.count else { return "row \(index + 1) is missing" }
      if found[index] != row { return "row \(index + 1): expected \(row), found \(found[index])" }
    }
    return "\(found.count - table.count) rows too many"
  }
}
