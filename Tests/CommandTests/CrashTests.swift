import TestSupport
import Testing

/// The process is killed between any two calls that change the disk; the next command has to bring the project to where
/// it would have come without.
@Suite("Killed at any point, a command is completed or undone by the next one")
struct CrashTests {
  private static let stripes = 4
  /// Kills that a run has to survive, spread over its calls; those at its renames come on top.
  private static let killPoints = 52

  /// The histories are made once; each test copies what it disturbs.
  private static let secondDay = Result {
    let project = try CrashScenario.afterFirstDay()
    try CrashScenario.dropSecondDay(in: project)
    return try Disturbance(project, CrashScenario.secondRun, settle: runAgain)
  }

  private static let shuffledDay = Result {
    let project = try CrashScenario.afterFirstDay()
    try CrashScenario.dropSecondDay(in: project, isShuffled: true)
    return try Disturbance(project, CrashScenario.secondRun, settle: runAgain)
  }

  @Sendable private static func runAgain(_ project: TestProject) throws {
    try CrashScenario.succeed(project.sluice(CrashScenario.secondRun))
  }

  @Test("A run that was killed leaves nothing that the next run does not complete", arguments: 0..<stripes)
  func run(stripe: Int) throws {
    let history = try Self.secondDay.get()
    let points = history.points(Self.killPoints)
    #expect(points.count >= Self.killPoints)
    for point in Disturbance.stripe(points, stripe, of: Self.stripes) { try expectRecovery(history, point) }
  }

  @Test("The points at which a run is killed are fifty different calls and more, from its first to its last step")
  func points() throws {
    let history = try Self.secondDay.get()
    let points = history.points(Self.killPoints)
    #expect(points.count == Set(points).count && points.count >= 50, "\(points.count)")
    let calls = points.map { history.trace[$0 - 1] }
    #expect(Set(calls).count == points.count)
    for step in ["/work/", "/outbox/.staging/", "/snapshots/", "ledger.sqlite", "/outbox/commerce/", "/archive/"] {
      #expect(calls.contains { $0.contains(step) }, "no point near \(step)")
    }
    // The stripes of the test above are all points, each once.
    let stripes = (0..<Self.stripes).flatMap { Disturbance.stripe(points, $0, of: Self.stripes) }
    #expect(stripes.sorted() == points)
  }

  @Test("A run in two passes is as safe", arguments: 0..<2)
  func shuffled(stripe: Int) throws {
    let history = try Self.shuffledDay.get()
    for point in Disturbance.stripe(history.points(12, renames: false), stripe, of: 2) {
      try expectRecovery(history, point)
    }
  }

  private func expectRecovery(_ history: Disturbance, _ point: Int, _ location: SourceLocation = #_sourceLocation)
    throws
  {
    let (project, result) = try history.run(.kill(call: point))
    #expect(result.signal == 9, "point \(point) was not reached", sourceLocation: location)
    let differences = try history.differences(project)
    #expect(
      differences.isEmpty, "killed before \(history.trace[point - 1]):\n\(differences)", sourceLocation: location)
  }

  @Test("A recovery that was killed itself is completed by the one after it", arguments: 0..<2)
  func twice(stripe: Int) throws {
    let history = try Self.secondDay.get()
    let points = history.points(10, renames: false)
    for (index, point) in points.enumerated() where index % 2 == stripe {
      let (project, result) = try history.run(.kill(call: point))
      #expect(result.signal == 9)
      // Opening the ledger takes the first calls; what is left to do gets less with each point.
      let second = 20 + (index * 37) % max(1, history.trace.count - point)
      _ = try history.disturb(project, CrashScenario.secondRun, .kill(call: second))
      let differences = try history.differences(project)
      #expect(
        differences.isEmpty, "killed before \(history.trace[point - 1]), then at call \(second):\n\(differences)")
    }
  }

  // MARK: - Held drops

  private static func held() throws -> TestProject {
    let project = try CrashScenario.afterFirstDay()
    try CrashScenario.dropHeldDay(in: project)
    return project
  }

  private static let release = ["release", "3", "--reason", "confirmed"]
  private static let discard = ["discard", "3", "--reason", "a mistake"]

  /// Decides on drop 3 unless that has been done, after a run has completed what was begun.
  private static func decide(_ command: [String]) -> @Sendable (TestProject) throws -> Void {
    { project in
      let result = try project.sluice(CrashScenario.secondRun)
      guard result.status <= 1 else { throw TestFailure("exit \(result.status): \(result.errors)") }
      let sql = "SELECT kind FROM entry WHERE drop_id = 3 AND kind <> 'finished' ORDER BY id DESC LIMIT 1"
      guard try ProjectRecord.query(project, sql) == [["held"]] else { return }
      try CrashScenario.succeed(project.sluice(command))
    }
  }

  private func expectRecoveries(_ history: Disturbance, _ count: Int) throws {
    for point in history.points(count) { try expectRecovery(history, point) }
  }

  @Test("A hold that was killed ends held, once, and can be released")
  func hold() throws {
    let history = try Disturbance(
      Self.held(), CrashScenario.secondRun, status: 1, likeness: .sameRows, settle: Self.decide(Self.release))
    #expect(history.settled.outcomes["PROD_20261102.csv"] == ["held", "released"])
    try expectRecoveries(history, 10)
  }

  @Test("A release that was killed has published all or nothing")
  func released() throws {
    let project = try Self.held()
    #expect(try project.sluice(CrashScenario.secondRun).status == 1)
    let history = try Disturbance(project, Self.release, likeness: .sameRows, settle: Self.decide(Self.release))
    #expect(history.settled.outcomes["PROD_20261102.csv"] == ["held", "released"])
    try expectRecoveries(history, 14)
  }

  @Test("A discard that was killed has given the drop up or not")
  func discarded() throws {
    let project = try Self.held()
    #expect(try project.sluice(CrashScenario.secondRun).status == 1)
    let history = try Disturbance(project, Self.discard, likeness: .sameRows, settle: Self.decide(Self.discard))
    #expect(history.settled.outcomes["PROD_20261102.csv"] == ["held", "discarded"])
    try expectRecoveries(history, 8)
  }
}
