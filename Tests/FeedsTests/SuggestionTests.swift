import Testing

@testable import Feeds

@Suite struct SuggestionTests {
  @Test(
    "The nearest known word is suggested for a mistyped one",
    arguments: [
      ("requierd", "required"), ("max_lenght", "max_length"), ("From", "from"), ("patern", "pattern"),
      ("sensitve", "sensitive"),
    ])
  func nearest(word: String, meant: String) {
    #expect(Suggestion.nearest(word, in: DefinitionKeys.field.names) == meant)
  }

  @Test("Nothing is suggested for a word that resembles none")
  func nothingNear() {
    #expect(Suggestion.nearest("warehouse", in: ["sku", "qty"]) == nil)
    #expect(Suggestion.nearest("abc", in: []) == nil)
  }

  @Test(
    "The edit distance counts insertions, deletions, replacements and swaps of neighbours",
    arguments: [("", "", 0), ("abc", "", 3), ("", "ab", 2), ("kitten", "sitting", 3), ("ab", "ba", 1), ("a", "a", 0)])
  func distance(left: String, right: String, distance: Int) {
    #expect(Suggestion.editDistance(Array(left.unicodeScalars), Array(right.unicodeScalars)) == distance)
  }

  @Test("Choices read as a sentence")
  func choices() {
    #expect(Suggestion.choices(["a", "b", "c"]) == "a, b or c")
    #expect(Suggestion.choices(["a"]) == "a")
    #expect(Suggestion.choices([]).isEmpty)
  }
}
