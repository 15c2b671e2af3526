import Feeds
import Records
import Streams

/// Compares what came of an example with what it says.
struct ExampleComparison {
  private typealias Difference = ExampleResult.Difference

  let plan: FeedPlan
  let example: FeedExample

  /// What is not as the example says, in its order.
  func differences(from actual: ExampleRun.Actual) -> [ExampleResult.Difference] {
    switch (example.outcome, actual) {
    case (_, .unfounded(let reason)): [whole(example.position, expected: "a row published before", actual: reason)]
    case (.rejects(let rule, let position), .rejected(let reject)):
      rule == reject.rule
        ? [] : [whole(position, expected: "rejected by \(rule)", actual: Self.words(reject))]
    case (.rejects(let rule, let position), .targets):
      [whole(position, expected: "rejected by \(rule)", actual: "accepted")]
    case (.gives, .rejected(let reject)):
      [whole(example.position, expected: "accepted", actual: Self.words(reject))]
    case (.gives(let targets), .targets(let actual, let packed)):
      targets.flatMap { differences($0, from: actual, packed: packed) }
    }
  }

  private static func words(_ reject: RejectNote) -> String { "rejected by \(reject.rule): \(reject.message)" }

  private func whole(_ position: Position, expected: String, actual: String) -> Difference {
    Difference(
      line: position.line, column: position.column, target: nil, row: nil, field: nil, expected: expected,
      actual: actual)
  }

  // MARK: - Rows

  private func differences(
    _ expected: FeedExample.ExpectedTarget, from targets: [TrialOutputs.Target], packed: [[String: String]]
  ) -> [Difference] {
    guard let target = targets.first(where: { plan.feed.targets[$0.target].name == expected.target }) else { return [] }
    var differences: [Difference] = []
    for index in 0..<max(expected.rows.count, target.rows.count) {
      let position = expected.rows.indices.contains(index) ? expected.rows[index].position : expected.position
      var difference = whole(position, expected: "a row", actual: "no row")
      difference.target = expected.target
      difference.row = index + 1
      if index >= target.rows.count {
        differences.append(difference)
      } else if index >= expected.rows.count {
        difference.expected = "no row"
        difference.actual = Self.words(target.rows[index])
        differences.append(difference)
      } else {
        let attributes = index == 0 ? packed[target.target] : [:]
        for cell in expected.rows[index].cells {
          guard let (wanted, text) = compare(cell, target.rows[index], packed: attributes) else { continue }
          difference.line = cell.position.line
          difference.column = cell.position.column
          difference.field = cell.name
          difference.expected = wanted
          difference.actual = text
          differences.append(difference)
        }
      }
    }
    return differences
  }

  private static func words(_ row: [TrialOutputs.Cell]) -> String {
    let cells = row.filter { !$0.text.isEmpty }.map { "\($0.column): \($0.text)" }
    return "a row with " + (cells.isEmpty ? "blank cells" : cells.joined(separator: ", ").replacingControls)
  }

  /// The text wanted and that which came, when they differ. What a row does not have is the same as a blank cell; the
  /// parts of a list are joined as the target joins them.
  private func compare(
    _ wanted: FeedExample.Cell, _ row: [TrialOutputs.Cell], packed: [String: String]
  ) -> (String, String)? {
    if let cell = row.first(where: { $0.column == wanted.name }) {
      let text = wanted.text.replacing("\u{1F}", with: ",")
      return cell.text == text ? nil : (text, cell.text)
    }
    let text = wanted.text.replacing("\u{1F}", with: "|")
    let actual = packed[wanted.name]?.replacing("\u{1F}", with: "|") ?? ""
    return actual == text ? nil : (text, actual)
  }
}
