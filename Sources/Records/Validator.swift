import Streams
import Tabular

/// Turns rows into records by the rules of a feed's fields: the inner loop of a run.
///
/// Blanks (space, tab) at both ends of a cell are dropped for every notation, texts included. What is empty then is
/// absent or a wish to clear, as the field says, unless there is a default. Lengths and patterns look at the text
/// that was read (after the lookup), of a list at each part; so does the lookup. A text with U+001F in it, which joins
/// the matches of an XML path, is refused unless the field is a list.
///
/// Immutable: threads may share a validator, each with a `Record` of its own.
public final class Validator: Sendable {
  /// The rules, as given.
  public let fields: [FieldRules]
  /// The reader's columns, as given.
  public let columns: [String]
  let plans: FixedBuffer<FieldPlan>
  private let parts: [FieldParts]
  private let numbers: NumberNotation
  private let cells: CellText
  private let now: Value
  private let everyField: FixedBuffer<Int32>

  /// Resolves the fields against the reader's columns.
  ///
  /// Throws `column-missing` and `column-ambiguous` (damaged) for a declared column that the header lacks or has
  /// twice, `date-pattern` and what `CompiledProgram` throws (definition).
  /// - `captures`: what the file pattern captured, by name; a capture that is not there counts as absent.
  /// - `cells`: what is undone in cells that are flagged as escaped.
  /// - `now`: what `now()` gives in computed fields.
  public init(
    fields: [FieldRules], columns: [String], numbers: NumberNotation = NumberNotation(),
    captures: [String: String] = [:], cells: CellText = CellText(), now: Value = .null
  ) throws(SluiceError) {
    self.fields = fields
    self.columns = columns
    self.numbers = numbers
    self.cells = cells
    self.now = now
    var plans: [FieldPlan] = []
    var parts: [FieldParts] = []
    for rules in fields {
      var column: Int?
      var capture: String?
      switch rules.source {
      case .column(let name): column = try ColumnFinder.index(of: name, in: columns, field: rules.name)
      case .capture(let name): capture = captures[name]
      case .computed: break
      }
      plans.append(FieldPlan(rules, column: column))
      parts.append(try FieldParts(rules, capture: capture))
    }
    self.plans = FixedBuffer(plans)
    self.parts = parts
    everyField = FixedBuffer(plans.indices.map { Int32($0) })
  }

  /// The columns that fields are read from, as indices of the reader's fields.
  public var usedColumns: Set<Int> {
    Set((0..<plans.count).filter { plans[$0].source == .column }.map { Int(plans[$0].column) })
  }

  /// Where each field comes from in this drop: its column, or what the file pattern captured for it.
  public var origins: String {
    (0..<plans.count).map { index in
      switch plans[index].source {
      case .column: return "\(plans[index].column)"
      case .capture: return "=\(parts[index].capture.text)"
      case .computed: return ""
      }
    }.joined(separator: "\u{0}")
  }

  /// Reads a row of `batch` into `record`, which must have been made for as many fields. False when the row is
  /// rejected: `record.reject` says why, and the fields that could be read are there all the same.
  public func validate(_ batch: RowBatch, row: Int, into record: Record) -> Bool {
    read(everyField, of: batch, batch.head(row), into: record)
  }

  /// Reads only `fields` (indices) of a row, none of which may be computed from others that are left out.
  @inline(__always)
  public func read(
    _ fields: borrowing FixedBuffer<Int32>, of batch: RowBatch, _ head: RowHead, into record: Record
  ) -> Bool {
    assert(record.values.count == plans.count)
    record.beginRow()
    if head.defect != .none { refuse(head, batch, record) }
    let values = record.values
    for index in 0..<fields.count {
      let field = Int(fields[index])
      let plan = plans[field]
      switch plan.source {
      case .column:
        guard isThere(plan, head) else {
          lose(field, head, record)
          continue
        }
        let slice = batch.slice(Int(head.firstField) &+ Int(plan.column))
        var text = batch.view(slice)
        if slice.flags.contains(.escaped) { text = unescaped(text, slice.flags, record.scratch) }
        values[field] = read(text.trimmed, isAbsent: slice.flags.contains(.absent), field, plan, record)
      case .capture:
        let text = parts[field].capture
        values[field] = read(text.trimmed, isAbsent: text.isEmpty, field, plan, record)
      case .computed:
        compute(field, plan, record)
      }
    }
    if record.scratch.overflowed { record.refuse(RowReject(rule: .rowTooLong)) }
    return record.reject == nil
  }

