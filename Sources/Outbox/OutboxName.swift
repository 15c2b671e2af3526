/// Where a file stands in the order of import; sorting file names sorts by it.
///
/// Products come before their stock and prices, and whatever deletes comes last. Only Commerce needs the order; BI and
/// eDM files have directories of their own and numbers that collide with nothing.
public enum OutboxStep: Int, Sendable, Codable, CaseIterable {
  case products = 10
  case stock = 20
  case prices = 30
  case customers = 40
  case bi = 50
  case edm = 60
  case deletes = 90
}

/// The name of a file in the outbox:
/// `PUBLICATION-STEP-TIME-FEED.ENTITY[-new|-update].BEHAVIOUR[-PART].csv`.
public struct OutboxName: Equatable, Sendable {
  /// Whether the rows create, update, or do what the behaviour says without that difference.
  public enum Form: String, Sendable, Codable {
    case any = ""
    case new = "-new"
    case update = "-update"
  }

  /// Number of the publication, from 1 on.
  public var publication: Int
  /// Place in the order of import.
  public var step: OutboxStep
  /// Time of publishing, UTC seconds since 1970.
  public var time: Int64
  /// The feed.
  public var feed: String
  /// The entity, as the target names it (`stock_sources`).
  public var entity: String
  /// New, update or neither.
  public var form: Form
  /// The behaviour (`append`, `replace`, `delete` …).
  public var behaviour: String
  /// Number of the part, from 1 on; nil when the output is one file.
  public var part: Int?
  /// The suffix without its dot.
  public var suffix: String

  /// A name from its parts.
  public init(
    publication: Int, step: OutboxStep, time: Int64, feed: String, entity: String, form: Form = .any,
    behaviour: String, part: Int? = nil, suffix: String = "csv"
  ) {
    self.publication = publication
    self.step = step
    self.time = time
    self.feed = feed
    self.entity = entity
    self.form = form
    self.behaviour = behaviour
    self.part = part
    self.suffix = suffix
  }

  /// The name: eight digits of publication, two of step, `yyyyMMdd'T'HHmmss'Z'`, three digits of part.
  public var fileName: String {
    let head = "\(OutboxName.digits(publication, 8))-\(step.rawValue)-\(OutboxName.stamp(time))"
    let tail = part.map { "-" + OutboxName.digits($0, 3) } ?? ""
    return "\(head)-\(feed).\(entity)\(form.rawValue).\(behaviour)\(tail).\(suffix)"
  }

  /// The publication's number in front of the name of an output or a manifest; nil when there are no eight digits.
  public static func publication(of fileName: String) -> Int? {
    let digits = fileName.utf8.prefix { 0x30...0x39 ~= $0 }
    return digits.count >= 8 ? Int(String(decoding: digits, as: UTF8.self)) : nil
  }

  /// `00000031-erp-inventory.json`: the manifest of a publication.
  public static func manifest(publication: Int, feed: String) -> String { "\(digits(publication, 8))-\(feed).json" }

  /// `00000042-erp-inventory.csv`: the rejects of a drop; `00000042-erp-inventory-2.csv` those of its second hold,
  /// which may be others.
  public static func rejects(drop: Int, feed: String, hold: Int = 1, suffix: String = "csv") -> String {
    "\(digits(drop, 8))-\(feed)\(hold > 1 ? "-\(hold)" : "").\(suffix)"
  }

  /// A number with zeros in front, `width` digits long at least.
  static func digits(_ number: Int, _ width: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.count)) + text
  }

  /// A UTC time as `yyyyMMdd'T'HHmmss'Z'` (ISO 8601 basic format).
  static func stamp(_ time: Int64) -> String {
    let date = UTCTime(time)
    return digits(date.year, 4) + digits(date.month, 2) + digits(date.day, 2) + "T"
      + digits(date.hour, 2) + digits(date.minute, 2) + digits(date.second, 2) + "Z"
  }
}

/// The calendar fields of a UTC time (H. Hinnant, "chrono-compatible low-level date algorithms", civil_from_days).
struct UTCTime {
  let year: Int
  let month: Int
  let day: Int
  let hour: Int
  let minute: Int
  let second: Int

  /// The fields of `seconds` since 1970.
  init(_ seconds: Int64) {
    let days = Int(seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400)
    let time = Int(seconds) - days * 86_400
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    hour = time / 3600
    minute = time / 60 % 60
    second = time % 60
  }

  /// RFC 3339, such as `2026-11-23T02:15:00Z`.
  var rfc3339: String {
    "\(OutboxName.digits(year, 4))-\(OutboxName.digits(month, 2))-\(OutboxName.digits(day, 2))"
      + "T\(OutboxName.digits(hour, 2)):\(OutboxName.digits(minute, 2)):\(OutboxName.digits(second, 2))Z"
  }
}
