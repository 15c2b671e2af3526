import Records
import Streams

/// How a value is written beside what its type says.
extension FeedReader {
  private static let mostZeros = 100

  /// Reads `strip`, `zeros`, `implied` and `zoned`; `rules.notation` has to be known.
  func readShape(_ keys: KeyedMapping, into rules: inout FieldRules) {
    rules.shape.strip = (problems.scalars(keys["strip"], what: "strip", takes: "a text or a list of texts") ?? [])
      .compactMap { text in
        guard text.text.trimmingBlanks.isEmpty else { return text.text.trimmingBlanks }
        problems.wrongValue(
          text, what: "strip", takes: "a text such as EUR", remedy: "drop it: blanks go by themselves")
        return nil
      }
    if let text = problems.scalar(keys["zeros"], what: "zeros", takes: "strip or a number of digits") {
      rules.shape.zeros = zeros(text)
    }
    rules.shape.implied = problems.whole(keys["implied"], what: "implied", most: 18).map { UInt8($0) }
    rules.shape.isZoned = problems.flag(keys["zoned"], what: "zoned") ?? false
    let (isText, isNumber, isList) =
      switch rules.notation {
      case .text: (true, false, false)
      case .number: (false, true, false)
      case .list: (false, false, true)
      default: (false, false, false)
      }
    if !isText { unfit(keys, "zeros", "it concerns texts such as article numbers", "give the field the type string") }
    if !isNumber {
      for key in ["implied", "zoned"] {
        unfit(keys, key, "it concerns numbers", "give the field the type integer or decimal(n)")
      }
    }
    if isList { unfit(keys, "strip", "the parts of a list are taken as they stand", "replace them in a column") }
  }

  private func zeros(_ text: DefinitionScalar) -> TextShape.Zeros? {
    if text.text == "strip" { return .strip }
    if let width = Int(text.text), (1...Self.mostZeros).contains(width) { return .pad(width) }
    problems.wrongValue(text, what: "zeros", takes: "strip, or a number of digits from 1 to \(Self.mostZeros)")
    return nil
  }

  private func unfit(_ keys: KeyedMapping, _ key: String, _ cause: String, _ remedy: String) {
    guard let position = keys.keyPosition(key) else { return }
    problems.add("key-unfit", at: position, cause: "\(key) does not fit this field: \(cause)", remedy: remedy)
  }
}
