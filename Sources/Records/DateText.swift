import Streams

/// Days and wall-clock seconds of the proleptic Gregorian calendar, and their canonical texts.
///
/// Values are wall clock of the feed's zone; nothing here converts between zones.
public enum DateText {
  /// Seconds in a day of a wall clock.
  public static let secondsPerDay: Int64 = 86400

  /// A calendar day.
  public struct Day: Equatable, Sendable {
    /// Year, 1 to 9999.
    public var year: Int64
    /// Month, 1 to 12.
    public var month: Int64
    /// Day of the month, from 1.
    public var day: Int64

    /// A day that may or may not exist (`isReal`).
    @inline(__always)
    public init(year: Int64, month: Int64, day: Int64) {
      self.year = year
      self.month = month
      self.day = day
    }

    /// Whether the calendar has this day.
    @inline(__always)
    public var isReal: Bool { month >= 1 && month <= 12 && day >= 1 && day <= length }

    /// Days in the month.
    private var length: Int64 {
      switch month {
      case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
      case 4, 6, 9, 11: 30
      default: 31
      }
    }
  }

  /// Days since 1970-01-01 of a real day (Howard Hinnant, "chrono-compatible low-level date algorithms").
  @inline(__always)
  public static func days(of day: Day) -> Int64 {
    let year = day.month <= 2 ? day.year - 1 : day.year
    let era = (year >= 0 ? year : year - 399) / 400
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (day.month > 2 ? day.month - 3 : day.month + 9) + 2) / 5 + day.day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  /// The day that is `days` after 1970-01-01.
  @inline(__always)
  public static func day(_ days: Int64) -> Day {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return Day(
      year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month: month,
      day: dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }

  /// Splits wall-clock seconds into whole days and seconds within the day.
  @inline(__always)
  public static func split(seconds: Int64) -> (days: Int64, second: Int64) {
    let second = ((seconds % secondsPerDay) + secondsPerDay) % secondsPerDay
    return ((seconds - second) / secondsPerDay, second)
  }

  /// Appends `yyyy-MM-dd`.
  public static func append(days: Int64, to arena: ByteArena) {
    let day = day(days)
    arena.append(upTo: 10) { bytes in
      put(day.year, width: 4, at: bytes)
      bytes[4] = 0x2D
      put(day.month, width: 2, at: bytes + 5)
      bytes[7] = 0x2D
      put(day.day, width: 2, at: bytes + 8)
      return 10
    }
  }

  /// Appends `yyyy-MM-dd HH:mm:ss`.
  public static func append(seconds: Int64, to arena: ByteArena) {
    let (days, second) = split(seconds: seconds)
    append(days: days, to: arena)
    arena.append(upTo: 9) { bytes in
      bytes[0] = 0x20
      put(second / 3600, width: 2, at: bytes + 1)
      bytes[3] = 0x3A
      put(second / 60 % 60, width: 2, at: bytes + 4)
      bytes[6] = 0x3A
      put(second % 60, width: 2, at: bytes + 7)
      return 9
    }
  }

  /// Reads `yyyy-MM-dd`; nil when it is anything else.
  public static func days(_ text: ByteView) -> Int64? {
    guard text.count == 10, text[4] == 0x2D, text[7] == 0x2D else { return nil }
    guard let year = digits(text, from: 0, count: 4), let month = digits(text, from: 5, count: 2),
      let day = digits(text, from: 8, count: 2)
    else { return nil }
    let found = Day(year: year, month: month, day: day)
    return found.isReal ? days(of: found) : nil
  }

  /// Reads `yyyy-MM-dd HH:mm:ss`; nil when it is anything else.
  public static func seconds(_ text: ByteView) -> Int64? {
    guard text.count == 19, text[10] == 0x20, text[13] == 0x3A, text[16] == 0x3A else { return nil }
    guard let days = days(text.slice(from: 0, count: 10)), let hour = digits(text, from: 11, count: 2),
      let minute = digits(text, from: 14, count: 2), let second = digits(text, from: 17, count: 2),
      hour < 24, minute < 60, second < 60
    else { return nil }
    return days * secondsPerDay + hour * 3600 + minute * 60 + second
  }

  /// The number that `count` digits from `start` on make; nil when one of them is none or is missing.
  @inline(__always)
  public static func digits(_ text: ByteView, from start: Int, count: Int) -> Int64? {
    guard start &+ count <= text.count else { return nil }
    var number: Int64 = 0
    for index in start..<start &+ count {
      let digit = text[index] &- 0x30
      guard digit < 10 else { return nil }
      number = number &* 10 &+ Int64(digit)
    }
    return number
  }

  @inline(__always)
  private static func put(_ number: Int64, width: Int, at bytes: UnsafeMutablePointer<UInt8>) {
    var rest = number.magnitude
    var position = width
    while position > 0 {
      position -= 1
      bytes[position] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
  }
}
