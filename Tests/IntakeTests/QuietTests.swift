import Streams
import Synchronization
import Testing

@testable import Intake

/// A clock that stands until it is moved.
private final class HandClock: Sendable {
  private let time = Mutex(1000.0)

  var now: @Sendable () -> Double { { self.time.withLock { $0 } } }

  func move(_ seconds: Double) { time.withLock { $0 += seconds } }
}

@Suite("Quiet time")
struct QuietTests {
  private let first = Intake.FileIdentity(device: 1, inode: 2, size: 10, modified: 5)

  @Test("passes once nothing changed for as long as the feed wants")
  func passes() {
    let clock = HandClock()
    var watch = QuietWatch(now: clock.now)
    let rules = IntakeRules(quiet: 5)
    #expect(watch.isQuiet("a", first, rules: rules) == .stillGrowing(secondsLeft: 5))
    clock.move(3)
    #expect(watch.isQuiet("a", first, rules: rules) == .stillGrowing(secondsLeft: 2))
    clock.move(2)
    #expect(watch.isQuiet("a", first, rules: rules) == .ready)
    #expect(watch.unchangedSeconds("a") == 5)
    #expect(watch.unchangedSeconds("b") == nil)
  }

  @Test("starts again when size, time or the file itself changes, in whatever direction")
  func restarts() {
    let rules = IntakeRules(quiet: 5)
    for change in 0..<4 {
      let clock = HandClock()
      var watch = QuietWatch(now: clock.now)
      _ = watch.isQuiet("a", first, rules: rules)
      clock.move(10)
      var other = first
      switch change {
      case 0: other.size = 9
      case 1: other.modified = 4
      case 2: other.inode = 3
      default: other.device = 7
      }
      #expect(watch.isQuiet("a", other, rules: rules) == .stillGrowing(secondsLeft: 5))
    }
  }

  @Test("of zero seconds is over at once")
  func none() {
    var watch = QuietWatch(now: HandClock().now)
    #expect(watch.isQuiet("a", first, rules: IntakeRules(quiet: 0)) == .ready)
  }

  @Test("is kept per name in bytes, and arrival is the look in which a file was first seen")
  func arrival() {
    let clock = HandClock()
    var watch = QuietWatch(now: clock.now)
    let rules = IntakeRules(quiet: 5)
    watch.beginLook()
    _ = watch.isQuiet("é", first, rules: rules)
    watch.beginLook()
    _ = watch.isQuiet("é", first, rules: rules)
    _ = watch.isQuiet("e\u{301}", first, rules: rules)
    #expect(watch.arrival(of: "é") == 1)
    #expect(watch.arrival(of: "e\u{301}") == 2)
    watch.beginLook()
    var replaced = first
    replaced.inode = 9
    _ = watch.isQuiet("é", replaced, rules: rules)
    #expect(watch.arrival(of: "é") == 3)
    watch.beginLook()
    watch.beginLook()
    #expect(watch.arrival(of: "é") == nil)
  }

  @Test("is waited for once by a single run, and not at all when it is zero")
  func settle() throws {
    let scratch = try Scratch()
    try scratch.write("a.csv", "x")
    let clock = HandClock()
    let rules = IntakeRules(quiet: 5)
    let feed = try IntakeFeed(name: "f", patterns: [FilePattern(match: "*.csv", mode: .full)], rules: rules)
    var gate = InboxGate(inbox: scratch.path, feeds: [feed], watch: QuietWatch(now: clock.now))
    var waits: [Double] = []
    let passage = try gate.settle { (seconds) throws(SluiceError) in
      waits.append(seconds)
      clock.move(seconds)
    }
    #expect(waits == [5])
    #expect(passage.ready.map(\.candidate.name) == ["a.csv"])

    let hasty = try IntakeFeed(
      name: "f", patterns: [FilePattern(match: "*.csv", mode: .full)], rules: IntakeRules(quiet: 0))
    var open = InboxGate(inbox: scratch.path, feeds: [hasty], watch: QuietWatch(now: clock.now))
    #expect(try open.settle { _ in Issue.record("there was nothing to wait for") }.ready.count == 1)
  }

  @Test("leaves a file that grows meanwhile for the next time")
  func grows() throws {
    let scratch = try Scratch()
    try scratch.write("a.csv", "x")
    let clock = HandClock()
    let feed = try IntakeFeed(
      name: "f", patterns: [FilePattern(match: "*.csv", mode: .full)], rules: IntakeRules(quiet: 5))
    var gate = InboxGate(inbox: scratch.path, feeds: [feed], watch: QuietWatch(now: clock.now))
    let passage = try gate.settle { (seconds) throws(SluiceError) in
      clock.move(seconds)
      do { try scratch.write("a.csv", "xy") } catch { Issue.record(error) }
    }
    #expect(passage.ready.isEmpty)
    #expect(passage.waiting.map(\.reason) == [.stillGrowing])
    #expect(passage.secondsLeft == 5)
  }

  @Test("tells of files whose marker has not come for too long")
  func overdue() throws {
    let scratch = try Scratch()
    try scratch.write("a.csv", "x")
    let clock = HandClock()
    let rules = IntakeRules(quiet: 5, incompleteAfter: 60, marker: "{name}.ok")
    let feed = try IntakeFeed(name: "f", patterns: [FilePattern(match: "*.csv", mode: .full)], rules: rules)
    var gate = InboxGate(inbox: scratch.path, feeds: [feed], watch: QuietWatch(now: clock.now))
    #expect(try gate.look().overdue.isEmpty)
    clock.move(59)
    #expect(try gate.look().overdue.isEmpty)
    clock.move(1)
    let passage = try gate.look()
    #expect(passage.overdue.map(\.name) == ["a.csv"])
    #expect(passage.waiting.map(\.reason) == [.markerMissing])
    try scratch.write("a.csv.ok", "")
    #expect(try gate.look().ready.map(\.candidate.name) == ["a.csv"])
  }
}
