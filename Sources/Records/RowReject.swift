import Streams

/// Why a row is rejected, as a trivial value; words are made from it off the hot path (`RowReject.message`).
public struct RowReject {
  /// The rules that a row can break; the raw value is the stable code that reject files, ledger and manual use.
  public enum Rule: String, Sendable, CaseIterable {
    case required
    case notANumber = "not-a-number"
    case tooPrecise = "too-precise"
    case overflow
    case belowMinimum = "below-minimum"
    case aboveMaximum = "above-maximum"
    case tooLong = "too-long"
    case tooShort = "too-short"
    case pattern
    case notInEnum = "not-in-enum"
    case notADate = "not-a-date"
    case notBoolean = "not-boolean"
    case lookupMissing = "lookup-missing"
    case severalValues = "several-values"
    case divisionByZero = "division-by-zero"
    case rowShort = "row-short"
    case rowLong = "row-long"
    case rowTooLong = "row-too-long"
    case badByte = "bad-byte"
    case misplacedQuote = "misplaced-quote"
    case recordType = "record-type"
    case keyEmpty = "key-empty"
    case keyControlByte = "key-control-byte"
    case keyTooLong = "key-too-long"
  }

  /// The rule broken first, in the order of the fields; a defect of the whole row goes before all.
  public var rule: Rule
  /// Index of the field concerned, or -1.
  public var field: Int
  /// Ordinal of the column concerned, from 1 on, or 0.
  public var column: Int
  /// The offending text, borrowed from the batch or from the record's scratch space; in clear even when sensitive.
  public var value: ByteView

  /// A reject.
  public init(rule: Rule, field: Int = -1, column: Int = 0, value: ByteView = ByteView()) {
    self.rule = rule
    self.field = field
    self.column = column
    self.value = value
  }
}
