/// How fine a captured as-of is; ordered from coarse to fine.
package enum Granularity: Int, Comparable, Sendable, Codable {
  case day, hour, minute, second

  /// True when `left` is coarser than `right`.
  package static func < (left: Granularity, right: Granularity) -> Bool { left.rawValue < right.rawValue }
}

/// A date as a file name writes it: date letters of fixed width (Unicode TR 35: `yyyy MM dd HH mm ss`) and literals.
struct DateShape: Equatable, Sendable {
  /// What one run of date letters stands for.
  enum Part: String, CaseIterable, Sendable {
    case year = "yyyy"
    case month = "MM"
    case day = "dd"
    case hour = "HH"
    case minute = "mm"
    case second = "ss"
  }

  /// One piece of the shape.
  enum Piece: Equatable, Sendable {
    case part(Part)
    case literal(Character)
  }

  /// Why a text is no date shape, and at which character of it (from 0 on).
  struct Fault: Error {
    var offset: Int
    var cause: String
  }

  /// The pieces in the order written.
  let pieces: [Piece]

  /// Reads `yyyyMMdd`, `yyyy-MM-dd'T'HH:mm` and the like; a bare `T` stands for itself, other text needs quotes.
  init(parsing text: [Character]) throws(Fault) {
    var pieces: [Piece] = []
    var index = 0
    while index < text.count {
      let character = text[index]
      if character == "'" {
        guard let end = text[(index + 1)...].firstIndex(of: "'") else {
          throw Fault(offset: index, cause: "the quote is not closed")
        }
        pieces += text[(index + 1)..<end].map { .literal($0) }
        index = end + 1
      } else if character.isASCII, character.isLetter, character != "T" {
        let run = text[index...].prefix { $0 == character }
        guard let part = Part(rawValue: String(run)) else {
          throw Fault(offset: index, cause: "\"\(String(run))\" is no date letter")
        }
        if pieces.contains(.part(part)) { throw Fault(offset: index, cause: "\"\(part.rawValue)\" stands twice") }
        pieces.append(.part(part))
        index += run.count
      } else {
        pieces.append(.literal(character))
        index += 1
      }
    }
    self.pieces = pieces
    if let fault = missing { throw fault }
  }

  /// What the pieces lack to be a date: a minute without its hour, or no date letters at all.
  private var missing: Fault? {
    if !Part.allCases.contains(where: has) { return Fault(offset: 0, cause: "it has no date letters") }
    for (fine, coarse) in [(Part.second, Part.minute), (.minute, .hour), (.hour, .day), (.day, .month)]
    where has(fine) && !has(coarse) {
      return Fault(offset: 0, cause: "\"\(fine.rawValue)\" needs \"\(coarse.rawValue)\"")
    }
    return nil
  }

  /// True when the shape writes `part`.
  func has(_ part: Part) -> Bool { pieces.contains(.part(part)) }

  /// True when year, month and day are all there, so that it can be an as-of.
  var isWholeDate: Bool { has(.year) && has(.month) && has(.day) }

  /// The finest part.
  var granularity: Granularity {
    if has(.second) { return .second }
    if has(.minute) { return .minute }
    return has(.hour) ? .hour : .day
  }

  /// Characters that every text of this shape has.
  var width: Int {
    pieces.reduce(0) { sum, piece in
      if case .part(let part) = piece { return sum + part.rawValue.count }
      return sum + 1
    }
  }

  /// Seconds since 1970-01-01 00:00 on the wall clock, or nil when `text` is no such date (2026-02-30, 24:00 …).
  /// Parts that the shape lacks count as 1970, 1 and 0.
  func read(_ text: ArraySlice<Character>) -> Int64? {
    var values: [Part: Int] = [:]
    var rest = text
    for piece in pieces {
      switch piece {
      case .literal(let character):
        guard rest.popFirst() == character else { return nil }
      case .part(let part):
        var value = 0
        for _ in 0..<part.rawValue.count {
          guard let digit = rest.popFirst()?.digit else { return nil }
          value = value * 10 + digit
        }
        values[part] = value
      }
    }
    return rest.isEmpty ? DateShape.seconds(values) : nil
  }

  private static func seconds(_ values: [Part: Int]) -> Int64? {
    let year = values[.year, default: 1970]
    let month = values[.month, default: 1]
    let day = values[.day, default: 1]
    let hour = values[.hour, default: 0]
    let minute = values[.minute, default: 0]
    let second = values[.second, default: 0]
    guard year >= 1, 1...12 ~= month, day >= 1, day <= CivilTime.length(ofMonth: month, year: year) else { return nil }
    guard hour < 24, minute < 60, second < 60 else { return nil }
    let time = hour * 3600 + minute * 60 + second
    return Int64(CivilTime.days(year: year, month: month, day: day) * 86_400 + time)
  }
}

extension Character {
  /// The value of an ASCII digit, else nil: digits of other scripts name no numbers in file names.
  var digit: Int? { isASCII ? wholeNumberValue : nil }
}
