import Foundation

/// The catalogue in odd shapes: none may cost much more a byte than the plain one.
struct Odd {
  /// One shape.
  private struct Shape {
    /// The generator's name of it.
    var feed: String
    /// What tables call it.
    var title: String
    /// Rows that make about 60 MB.
    var rows: Int
    /// The feed definition that it is a variation of, which is also the plain case that it is compared with.
    var base = "product"
    /// Fields beside those of the definition: `x001` and on.
    var more = 0
    /// True when each of these is the name in a store view, not an additional attribute.
    var areViews = false
  }

  private static let shapes = [
    Shape(feed: "product", title: "plain CSV", rows: 200_000),
    Shape(feed: "quoted", title: "all cells quoted", rows: 180_000),
    Shape(feed: "prefixed", title: "keys share 60 bytes", rows: 170_000, more: 1),
    Shape(feed: "long", title: "descriptions of 100 KB", rows: 600),
    Shape(feed: "wide", title: "300 columns", rows: 22_000, more: 280),
    Shape(feed: "views", title: "40 store-view rows a product", rows: 90_000, more: 40, areViews: true),
    Shape(feed: "pim", title: "plain XML", rows: 100_000, base: "pim"),
    Shape(feed: "fields", title: "XML with 200 fields", rows: 13_000, base: "pim", more: 180),
  ]

  private let place: Place

  init(_ place: Place) { self.place = place }

  /// Both days of each shape.
  func measure() throws -> Findings {
    var findings = Findings("odd")
    var rows: [[String]] = []
    for order in ["shuffled", "sorted"] {
      var plain: [String: [Series]] = [:]
      for shape in Odd.shapes {
        let data = try Dataset(place, feed: shape.feed, rows: shape.rows, order: order)
        let days = try [1, 2].map { try measure($0, shape, data, &findings) }
        if shape.feed == shape.base { plain[shape.base] = days }
        for day in 1...2 {
          guard let usual = plain[shape.base]?[day - 1] else { continue }
          let perByte = days[day - 1].cpu / data.megabytes(day: day)
          let base = try Dataset(place, feed: shape.base, rows: Odd.rows(of: shape.base), order: order)
          let times = perByte / (usual.cpu / base.megabytes(day: day))
          rows.append([
            "\(shape.title), \(order)", "\(day)", Text.number(data.megabytes(day: day), 0),
            days[day - 1].spread(\.wall), days[day - 1].spread(\.cpu), Text.number(perByte * 1000, 1),
            Text.number(times), Text.number(days[day - 1].peak, 0),
          ])
          Text.say(Text.line(rows[rows.count - 1]))
          guard shape.feed != shape.base else { continue }
          findings.goals.append(Goal("\(shape.title), \(order), day \(day), CPU a byte to plain", atMost: 3, times))
        }
      }
    }
    findings.add(["Each shape has about 60 MB. Times are of CPU a byte, against the plain CSV or XML."])
    findings.add(["shape", "day", "MB", "wall s", "CPU s", "CPU ms/MB", "times plain", "peak MB"], rows)
    return findings
  }

  private static func rows(of base: String) -> Int { shapes.first { $0.feed == base }?.rows ?? 0 }

  private func measure(_ day: Int, _ shape: Shape, _ data: Dataset, _ findings: inout Findings) throws -> Series {
    let run = "\(place.data)/run"
    let state = try Project(sluice: place.sluice, template: place.template("project"), at: "\(place.data)/state")
    defer { for path in [run, state.path] { Files.remove(path) } }
    for name in try FileManager.default.contentsOfDirectory(atPath: "\(state.path)/feeds") {
      Files.remove("\(state.path)/feeds/\(name)")
    }
    try Files.write(try definition(of: shape), to: "\(state.path)/feeds/odd.yaml")
    if day == 2 {
      try state.drop(data.files[0])
      let first = try Measured.run(state.run())
      findings.faults += data.faults(in: first, day: 1).map { "\(shape.title), day 1: \($0)" }
      try state.trim()
    }
    let contender = Contender(
      name: "\(shape.title), day \(day)", command: [place.sluice, "run", "--json", "--quiet", "--project", run],
      prepare: { try state.copy(to: run).drop(data.files[day - 1]) }, check: { data.faults(in: $0, day: day) })
    let contest = try Contest([contender], rounds: min(3, place.options.runs))
    findings.faults += contest.faults
    return contest.series[0]
  }

  /// The definition of the plain feed with what the shape has more.
  private func definition(of shape: Shape) throws -> String {
    var text = try Files.text(place.template("project/feeds/\(shape.base).yaml"))
      .replacing("files: '\(shape.base)*", with: "files: '\(shape.feed)*")
    let names = shape.more == 0 ? [] : (1...shape.more).map { String(format: "x%03d", $0) }
    guard !names.isEmpty else { return text }
    text = text.replacing("fields:\n", with: "fields:\n" + names.map { "  \($0): \($0)\n" }.joined())
    if shape.feed == "prefixed" { return text.replacing("key: [sku]", with: "key: [x001, sku]") }
    if shape.areViews {
      let views = names.map { "      - { store_view_code: v\($0), columns: { name: \($0) } }\n" }.joined()
      return text.replacing("    removed: delete\n", with: "    rows:\n\(views)    removed: delete\n")
    }
    // A Commerce target has at most 253 columns; the rest is read and validated all the same.
    let attributes = names.prefix(220).map { "\($0): \($0)" }.joined(separator: ", ")
    return text.replacing("ean: ean }", with: "ean: ean, \(attributes) }")
  }
}
