/// The measured runs of one command.
struct Series {
  /// In the order in which they were run.
  private(set) var runs: [Measured] = []

  /// Adds a run.
  mutating func add(_ run: Measured) { runs.append(run) }

  /// The middle one of `values`, or the mean of the two in the middle; 0 of nothing.
  static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return 0 }
    let half = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
  }

  /// Median of one thing that was measured.
  func median(_ value: (Measured) -> Double) -> Double { Series.median(runs.map(value)) }

  /// Median seconds from start to end.
  var wall: Double { median(\.wall) }
  /// Median seconds of CPU.
  var cpu: Double { median(\.cpu) }
  /// Greatest resident memory of all runs, in megabytes (10^6 bytes).
  var peak: Double { (runs.map { Double($0.peakMemory) }.max() ?? 0) / 1e6 }
  /// Median of the bytes written, in megabytes.
  var written: Double { median { Double($0.written) } / 1e6 }

  /// `median (least to greatest)`.
  func spread(_ value: (Measured) -> Double, digits: Int = 2) -> String {
    let values = runs.map(value)
    return "\(Text.number(median(value), digits)) (\(Text.number(values.min() ?? 0, digits)) to "
      + "\(Text.number(values.max() ?? 0, digits)))"
  }

  /// How this compares with another series whose runs were made in turn with it: the ratio of the medians, and the
  /// median of the ratios of each pair, which a disturbance of both by something else does not move.
  func ratio(to other: Series, _ value: (Measured) -> Double) -> (medians: Double, pairs: Double) {
    let pairs = zip(runs, other.runs).map { value($0) / max(value($1), 1e-9) }
    return (median(value) / max(other.median(value), 1e-9), Series.median(pairs))
  }
}
