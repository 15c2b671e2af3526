import Records
import Streams
import Tabular

/// Notations of numbers, dates and yes or no that cells are tried against.
enum Notations {
  /// Notations of numbers, the plainer first.
  static let numbers: [NumberNotation] = [
    NumberNotation(decimal: 0x2E), NumberNotation(decimal: 0x2C), NumberNotation(decimal: 0x2E, thousands: 0x2C),
    NumberNotation(decimal: 0x2C, thousands: 0x2E), NumberNotation(decimal: 0x2E, thousands: 0x27),
    NumberNotation(decimal: 0x2E, thousands: 0x20), NumberNotation(decimal: 0x2C, thousands: 0x20),
    NumberNotation(decimal: 0x2C, thousands: 0x27),
  ]

  /// A form of dates.
  struct Form: Sendable {
    /// As definitions write it.
    var pattern: String
    /// Whether it names a time of day.
    var hasTime: Bool
    var compiled: DatePattern
  }

  /// Forms of dates, the stricter before what takes the same and more.
  static let dates: [Form] = {
    let days = [
      "yyyy-MM-dd", "yyyy/MM/dd", "yyyy.MM.dd", "dd.MM.yyyy", "dd/MM/yyyy", "MM/dd/yyyy", "dd-MM-yyyy", "MM-dd-yyyy",
      "d.M.yyyy", "d/M/yyyy", "M/d/yyyy", "dd.MM.yy", "dd/MM/yy", "MM/dd/yy", "d.M.yy", "d/M/yy", "M/d/yy", "yyyy-M-d",
      "yyyy/M/d",
    ]
    let times = [
      "", " HH:mm:ss", " HH:mm", "THH:mm:ss", "THH:mm", " HH:mm:ss.SSS", "THH:mm:ss.SSS", "THH:mm:ss'Z'",
      "THH:mm:ss.SSS'Z'", " H:mm", " H:mm:ss", "THH:mm'Z'", " HH:mm:ss 'UTC'",
    ]
    let compact = [
      "yyyyMMdd", "yyyyMMddHHmmss", "yyyyMMddHHmm", "yyyyMMddTHHmmss", "yyyyMMdd HHmmss", "yyyyMMdd HH:mm:ss",
    ]
    let patterns = days.flatMap { day in times.map { (day + $0, !$0.isEmpty) } } + compact.map { ($0, $0.count > 8) }
    return patterns.compactMap { pattern, hasTime in
      (try? DatePattern(pattern)).map { Form(pattern: pattern, hasTime: hasTime, compiled: $0) }
    }
  }()

  /// Forms in which day and month could be exchanged, by each other.
  static func swapped(_ pattern: String) -> String? {
    guard let sign = ["/", "-", "."].first(where: { pattern.contains($0) }) else { return nil }
    let parts = pattern.split(separator: " ", maxSplits: 1).first.map { $0.split(separator: Character(sign)) } ?? []
    guard parts.count == 3, !pattern.hasPrefix("y") else { return nil }
    let date = parts.joined(separator: sign)
    return [parts[1], parts[0], parts[2]].joined(separator: sign) + pattern.dropFirst(date.count)
  }

  /// Words for yes and no, as sources write them.
  static let booleans: [(yes: [String], no: [String])] = [
    (["true"], ["false"]), (["TRUE"], ["FALSE"]), (["True"], ["False"]), (["Y"], ["N"]), (["y"], ["n"]),
    (["J"], ["N"]), (["Ja"], ["Nein"]), (["ja"], ["nein"]), (["JA"], ["NEIN"]), (["Yes"], ["No"]), (["yes"], ["no"]),
    (["YES"], ["NO"]), (["T"], ["F"]), (["t"], ["f"]), (["-1"], ["0"]), (["on"], ["off"]), (["oui"], ["non"]),
    (["Oui"], ["Non"]), (["Active"], ["Inactive"]), (["active"], ["inactive"]), (["Enabled"], ["Disabled"]),
    (["enabled"], ["disabled"]), (["tYES"], ["tNO"]), (["1"], ["0"]),
  ]

  /// Texts that mean that there is no value. The first few never mean anything else, so they count in texts too.
  static let nulls = [
    "\\N", "NULL", "#N/A", "- None -", "(null)", "null", "N/A", "n/a", "NaN", "nan", "None", "n.v.", "-", "/", "?",
    "00000000", "0000-00-00", "0000-00-00 00:00:00", "00.00.0000", "00000000000000",
  ]
  /// How many of `nulls` count in texts.
  static let plainNulls = 5
}
