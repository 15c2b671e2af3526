import Feeds
import Records
import Streams
import Tabular
import Targets

/// Validate and map one row at a time: from a row of a batch to a record with its key, memberships, image and digests.
/// Both passes over a drop run the same stage, so that they agree on every row. Allocates nothing per row.
final class RowStage {
  enum Outcome {
    case accepted
    /// `isKeyed` says whether the key could be read, so that the row counts as seen.
    case rejected(isKeyed: Bool)
  }

  let plan: FeedPlan
  let record: Record
  let evaluator = Evaluator()
  let builder: ImageBuilder
  private let validator: Validator
  private let keys: KeyEncoder
  private let conditions: [CompiledProgram?]
  private let now: Value
  private let zeroedField: Int?
  private let hasFoldedKey: Bool

  /// The key of the row processed last.
  let key = ByteArena(capacity: 512)
  /// The key as spelled, when that differs from the key; else empty.
  let spelling = ByteArena(capacity: 512)
  /// Digests of the row processed last, 16 bytes a group.
  let digests = ByteArena(capacity: 256)
  /// Bit n: the record belongs to state target n.
  private(set) var members: UInt32 = 0
  /// Whether the field that the zeroed guard looks at is above zero.
  private(set) var isPositive = false

  init(
    plan: FeedPlan, columns: [String], captures: [String: String], digestKey: DigestKey, now: Value
  ) throws(SluiceError) {
    self.plan = plan
    self.now = now
    record = Record(fields: plan.feed.fields)
    validator = try Validator(
      fields: plan.feed.fields, columns: columns, numbers: plan.feed.numbers, captures: captures, evaluator: evaluator,
      now: now)
    builder = ImageBuilder(layout: plan.layout, key: digestKey, evaluator: evaluator)
    keys = KeyEncoder(parts: plan.feed.key.map { ($0.field, $0.isFolded) }, fields: plan.feed.fields)
    conditions = plan.states.map { $0.condition.map { CompiledProgram($0) } }
    zeroedField = plan.feed.guards.zeroedField
    hasFoldedKey = plan.feed.key.contains(where: \.isFolded)
  }

  /// Takes row `row` of `batch` through validation and mapping.
  func process(_ batch: RowBatch, row: Int) -> Outcome {
    let isValid = validator.validate(batch, row: row, into: record)
    let isKeyed = keys.encode(record, key: key, spelling: spelling)
    guard isValid, isKeyed else { return .rejected(isKeyed: isKeyed) }
    if hasFoldedKey, spelling.count > 0 { keys.substitute(key.view, in: record) }
    guard map() else { return .rejected(isKeyed: true) }
    digests.removeAll()
    builder.appendDigests(to: digests)
    return .accepted
  }

  /// Builds the image of the record once more with its key as the targets spell it.
  func respell(_ spelled: ByteView) -> Bool {
    keys.substitute(spelled, in: record)
    return builder.build(record, now: now)
  }

  private func map() -> Bool {
    members = 0
    evaluator.clearFault()
    for index in conditions.indices {
      guard let condition = conditions[index] else {
        members |= 1 << UInt32(index)
        continue
      }
      let truth = evaluator.evaluate(condition, fields: record.values, old: nil, now: now, scratch: record.scratch)
      if truth.isTrue { members |= 1 << UInt32(index) }
    }
    guard builder.build(record, now: now), evaluator.fault == nil, !record.scratch.overflowed else {
      record.reject = RowReject(rule: evaluator.fault?.rule ?? "too-long", place: "expression")
      return false
    }
    isPositive = zeroedField.map { record.values[$0].kind == .number && record.values[$0].number > 0 } ?? false
    return checkCells()
  }

  private func checkCells() -> Bool {
    for index in plan.checks.indices {
      let check = plan.checks[index]
      guard members & (1 << UInt32(check.state)) != 0 else { continue }
      if let condition = check.condition, builder.text(condition).firstIndex(of: 0x31) == nil { continue }
      let text = builder.text(check.slot)
      guard
        let rule = check.check.broken(
          state: builder.state(check.slot), text: text, isDefaultRow: check.isDefaultRow)
      else { continue }
      record.reject = RowReject(rule: rule.rawValue, place: check.place, value: text, explanation: rule.explanation)
      return false
    }
    return true
  }
}
