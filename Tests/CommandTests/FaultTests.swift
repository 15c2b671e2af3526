import TestSupport
import Testing

/// One call fails, as on a disk that is full for a moment or has a bad block.
@Suite("A call that fails is reported, leaves nothing half-done, and is made good by the next run")
struct FaultTests {
  private static let stripes = 4

  private static let secondDay = Result {
    let project = try CrashScenario.afterFirstDay()
    try CrashScenario.dropSecondDay(in: project)
    return try Disturbance(
      project, CrashScenario.secondRun, likeness: .sameRows, countsOpen: true
    ) { project in
      try CrashScenario.succeed(project.sluice(CrashScenario.secondRun))
    }
  }

  @Test("No space, or an error of the device, at any call", arguments: 0..<stripes)
  func fails(stripe: Int) throws {
    let history = try Self.secondDay.get()
    let points = history.points(36)
    for (index, point) in points.enumerated() where index % Self.stripes == stripe {
      let error = index % 2 == 0 ? "ENOSPC" : "EIO"
      let (project, result) = try history.run(.fail(call: point, error: error), countsOpen: true)
      let call = "\(error) at \(history.trace[point - 1])"
      try expectNothingHalfDone(history, project, result, call)
    }
  }

  /// Exit status 0 only when all was done in spite of the fault, and what another status left is made good.
  private func expectNothingHalfDone(
    _ history: Disturbance, _ project: TestProject, _ result: CommandResult, _ call: String
  ) throws {
    #expect(result.status == 3 || result.status == 0, "exit \(result.status) after \(call): \(result.errors)")
    if result.status == 0 {
      let record = try ProjectRecord(project, likeness: .sameRows)
      #expect(record == history.settled, "\(call) was passed over:\n\(record.differences(from: history.settled))")
    } else {
      #expect(!result.errors.isEmpty || result.output.contains("failed"), "\(call) is not reported")
    }
    #expect(try ProjectRecord.unrecorded(in: project) == [], "after \(call)")
    let differences = try history.differences(project)
    #expect(differences.isEmpty, "\(call), then:\n\(differences)\n\(result.errors)\(result.output)")
  }

  @Test("A disk that stays full ends the run with 3, and all is done when it has room again")
  func staysFull() throws {
    let history = try Self.secondDay.get()
    for point in history.points(8, renames: false) {
      let (project, result) = try history.run(
        .fail(call: point, error: "ENOSPC", persists: true), countsOpen: true)
      let call = "full from \(history.trace[point - 1]) on"
      try expectNothingHalfDone(history, project, result, call)
    }
  }

  @Test("Before a commit all that was staged is on the disk: bytes, names, and the names of directories")
  func syncsBeforeCommits() throws {
    let history = try Self.secondDay.get()
    var dirty: Set<String> = []
    var early: [String] = []
    for line in history.trace {
      let parts = line.split(separator: " ", maxSplits: 2).map(String.init)
      let path = parts[2].replacing("/./", with: "/")
      let isStaged = path.contains("/outbox/.staging/") || path.contains("/snapshots/")
      switch parts[1] {
      case "open" where isStaged: dirty.formUnion([path, Self.parent(path)])
      case "write" where isStaged: dirty.insert(path)
      case "fsync": dirty.remove(path)
      case "unlink": dirty.remove(path)
      case "rmdir": dirty.remove(path)
      // A rename out of the staging directory is made good by recovery, so that its names need no order.
      case "rename": dirty = dirty.filter { !$0.contains(".staging") }
      case "fdatasync" where path.hasSuffix("ledger.sqlite-wal"):
        if !dirty.isEmpty { early.append("\(line): \(dirty.sorted())") }
      default: break
      }
    }
    #expect(early.isEmpty, "\(early.joined(separator: "\n"))")
  }

  private static func parent(_ path: String) -> String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? path
  }
}
