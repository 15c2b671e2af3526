import Foundation

/// Many small drops of one feed that wait together.
struct Queue {
  private let place: Place

  init(_ place: Place) { self.place = place }

  /// A thousand and ten thousand drops without fsync, a thousand with it.
  ///
  /// A run that is not done after `limit` seconds is ended, and what it has published until then is what counts.
  func measure() throws -> Findings {
    var findings = Findings("queue")
    var rows: [[String]] = []
    for (drops, isSafe) in [(1_000, false), (1_000, true), (10_000, false)] {
      let (run, published) = try measure(drops, isSafe, limit: 150)
      let rate = Double(published) / run.wall
      let isWhole = published == drops
      if !isWhole, run.status != 124 { findings.faults.append("\(published) of \(drops) drops were published") }
      let name = "\(Text.grouped(Double(drops))) drops, \(isSafe ? "fsync" : "no fsync")"
      rows.append([
        name, isWhole ? "all" : "\(Text.grouped(Double(published))), then ended", Text.number(run.wall),
        Text.number(run.cpu), Text.number(rate, 0), Text.number(run.cpu / Double(max(1, published)) * 1000),
        Text.number(Double(run.peakMemory) / 1e6, 0),
      ])
      Text.say(Text.line(rows[rows.count - 1]))
      if !isSafe { findings.goals.append(Goal("queue of \(name)", atLeast: 1000, rate, unit: "drops/s")) }
    }
    findings.add(["Drops of 10 rows each of one feed with 1,000 keys, all there when one `sluice run` starts."])
    findings.add(["queue", "published", "wall s", "CPU s", "drops/s", "CPU ms a drop", "peak MB"], rows)
    return findings
  }

  private func measure(_ drops: Int, _ isSafe: Bool, limit: Int) throws -> (Measured, published: Int) {
    let project = try Project(sluice: place.sluice, template: place.template("project"), at: "\(place.data)/run")
    defer { Files.remove("\(place.data)/run") }
    let feed = "\(project.path)/feeds/inventory.yaml"
    let text = try Files.text(feed).replacing(
      "files: 'inventory*.csv*'\nmode: full", with: "files: 'queue-{sequence}.csv'\nmode: delta")
    try Files.write(text, to: feed)
    try Measured.succeed([
      place.product("workload"), "queue", "\(project.path)/inbox/queue", "--drops", "\(drops)", "--rows", "10",
      "--keys",
      "1000",
    ])
    sync()
    let run = try Measured.run(
      ["timeout", "\(limit)"] + project.run(isSafe ? [] : ["--no-fsync"]), output: "/dev/null")
    let published = Files.all(below: "\(project.path)/outbox/manifests").filter { $0.hasSuffix(".json") }.count
    return (run, published)
  }
}
