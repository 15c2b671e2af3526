import Streams

/// A YAML scalar as it was written: never typed by YAML's own rules, so that `No`, `010` and `12:30` stay texts.
struct DefinitionScalar: Equatable, Sendable {
  /// How the scalar was written, as far as positions inside it depend on that.
  enum Style: Sendable {
    case plain, singleQuoted, doubleQuoted, block
  }

  /// Its text, quotes and escapes undone.
  var text: String
  /// Where it starts, quote included.
  var position: Position
  /// How it was written.
  var style: Style
}

/// One entry of a YAML mapping.
struct DefinitionEntry: Equatable, Sendable {
  /// The key.
  var key: DefinitionScalar
  /// The value.
  var value: DefinitionNode
}

/// A YAML tree with positions; aliases are replaced by what they stand for.
indirect enum DefinitionNode: Equatable, Sendable {
  case scalar(DefinitionScalar)
  case mapping([DefinitionEntry], Position)
  case sequence([DefinitionNode], Position)

  /// Where it starts.
  var position: Position {
    switch self {
    case .scalar(let scalar): scalar.position
    case .mapping(_, let position), .sequence(_, let position): position
    }
  }

  /// How a message names its shape.
  var words: String {
    switch self {
    case .scalar(let scalar): scalar.text.isEmpty && scalar.style == .plain ? "nothing" : "a text"
    case .mapping: "a mapping"
    case .sequence: "a list"
    }
  }
}

/// The text of a definition, for positions inside its scalars.
struct DefinitionSource: Sendable {
  /// Path as messages show it.
  let path: String
  /// The text, without byte order mark.
  let text: String
  private let lines: [[Unicode.Scalar]]

  /// A source.
  init(path: String, text: String) {
    self.path = path
    self.text = text
    lines = Self.split(text)
  }

  /// Lines without their ends, split where YAML 1.1 breaks lines.
  static func split(_ text: String) -> [[Unicode.Scalar]] {
    var lines: [[Unicode.Scalar]] = [[]]
    var previous: Unicode.Scalar = " "
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n" where previous == "\r": break
      case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": lines.append([])
      default: lines[lines.count - 1].append(scalar)
      }
      previous = scalar
    }
    return lines
  }

  /// Where the character at `offset` (in Unicode scalars) of the scalar's text stands. The start of the scalar when
  /// it goes over several lines.
  func position(of offset: Int, in scalar: DefinitionScalar) -> Position {
    let start = scalar.position
    guard let column = start.column, lines.indices.contains(start.line - 1) else { return start }
    let rest = lines[start.line - 1].dropFirst(column - 1)
    guard let places = Self.places(in: Array(rest), scalar: scalar), offset < places.count else { return start }
    return Position(line: start.line, column: column + places[offset])
  }

  /// For each character of the scalar (and the place after it) how far from the start of `line` it is written; nil
  /// when the scalar is not on this one line.
  private static func places(in line: [Unicode.Scalar], scalar: DefinitionScalar) -> [Int]? {
    let wanted = scalar.text.unicodeScalars.count
    var places: [Int] = []
    switch scalar.style {
    case .block: return nil
    case .plain:
      guard line.starts(with: scalar.text.unicodeScalars) else { return nil }
      return Array(0...wanted)
    case .singleQuoted:
      var index = 1
      while index < line.count {
        places.append(index)
        if line[index] == "'" {
          guard index + 1 < line.count, line[index + 1] == "'" else { break }
          index += 1
        }
        index += 1
      }
    case .doubleQuoted:
      var index = 1
      while index < line.count {
        places.append(index)
        if line[index] == "\"" { break }
        if line[index] == "\\", index + 1 < line.count {
          index += ["x": 3, "u": 5, "U": 9][line[index + 1]] ?? 1
        }
        index += 1
      }
    }
    return places.count == wanted + 1 ? places : nil
  }
}