  /// Computes `fields` (indices, each after those that it is computed from) of a record whose other fields were read,
  /// in the feed's order. False when the row is rejected.
  public func compute(_ fields: borrowing FixedBuffer<Int32>, of record: Record) -> Bool {
    for index in 0..<fields.count { compute(Int(fields[index]), plans[Int(fields[index])], record) }
    if record.scratch.overflowed { record.refuse(RowReject(rule: .rowTooLong)) }
    return record.reject == nil
  }

  // MARK: Rows with a defect

  /// Whether the row has the plan's column in a state that can be read.
  @inline(__always)
  private func isThere(_ plan: FieldPlan, _ head: RowHead) -> Bool {
    guard plan.column < head.fieldCount else { return false }
    guard head.defect == .badByte || head.defect == .misplacedQuote else { return true }
    return plan.column != Int32(head.defectField)
  }

  private func lose(_ field: Int, _ head: RowHead, _ record: Record) {
    record.lose(field)
    if head.defect == .none { record.refuse(RowReject(rule: .rowShort)) }
  }

  private func refuse(_ head: RowHead, _ batch: RowBatch, _ record: Record) {
    var reject = RowReject(rule: .rowShort)
    switch head.defect {
    case .none, .short: break
    case .long: reject.rule = .rowLong
    case .tooLong: reject.rule = .rowTooLong
    case .badByte, .misplacedQuote, .recordType:
      reject.rule =
        switch head.defect {
        case .badByte: .badByte
        case .recordType: .recordType
        default: .misplacedQuote
        }
      let column = Int(head.defectField)
      reject.column = column + 1
      reject.field = (0..<plans.count).first { Int(plans[$0].column) == column } ?? -1
      if column < Int(head.fieldCount) { reject.value = batch.view(batch.slice(Int(head.firstField) + column)) }
    }
    record.refuse(reject)
  }

  /// Rejects the row for the sake of one field, whose value is null then.
  private func refuse(_ rule: RowReject.Rule, _ field: Int, _ value: ByteView, _ record: Record) -> Value {
    record.lose(field)
    // Several matches of a path are no number or word; that they are several is what has to be said.
    let isList = plans[field].reading == .list
    let rule = !isList && hasSeveralValues(value) ? .severalValues : rule
    record.refuse(RowReject(rule: rule, field: field, column: Int(plans[field].column) + 1, value: value))
    return .null
  }

  // MARK: Cells

  /// The text without the doubling of its quotes, and without escapes.
  private func unescaped(_ text: ByteView, _ flags: FieldSlice.Flags, _ scratch: ByteArena) -> ByteView {
    let start = scratch.count
    cells.undo(text, flags, into: scratch)
    return scratch.view(from: start)
  }

