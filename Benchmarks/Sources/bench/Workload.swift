import Foundation

/// One feed of the benchmark with its data of two days.
struct Workload {
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

  /// `inventory`, `inventory-gz`, `product`, `product-gz`, `pim`.
  let name: String
  /// What is in the data.
  let counts: Counts
  /// Paths of the two days' files.
  let files: [String]

  /// The feed, which is also what the generator calls it.
  var feed: String { String(name.prefix { $0 != "-" }) }

  /// The data below `directory`, generated unless it is there already.
  init(name: String, rows: Int, order: String, directory: String, generator: String) throws {
    self.name = name
    let prefix = "\(directory)/\(name)-\(rows)-\(order)"
    let record = "\(prefix).json"
    if !FileManager.default.fileExists(atPath: record) {
      let feed = String(name.prefix { $0 != "-" })
      var command = [generator, feed, prefix, "--rows", "\(rows)", "--order", order]
      if name.hasSuffix("-gz") { command.append("--gzip") }
      let made = try Measured.run(command)
      guard made.status == 0 else { throw BenchFailure("\(command.joined(separator: " ")) failed") }
      // The record comes last: it says that the data is whole.
      try Files.write(made.output, to: record)
    }
    counts = try JSONDecoder().decode(Counts.self, from: Data(try Files.text(record).utf8))
    files = ["\(directory)/\(counts.day1)", "\(directory)/\(counts.day2)"]
  }

  /// What a run of `day` (1 or 2) must report, or the differences from it.
  func differences(in report: DropReport, day: Int) -> [String] {
    guard let target = report.targets.first(where: { $0.target.hasPrefix("commerce.") }) else {
      return ["no Commerce target in the report"]
    }
    let isFirst = day == 1
    let wanted = [
      ("read", report.read, isFirst ? counts.day1Rows : counts.day2Rows),
      ("rejected", report.rejected, isFirst ? 0 : counts.bad),
      ("new", target.new, isFirst ? counts.day1Rows : counts.new),
      ("changed", target.changed, isFirst ? 0 : counts.changed),
      ("removed", target.removed, isFirst ? 0 : counts.gone),
    ]
    var differences = wanted.filter { $0.1 != $0.2 }.map { "\($0.0) is \($0.1), must be \($0.2)" }
    if report.status != "published" {
      differences.append("status is \(report.status) (\(report.reason ?? "no reason")), must be published")
    }
    return differences
  }
}

/// One line of `sluice run --json`, as far as it is checked.
struct DropReport: Decodable {
  struct Target: Decodable {
    var target: String
    var new: Int
    var changed: Int
    var removed: Int

    /// Event targets count what fired instead; for them these stay 0.
    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      target = try container.decode(String.self, forKey: .target)
      new = try container.decodeIfPresent(Int.self, forKey: .new) ?? 0
      changed = try container.decodeIfPresent(Int.self, forKey: .changed) ?? 0
      removed = try container.decodeIfPresent(Int.self, forKey: .removed) ?? 0
    }

    private enum CodingKeys: String, CodingKey { case target, new, changed, removed }
  }

  var status: String
  var reason: String?
  var read: Int
  var rejected: Int
  var targets: [Target]

  private enum CodingKeys: String, CodingKey { case status, reason, read, rejected, targets }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    status = try container.decode(String.self, forKey: .status)
    reason = try container.decodeIfPresent(String.self, forKey: .reason)
    read = try container.decodeIfPresent(Int.self, forKey: .read) ?? 0
    rejected = try container.decodeIfPresent(Int.self, forKey: .rejected) ?? 0
    targets = try container.decodeIfPresent([Target].self, forKey: .targets) ?? []
  }
}
