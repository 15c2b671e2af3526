import Streams
import Testing

@testable import Pipeline

@Suite("Letters of keys")
struct KeyCasesTests {
  private func cases(_ keys: String...) -> KeyCases {
    var cases = KeyCases(count: 2)
    for key in keys { Array(key.utf8).withView { cases.note($0) } }
    return cases
  }

  @Test("Keys whose parts keep to one case never differ in case alone, whatever stands between the letters")
  func apart() {
    #expect(cases("AB-1\0main", "XY_2\0hub", "7\0z").areApart(in: [0, 1]))
    #expect(cases().areApart(in: [0, 1]))
  }

  @Test("Both cases in one part, of one key or of two, or a letter beyond ASCII, and keys may")
  func together() {
    for keys in [cases("AB-1\0main", "ab-1\0main"), cases("aB\0main"), cases("Ä\0main"), cases("\u{212A}\0x")] {
      #expect(!keys.areApart(in: [0, 1]))
      #expect(!keys.areApart(in: [0]))
      #expect(keys.areApart(in: [1]))
    }
    #expect(!cases("A\0main", "B\0MAIN").areApart(in: [1]))
  }
}
