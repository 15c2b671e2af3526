import Glibc
import TestSupport
import Testing

/// Faults of all kinds at random calls, several in a row, on random histories. Everything that a seed does follows from
/// its number, which a failure names.
///
/// `make test` takes the first few seeds, `make faults` a thousand: `SLUICE_FAULTS` is how many, `SLUICE_FAULT_SEED`
/// the first of them.
@Suite("After any faults, the next run brings the project to where it would have come without")
struct RandomFaultTests {
  private static let stripes = 4
  private static let usualCount = 24

  private static func history(isShuffled: Bool) -> Result<Disturbance, any Error> {
    Result {
      let project = try CrashScenario.afterFirstDay()
      try CrashScenario.dropSecondDay(in: project, isShuffled: isShuffled)
      return try Disturbance(project, CrashScenario.secondRun, likeness: .sameRows, countsOpen: true) { project in
        try CrashScenario.succeed(project.sluice(CrashScenario.secondRun))
      }
    }
  }

  private static let sorted = history(isShuffled: false)
  private static let shuffled = history(isShuffled: true)

  private static func number(_ name: String) -> Int? { getenv(name).flatMap { Int(String(cString: $0)) } }

  private static var seeds: Range<Int> {
    let first = number("SLUICE_FAULT_SEED") ?? 1
    return first..<first + (number("SLUICE_FAULTS") ?? usualCount)
  }

  @Test("Kills, errors of the disk, denied rights and short writes, one to three in a row", arguments: 0..<stripes)
  func anyFaults(stripe: Int) throws {
    for seed in Self.seeds where seed % Self.stripes == stripe { try disturb(seed) }
  }

  @Test("The faults of the first seeds are of every kind")
  func kinds() throws {
    let faults = (1...Self.usualCount).flatMap { Self.faults(seed: $0, calls: 300) }
    #expect(faults.contains { if case .kill = $0 { true } else { false } })
    #expect(faults.contains { if case .short = $0 { true } else { false } })
    #expect(faults.contains { if case .fail(_, _, true) = $0 { true } else { false } })
    #expect(faults.contains { if case .fail(_, _, false) = $0 { true } else { false } })
    #expect(faults == (1...Self.usualCount).flatMap { Self.faults(seed: $0, calls: 300) })
  }

  private static func faults(seed: Int, calls: Int) -> [CrashPoint.Fault] {
    var generator = SeededGenerator(seed: UInt64(seed))
    return (0..<Int.random(in: 1...3, using: &generator)).map { _ in
      let call = Int.random(in: 1...calls, using: &generator)
      let error = ["ENOSPC", "EIO", "EACCES", "EROFS", "EDQUOT"].randomElement(using: &generator) ?? "EIO"
      switch Int.random(in: 0..<8, using: &generator) {
      case 0...3: return .kill(call: call)
      case 4: return .short(call: call)
      case 5: return .fail(call: call, error: error, persists: true)
      default: return .fail(call: call, error: error)
      }
    }
  }

  private func disturb(_ seed: Int) throws {
    let history = try (seed.isMultiple(of: 3) ? Self.shuffled : Self.sorted).get()
    let faults = Self.faults(seed: seed, calls: history.trace.count)
    let project = try CrashScenario.copy(history.before)
    var results: [String] = []
    for fault in faults {
      let result = try history.disturb(project, history.command, fault, countsOpen: true)
      results.append("\(fault): exit \(result.status), signal \(result.signal), \(result.errors)")
      // A fault behind the last call of a run that has less left to do does not happen.
      #expect(result.signal == 9 || [0, 3].contains(result.status), "seed \(seed): \(results)")
      #expect(try ProjectRecord.unrecorded(in: project) == [], "seed \(seed): \(results)")
    }
    let differences = try history.differences(project)
    #expect(differences.isEmpty, "seed \(seed): \(results.joined(separator: "\n"))\n\(differences)")
    let verified = try project.sluice("ledger", "verify")
    #expect(verified.status == 0, "seed \(seed): \(verified.errors)\(verified.output)")
  }
}
