import Foundation

/// Names of fields, made from the names of columns.
enum FieldNames {
  /// Words that mean something in expressions, or that change files have as columns of their own.
  private static let taken: Set<String> = [
    "true", "false", "null", "clear", "file", "old", "op", "drop", "time", "and", "or", "not", "in",
  ]
  private static let longest = 60

  /// A name for each column, all different: letters a to z, digits and `_`, a letter first.
  static func names(for columns: [String]) -> [String] {
    var used: Set<String> = []
    return columns.map { column in
      var name = name(for: column)
      if taken.contains(name) { name += "_value" }
      // Change files have old_X and new_X beside the key's X.
      if name.hasPrefix("old_") || name.hasPrefix("new_") { name = "its_" + name }
      var candidate = name
      var number = 2
      while !used.insert(candidate).inserted {
        candidate = "\(name)_\(number)"
        number += 1
      }
      return candidate
    }
  }

  private static func name(for column: String) -> String {
    let words = ascii(apart(column)).split { !$0.isLetter && !$0.isNumber }
    let name = String(words.joined(separator: "_").prefix(longest))
    guard let first = name.first else { return "column" }
    return first.isLetter ? name : "column_" + name
  }

  /// `GivenName` as `Given Name`.
  private static func apart(_ text: String) -> String {
    var result = ""
    for character in text {
      if character.isUppercase, result.last?.isLowercase == true { result += " " }
      result.append(character)
    }
    return result
  }

  /// A text in lower case and ASCII: German umlauts by two letters, other accents dropped, what has no counterpart as
  /// a blank.
  static func ascii(_ text: String) -> String {
    var result = ""
    for character in text.lowercased().precomposedStringWithCanonicalMapping {
      switch character {
      case "ä": result += "ae"
      case "ö": result += "oe"
      case "ü": result += "ue"
      case "ß": result += "ss"
      default:
        let plain = String(character).folding(options: [.diacriticInsensitive, .widthInsensitive], locale: nil)
        result += plain.allSatisfy(\.isASCII) ? plain : " "
      }
    }
    return result
  }
}