  /// The value of a trimmed text.
  @inline(__always)
  private func read(_ text: ByteView, isAbsent: Bool, _ field: Int, _ plan: FieldPlan, _ record: Record) -> Value {
    var text = text
    if !plan.options.isDisjoint(with: [.hasNulls, .hasShape]) {
      if parts[field].isNull(text) {
        guard plan.options.contains(.hasDefault) else { return missing(isAbsent: isAbsent, field, plan, record) }
        text = text.slice(from: 0, count: 0)
      }
      if let shape = parts[field].shape { text = shape.text(text, record.scratch) }
    }
    if text.isEmpty || isAbsent {
      guard plan.options.contains(.hasDefault) else { return empty(isAbsent: isAbsent, field, plan, record) }
      text = parts[field].defaultText
    }
    if plan.options.contains(.hasLookup), plan.reading != .list {
      guard let found = parts[field].lookup?.value(of: text) else {
        return refuse(.lookupMissing, field, text, record)
      }
      text = found
    }
    if text.isEmpty { return missing(isAbsent: false, field, plan, record) }
    switch plan.reading {
    case .text:
      if hasSeveralValues(text) { return refuse(.severalValues, field, text, record) }
      return isWithin(text, field, plan, record) ? .text(text) : .null
    case .number: return number(text, field, plan, record)
    default: return other(text, field, plan, record)
    }
  }

  /// What an empty cell without a default means.
  @inline(__always)
  private func empty(isAbsent: Bool, _ field: Int, _ plan: FieldPlan, _ record: Record) -> Value {
    if plan.options.contains(.hasEmptyWord), !isAbsent {
      return .boolean(parts[field].words?.value(of: ByteView())?[0] == 0x31)
    }
    return missing(isAbsent: isAbsent, field, plan, record)
  }

  @inline(__always)
  private func missing(isAbsent: Bool, _ field: Int, _ plan: FieldPlan, _ record: Record) -> Value {
    if plan.options.contains(.required) { return refuse(.required, field, ByteView(), record) }
    return isAbsent || !plan.options.contains(.clearsWhenEmpty) ? .null : .clear
  }

  @inline(__always)
  private func hasSeveralValues(_ text: ByteView) -> Bool {
    var index = 0
    while index < text.count {
      if text[index] == listSeparator { return true }
      index &+= 1
    }
    return false
  }

  @inline(__always)
  private func number(_ text: ByteView, _ field: Int, _ plan: FieldPlan, _ record: Record) -> Value {
    let reading =
      plan.options.contains(.hasShape)
      ? parts[field].number(text, numbers, scale: plan.scale)
      : DecimalText.parse(text, notation: numbers, scale: plan.scale)
    if let fault = reading.fault {
      let rule: RowReject.Rule =
        switch fault {
        case .notANumber: .notANumber
        case .tooPrecise: .tooPrecise
        case .overflow: .overflow
        }
      return refuse(rule, field, text, record)
    }
    if reading.mantissa < plan.minimum { return refuse(.belowMinimum, field, text, record) }
    if reading.mantissa > plan.maximum { return refuse(.aboveMaximum, field, text, record) }
    return isWithin(text, field, plan, record) ? .number(reading.mantissa, scale: plan.scale) : .null
  }

  private func other(_ text: ByteView, _ field: Int, _ plan: FieldPlan, _ record: Record) -> Value {
    let parts = parts[field]
    let value: Value
    switch plan.reading {
    case .text, .number: return .null
    case .list: return list(text, parts, field, plan, record)
    case .boolean:
      guard let truth = parts.words?.value(of: text) else { return refuse(.notBoolean, field, text, record) }
      value = .boolean(truth[0] == 0x31)
    case .date:
      guard let days = parts.datePattern?.days(text) else { return refuse(.notADate, field, text, record) }
      value = .date(days: days)
    case .datetime:
      guard let seconds = parts.datePattern?.seconds(text) else { return refuse(.notADate, field, text, record) }
      value = .datetime(seconds: seconds)
    case .enumeration:
      guard parts.words?.contains(text) ?? false else { return refuse(.notInEnum, field, text, record) }
      value = .text(text)
    }
    return isWithin(text, field, plan, record) ? value : .null
  }

