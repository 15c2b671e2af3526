import Streams

/// A compiled date pattern in the letters of Unicode TR 35: `yyyy yy MM M dd d HH H mm m ss s`, `S…` for the fraction
/// of a second (one to nine digits, dropped; written as zeros), `h hh` for the hour of half a day with `a` for `AM` or
/// `PM` (read in any case), `DDD` for the day of the year, text in single quotes (`''` is a quote), a bare `T`. `C`
/// before `yy` is JD Edwards' century, counted from 1900: `CyyDDD`.
/// Everything else that is no letter stands for itself. `yy` means 1969 to 2068, as in POSIX `strptime`.
public final class DatePattern: Sendable {
  fileprivate enum Kind: UInt8, Sendable {
    case literal, year, month, day, hour, minute, second, fraction, halfDayHour, meridiem, century, dayOfYear
  }

  /// One part of the pattern: a number of `least` to `most` digits, or a literal `byte`; `byte` of a fraction is the
  /// number of zeros to write.
  fileprivate struct Part: Sendable {
    var kind: Kind
    var least: UInt8 = 1
    var most: UInt8 = 1
    var byte: UInt8 = 0
  }

  /// The pattern as written.
  public let source: String
  /// Whether year, month and day (or year and day of the year) are there, so that the pattern can be read and not only
  /// written.
  public let isReadable: Bool
  private let parts: FixedBuffer<Part>

  /// Compiles a pattern; throws `date-pattern` (unknown letter, open quote, a part given twice, digits that nothing
  /// separates from a single-digit form).
  public init(_ source: String) throws(SluiceError) {
    let parsed = try DatePatternParser.parse(source)
    self.source = source
    let kinds = parsed.map(\.kind)
    let hasDay = kinds.contains(.month) && kinds.contains(.day) || kinds.contains(.dayOfYear)
    isReadable = kinds.contains(.year) && hasDay
    parts = FixedBuffer(parsed)
  }

  /// Days since 1970-01-01; a time in the text is checked and dropped. Nil when the text is not exactly in the pattern
  /// or names no real day.
  public func days(_ text: ByteView) -> Int64? {
    seconds(text).map { DateText.split(seconds: $0).days }
  }

  /// Wall-clock seconds since 1970-01-01 00:00:00; parts of the time that the pattern lacks are zero.
  public func seconds(_ text: ByteView) -> Int64? {
    guard isReadable else { return nil }
    var day = DateText.Day(year: 0, month: 0, day: 0)
    var time: Int64 = 0
    var century: Int64 = -1
    var dayOfYear: Int64 = 0
    var position = 0
    for index in 0..<parts.count {
      let part = parts[index]
      if part.kind == .literal {
        guard position < text.count, text[position] == part.byte else { return nil }
        position &+= 1
        continue
      }
      let start = position
      let found = part.kind == .meridiem ? Self.meridiem(text, &position) : Self.number(text, &position, part)
      guard let number = found else { return nil }
      switch part.kind {
      case .literal, .fraction: break
      case .halfDayHour:
        guard (1...12).contains(number) else { return nil }
        time += number % 12 * 3600
      case .meridiem: time += number * 43_200
      case .century: century = number
      case .dayOfYear: dayOfYear = number
      case .year: day.year = position - start == 2 ? number + (number < 69 ? 2000 : 1900) : number
      case .month: day.month = number
      case .day: day.day = number
      case .hour:
        guard number < 24 else { return nil }
        time += number * 3600
      case .minute:
        guard number < 60 else { return nil }
        time += number * 60
      case .second:
        guard number < 60 else { return nil }
        time += number
      }
    }
    guard position == text.count else { return nil }
    if century >= 0 { day.year = 1900 + century * 100 + day.year % 100 }
    if dayOfYear > 0 {
      let first = DateText.days(of: DateText.Day(year: day.year, month: 1, day: 1))
      let next = DateText.days(of: DateText.Day(year: day.year + 1, month: 1, day: 1))
      guard first + dayOfYear <= next else { return nil }
      return (first + dayOfYear - 1) * DateText.secondsPerDay + time
    }
    guard day.isReal else { return nil }
    return DateText.days(of: day) * DateText.secondsPerDay + time
  }

  /// 0 for `am`, 1 for `pm`, in any case.
  private static func meridiem(_ text: ByteView, _ position: inout Int) -> Int64? {
    guard position &+ 1 < text.count, text[position &+ 1] | 0x20 == 0x6D else { return nil }
    let letter = text[position] | 0x20
    guard letter == 0x61 || letter == 0x70 else { return nil }
    position &+= 2
    return letter == 0x70 ? 1 : 0
  }

  @inline(__always)
  private static func number(_ text: ByteView, _ position: inout Int, _ part: Part) -> Int64? {
    var number: Int64 = 0
    var count = 0
    while count < Int(part.most), position < text.count {
      let digit = text[position] &- 0x30
      guard digit < 10 else { break }
      number = number &* 10 &+ Int64(digit)
      position &+= 1
      count &+= 1
    }
    return count >= Int(part.least) ? number : nil
  }

