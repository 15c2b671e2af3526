import Foundation

/// What it costs to start, and to wait.
struct StartUp {
  private static let seconds = 60
  private let place: Place

  init(_ place: Place) { self.place = place }

  /// `sluice --version` twenty times, and a minute of `sluice watch` with nothing to do.
  func measure() throws -> Findings {
    var findings = Findings("start")
    let version = Contender(name: "--version", command: [place.sluice, "--version"])
    let project = try Project(sluice: place.sluice, template: place.template("project"), at: "\(place.data)/run")
    defer { Files.remove("\(place.data)/run") }
    let contest = try Contest([version, Contender(name: "run", command: project.run())], rounds: 20)
    findings.faults += contest.faults
    let idle = try watch(project)
    func milliseconds(_ run: Measured) -> Double { run.wall * 1000 }
    findings.add(
      ["what", "wall ms", "CPU ms", "peak MB"],
      zip(["sluice --version", "sluice run, empty inbox"], contest.series).map { name, series in
        [
          name, series.spread(milliseconds, digits: 1), series.spread({ $0.cpu * 1000 }, digits: 1),
          Text.number(series.peak, 1),
        ]
      })
    findings.add([
      "`sluice watch` with an empty inbox: \(Text.number(idle.resident, 1)) MB resident (of these "
        + "\(Text.number(idle.own, 1)) MB its own, the rest pages of the binary and libraries), "
        + "\(Text.number(idle.share, 3)) % of a core over \(StartUp.seconds) s."
    ])
    findings.goals += [
      Goal("start, sluice --version", atMost: 30, contest.series[0].median(milliseconds), unit: "ms"),
      Goal("idle watch, resident memory", atMost: 32, idle.resident, unit: "MB"),
      Goal("idle watch, share of a core", atMost: 0.1, idle.share, unit: "%"),
    ]
    return findings
  }

  private func watch(_ project: Project) throws -> (resident: Double, own: Double, share: Double) {
    let command = [place.sluice, "watch", "--quiet", "--project", project.path]
    let process = try Measured.spawn(command, output: "/dev/null")
    defer {
      kill(process, SIGTERM)
      waitpid(process, nil, 0)
    }
    // What it does to start is not what it costs to wait.
    sleep(5)
    let before = ticks(of: process)
    sleep(UInt32(StartUp.seconds))
    let used = Double(ticks(of: process) - before) / Double(sysconf(Int32(_SC_CLK_TCK)))
    return (
      kilobytes("VmRSS:", of: process) / 1000, kilobytes("RssAnon:", of: process) / 1000,
      used / Double(StartUp.seconds) * 100
    )
  }

  /// User and system time so far, in ticks.
  private func ticks(of process: pid_t) -> Int {
    let fields =
      ((try? Files.text("/proc/\(process)/stat")) ?? "").split(separator: ")").last?.split(separator: " ") ?? []
    guard fields.count > 12 else { return 0 }
    return (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0)
  }

  private func kilobytes(_ name: String, of process: pid_t) -> Double {
    let lines = ((try? Files.text("/proc/\(process)/status")) ?? "").split(separator: "\n")
    let words = lines.first { $0.hasPrefix(name) }?.split(whereSeparator: \.isWhitespace) ?? []
    return words.count > 1 ? (Double(words[1]) ?? 0) * 1.024 : 0
  }
}
