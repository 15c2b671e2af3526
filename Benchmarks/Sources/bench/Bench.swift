import Foundation

/// Runs the two-day workloads through the release build and says what each day cost; wrong counts fail the benchmark.
@main
struct Bench {
  private let options: Options
  private let data: String
  private let generator: String
  private var isWrong = false

  static func main() {
    do {
      var bench = Bench(try Options(CommandLine.arguments.dropFirst()))
      exit(try bench.measure() ? 0 : 1)
    } catch {
      FileHandle.standardError.write(Data("bench: \(error)\n".utf8))
      exit(2)
    }
  }

  private init(_ options: Options) {
    self.options = options
    data = "\(options.root)/Benchmarks/data"
    generator =
      URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
      .appendingPathComponent("workload").path
  }

  /// True when every count was right.
  private mutating func measure() throws -> Bool {
    try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
    Bench.say("\(options.rows) rows, \(options.order) keys; day 2 has 2 % changed, 0.1 % gone, 0.1 % new, 0.01 % bad\n")
    Bench.say(Bench.row(["what", "day", "rows/s", "MB/s", "wall s", "CPU s", "CPU s/M rows", "peak MB", "counts"]))
    for name in options.workloads {
      let workload = try Workload(
        name: name, rows: options.rows, order: options.order, directory: data, generator: generator)
      try measure(workload)
      if options.peers != nil, ["inventory", "product"].contains(name) { try measurePeer(workload) }
    }
    return !isWrong
  }

  private mutating func measure(_ workload: Workload) throws {
    let project = "\(data)/run-\(workload.name)"
    Files.remove(project)
    try Files.copy("\(options.root)/Benchmarks/project", to: project)
    try Files.makeFresh("\(project)/inbox")
    for day in 1...2 {
      let file = workload.files[day - 1]
      let name = URL(fileURLWithPath: file).lastPathComponent
      try Files.copy(file, to: "\(project)/inbox/\(name)")
      let sluice = "\(options.root)/.build/release/sluice"
      let cost = try Measured.run([sluice, "run", "--json", "--quiet", "--project", project])
      let lines = cost.output.split(separator: "\n")
      var differences = cost.status == 0 ? [] : ["exit status \(cost.status)"]
      if lines.count == 1, let report = try? JSONDecoder().decode(DropReport.self, from: Data(lines[0].utf8)) {
        differences += workload.differences(in: report, day: day)
      } else {
        differences.append("\(lines.count) lines of JSON, none that can be read as the report of one drop")
      }
      show(workload.name, workload, day, cost, differences)
    }
    Files.remove(project)
  }

  private mutating func measurePeer(_ workload: Workload) throws {
    guard let peers = options.peers else { return }
    let directory = "\(data)/peer-\(workload.name)"
    try Files.makeFresh(directory)
    for day in 1...2 {
      let cost = try Measured.run([
        options.python, "\(peers)/duckdb_nightly.py", workload.feed, workload.files[day - 1], "\(directory)/state.db",
        "\(directory)/out",
      ])
      show("  DuckDB", workload, day, cost, cost.status == 0 ? [] : ["exit status \(cost.status)"], checks: false)
    }
    Files.remove(directory)
  }

  private mutating func show(
    _ name: String, _ workload: Workload, _ day: Int, _ cost: Measured, _ differences: [String], checks: Bool = true
  ) {
    let rows = Double(day == 1 ? workload.counts.day1Rows : workload.counts.day2Rows)
    let megabytes = Double(Files.size(workload.files[day - 1])) / 1e6
    let verdict = differences.isEmpty ? (checks ? "right" : "not checked") : "WRONG"
    Bench.say(
      Bench.row([
        name, "\(day)", String(format: "%.0f", rows / cost.wall), String(format: "%.1f", megabytes / cost.wall),
        String(format: "%.2f", cost.wall), String(format: "%.2f", cost.cpu),
        String(format: "%.3f", cost.cpu / rows * 1e6), String(format: "%.1f", Double(cost.peakMemory) / 1e6), verdict,
      ]))
    for difference in differences { Bench.say("  \(name), day \(day): \(difference)") }
    if !differences.isEmpty { isWrong = true }
  }

  private static let widths = [14, 4, 11, 8, 8, 8, 13, 9, 12]

  private static func row(_ cells: [String]) -> String {
    zip(cells, widths).enumerated().map { index, cell in
      let pad = String(repeating: " ", count: max(0, cell.1 - cell.0.count))
      return index == 0 ? cell.0 + pad : pad + cell.0
    }.joined(separator: " ")
  }

  private static func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
}