  /// Appends wall-clock seconds in the pattern.
  public func append(seconds: Int64, to arena: ByteArena) {
    let (days, second) = DateText.split(seconds: seconds)
    let day = DateText.day(days)
    for index in 0..<parts.count {
      let part = parts[index]
      switch part.kind {
      case .literal: arena.append(part.byte)
      case .year: Self.append(part.most == 2 ? day.year % 100 : day.year, part, to: arena)
      case .month: Self.append(day.month, part, to: arena)
      case .day: Self.append(day.day, part, to: arena)
      case .hour: Self.append(second / 3600, part, to: arena)
      case .minute: Self.append(second / 60 % 60, part, to: arena)
      case .second: Self.append(second % 60, part, to: arena)
      case .halfDayHour: Self.append((second / 3600 + 11) % 12 + 1, part, to: arena)
      case .meridiem:
        arena.append(second < 43_200 ? 0x41 as UInt8 : 0x50)
        arena.append(0x4D as UInt8)
      case .century: Self.append(max(day.year - 1900, 0) / 100, part, to: arena)
      case .dayOfYear:
        let first = DateText.days(of: DateText.Day(year: day.year, month: 1, day: 1))
        Self.append(days - first + 1, part, to: arena)
      case .fraction: for _ in 0..<part.byte { arena.append(0x30) }
      }
    }
  }

  @inline(__always)
  private static func append(_ number: Int64, _ part: Part, to arena: ByteArena) {
    let magnitude = number.magnitude
    var width = Int(part.least)
    while width < 4, magnitude >= DecimalText.power(width) { width += 1 }
    for exponent in stride(from: width - 1, through: 0, by: -1) {
      arena.append(0x30 + UInt8(truncatingIfNeeded: magnitude / DecimalText.power(exponent) % 10))
    }
  }
}

/// Takes a pattern apart; runs once per definition.
private struct DatePatternParser {
  static func parse(_ source: String) throws(SluiceError) -> [DatePattern.Part] {
    var parts: [DatePattern.Part] = []
    let bytes = Array(source.utf8)
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      if byte == 0x27 {
        index = try quoted(bytes, from: index, into: &parts, source)
        continue
      }
      var run = 1
      while index + run < bytes.count, bytes[index + run] == byte { run += 1 }
      let isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A && byte != 0x54
      if isLetter {
        parts.append(try field(byte, run, source))
      } else {
        parts += Array(repeating: DatePattern.Part(kind: .literal, byte: byte), count: run)
      }
      index += run
    }
    try check(parts, source)
    return parts
  }

  private static func field(_ letter: UInt8, _ run: Int, _ source: String) throws(SluiceError) -> DatePattern.Part {
    let name = String(UnicodeScalar(letter))
    if letter == 0x53, run <= 9 { return DatePattern.Part(kind: .fraction, least: 1, most: 9, byte: UInt8(run)) }
    if letter == 0x79, run == 4 || run == 2 {
      return DatePattern.Part(kind: .year, least: UInt8(run), most: UInt8(run))
    }
    switch (letter, run) {
    case (0x68, 1...2): return DatePattern.Part(kind: .halfDayHour, least: UInt8(run), most: 2)
    case (0x61, 1): return DatePattern.Part(kind: .meridiem)
    case (0x43, 1): return DatePattern.Part(kind: .century)
    case (0x44, 3): return DatePattern.Part(kind: .dayOfYear, least: 3, most: 3)
    default: break
    }
    let kinds: [UInt8: DatePattern.Kind] = [0x4D: .month, 0x64: .day, 0x48: .hour, 0x6D: .minute, 0x73: .second]
    guard let kind = kinds[letter], run <= 2 else {
      throw fault("\"\(String(repeating: name, count: run))\" is no part of a date pattern", source)
    }
    return DatePattern.Part(kind: kind, least: UInt8(run), most: 2)
  }

  private static func quoted(
    _ bytes: [UInt8], from start: Int, into parts: inout [DatePattern.Part], _ source: String
  ) throws(SluiceError) -> Int {
    if start + 1 < bytes.count, bytes[start + 1] == 0x27 {
      parts.append(DatePattern.Part(kind: .literal, byte: 0x27))
      return start + 2
    }
    var index = start + 1
    while index < bytes.count {
      if bytes[index] == 0x27 {
        guard index + 1 < bytes.count, bytes[index + 1] == 0x27 else { return index + 1 }
        index += 1
      }
      parts.append(DatePattern.Part(kind: .literal, byte: bytes[index]))
      index += 1
    }
    throw fault("a quote is not closed", source)
  }

  private static func check(_ parts: [DatePattern.Part], _ source: String) throws(SluiceError) {
    var seen: Set<UInt8> = []
    for (index, part) in parts.enumerated() {
      guard part.kind != .literal else { continue }
      guard seen.insert(part.kind.rawValue).inserted else { throw fault("a part is given twice", source) }
      guard part.least < part.most, index + 1 < parts.count else { continue }
      let next = parts[index + 1]
      if next.kind == .meridiem { continue }
      if next.kind != .literal || (next.byte >= 0x30 && next.byte <= 0x39) {
        throw fault("digits follow a part that may have one digit or more, and nothing separates them", source)
      }
    }
    guard !seen.isEmpty else { throw fault("no part of a date in it", source) }
    func has(_ kind: DatePattern.Kind) -> Bool { seen.contains(kind.rawValue) }
    if has(.halfDayHour) != has(.meridiem) || has(.halfDayHour) && has(.hour) {
      throw fault("h and a belong together, in place of H", source)
    }
    if has(.dayOfYear), has(.month) || has(.day) { throw fault("DDD stands in place of month and day", source) }
    if has(.century), !parts.contains(where: { $0.kind == .year && $0.most == 2 }) {
      throw fault("C stands before yy", source)
    }
  }

  private static func fault(_ reason: String, _ source: String) -> SluiceError {
    SluiceError(
      .definition, "date-pattern", value: source, cause: "the date pattern can not be used: \(reason)",
      remedy: "use yyyy, yy, MM, M, dd, d, DDD, HH, H, h, mm, ss, SSS and a with separators; quote other letters")
  }
}
