import Foundation

/// Two days of one feed, sorted and shuffled, plain and gzip: what they cost beside the peers and the limits.
struct Nightly {
  private let place: Place
  private let feed: String
  private let rows: Int
  private let isGzip: [Bool]
  private var findings: Findings
  private var costs: [[String]] = []
  private var ratios: [[String]] = []

  /// The catalogue has a fifth of the inventory's rows, which makes files of about the same size.
  init(_ place: Place, feed: String, isGzip: [Bool]) {
    self.place = place
    self.feed = feed
    self.isGzip = isGzip
    rows = feed == "inventory" ? place.options.rows : max(1, place.options.rows / 5)
    findings = Findings(isGzip == [true] ? "\(feed)-gz" : feed)
  }

  /// Measures all of it.
  func measure() throws -> Findings {
    var nightly = self
    let profile = Profile(place)
    for order in ["shuffled", "sorted"] {
      var reference: Reference?
      if feed == "inventory" {
        reference = try Reference.day2(of: try Dataset(place, feed: feed, rows: rows, order: order), place)
      }
      for gzip in isGzip {
        let data = try Dataset(place, feed: feed, rows: rows, order: order, isGzip: gzip)
        try nightly.measure(data, reference, profile)
      }
    }
    nightly.findings.add(["", "\(Text.grouped(Double(rows))) rows. Medians, with least and greatest."])
    nightly.findings.add(
      ["what", "day", "wall s", "CPU s", "rows/s", "MB/s", "peak MB", "written MB"], nightly.costs)
    nightly.findings.add(["Sluice against", "day", "wall", "wall, pairs", "CPU", "CPU, pairs"], nightly.ratios)
    nightly.findings.add(["Share of the CPU time in each stage, day 2, one run with samples:"])
    nightly.findings.add(profile.header, profile.rows)
    return nightly.findings
  }

  private mutating func measure(_ data: Dataset, _ reference: Reference?, _ profile: Profile) throws {
    let state = try Project(sluice: place.sluice, template: place.template("project"), at: "\(place.data)/state")
    let empty = try state.copy(to: "\(place.data)/empty")
    try state.drop(data.files[0])
    let first = try Measured.run(state.run())
    findings.faults += data.faults(in: first, day: 1).map { "\(data.name), day 1: \($0)" }
    try state.trim()
    let peer = try Peer(place, data)
    let second = try measure(2, data, from: state, peer, reference)
    let firstDay = try measure(1, data, from: empty, peer, nil)
    addGoals(data, day1: firstDay, day2: second)
    let run = try state.copy(to: "\(place.data)/run")
    try run.drop(data.files[1])
    try profile.measure(data.name, run.run())
    for directory in ["state", "empty", "run"] { Files.remove("\(place.data)/\(directory)") }
    peer?.remove()
  }

  /// The contenders' series of a day by name, ours as "Sluice".
  private mutating func measure(
    _ day: Int, _ data: Dataset, from state: Project, _ peer: Peer?, _ reference: Reference?
  ) throws -> [String: Series] {
    let file = data.files[day - 1]
    let run = "\(place.data)/run"
    var contenders = [
      Contender(
        name: "Sluice", command: [place.sluice, "run", "--json", "--quiet", "--project", run],
        prepare: { try state.copy(to: run).drop(file) },
        check: { measured in
          let wrong = try reference.map { $0.faults(in: try Reference.published(in: run)) } ?? []
          return data.faults(in: measured, day: day) + wrong
        })
    ]
    if let peer { contenders.append(peer.contender(day: day)) }
    if day == 2 { contenders += Limit.contenders(for: data, place) }
    let contest = try Contest(contenders, rounds: place.options.runs)
    findings.faults += contest.faults.map { "\(data.name), day \(day), \($0)" }
    for (contender, series) in zip(contenders, contest.series) {
      let isOurs = contender.name == "Sluice"
      add(isOurs ? data.name : "- \(contender.name)", day, series, data)
      if !isOurs { addRatio(data.name, contender.name, day, contest.series[0], series) }
    }
    return Dictionary(uniqueKeysWithValues: zip(contenders.map(\.name), contest.series))
  }

  private mutating func add(_ name: String, _ day: Int, _ series: Series, _ data: Dataset) {
    let cells = [
      name, "\(day)", series.spread(\.wall), series.spread(\.cpu),
      Text.grouped(Double(data.rows(day: day)) / series.wall), Text.number(data.megabytes(day: day) / series.wall, 0),
      Text.number(series.peak, 0), Text.number(series.written, 0),
    ]
    Text.say(Text.line(cells))
    costs.append(cells)
  }

  private mutating func addRatio(_ name: String, _ other: String, _ day: Int, _ ours: Series, _ theirs: Series) {
    let (wall, cpu) = (ours.ratio(to: theirs, \.wall), ours.ratio(to: theirs, \.cpu))
    ratios.append([
      "\(name): \(other)", "\(day)", Text.number(wall.medians), Text.number(wall.pairs), Text.number(cpu.medians),
      Text.number(cpu.pairs),
    ])
  }

  private mutating func addGoals(_ data: Dataset, day1: [String: Series], day2: [String: Series]) {
    guard let first = day1["Sluice"], let second = day2["Sluice"] else { return }
    func add(_ what: String, _ target: Double, _ ours: Series, _ theirs: Series, _ value: (Measured) -> Double) {
      let ratio = ours.ratio(to: theirs, value)
      findings.goals.append(
        Goal("\(data.name), \(what)", atMost: target, ratio.medians, note: Text.number(ratio.pairs)))
    }
    if let duck = day2[Peer.name], let limits = Nightly.targets[data.name] {
      add("day 2, wall to DuckDB", limits.wall, second, duck, \.wall)
      add("day 2, CPU to DuckDB", limits.cpu, second, duck, \.cpu)
    }
    if let limits = Nightly.targets[data.name] {
      findings.goals.append(Goal("\(data.name), day 2, peak memory", atMost: limits.peak, second.peak, unit: "MB"))
    }
    if let inflate = day2[Limit.gzip] {
      add("day 2, wall to gzip -dc", data.order == "sorted" ? 1.3 : 2, second, inflate, \.wall)
    }
    if let parse = day2[Limit.xmllint] {
      add("day 2, wall to xmllint", data.order == "sorted" ? 1 : 1.8, second, parse, \.wall)
    }
    if let duck = day1[Peer.name] { add("day 1, wall to DuckDB", 1, first, duck, \.wall) }
    add("day 1, wall to our day 2", 2, first, second, \.wall)
  }

  /// What day 2 may take of DuckDB's time, and how many megabytes.
  private static let targets: [String: (wall: Double, cpu: Double, peak: Double)] = [
    "inventory shuffled": (1.0 / 2, 2.0 / 5, 64), "inventory sorted": (1.0 / 3, 1.0 / 5, 48),
    "product shuffled": (1.0 / 3, 1.0 / 4, 64),
  ]
}
