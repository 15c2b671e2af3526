import Foundation

/// Small deltas against a large snapshot.
struct Delta {
  private static let keys = 5_000_000
  private static let drops = 20
  private let place: Place

  init(_ place: Place) { self.place = place }

  /// Twenty deltas of 1,000 changed rows, one after the other, each beside a run that has nothing to do.
  func measure() throws -> Findings {
    var findings = Findings("delta")
    let data = try Dataset(place, feed: "inventory", rows: Delta.keys, order: "sorted")
    let prefix = "\(place.data)/delta"
    try Measured.succeed([
      place.product("workload"), "deltas", prefix, "--drops", "\(Delta.drops)", "--rows", "1000", "--keys",
      "\(Delta.keys)",
    ])
    let project = try Project(sluice: place.sluice, template: place.template("project"), at: "\(place.data)/state")
    defer { Files.remove("\(place.data)/state") }
    // The same feed, to which deltas may be sent as well.
    let feed = "\(project.path)/feeds/inventory.yaml"
    let text = try Files.text(feed).replacingOccurrences(
      of: "files: 'inventory*.csv*'\nmode: full",
      with: "files:\n  - { match: 'inventory*.csv*', mode: full }\n  - { match: 'delta-*.csv', mode: delta }")
    try Files.write(text, to: feed)
    try project.drop(data.files[0])
    findings.faults += data.faults(in: try Measured.run(project.run()), day: 1)
    try project.trim()
    var (busy, idle) = (Series(), Series())
    for number in 1...Delta.drops {
      try project.drop(String(format: "%@-%06d.csv", prefix, number))
      sync()
      let run = try Measured.run(project.run())
      busy.add(run)
      findings.faults += Delta.faults(in: run).map { "delta \(number): \($0)" }
      idle.add(try Measured.run(project.run()))
    }
    report(busy, idle, into: &findings)
    return findings
  }

  private static func faults(in run: Measured) -> [String] {
    guard let report = try? JSONDecoder().decode(DropReport.self, from: Data(run.output.utf8)) else {
      return ["no report, exit status \(run.status)"]
    }
    let changed = report.targets.first { $0.target.hasPrefix("commerce.") }?.changed ?? 0
    return changed == 1000 ? [] : ["\(changed) rows changed, must be 1000"]
  }

  private func report(_ busy: Series, _ idle: Series, into findings: inout Findings) {
    func milliseconds(_ run: Measured) -> Double { run.cpu * 1000 }
    findings.add([
      "\(Delta.drops) deltas of 1,000 changed rows, spread over \(Text.grouped(Double(Delta.keys))) keys, one run each."
    ])
    findings.add(
      ["what", "wall s", "CPU ms", "peak MB", "written MB"],
      [("delta", busy), ("nothing to do", idle)].map { name, series in
        [
          name, series.spread(\.wall, digits: 3), series.spread(milliseconds, digits: 0), Text.number(series.peak, 0),
          Text.number(series.written, 1),
        ]
      })
    let worst = busy.runs.enumerated().max { $0.element.cpu < $1.element.cpu }
    if let worst {
      findings.add([
        "The dearest was delta \(worst.offset + 1), with \(Text.number(worst.element.cpu * 1000, 0)) ms of CPU."
      ])
    }
    let above = busy.median(milliseconds) - idle.median(milliseconds)
    findings.goals.append(Goal("delta, CPU above a run with nothing to do", atMost: 50, above, unit: "ms"))
  }
}
