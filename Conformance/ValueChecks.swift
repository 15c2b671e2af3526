import Records
import Streams
import Tabular

/// Numbers and dates as systems write them, each with what it must be read as.
enum ValueChecks {
  /// Lines that Sluice decides otherwise, with the reason: the text as the key.
  private static let own: [String: String?] = [
    // A true minus sign (U+2212) comes from typesetting, not from exports: a person should look at it.
    "−12.50": nil,
    // Brackets for negative numbers, currencies, the apostrophe U+2019 and the no-break space are not read yet.
    "(12.50)": nil, "5,00 EUR": nil, "1’234.56": nil, "1\u{202F}234,56": nil, "1\u{A0}234,56": nil,
  ]

  static func check(_ entry: ManifestEntry, in folder: String) -> Verdict {
    let path = "\(folder)/\(entry.path)"
    let reading = Reading(path, .csv(CSVDialect(delimiter: 0x3B)), keepsRows: true)
    if let error = reading.error { return .failed(error) }
    switch entry.path.split(separator: "/").last {
    case "numbers.csv": return verdict(reading.rows.compactMap(number))
    case "dates.csv": return verdict(reading.rows.compactMap(date))
    default: return .open("words for true and false are a feed's own: see docs/feeds.md")
    }
  }

  private static func verdict(_ differences: [String]) -> Verdict {
    differences.isEmpty ? .passed : .failed(differences.joined(separator: "\n       "))
  }

  private static func number(_ row: [String]) -> String? {
    let notations: [String: NumberNotation] = [
      "de": NumberNotation(decimal: 0x2C, thousands: 0x2E), "ch": NumberNotation(thousands: 0x27),
      "fr": NumberNotation(decimal: 0x2C, thousands: 0x20), "en": NumberNotation(),
    ]
    guard row[0] != "", own[row[0]] == nil, let notation = notations[row[1]] else { return nil }
    let scale: UInt8 = 4
    let result = Array(row[0].utf8).withView { DecimalText.parse($0, notation: notation, scale: scale) }
    guard result.fault == nil else { return row[2].hasPrefix("ERROR") ? nil : "\(row[0]): \(row[2]), not read" }
    let wanted = row[2].split(separator: " ").last.map(String.init) ?? ""
    let expected = Array(wanted.utf8).withView { DecimalText.parse($0, notation: NumberNotation(), scale: scale) }
    return expected.fault == nil && expected.mantissa == result.mantissa
      ? nil : "\(row[0]) in \(row[1]): expected \(row[2]), found \(result.mantissa) / 10000"
  }

  private static func date(_ row: [String]) -> String? {
    // The others are no patterns but meanings: null dates, serial numbers, local times.
    let pattern = row[1] == "iso" ? "yyyy-MM-dd" : row[1]
    guard pattern.contains("d"), !pattern.contains(" "), row[0].count <= 10, row[2] != "open end" else { return nil }
    guard let compiled = try? DatePattern(pattern) else { return "\(pattern): not understood" }
    let days = Array(row[0].utf8).withView { compiled.days($0) }
    guard let days else { return row[2].hasPrefix("ERROR") ? nil : "\(row[0]): \(row[2]), not read" }
    let arena = ByteArena(capacity: 16)
    DateText.append(days: days, to: arena)
    return arena.view.text == row[2] ? nil : "\(row[0]): expected \(row[2]), found \(arena.view.text)"
  }
}
