import Records
import Streams
import Tabular

/// Numbers and dates as systems write them, each with what it must be read as.
enum ValueChecks {
  /// Texts that Sluice does not read as the file says, with the reason.
  private static let exceptions: [String: String] = [
    "": "an empty cell is no number: the field's empty and default say what it means",
    "−12.50": "a minus sign of typesetting (U+2212) is not read",
    "5,00 EUR": "currencies are taken off where a field says so (strip)",
    "99991231": "open ends are a condition in the feed",
    "2025-02-28T10:00:00+0100": "offsets without a colon are not read yet",
    "2025-10-26T02:30:00": "times of a zone are not checked here",
    "2025-03-30T02:30:00": "times of a zone are not checked here",
    "1753-01-01": "null dates are a condition in the feed", "45351": "serial numbers of Excel are not read yet",
    "235960": "times without a day are not read yet", "2025-02-28T23:59:60Z": "times of a zone are not checked here",
  ]

  static func check(_ entry: ManifestEntry, in folder: String) -> Verdict {
    let path = "\(folder)/\(entry.path)"
    let reading = Reading(path, .csv(CSVDialect(delimiter: 0x3B)), keepsRows: true)
    if let error = reading.error { return .failed(error) }
    switch entry.path.split(separator: "/").last {
    case "numbers.csv": return verdict(reading.rows, number)
    case "dates.csv": return verdict(reading.rows, date)
    default: return verdict(reading.rows, boolean)
    }
  }

  private static func verdict(_ rows: [[String]], _ difference: ([String]) -> String?) -> Verdict {
    var failures: [String] = []
    var left: [String] = []
    for row in rows {
      // What is written of an empty cell concerns numbers.
      if let reason = exceptions[row[0]], row.count > 2 {
        left.append("\"\(row[0])\": \(reason)")
      } else if let difference = difference(row) {
        failures.append(difference)
      }
    }
    return failures.isEmpty ? .passedBut(left) : .failed(failures.joined(separator: "\n       "))
  }

  private static func number(_ row: [String]) -> String? {
    let notations: [String: NumberNotation] = [
      "de": NumberNotation(decimal: 0x2C, thousands: 0x2E), "ch": NumberNotation(thousands: 0x27),
      "fr": NumberNotation(decimal: 0x2C, thousands: 0x20), "en": NumberNotation(), "acc": NumberNotation(),
    ]
    guard let notation = notations[row[1]] else { return "\(row[1]): no such notation" }
    let scale: UInt8 = 4
    let result = Array(row[0].utf8).withView { DecimalText.parse($0, notation: notation, scale: scale) }
    guard result.fault == nil else { return row[2].hasPrefix("ERROR") ? nil : "\(row[0]): \(row[2]), not read" }
    let wanted = row[2].split(separator: " ").last.map(String.init) ?? ""
    let expected = Array(wanted.utf8).withView { DecimalText.parse($0, notation: NumberNotation(), scale: scale) }
    return expected.fault == nil && expected.mantissa == result.mantissa
      ? nil : "\(row[0]) in \(row[1]): expected \(row[2]), found \(result.mantissa) / 10000"
  }

  /// The words of all systems together, as one feed would name them.
  private static func boolean(_ row: [String]) -> String? {
    let yes = ["1", "true", "Ja", "J", "tYES", "Y", "yes"]
    var rules = FieldRules(name: "a", source: .column("text"), notation: .boolean(yes: yes, no: [""]))
    rules.nulls = ["/"]
    let batch = RowBatch(capacity: 4096)
    let record = Record(fieldCount: 1, scratchCapacity: 4096)
    guard let validator = try? Validator(fields: [rules], columns: ["text"]), batch.setRow([row[0]], line: 1) else {
      return "no rules"
    }
    let isRead = validator.validate(batch, row: 0, into: record)
    let value = record.values[0]
    let found = !isRead ? "ERROR" : value.kind == .boolean ? (value.number == 1 ? "true" : "false") : "SAP NODATA"
    return row[1].hasPrefix(found) ? nil : "\(row[0]): expected \(row[1]), found \(found)"
  }

  private static func date(_ row: [String]) -> String? {
    let pattern = row[1] == "iso" ? "yyyy-MM-dd" : row[1]
    guard let compiled = try? DatePattern(pattern) else { return "\(pattern): not understood" }
    let days = Array(row[0].utf8).withView { compiled.days($0) }
    guard let days else { return row[2].hasPrefix("ERROR") ? nil : "\(row[0]): \(row[2]), not read" }
    let arena = ByteArena(capacity: 16)
    DateText.append(days: days, to: arena)
    return arena.view.text == row[2] ? nil : "\(row[0]): expected \(row[2]), found \(arena.view.text)"
  }
}
