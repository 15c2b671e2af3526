import Streams

/// The name of the marker that a producer writes once its data file is whole.
package struct MarkerName: Equatable, Sendable {
  /// The rule as written, such as `{name}.ok` or `{stem}.fertig`.
  package let template: String
  private let before: String
  private let after: String
  private let isStem: Bool

  /// A rule with `{name}` for the data file's name, or `{stem}` for that without its last suffix. Throws
  /// `.definition` `marker-invalid`.
  package init(_ template: String) throws(SluiceError) {
    let characters = Array(template)
    let whole = MarkerName.split(characters, at: Array("{name}"))
    guard let parts = whole ?? MarkerName.split(characters, at: Array("{stem}")) else {
      throw MarkerName.fault(template, "the marker's name does not say for which file it stands")
    }
    (before, after) = parts
    let rest = before + after
    guard !rest.contains(where: { "{}/".contains($0) }) else {
      throw MarkerName.fault(template, "the marker's name has a brace or a slash too many")
    }
    guard whole == nil || !rest.isEmpty else {
      throw MarkerName.fault(template, "the marker would be the data file itself")
    }
    self.template = template
    isStem = whole == nil
  }

  /// The marker of the data file `name`.
  package func marker(of name: String) -> String {
    before + (isStem ? MarkerName.stem(name) : name) + after
  }

  /// The data file whose marker `name` would be; nil when it is none, or when the rule keeps only the stem.
  package func dataName(ofMarker name: String) -> String? {
    guard !isStem, name.count > before.count + after.count, name.hasPrefix(before), name.hasSuffix(after) else {
      return nil
    }
    return String(name.dropFirst(before.count).dropLast(after.count))
  }

  private static func stem(_ name: String) -> String {
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
    return String(name[..<dot])
  }

  private static func split(_ text: [Character], at word: [Character]) -> (String, String)? {
    guard text.count >= word.count else { return nil }
    for start in 0...(text.count - word.count) where Array(text[start..<(start + word.count)]) == word {
      return (String(text[..<start]), String(text[(start + word.count)...]))
    }
    return nil
  }

  private static func fault(_ template: String, _ cause: String) -> SluiceError {
    SluiceError(
      .definition, "marker-invalid", field: "marker", value: DisplayName.escape(template), cause: cause,
      remedy: "write it with {name} for the data file's name, such as '{name}.ok'")
  }
}
