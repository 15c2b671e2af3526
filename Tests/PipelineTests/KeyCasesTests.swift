import Streams
import TestSupport
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

  @Test("Says of a random key what its bytes say one by one", arguments: 1...40)
  func random(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let upper: [UInt8] = [0, 0x30, 0x40, 0x41, 0x5A, 0x5B, 0xFF]
    let lower: [UInt8] = [0, 0x2D, 0x60, 0x61, 0x7A, 0x7B, 0x80]
    let alphabet = seed % 3 == 0 ? upper + lower : seed % 3 == 1 ? Array(upper.dropLast()) : Array(lower.dropLast())
    for _ in 0..<100 {
      let length = Int.random(in: 0...30, using: &generator)
      let key = (0..<length).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
      var cases = KeyCases(count: 2)
      key.withView { cases.note($0) }
      let split = key.firstIndex(of: 0) ?? key.count
      #expect(cases.areApart(in: [0]) == isApart(key[..<split]), "\(key)")
      #expect(cases.areApart(in: [1]) == isApart(key[split...]), "\(key)")
    }
  }

  private func isApart(_ bytes: ArraySlice<UInt8>) -> Bool {
    let letters = (bytes.contains { (0x41...0x5A).contains($0) }, bytes.contains { (0x61...0x7A).contains($0) })
    return letters != (true, true) && !bytes.contains { $0 >= 0x80 }
  }
}
