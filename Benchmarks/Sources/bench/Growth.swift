/// How time per row and memory change with the number of rows.
struct Growth {
  private let place: Place
  private var findings: Findings
  private var rows: [[String]] = []

  init(_ place: Place) {
    self.place = place
    findings = Findings("growth")
  }

  /// Day 2 of 1, 5 and 20 million rows.
  func measure() throws -> Findings {
    var growth = self
    for order in ["sorted", "shuffled"] {
      let series = try [1_000_000, 5_000_000, 20_000_000].map { ($0, try growth.measure($0, order, 3)) }
      let perRow = series.map { $0.1.cpu / Double($0.0) }
      growth.findings.goals += [
        Goal("growth \(order), CPU a row, 20 to 1 million", atMost: 1.15, perRow[2] / perRow[0]),
        Goal("growth \(order), peak memory, 20 to 1 million", atMost: 1.05, series[2].1.peak / series[0].1.peak),
      ]
    }
    growth.finish()
    return growth.findings
  }

  /// Both days of a hundred million rows, once, sorted.
  func measureSnapshot() throws -> Findings {
    var growth = self
    growth.findings = Findings("snapshot100m")
    let series = try growth.measure(100_000_000, "sorted", 1)
    growth.findings.goals.append(Goal("snapshot of 100 million keys, peak memory", atMost: 48, series.peak, unit: "MB"))
    growth.finish()
    return growth.findings
  }

  private mutating func finish() {
    findings.add(
      ["inventory", "day", "wall s", "CPU s", "CPU s a million rows", "peak MB", "written MB", "snapshot MB"], rows)
  }

  private mutating func measure(_ count: Int, _ order: String, _ runs: Int) throws -> Series {
    let data = try Dataset(place, feed: "inventory", rows: count, order: order)
    let state = try Project(sluice: place.sluice, template: place.template("project"), at: "\(place.data)/state")
    defer { for name in ["state", "run"] { Files.remove("\(place.data)/\(name)") } }
    try state.drop(data.files[0])
    let first = try Measured.run(state.run())
    findings.faults += data.faults(in: first, day: 1).map { "\(data.name), day 1: \($0)" }
    var firstDay = Series()
    firstDay.add(first)
    add(data, 1, firstDay, state.bytes(ofDrop: 1).snapshot)
    try state.trim()
    let run = "\(place.data)/run"
    var snapshot = 0
    let contender = Contender(
      name: data.name, command: [place.sluice, "run", "--json", "--quiet", "--project", run],
      prepare: { try state.copy(to: run).drop(data.files[1]) },
      check: { measured in
        snapshot = Files.total(below: "\(run)/snapshots")
        return data.faults(in: measured, day: 2)
      })
    let contest = try Contest([contender], rounds: runs)
    findings.faults += contest.faults
    add(data, 2, contest.series[0], snapshot)
    // The largest ones would fill the disk for the next.
    if count > 5_000_000 { data.remove() }
    return contest.series[0]
  }

  private mutating func add(_ data: Dataset, _ day: Int, _ series: Series, _ snapshot: Int) {
    let cells = [
      "\(Text.grouped(Double(data.counts.rows))) \(data.order)", "\(day)", series.spread(\.wall), series.spread(\.cpu),
      Text.number(series.cpu / Double(data.rows(day: day)) * 1e6, 3), Text.number(series.peak, 0),
      Text.number(series.written, 0), Text.number(Double(snapshot) / 1e6, 0),
    ]
    Text.say(Text.line(cells))
    rows.append(cells)
  }
}
