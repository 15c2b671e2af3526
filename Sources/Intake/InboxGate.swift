import Streams

/// The whole way from the inbox to drops that may be claimed: scan and quiet time.
package struct InboxGate {
  /// What may be taken now and what waits.
  package struct Passage: Equatable, Sendable {
    /// Quiet files, in byte order of their names.
    package var ready: [ReadyDrop] = []
    /// Everything else but ignored names.
    package var waiting: [WaitingFile] = []
    /// Seconds until the last of the files that are still growing could be quiet; 0 when there are none.
    package var secondsLeft = 0.0
    /// Those of the waiting files whose marker has not come although they have not changed for `incomplete_after`
    /// seconds: they go to the quarantine as `marker-missing`.
    package var overdue: [Candidate] = []
  }

  private let inbox: String
  private let scan: InboxScan
  private let rules: [String: IntakeRules]
  private var watch: QuietWatch

  /// A gate at the directory `inbox`, with the clock of `watch`.
  package init(inbox: String, feeds: [IntakeFeed], watch: QuietWatch = QuietWatch()) {
    self.inbox = inbox
    scan = InboxScan(feeds: feeds)
    rules = Dictionary(feeds.map { ($0.name, $0.rules) }) { first, _ in first }
    self.watch = watch
  }

  /// Looks once.
  package mutating func look() throws(SluiceError) -> Passage {
    let listing = try scan.list(inbox)
    watch.beginLook()
    var passage = Passage(waiting: listing.waiting)
    for candidate in listing.candidates {
      let rules = rules[candidate.feed] ?? IntakeRules()
      switch watch.isQuiet(candidate.name, candidate.identity, rules: rules) {
      case .ready:
        passage.ready.append(ReadyDrop(candidate: candidate, arrival: watch.arrival(of: candidate.name) ?? 0))
      case .stillGrowing(let seconds):
        passage.secondsLeft = max(passage.secondsLeft, seconds)
        passage.waiting.append(
          WaitingFile(
            name: DisplayName.escape(candidate.name), feed: candidate.feed, reason: .stillGrowing,
            message: "it has not been left alone for \(rules.quiet) seconds yet"))
      }
    }
    for candidate in listing.unmarked {
      let rules = rules[candidate.feed] ?? IntakeRules()
      _ = watch.isQuiet(candidate.name, candidate.identity, rules: rules)
      if let seconds = watch.unchangedSeconds(candidate.name), seconds >= rules.incompleteAfter {
        passage.overdue.append(candidate)
      }
    }
    return passage
  }

  /// Looks, waits once for as long as the files that are there need, and looks again: what a command does that runs
  /// once. What still grows then is left for the next time. Without anything to wait for, `wait` is not called.
  package mutating func settle(wait: (Double) throws(SluiceError) -> Void) throws(SluiceError) -> Passage {
    let first = try look()
    guard first.secondsLeft > 0 else { return first }
    try wait(first.secondsLeft)
    return try look()
  }

  /// For how many seconds a file has been seen unchanged; nil when it is not there.
  package func unchangedSeconds(_ name: String) -> Double? { watch.unchangedSeconds(name) }
}
