import Glibc
import Streams

/// UTC times as Sluice writes them.
package enum UTCTime {
  /// `2026-11-23T02:15:00Z` from seconds since 1970.
  package static func text(_ seconds: Int) -> String { format(seconds, "%Y-%m-%dT%H:%M:%SZ") }

  /// `20261123T021500Z`, as file names carry it.
  package static func compact(_ seconds: Int) -> String { format(seconds, "%Y%m%dT%H%M%SZ") }

  /// Seconds since 1970 now, by the wall clock.
  package static func now() -> Int { time(nil) }

  /// Seconds since 1970 from `2026-11-23T02:15:00Z`, optionally with a fraction, or nil.
  package static func seconds(_ text: String) -> Int? {
    var parts = tm()
    guard let end = text.withCString({ start in strptime(start, "%Y-%m-%dT%H:%M:%S", &parts).map { $0 - start } })
    else { return nil }
    let rest = text.utf8.dropFirst(end)
    let isUTC = rest.elementsEqual("Z".utf8) || (rest.first == 0x2E && rest.last == 0x5A)
    guard isUTC else { return nil }
    return timegm(&parts)
  }

  private static func format(_ seconds: Int, _ pattern: String) -> String {
    var time = time_t(seconds)
    var parts = tm()
    gmtime_r(&time, &parts)
    var buffer = [CChar](repeating: 0, count: 40)
    let count = strftime(&buffer, buffer.count, pattern, &parts)
    return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
