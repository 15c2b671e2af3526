import Glibc
import TestSupport

/// A command on a prepared project, its undisturbed history, and what to do after it was disturbed.
struct Disturbance {
  /// The project right before the command.
  let before: TestProject
  let command: [String]
  /// Called after a disturbance until it says that all is settled; throws when a command fails.
  let settle: @Sendable (TestProject) throws -> Void
  /// Calls that the undisturbed command makes, one `N CALL PATH` each.
  let trace: [String]
  let likeness: ProjectRecord.Likeness
  /// After the command and what follows it.
  let settled: ProjectRecord
  /// A day later.
  let final: ProjectRecord

  /// Runs `command` on a copy of `before` without a fault; `status` is how it ends.
  init(
    _ before: TestProject, _ command: [String], status: Int32 = 0, likeness: ProjectRecord.Likeness = .identical,
    countsOpen: Bool = false, settle: @escaping @Sendable (TestProject) throws -> Void
  ) throws {
    self.before = before
    self.command = command
    self.settle = settle
    self.likeness = likeness
    let project = try CrashScenario.copy(before)
    let point = try CrashPoint(root: project.directory.path, countsOpen: countsOpen)
    let result = try project.sluice(command, environment: point.environment)
    guard result.status == status else { throw TestFailure("exit \(result.status): \(result.errors)\(result.output)") }
    trace = point.trace()
    try settle(project)
    settled = try ProjectRecord(project, likeness: likeness)
    try CrashScenario.runThirdDay(in: project)
    final = try ProjectRecord(project, likeness: likeness)
  }

  /// `count` points from the first call to nearly the last, and every rename, which is where the state changes.
  /// The last calls are left out: their number varies with the length of what the ledger holds.
  ///
  /// `SLUICE_CRASH_POINTS=all` in the environment takes every point.
  func points(_ count: Int, renames: Bool = true) -> [Int] {
    let last = max(1, trace.count - 4)
    if getenv("SLUICE_CRASH_POINTS") != nil { return Array(1...last) }
    let even = (0..<count).map { 1 + $0 * (last - 1) / max(1, count - 1) }
    let moves = trace.indices.filter { renames && trace[$0].contains(" rename ") }.map { $0 + 1 }
    return Set(even + moves.filter { $0 <= last }).sorted()
  }

  /// The command with a fault: the project that it left, and its result.
  func run(_ fault: CrashPoint.Fault, countsOpen: Bool = false) throws -> (TestProject, CommandResult) {
    let project = try CrashScenario.copy(before)
    return (project, try disturb(project, command, fault, countsOpen: countsOpen))
  }

  /// Any command with a fault.
  func disturb(
    _ project: TestProject, _ command: [String], _ fault: CrashPoint.Fault, countsOpen: Bool = false
  ) throws -> CommandResult {
    let point = try CrashPoint(root: project.directory.path, fault: fault, countsOpen: countsOpen)
    return try project.sluice(command, environment: point.environment)
  }

  /// Settles the disturbed project and lists what is otherwise than in the undisturbed history, now and a day later.
  func differences(_ project: TestProject) throws -> String {
    do {
      try settle(project)
      let left = try ProjectRecord.leftovers(in: project)
      if !left.isEmpty { return "left behind: \(left)" }
      let now = try ProjectRecord(project, likeness: likeness)
      if now != settled { return now.differences(from: settled) }
      try CrashScenario.runThirdDay(in: project)
      let later = try ProjectRecord(project, likeness: likeness)
      return later == final ? "" : "a day later: " + later.differences(from: final)
    } catch let failure as TestFailure {
      return failure.description
    }
  }

  /// The share of `points` that stripe `stripe` of `count` looks at, so that stripes can run side by side.
  static func stripe(_ points: [Int], _ stripe: Int, of count: Int) -> [Int] {
    points.indices.filter { $0 % count == stripe }.map { points[$0] }
  }
}
