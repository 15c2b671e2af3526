/// One line of what the work is measured against.
struct Goal {
  /// What has to hold; it names the line in `RESULTS.md`.
  let name: String
  /// The greatest value that is good enough; with `isLeast`, the least.
  let target: Double
  let measured: Double
  /// More that the reader should know, such as the median of the ratios of pairs.
  let note: String
  let isLeast: Bool
  private let unit: String

  init(_ name: String, atMost target: Double, _ measured: Double, unit: String = "x", note: String = "") {
    self.init(name: name, target: target, measured: measured, note: note, isLeast: false, unit: unit)
  }

  init(_ name: String, atLeast target: Double, _ measured: Double, unit: String, note: String = "") {
    self.init(name: name, target: target, measured: measured, note: note, isLeast: true, unit: unit)
  }

  private init(name: String, target: Double, measured: Double, note: String, isLeast: Bool, unit: String) {
    self.name = name
    self.target = target
    self.measured = measured
    self.note = note
    self.isLeast = isLeast
    self.unit = unit
  }

  /// True when it is good enough.
  var isReached: Bool { isLeast ? measured >= target : measured <= target }

  /// Cells of the table of goals, without the last, which says where it was measured.
  var cells: [String] {
    let digits = target >= 10 ? 1 : 2
    return [
      name, "\(isLeast ? "at least" : "at most") \(Text.number(target, digits)) \(unit)",
      "\(Text.number(measured, digits)) \(unit)", note, isReached ? "reached" : "**not reached**",
    ]
  }

  static let header = ["what", "target", "measured", "median of pairs", "verdict", "measured at"]
}
