import Foundation

/// Numbers and tables as people read them.
enum Text {
  /// A number with so many digits after the point.
  static func number(_ value: Double, _ digits: Int = 2) -> String { String(format: "%.\(digits)f", value) }

  /// A whole number with commas between the thousands.
  static func grouped(_ value: Double) -> String {
    var digits = String(Int(value.rounded()))
    var groups: [String] = []
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    return ([digits] + groups).joined(separator: ",")
  }

  /// Lines of a Markdown table.
  static func table(_ header: [String], _ rows: [[String]]) -> [String] {
    [line(header), line(header.map { _ in "---" })] + rows.map(line)
  }

  /// A line of a Markdown table.
  static func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }

  /// Says something on standard output, at once.
  static func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
}
