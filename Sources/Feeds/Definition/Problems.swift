import Streams

/// Gathers what is wrong with one definition, so that all of it is reported at once.
final class Problems {
  /// Path of the definition as messages show it.
  let path: String
  /// What was found, in the order of finding.
  private(set) var all: [SluiceError] = []

  /// Nothing found yet.
  init(path: String) { self.path = path }

  /// True when nothing was found.
  var isEmpty: Bool { all.isEmpty }

  /// Adds a problem of the definition.
  func add(_ code: String, at position: Position, value: String? = nil, cause: String, remedy: String) {
    add(
      SluiceError(.definition, code, file: path, position: position, value: value, cause: cause, remedy: remedy))
  }

  /// Adds a problem found elsewhere; one that is known already is not added again.
  func add(_ error: SluiceError) {
    if !all.contains(error) { all.append(error) }
  }

  /// What was found, in the order of the definition; problems of other files last.
  var sorted: [SluiceError] {
    all.enumerated().sorted { left, right in
      let (first, second) = (left.element, right.element)
      if first.file != second.file, first.file == path || second.file == path { return first.file == path }
      let (firstPlace, secondPlace) = (first.position ?? Position(line: 0), second.position ?? Position(line: 0))
      if firstPlace.line != secondPlace.line { return firstPlace.line < secondPlace.line }
      let (firstColumn, secondColumn) = (firstPlace.column ?? 0, secondPlace.column ?? 0)
      return firstColumn != secondColumn ? firstColumn < secondColumn : left.offset < right.offset
    }.map(\.element)
  }
}
