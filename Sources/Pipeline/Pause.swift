import Glibc

/// Waiting by the monotonic clock.
package enum Pause {
  /// Waits for so many seconds; a signal ends it early.
  package static func seconds(_ seconds: Double) {
    guard seconds > 0 else { return }
    var time = timespec(tv_sec: Int(seconds), tv_nsec: Int((seconds - seconds.rounded(.down)) * 1e9))
    clock_nanosleep(CLOCK_MONOTONIC, 0, &time, nil)
  }
}
