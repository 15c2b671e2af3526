import Feeds
import Records
import Streams
import Targets

/// Why a row was rejected, whichever stage refused it.
struct Refusal {
  /// The stage's own reason.
  enum Cause {
    /// Validation.
    case row(RowReject)
    /// A rule of Commerce: the column, and the cell (masked when it may hold personal data).
    case commerce(CommerceRule, place: String, value: ByteView, isMasked: Bool)
    /// An expression has no value for this row.
    case expression(EvaluationFault)
    /// The key stands more than once.
    case duplicateKey
    /// A corrected reject whose key was spoken for since.
    case changedSince
  }

  var cause: Cause

  /// The refusal as reject files and the ledger state it.
  func note(line: Int, fields: [FieldRules], columns: [String], keyNames: [String]) -> RejectNote {
    switch cause {
    case .row(let reject):
      let message = reject.message(fields: fields, columns: columns)
      return RejectNote(
        line: line, column: reject.column, field: message.field ?? message.column ?? "", rule: message.rule,
        message: message.text)
    case .commerce(let rule, let place, let value, let isMasked):
      let parts = value.text.prefix(RejectMessage.excerptMaximum).split(separator: "\u{1F}")
      let excerpt = parts.map { String($0).replacingControls }.joined(separator: " | ")
      let shown = isMasked ? RejectMessage.mask : excerpt
      return RejectNote(
        line: line, column: 0, field: place, rule: rule.rawValue,
        message: "\(place): \(rule.explanation) (value \"\(shown)\"); correct it at the source or in the mapping")
    case .expression(let fault):
      let (rule, words) = Self.words(fault)
      return RejectNote(
        line: line, column: 0, field: "", rule: rule,
        message: "an expression \(words); guard it in the feed definition or correct the row at the source")
    case .duplicateKey:
      return RejectNote(
        line: line, column: 0, field: keyNames.joined(separator: ","), rule: "duplicate-key",
        message: "the key stands in more than one row; send each key once, or choose with `duplicates:`")
    case .changedSince:
      return RejectNote(
        line: line, column: 0, field: keyNames.joined(separator: ","), rule: "changed-since",
        message: "a later drop has spoken for the key since; nothing is to be done unless that drop is wrong too")
    }
  }

  private static func words(_ fault: EvaluationFault) -> (String, String) {
    switch fault {
    case .divisionByZero: ("division-by-zero", "divides by zero")
    case .overflow: ("overflow", "gives a number of more than 18 digits")
    case .tooPrecise: ("too-precise", "gives more decimals than its type has")
    case .tooLong: ("too-long", "gives a text that is too long")
    }
  }
}
