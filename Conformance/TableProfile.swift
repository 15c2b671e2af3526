import Streams
import Tabular

/// How a table is read, and what must come of it.
struct TableProfile {
  /// What must come of a file.
  enum Outcome {
    /// It is read to its end without a bad row; how many rows, when that is known.
    case rows(Int?)
    /// It ends with one of these codes.
    case refused([String])
    /// It is read to its end, and these rows are bad, as `LINE: DEFECT`.
    case defects([String])
    /// It is read to its end, and some of its rows are bad.
    case badRows
    /// It is read to its end.
    case any
    /// Its rows are those of a JSON file beside it.
    case reference(String)
    /// Its text is that of another file beside it.
    case text(String)
    /// Not read yet, and why.
    case open(String)
  }

  var outcome: Outcome = .rows(nil)
  var encoding = "utf-8"
  /// Nil: what stands most often in the first line.
  var delimiter: Character?
  var quote: Character? = "\""
  var hasHeader = true
  var skippedLines = 0
  /// What else the dialect has to say.
  var adjust: @Sendable (inout CSVDialect) -> Void = { _ in }

  /// Checks a file.
  func verdict(_ path: String) -> Verdict {
    if case .open(let why) = outcome { return .open(why) }
    guard let encoding = TextEncoding(named: encoding) else { return .failed("\(encoding) is not known here") }
    var dialect = CSVDialect(
      delimiter: delimiter?.asciiValue ?? TableProfile.delimiter(of: path), quote: quote?.asciiValue,
      hasHeader: hasHeader, skippedLines: skippedLines)
    adjust(&dialect)
    let reading = Reading(path, .csv(dialect), encoding: encoding, keepsRows: keepsRows)
    switch outcome {
    case .rows(let count):
      if let error = reading.error { return .failed("\(error), \(reading.detail)") }
      if !reading.defects.isEmpty { return .failed("bad rows: \(reading.defects.prefix(3))") }
      return count == nil || count == reading.count ? .passed : .failed("\(reading.count) rows, not \(count ?? 0)")
    case .refused(let codes):
      guard let error = reading.error else { return .failed("was read, and must not be: \(codes)") }
      return codes.contains(error) ? .passed : .failed("expected \(codes), found \(error), \(reading.detail)")
    case .defects(let lines):
      if let error = reading.error { return .failed("\(error), \(reading.detail)") }
      return lines == reading.defects ? .passed : .failed("expected \(lines), found \(reading.defects)")
    case .badRows, .any:
      if let error = reading.error { return .failed("\(error), \(reading.detail)") }
      if case .badRows = outcome, reading.defects.isEmpty { return .failed("no row is bad") }
      return .passed
    case .reference(let name):
      guard let rows = ReferenceRows(path: "\(TableProfile.folder(path))/\(name)") else { return .failed("no \(name)") }
      return rows.difference(from: reading, hasHeader: hasHeader).map { .failed($0) } ?? .passed
    case .text(let name):
      return Texts.verdict(path, encoding, like: "\(TableProfile.folder(path))/\(name)")
    case .open(let why): return .open(why)
    }
  }

  private var keepsRows: Bool {
    if case .reference = outcome { return true }
    return false
  }

  private static func folder(_ path: String) -> Substring {
    path.lastIndex(of: "/").map { path[..<$0] } ?? "."
  }

  /// The delimiter that the first line holds most of; a comma in files that are not text.
  private static func delimiter(of path: String) -> UInt8 {
    guard let file = try? InputFile(path: path), let plain = try? PrefixedSource(file, peeking: 4096) else {
      return 0x2C
    }
    let line = plain.peeked.prefix { $0 != 0x0A && $0 != 0x0D }
    return Array(",;\t|".utf8).max { left, right in
      line.count { $0 == left } < line.count { $0 == right }
    } ?? 0x2C
  }
}
