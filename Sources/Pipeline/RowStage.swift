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
  /// Why the row processed last was rejected.
  private(set) var refusal = Refusal(cause: .duplicateKey)
  let builder: ImageBuilder
  private let validator: Validator
  private let keys: KeyEncoder
  /// Reads keys the short way; nil where they are not plain texts.
  private let plainKeys: KeyReader?
  /// Conditions of the state targets that have one.
  private let conditions: [(state: Int, condition: CompiledProgram)]
  private let everyState: UInt32
  private let now: Value
  private let zeroedField: Int
  /// Field that says whether a row deletes; -1: none does.
  private let deleteField: Int
  private let deleteValues: [[UInt8]]
  let hasFoldedKey: Bool
  private let checks: FixedBuffer<FeedPlan.CellCheck>
  private let keyFields: FixedBuffer<Int32>
  private let sources: SourceDigest
  private let sourceKey: DigestKey
  private let columnCount: Int
  /// Whether `readKey` can say anything.
  let hasSource: Bool

  /// The key of the row processed last.
  let key = ByteArena(capacity: 512)
  /// The key as the row spells it, when that differs from the key; else empty.
  let spelling = ByteArena(capacity: 512)
  /// The key as the targets spell it, when the record was taken that way; else empty.
  private let respelling = ByteArena(capacity: 512)
  /// Where the record stands, when its key may have to be spelled otherwise.
  private var place: (batch: RowBatch, row: Int)?
  /// Fields that are read before a key is spelled otherwise, and those that are computed from it.
  private let independent: FixedBuffer<Int32>
  private let dependent: FixedBuffer<Int32>
  /// Digests of the row processed last, 16 bytes a group, then that of its own bytes (`source`).
  let digests = ByteArena(capacity: 256)
  /// The digest of the row's own bytes; zero for a feed that does without.
  private(set) var source = Digest128(first: 0, second: 0)
  /// Bit n: the record belongs to state target n.
  private(set) var members: UInt32 = 0
  /// Whether the field that the zeroed guard looks at is above zero.
  private(set) var isPositive = false
  /// Whether the row processed last says that its key is gone; it has neither image nor digests then.
  private(set) var isDelete = false
  private let noDigests: FixedBuffer<UInt64>

  init(
    plan: FeedPlan, columns: [String], captures: [String: String], digestKey: DigestKey, now: Value
  ) throws(SluiceError) {
    self.plan = plan
    self.now = now
    record = Record(fieldCount: plan.feed.fields.count)
    let validator = try Validator(
      fields: plan.feed.fields, columns: columns, numbers: plan.feed.numbers, captures: captures,
      cells: plan.feed.format.cells, now: now)
    self.validator = validator
    builder = try ImageBuilder(layout: plan.layout, key: digestKey, evaluator: record.evaluator)
    let parts = plan.feed.key.map { (field: $0.field, isFolded: $0.isFolded) }
    keys = KeyEncoder(parts: parts)
    plainKeys = KeyReader(validator, parts: parts)
    var conditions: [(Int, CompiledProgram)] = []
    for (index, state) in plan.states.enumerated() {
      if let condition = try CompiledProgram.make(state.condition) { conditions.append((index, condition)) }
    }
    self.conditions = conditions
    everyState = (1 << UInt32(plan.states.count)) - 1
    checks = FixedBuffer(plan.checks)
    zeroedField = plan.feed.guards.zeroedField ?? -1
    deleteField = plan.feed.deletes?.field ?? -1
    deleteValues = plan.feed.deletes?.values.map { Array($0.utf8) } ?? []
    noDigests = FixedBuffer(Array(repeating: 0, count: 2 * SegmentMetadata.digestCount(plan)))
    hasFoldedKey = plan.feed.key.contains(where: \.isFolded)
    keyFields = FixedBuffer(plan.feed.key.map { Int32($0.field) })
    let dependent = plan.spelledFields
    self.dependent = FixedBuffer(dependent.map { Int32($0) })
    independent = FixedBuffer(plan.feed.fields.indices.filter { !dependent.contains($0) }.map { Int32($0) })
    hasSource = plan.sourceName != nil
    // The same bytes mean another record where the header names the columns in another order.
    let seed = Array("source\u{0}\(plan.sourceName ?? "")\u{0}\(validator.origins)".utf8).withView { seed in
      RowDigest.digest(seed, key: digestKey)
    }
    sourceKey = DigestKey(first: seed.first, second: seed.second)
    columnCount = columns.count
    sources = SourceDigest(columns: validator.usedColumns, columnCount: columns.count, key: sourceKey)
  }

  /// Another digest of rows' bytes, for a thread of its own.
  func makeSourceDigest() -> SourceDigest {
    SourceDigest(columns: validator.usedColumns, columnCount: columnCount, key: sourceKey)
  }

  /// Reads just the key of a row and digests its bytes, for a comparison with last time's; only for a plan with
  /// `hasSource`. False when the row has to be processed to say what is wrong with it.
  @inline(__always)
  func readKey(_ batch: RowBatch, row: Int) -> Bool {
    let head = batch.head(row)
    guard head.defect == .none else { return false }
    key.removeAll()
    spelling.removeAll()
    if plainKeys?.read(batch, head, into: key, spelling: spelling) != true {
      guard readKeyAtLength(batch, head) else { return false }
    }
    source = batch.hasSources ? batch.source(row) : sources.digest(batch, head)
    return true
  }

  @inline(never)
  private func readKeyAtLength(_ batch: RowBatch, _ head: RowHead) -> Bool {
    guard validator.read(keyFields, of: batch, head, into: record) else { return false }
    key.removeAll()
    spelling.removeAll()
    return keys.encode(record, into: key, spelling: spelling)
  }

  /// Takes row `row` of `batch` through validation and mapping.
  func process(_ batch: RowBatch, row: Int) -> Outcome {
    let isValid = validator.validate(batch, row: row, into: record)
    key.removeAll()
    spelling.removeAll()
    let isKeyed = keys.encode(record, into: key, spelling: spelling)
    isDelete = deleteField >= 0 && isKeyed && saysDelete()
    if isDelete {
      takeDelete(batch, row)
      return .accepted
    }
    guard isValid, isKeyed else {
      if let reject = record.reject { refusal = Refusal(cause: .row(reject)) }
      return .rejected(isKeyed: isKeyed)
    }
    if hasFoldedKey {
      place = (batch, row)
      respelling.removeAll()
    }
    guard map() else { return .rejected(isKeyed: true) }
    if hasSource { source = batch.hasSources ? batch.source(row) : sources.digest(batch, batch.head(row)) }
    makeDigests()
    return .accepted
  }

  /// Whether the row says that its key is gone. Of such a row only this and the key have to be right: many sources
  /// leave everything else empty.
  private func saysDelete() -> Bool {
    guard record.isReadable(deleteField) else { return false }
    let value = record.values[deleteField]
    guard value.kind == .text else { return false }
    return deleteValues.contains { bytes in bytes.withView { $0 == value.bytes } }
  }

  private func takeDelete(_ batch: RowBatch, _ row: Int) {
    members = 0
    isPositive = false
    if hasSource { source = batch.hasSources ? batch.source(row) : sources.digest(batch, batch.head(row)) }
    digests.removeAll()
    for index in 0..<noDigests.count { digests.append(raw: noDigests[index]) }
  }

  /// Takes the record processed last once more through validation and mapping, with its key as the targets spell it:
  /// the target gets the first spelling, in whatever is made of the key, and the digest is over it. False when the
  /// record is rejected that way.
  func respell(_ spelled: ByteView) -> Bool {
    let current = respelling.count > 0 ? respelling.view : spelling.count > 0 ? spelling.view : key.view
    guard let place, !(spelled == current) else { return true }
    respelling.removeAll()
    respelling.append(spelled)
    var isValid = validator.read(independent, of: place.batch, place.batch.head(place.row), into: record)
    spell(respelling.view)
    isValid = validator.compute(dependent, of: record) && isValid
    guard isValid else {
      if let reject = record.reject { refusal = Refusal(cause: .row(reject)) }
      return false
    }
    guard map() else { return false }
    makeDigests()
    return true
  }

  private func makeDigests() {
    digests.removeAll()
    builder.appendDigests(to: digests)
    digests.append(raw: source.first)
    digests.append(raw: source.second)
  }

  /// Gives the folded key fields of the record the spelling of a key, whose parts are joined by NUL.
  private func spell(_ spelled: ByteView) {
    var rest = spelled
    for part in plan.feed.key {
      let end = rest.firstIndex(of: KeyEncoder.separator) ?? rest.count
      if part.isFolded, record.values[part.field].kind == .text {
        record.values[part.field] = .text(rest.slice(from: 0, count: end))
      }
      rest = end < rest.count ? rest.dropping(end + 1) : ByteView()
    }
  }

  private func map() -> Bool {
    members = conditions.isEmpty ? everyState : evaluateConditions()
    let evaluator = record.evaluator
    guard builder.build(record, now: now), evaluator.fault == nil, !record.scratch.overflowed else {
      refusal = Refusal(cause: .expression(evaluator.fault ?? .tooLong))
      return false
    }
    if zeroedField >= 0 {
      let value = record.values[zeroedField]
      isPositive = value.kind == .number && value.number > 0
    }
    return checkCells()
  }

  private func evaluateConditions() -> UInt32 {
    var members = everyState
    for (state, condition) in conditions {
      let truth = record.evaluator.evaluate(
        condition, fields: record.values, old: nil, now: now, scratch: record.scratch)
      if !truth.isTrue { members &= ~(1 << UInt32(state)) }
    }
    return members
  }

  private func checkCells() -> Bool {
    for index in 0..<checks.count {
      let cell = checks[index]
      guard members & (1 << UInt32(cell.state)) != 0 else { continue }
      if cell.condition >= 0, builder.text(Int(cell.condition)).firstIndex(of: 0x31) == nil { continue }
      let text = builder.text(Int(cell.slot))
      let state = builder.state(Int(cell.slot))
      guard let rule = cell.check.broken(state: state, text: text, isDefaultRow: cell.isDefaultRow) else { continue }
      let checked = plan.checkedCells[index]
      refusal = Refusal(
        cause: .commerce(rule, place: checked.place, value: text, isMasked: checked.isSensitive))
      return false
    }
    return true
  }
}
