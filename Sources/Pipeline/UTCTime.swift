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

  /// Seconds since 1970 from `2026-11-23T02:15:00Z`, optionally with a fraction of a second; nil for anything else.
  package static func seconds(_ text: String) -> Int? {
    let bytes = Array(text.utf8)
    guard bytes.count >= 20, bytes.last == 0x5A, bytes.count == 20 || bytes[19] == 0x2E else { return nil }
    func number(_ start: Int, _ count: Int) -> Int32? {
      Int32(String(decoding: bytes[start..<start + count], as: UTF8.self))
    }
    guard [bytes[4], bytes[7], bytes[10], bytes[13], bytes[16]] == Array("--T::".utf8), let year = number(0, 4),
      let month = number(5, 2), let day = number(8, 2), let hour = number(11, 2), let minute = number(14, 2),
      let second = number(17, 2)
    else { return nil }
    var parts = tm()
    parts.tm_year = year - 1900
    parts.tm_mon = month - 1
    parts.tm_mday = day
    parts.tm_hour = hour
    parts.tm_min = minute
    parts.tm_sec = second
    let seconds = timegm(&parts)
    // timegm carries the 31st of February over into March.
    return parts.tm_mon == month - 1 && parts.tm_mday == day && (0...23).contains(hour) ? seconds : nil
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
