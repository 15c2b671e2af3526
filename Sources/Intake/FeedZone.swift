import Foundation
import Streams

/// The time zone of a feed: wall-clock times of file names and rows become UTC.
package struct FeedZone: Sendable, Equatable {
  /// The IANA name, such as `Europe/Berlin`.
  package let name: String
  private let zone: TimeZone

  /// The zone of that IANA name. Throws `.definition` `zone-unknown`.
  package init(_ name: String) throws(SluiceError) {
    guard !name.isEmpty, let zone = TimeZone(identifier: name) else {
      throw SluiceError(
        .definition, "zone-unknown", field: "zone", value: DisplayName.escape(name),
        cause: "there is no time zone of that name",
        remedy: "write a name of the IANA time zone database, such as Europe/Berlin")
    }
    self.name = name
    self.zone = zone
  }

  /// UTC seconds since 1970 of a wall-clock time (seconds since 1970-01-01 00:00 on the clock of this zone).
  ///
  /// A time that the clock shows twice (the end of summer time) is the first of the two. A time that it skips (the
  /// start of summer time) is as long after the skip as it lies after the skip's beginning: 02:30 becomes 03:30.
  package func utc(wall: Int64) -> Int64 {
    // No zone is more than a day from UTC, and none changes its offset twice within two days.
    let before = offset(utc: wall - 86_400)
    let after = offset(utc: wall + 86_400)
    for candidate in [before, after].sorted(by: >) where offset(utc: wall - candidate) == candidate {
      return wall - candidate
    }
    return wall - before
  }

  /// The wall-clock time of a UTC time, both in seconds since 1970.
  package func wall(utc: Int64) -> Int64 { utc + offset(utc: utc) }

  private func offset(utc: Int64) -> Int64 {
    Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(utc))))
  }
}
