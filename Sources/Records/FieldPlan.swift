import Streams
import Tabular

/// How one field is read, resolved to a trivial value for the loop over a row's fields.
struct FieldPlan {
  enum Source: UInt8 { case column, capture, computed }

  /// What `FieldRules.Notation` says, without what it carries.
  enum Reading: UInt8 { case text, list, number, boolean, date, datetime, enumeration }

  struct Options: OptionSet {
    let rawValue: UInt16
    static let required = Options(rawValue: 1)
    static let clearsWhenEmpty = Options(rawValue: 2)
    static let hasDefault = Options(rawValue: 4)
    static let hasLookup = Options(rawValue: 8)
    static let hasLength = Options(rawValue: 16)
    static let hasPattern = Options(rawValue: 32)
    static let hasNulls = Options(rawValue: 64)
    static let hasShape = Options(rawValue: 128)
    /// An empty cell is one of the words for true or false.
    static let hasEmptyWord = Options(rawValue: 256)
  }

  var source: Source
  var reading: Reading
  var options: Options
  var scale: UInt8
  /// Index of the reader's field; -1 for other sources.
  var column: Int32
  var minimumLength: Int32
  var maximumLength: Int32
  var minimum: Int64
  var maximum: Int64

  /// A plan for `rules`; `column` is the index of the reader's field.
  init(_ rules: FieldRules, column: Int?) {
    source =
      switch rules.source {
      case .column: .column
      case .capture: .capture
      case .computed: .computed
      }
    reading =
      switch rules.notation {
      case .text: .text
      case .list: .list
      case .number: .number
      case .boolean: .boolean
      case .date: .date
      case .datetime: .datetime
      case .enumeration: .enumeration
      }
    if case .number(let scale) = rules.type { self.scale = scale } else { scale = 0 }
    var options: Options = []
    if rules.isRequired { options.insert(.required) }
    if rules.empty == .clear { options.insert(.clearsWhenEmpty) }
    if rules.defaultText != nil { options.insert(.hasDefault) }
    if rules.lookup != nil { options.insert(.hasLookup) }
    if rules.minimumLength != nil || rules.maximumLength != nil { options.insert(.hasLength) }
    if rules.pattern != nil { options.insert(.hasPattern) }
    if !rules.nulls.isEmpty { options.insert(.hasNulls) }
    if !rules.shape.isPlain { options.insert(.hasShape) }
    if case .boolean(let yes, let no) = rules.notation, (yes + no).contains("") { options.insert(.hasEmptyWord) }
    self.options = options
    self.column = column.map { Int32(clamping: $0) } ?? -1
    minimumLength = Int32(clamping: rules.minimumLength ?? 0)
    maximumLength = Int32(clamping: rules.maximumLength ?? Int(Int32.max))
    minimum = rules.minimum ?? .min
    maximum = rules.maximum ?? .max
  }
}

/// What a field's plan needs beside numbers; asked only by the fields that have it.
final class FieldParts: Sendable {
  let pattern: TextPattern?
  let lookup: LookupTable?
  /// What the text loses or gets before it is read.
  let shape: CompiledShape?
  /// Texts that mean that the cell is empty.
  private let nulls: LookupTable?
  let datePattern: DatePattern?
  /// Words allowed; for booleans translated to `1` and `0`.
  let words: LookupTable?
  let program: CompiledProgram?
  private let bytes: FixedBuffer<UInt8>
  private let counts: (separator: Int, text: Int, capture: Int)

  /// The parts of `rules`; throws what a date pattern or a program throws.
  init(_ rules: FieldRules, capture: String?) throws(SluiceError) {
    pattern = rules.pattern
    lookup = rules.lookup
    shape = CompiledShape(rules.shape)
    nulls =
      rules.nulls.isEmpty ? nil : LookupTable(path: rules.name, entries: rules.nulls.map { (Array($0.utf8), []) })
    var separator = ""
    switch rules.notation {
    case .date(let pattern), .datetime(let pattern):
      let compiled = try DatePattern(pattern)
      guard compiled.isReadable else {
        throw SluiceError(
          .definition, "date-pattern", field: rules.name, value: pattern,
          cause: "the date pattern lacks the year, the month or the day", remedy: "name all three in it")
      }
      datePattern = compiled
      words = nil
    case .enumeration(let allowed):
      datePattern = nil
      words = LookupTable(path: rules.name, entries: allowed.map { (Array($0.utf8), []) })
    case .boolean(let yes, let no):
      datePattern = nil
      let entries = yes.map { (Array($0.utf8), [UInt8(0x31)]) } + no.map { (Array($0.utf8), [UInt8(0x30)]) }
      words = LookupTable(path: rules.name, entries: entries)
    case .list(let given):
      separator = given ?? ""
      datePattern = nil
      words = nil
    case .text, .number:
      datePattern = nil
      words = nil
    }
    if case .computed(let program) = rules.source {
      self.program = try CompiledProgram(program)
    } else {
      program = nil
    }
    let text = rules.defaultText ?? ""
    counts = (separator.utf8.count, text.utf8.count, (capture ?? "").utf8.count)
    bytes = FixedBuffer(Array((separator + text + (capture ?? "")).utf8))
  }

  /// Whether the text of a cell means that it is empty.
  func isNull(_ text: ByteView) -> Bool { nulls?.value(of: text) != nil }

  /// A number of a field with a shape: its decimals may be implied, and then no decimal sign may be written.
  @inline(never)
  func number(_ text: ByteView, _ numbers: NumberNotation, scale: UInt8) -> DecimalText.Reading {
    guard let implied = shape?.implied else { return DecimalText.parse(text, notation: numbers, scale: scale) }
    // A NUL stands in no text.
    let whole = NumberNotation(decimal: 0, thousands: numbers.thousands)
    var reading = DecimalText.parse(text, notation: whole, scale: 0)
    guard reading.fault == nil else { return reading }
    if implied <= scale {
      let power = Int64(DecimalText.power(Int(scale - implied)))
      let (scaled, overflow) = reading.mantissa.multipliedReportingOverflow(by: power)
      reading.mantissa = scaled
      if overflow { reading.fault = .overflow }
    } else {
      let power = Int64(DecimalText.power(Int(implied - scale)))
      let (rest, digits) = reading.mantissa.quotientAndRemainder(dividingBy: power)
      reading.mantissa = rest
      if digits != 0 { reading.fault = .tooPrecise }
    }
    return reading
  }

  /// What separates the parts of a list inside one cell; empty when nothing does.
  var separator: ByteView { ByteView(base: bytes.base, count: counts.separator) }
  /// The default text.
  var defaultText: ByteView { ByteView(base: bytes.base + counts.separator, count: counts.text) }
  /// What the file pattern captured.
  var capture: ByteView { ByteView(base: bytes.base + counts.separator + counts.text, count: counts.capture) }
}
