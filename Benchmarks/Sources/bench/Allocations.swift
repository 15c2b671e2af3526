/// Calls of the allocator in a run, which must not grow with the rows.
struct Allocations {
  private let place: Place

  init(_ place: Place) { self.place = place }

  /// Counts them for days of 100,000 and a million rows.
  func measure() throws -> Findings {
    var findings = Findings("allocations")
    var rows: [[String]] = []
    for feed in ["inventory", "product", "pim"] {
      for order in ["sorted", "shuffled"] {
        let sizes = feed == "inventory" ? [100_000, 1_000_000] : [20_000, 200_000]
        let counts = try sizes.map { try count(feed, $0, order, &findings) }
        for day in 1...2 {
          let (few, many) = (counts[0][day - 1], counts[1][day - 1])
          let growth = Double(many - few) / Double(sizes[1] - sizes[0]) * 1000
          rows.append([
            "\(feed) \(order)", "\(day)", Text.grouped(Double(few)), Text.grouped(Double(many)), Text.number(growth, 1),
          ])
          findings.goals.append(
            Goal("\(feed) \(order), day \(day), allocations a thousand rows", atMost: 1, growth, unit: "calls"))
        }
      }
    }
    findings.add(["Calls of malloc, calloc, realloc and their like in a whole run."])
    findings.add(["what", "day", "small (100,000 or 20,000 rows)", "ten times as many", "more a thousand rows"], rows)
    return findings
  }

  private func count(_ feed: String, _ rows: Int, _ order: String, _ findings: inout Findings) throws -> [Int] {
    let data = try Dataset(place, feed: feed, rows: rows, order: order)
    let project = try Project(sluice: place.sluice, template: place.template("project"), at: "\(place.data)/run")
    defer { Files.remove("\(place.data)/run") }
    let file = "\(place.data)/allocations"
    return try (1...2).map { day in
      try project.drop(data.files[day - 1])
      let run = try Measured.run(
        project.run(), environment: ["MEASURE_PRELOAD": place.product("libProbe.so"), "PROBE_ALLOCATIONS": file])
      findings.faults += data.faults(in: run, day: day).map { "\(data.name), day \(day): \($0)" }
      return Int(try Files.text(file).split(separator: "\n").first ?? "") ?? 0
    }
  }
}
