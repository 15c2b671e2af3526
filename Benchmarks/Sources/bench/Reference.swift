import Foundation

/// What the plain Python script makes of two days of stock: the reference that every row is compared with.
struct Reference: Codable {
  /// Rows to add or update, as source, SKU, status, quantity.
  var upserts = RowSum()
  /// Rows to delete, as source, SKU.
  var deletes = RowSum()
  /// Change events, as operation, SKU, source, status before and after, quantity before and after.
  var events = RowSum()
  /// Rows back in stock, as SKU, source, quantity.
  var triggers = RowSum()

  /// The reference for day 2 of a data set, made by the script once and kept beside the data; `nil` without peers.
  static func day2(of data: Dataset, _ place: Place) throws -> Reference? {
    guard let peers = place.peers, !data.isGzip else { return nil }
    let path = "\(place.data)/reference-\(data.counts.rows)-\(data.order).json"
    if let known = try? JSONDecoder().decode(Reference.self, from: Data(contentsOf: URL(fileURLWithPath: path))) {
      return known
    }
    let directory = "\(place.data)/reference"
    try Files.makeFresh(directory)
    defer { Files.remove(directory) }
    let script = [place.options.python, "\(peers)/python_nightly.py"]
    for day in 1...2 {
      try Measured.succeed(script + [data.files[day - 1], "\(directory)/state", "\(directory)/out\(day)"])
    }
    var reference = Reference()
    try reference.upserts.add(file: "\(directory)/out2/commerce_add_update.csv", columns: [0, 1, 2, 3])
    try reference.deletes.add(file: "\(directory)/out2/commerce_delete.csv", columns: [0, 1])
    // The script's events and triggers have no header: a line is put before each, which is passed over.
    for (name, columns) in [("bi_changes", [0, 1, 2, 4, 6, 3, 5]), ("edm", [0, 1, 2])] {
      let file = "\(directory)/out2/\(name).csv"
      try Files.write("header\n" + (try Files.text(file)), to: file)
      if name == "edm" {
        try reference.triggers.add(file: file, columns: columns)
      } else {
        try reference.events.add(file: file, columns: columns)
      }
    }
    try JSONEncoder().encode(reference).write(to: URL(fileURLWithPath: path))
    return reference
  }

  /// The same of what a run of day 2 has published in `project`.
  static func published(in project: String) throws -> Reference {
    var found = Reference()
    for file in Files.all(below: "\(project)/outbox") where file.hasSuffix(".csv") {
      if file.contains("/commerce/") {
        if file.contains("delete") {
          try found.deletes.add(file: file, columns: [0, 1])
        } else {
          try found.upserts.add(file: file, columns: [0, 1, 2, 3])
        }
      } else if file.contains("/bi/") {
        try found.events.add(file: file, columns: [0, 1, 2, 3, 4, 5, 6])
      } else if file.contains("/edm/") {
        try found.triggers.add(file: file, columns: [0, 1, 2])
      }
    }
    return found
  }

  /// What differs.
  func faults(in other: Reference) -> [String] {
    let pairs = [
      ("rows to add or update", upserts, other.upserts), ("rows to delete", deletes, other.deletes),
      ("change events", events, other.events), ("rows back in stock", triggers, other.triggers),
    ]
    return pairs.filter { $0.1 != $0.2 }.map {
      "\($0.0) are not those of the Python script (\($0.2.count), \($0.1.count))"
    }
  }
}
