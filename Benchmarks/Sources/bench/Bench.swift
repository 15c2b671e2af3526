import Foundation

/// Measures the release build against its peers and its limits. Wrong counts fail the benchmark; a goal that was not
/// reached is said, and does not, since ratios move on a machine that does other things too.
@main
struct Bench {
  static func main() {
    do {
      let place = try Place(try Options(CommandLine.arguments.dropFirst()))
      exit(try measure(place) ? 0 : 1)
    } catch {
      FileHandle.standardError.write(Data("bench: \(error)\n".utf8))
      exit(2)
    }
  }

  /// True when every count was right.
  private static func measure(_ place: Place) throws -> Bool {
    let results = try Results(place)
    var goals: [Goal] = []
    var faults: [String] = []
    for name in place.options.workloads {
      Text.say("\n## \(name)")
      let findings = try measure(name, place)
      try results.record(findings)
      goals += findings.goals
      faults += findings.faults.map { "\(name): \($0)" }
    }
    Text.say("\n## Goals\n")
    for line in Text.table(Array(Goal.header.dropLast()), goals.map(\.cells)) { Text.say(line) }
    for fault in faults { Text.say("WRONG: \(fault)") }
    return faults.isEmpty
  }

  private static func measure(_ name: String, _ place: Place) throws -> Findings {
    switch name {
    case "inventory", "product", "pim":
      try Nightly(place, feed: name, isGzip: name == "pim" ? [false] : [false, true]).measure()
    case "inventory-gz", "product-gz", "pim-gz":
      try Nightly(place, feed: String(name.dropLast(3)), isGzip: [true]).measure()
    case "allocations": try Allocations(place).measure()
    case "growth": try Growth(place).measure()
    case "snapshot100m": try Growth(place).measureSnapshot()
    case "delta": try Delta(place).measure()
    case "queue": try Queue(place).measure()
    case "odd": try Odd(place).measure()
    case "start": try StartUp(place).measure()
    default: throw BenchFailure("no workload \(name)\n\(Options.usage)")
    }
  }
}
