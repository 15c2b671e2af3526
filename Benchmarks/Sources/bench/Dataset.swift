import Foundation

/// Two generated days of a feed.
struct Dataset {
  /// What the generator says that the two days hold.
  struct Counts: Decodable {
    var rows: Int
    var changed: Int
    var gone: Int
    var new: Int
    var bad: Int
    var day1: String
    var day1Rows: Int
    var day2: String
    var day2Rows: Int

    private enum CodingKeys: String, CodingKey {
      case rows, changed, gone, new, bad, day1, day2
      case day1Rows = "day1_rows"
      case day2Rows = "day2_rows"
    }
  }

  /// The feed, as the generator calls it.
  let feed: String
  /// `sorted` or `shuffled`.
  let order: String
  /// True for gzip.
  let isGzip: Bool
  /// What is in the data.
  let counts: Counts
  /// Paths of the two days' files.
  let files: [String]

  /// What tables call it.
  var name: String { "\(feed)\(isGzip ? ".gz" : "") \(order)" }

  /// Number of data rows of a day.
  func rows(day: Int) -> Int { day == 1 ? counts.day1Rows : counts.day2Rows }

  /// Length of a day's file in megabytes.
  func megabytes(day: Int) -> Double { Double(Files.size(files[day - 1])) / 1e6 }

  /// The data in the place's directory, generated unless it is there already.
  init(_ place: Place, feed: String, rows: Int, order: String, isGzip: Bool = false) throws {
    (self.feed, self.order, self.isGzip) = (feed, order, isGzip)
    let prefix = "\(place.data)/\(feed)\(isGzip ? "-gz" : "")-\(rows)-\(order)"
    let record = "\(prefix).json"
    if !Files.exists(record) {
      var command = [place.product("workload"), feed, prefix, "--rows", "\(rows)", "--order", order]
      if isGzip { command.append("--gzip") }
      // The record comes last: it says that the data is whole.
      try Files.write(try Measured.succeed(command), to: record)
    }
    counts = try JSONDecoder().decode(Counts.self, from: Data(try Files.text(record).utf8))
    files = ["\(place.data)/\(counts.day1)", "\(place.data)/\(counts.day2)"]
  }

  /// What is wrong with the report of a run of `day` (1 or 2), by the generator's counts.
  func faults(in run: Measured, day: Int) -> [String] {
    guard run.status == 0 else { return ["exit status \(run.status)"] }
    let lines = run.output.split(separator: "\n")
    guard lines.count == 1, let report = try? JSONDecoder().decode(DropReport.self, from: Data(lines[0].utf8)) else {
      return ["\(lines.count) lines of JSON, none that can be read as the report of one drop"]
    }
    guard report.status == "published" else {
      return ["status is \(report.status) (\(report.reason ?? "no reason")), must be published"]
    }
    guard let target = report.targets.first(where: { $0.target.hasPrefix("commerce.") }) else {
      return ["no Commerce target in the report"]
    }
    let isFirst = day == 1
    let wanted = [
      ("read", report.read, rows(day: day)), ("rejected", report.rejected, isFirst ? 0 : counts.bad),
      ("new", target.new, isFirst ? counts.day1Rows : counts.new),
      ("changed", target.changed, isFirst ? 0 : counts.changed),
      ("removed", target.removed, isFirst ? 0 : counts.gone),
    ]
    return wanted.filter { $0.1 != $0.2 }.map { "\($0.0) is \($0.1), must be \($0.2)" }
  }

  /// Takes the generated files away.
  func remove() {
    for file in files { Files.remove(file) }
    for file in Files.all(below: URL(fileURLWithPath: files[0]).deletingLastPathComponent().path)
    where file.hasSuffix("\(order).json") && file.contains("/\(feed)-\(counts.rows)-") {
      Files.remove(file)
    }
  }
}
