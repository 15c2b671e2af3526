import Intake

/// Texts as a terminal shows them; widths are in its columns.
enum TerminalText {
  /// Characters of a value that are looked at: no pane shows more.
  private static let longest = 400

  /// A value with everything that does not show made visible, in quotes when it is empty or has a blank at an end.
  static func visible(_ text: String) -> String {
    let isEdged = text.isEmpty || text.first?.isWhitespace == true || text.last?.isWhitespace == true
    let shown = DisplayName.escape(text)
    return isEdged ? "\"\(shown)\"" : shown
  }

  /// The same for a value of any length that will be cut.
  static func beginning(_ text: String) -> String {
    let beginning = text.prefix(longest)
    return beginning.endIndex == text.endIndex ? visible(text) : DisplayName.escape(String(beginning)) + "…"
  }

  /// How many columns a text takes.
  static func width(_ text: String) -> Int { text.reduce(0) { $0 + width($1) } }

  /// The text without its end, which an ellipsis stands for, where it is wider than `width`.
  static func cut(_ text: String, to width: Int) -> String {
    guard self.width(text) > width else { return text }
    return prefix(of: text, width: width - 1) + "…"
  }

  /// The same with the middle cut.
  static func cutMiddle(_ text: String, to width: Int) -> String {
    guard self.width(text) > width else { return text }
    let end = (width - 1) / 2
    return prefix(of: text, width: width - 1 - end) + "…" + suffix(of: text, width: end)
  }

  /// The same with the beginning cut.
  static func cutBeginning(_ text: String, to width: Int) -> String {
    guard self.width(text) > width else { return text }
    return "…" + suffix(of: text, width: width - 1)
  }

  /// The text with blanks behind it, up to `width`.
  static func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - self.width(text)))
  }

  /// The words of a text in lines of at most `width`; only a longer word is wider.
  static func wrapped(_ text: String, to width: Int) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ").map(String.init) {
      if let last = lines.last, self.width(last) + 1 + self.width(word) <= width {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append(word)
      }
    }
    return lines
  }

  private static func suffix(of text: String, width: Int) -> String {
    String(prefix(of: String(text.reversed()), width: width).reversed())
  }

  private static func prefix(of text: String, width: Int) -> String {
    var left = width
    return String(
      text.prefix { character in
        left -= self.width(character)
        return left >= 0
      })
  }

  /// Two columns for what East Asian type sets in a square and for pictures (UAX 11, wide and full-width), one else.
  private static func width(_ character: Character) -> Int {
    guard let scalar = character.unicodeScalars.first else { return 0 }
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1FAFF, 0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }
}