  /// The parts of a list, trimmed and translated one by one, empty ones dropped, joined by U+001F.
  private func list(
    _ text: ByteView, _ parts: FieldParts, _ field: Int, _ plan: FieldPlan, _ record: Record
  ) -> Value {
    let separator = parts.separator
    let start = record.scratch.count
    var position = 0
    while position <= text.count {
      var end = position
      var gap = 1
      while end < text.count, text[end] != listSeparator {
        let isSeparated =
          !separator.isEmpty && end + separator.count <= text.count
          && text.slice(from: end, count: separator.count) == separator
        if isSeparated {
          gap = separator.count
          break
        }
        end += 1
      }
      var part = text.slice(from: position, count: end - position).trimmed
      position = end + gap
      if part.isEmpty { continue }
      if plan.options.contains(.hasLookup) {
        guard let found = parts.lookup?.value(of: part) else { return refuse(.lookupMissing, field, part, record) }
        part = found
        if part.isEmpty { continue }
      }
      guard isWithin(part, field, plan, record) else { return .null }
      if record.scratch.count > start { record.scratch.append(listSeparator) }
      record.scratch.append(part)
    }
    let joined = record.scratch.view(from: start)
    return joined.isEmpty ? missing(isAbsent: false, field, plan, record) : .text(joined)
  }

  /// Checks length and pattern; rejects the row when one does not hold.
  @inline(__always)
  private func isWithin(_ text: ByteView, _ field: Int, _ plan: FieldPlan, _ record: Record) -> Bool {
    if plan.options.isDisjoint(with: [.hasLength, .hasPattern]) { return true }
    guard let rule = brokenRule(text, field, plan) else { return true }
    _ = refuse(rule, field, text, record)
    return false
  }

  private func brokenRule(_ text: ByteView, _ field: Int, _ plan: FieldPlan) -> RowReject.Rule? {
    // A text has at most as many characters as bytes, so most need no counting.
    if plan.minimumLength > 0 || text.count > Int(plan.maximumLength) {
      let count = UTF8Scan.count(text)
      if count < Int(plan.minimumLength) { return .tooShort }
      if count > Int(plan.maximumLength) { return .tooLong }
    }
    if plan.options.contains(.hasPattern), let pattern = parts[field].pattern, !pattern.matches(text) {
      return .pattern
    }
    return nil
  }

  // MARK: Computed fields

  private func compute(_ field: Int, _ plan: FieldPlan, _ record: Record) {
    guard let program = parts[field].program else { return }
    if record.isDamaged, program.fields.contains(where: { !record.isReadable($0) }) {
      // What it is made of is bad and already reported.
      record.lose(field)
      return
    }
    record.evaluator.fault = nil
    let value = record.evaluator.evaluate(
      program, fields: record.values, old: nil, now: now, scratch: record.scratch)
    record.values[field] = value
    if let fault = record.evaluator.fault {
      let rule: RowReject.Rule =
        switch fault {
        case .divisionByZero: .divisionByZero
        case .overflow: .overflow
        case .tooPrecise: .tooPrecise
        case .tooLong: .rowTooLong
        }
      record.evaluator.fault = nil
      _ = refuse(rule, field, ByteView(), record)
      return
    }
    switch value.kind {
    case .null, .clear:
      if plan.options.contains(.required) { _ = refuse(.required, field, ByteView(), record) }
    case .number: checkRange(value, field, plan, record)
    case .text:
      if value.bytes.isEmpty, plan.options.contains(.required) {
        _ = refuse(.required, field, ByteView(), record)
      } else {
        _ = isWithin(value.bytes, field, plan, record)
      }
    case .boolean, .date, .datetime: break
    }
  }

  private func checkRange(_ value: Value, _ field: Int, _ plan: FieldPlan, _ record: Record) {
    guard value.number < plan.minimum || value.number > plan.maximum else { return }
    let start = record.scratch.count
    ValueText.append(value, to: record.scratch)
    let rule: RowReject.Rule = value.number < plan.minimum ? .belowMinimum : .aboveMaximum
    _ = refuse(rule, field, record.scratch.view(from: start), record)
  }
}
