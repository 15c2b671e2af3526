import Feeds
import Glibc
import Logging
import Pipeline
import Streams
import Synchronization

/// Keeps polling the inbox until it is told to stop; a drop under way is finished first.
package final class Watch: Sendable {
  private let project: Places
  private let feeds: [FeedDefinition]
  private let options: RunOptions
  private let logger: Logger
  /// Seconds between two looks at the inbox.
  package static let interval = 1.0
  /// Seconds until the next look after a failure that concerns all feeds.
  private static let rest = 30.0

  /// A watch over `project`.
  package init(project: Places, feeds: [FeedDefinition], options: RunOptions, logger: Logger) {
    self.project = project
    self.feeds = feeds
    self.options = options
    self.logger = logger
  }

  /// Polls until SIGTERM or SIGINT. `show` is told of every drop.
  package func run(show: (DropReport) throws(SluiceError) -> Void) throws(SluiceError) {
    StopSignal.install()
    let inbox = try InboxRun(project: project, feeds: feeds, options: options)
    for report in try inbox.recover() { try show(report) }
    logger.info("watching", metadata: ["inbox": "\(project.inbox)", "feeds": "\(feeds.count)"])
    while !StopSignal.isRaised {
      var isStopped = false
      try inbox.turn(shouldStop: { StopSignal.isRaised }) { (report) throws(SluiceError) in
        try show(report)
        if report.isEnvironmentFailure { logger.error("\(report.message ?? "the environment failed")") }
        isStopped = isStopped || report.stopsRun
      }
      StopSignal.wait(seconds: isStopped ? Self.rest : Self.interval)
    }
    logger.info("stopped")
  }
}

/// Whether the process was asked to stop.
enum StopSignal {
  private static let flag = Atomic<Bool>(false)

  /// Lets SIGTERM and SIGINT raise the flag instead of ending the process.
  static func install() {
    for number in [SIGTERM, SIGINT] { signal(number) { _ in StopSignal.raise() } }
  }

  private static func raise() { flag.store(true, ordering: .relaxed) }

  /// True once a signal has come.
  static var isRaised: Bool { flag.load(ordering: .relaxed) }

  /// Waits; a signal ends it early.
  static func wait(seconds: Double) {
    guard !isRaised else { return }
    Pause.seconds(seconds)
  }
}
