import Streams

/// What `run` and `watch` were asked for.
package struct RunOptions: Sendable {
  /// Only this feed.
  package var feed: String?
  /// Process content that was published before.
  package var isForced = false
  /// `--now`, seconds since 1970 UTC; acts on expressions and file names only.
  package var now: Int?
  /// False leaves out fsync.
  package var isDurable = true
  /// The person and the command line, for decisions.
  package var person = ""
  package var commandLine = ""
  /// Told about rows read and the share of bytes, for a progress line.
  package var progress: (@Sendable (_ file: String, _ rows: Int, _ rawBytes: Int, _ totalBytes: Int) -> Void)?

  package init() {}
}
