import Glibc

/// Whether a file has been left alone for long enough.
package enum Quietness: Equatable, Sendable {
  /// It is quiet.
  case ready
  /// It changed a short while ago and needs this many more seconds.
  case stillGrowing(secondsLeft: Double)
}

/// Remembers since when each file of the inbox has not changed.
///
/// The time is that of a monotonic clock: neither a clock that is set nor a modification time that the producer
/// keeps makes a half-written file look finished.
package struct QuietWatch {
  private struct Sighting {
    var identity: FileIdentity
    /// When the file was first seen in this state.
    var since: Double
    /// The look in which the name was first seen.
    var arrival: Int
    /// The look in which it was last seen.
    var lastLook: Int
  }

  private let now: @Sendable () -> Double
  private var look = 0
  /// By the bytes of the name: two names that Unicode calls equal are two files.
  private var sightings: [[UInt8]: Sighting] = [:]

  /// A watch with a clock of monotonic seconds.
  package init(now: @escaping @Sendable () -> Double = QuietWatch.monotonicSeconds) { self.now = now }

  /// Seconds of `CLOCK_MONOTONIC`.
  @Sendable package static func monotonicSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// Begins another look at the inbox and forgets what was not there at the last one.
  package mutating func beginLook() {
    let last = look
    sightings = sightings.filter { $0.value.lastLook == last }
    look += 1
  }

  /// Notes the state of a file and says whether it has had it for `rules.quiet` seconds.
  package mutating func isQuiet(_ name: String, _ identity: FileIdentity, rules: IntakeRules) -> Quietness {
    let time = now()
    let key = Array(name.utf8)
    var sighting = sightings[key] ?? Sighting(identity: identity, since: time, arrival: look, lastLook: look)
    if sighting.identity != identity {
      // Another inode is another file under the same name: it arrives now.
      if sighting.identity.inode != identity.inode || sighting.identity.device != identity.device {
        sighting.arrival = look
      }
      sighting.identity = identity
      sighting.since = time
    }
    sighting.lastLook = look
    sightings[key] = sighting
    let left = rules.quiet - (time - sighting.since)
    return left > 0 ? .stillGrowing(secondsLeft: left) : .ready
  }

  /// The number of the look in which the file was first seen: the order of arrival; nil when it never was.
  package func arrival(of name: String) -> Int? { sightings[Array(name.utf8)]?.arrival }

  /// For how many seconds the file has been seen in its present state; nil when it never was.
  package func unchangedSeconds(_ name: String) -> Double? {
    sightings[Array(name.utf8)].map { now() - $0.since }
  }
}
