import Feeds
import Targets

/// What publishing needs to know of a target, kept with the staged files: a drop that was held is published as the
/// definition of its day had it, whatever that has become since.
struct PreparedTarget: Codable, Equatable, Sendable {
  /// `commerce.stock_sources`.
  var name: String
  /// Index among the state targets; nil for an event target.
  var state: Int?
  /// Frictionless types of the columns of its BI files, by column.
  var types: [String: String]

  /// The targets of `plan` with the types of what was staged for them.
  static func all(_ plan: FeedPlan, outputs: [StagedOutput]) -> [PreparedTarget] {
    plan.feed.targets.enumerated().map { index, target in
      let columns = outputs.filter { $0.target == target.name && $0.system == .bi }.flatMap(\.columns)
      return PreparedTarget(
        name: target.name, state: plan.states.firstIndex { $0.target == index },
        types: Dictionary(columns.map { ($0, type(of: $0, target, plan)) }) { first, _ in first })
    }
  }

  private static func type(of column: String, _ target: TargetDefinition, _ plan: FeedPlan) -> String {
    if column == "drop" { return "integer" }
    if column == "time" { return "datetime" }
    if let field = plan.feed.key.map({ plan.feed.fields[$0.field] }).first(where: { $0.name == column }) {
      return DataPackage.type(field.type)
    }
    let name = column.hasPrefix("old_") || column.hasPrefix("new_") ? String(column.dropFirst(4)) : column
    return target.columns.first { $0.name == name }.map { DataPackage.type($0.program.type) } ?? "string"
  }
}
