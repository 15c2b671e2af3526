import Records
import Streams
import Testing

@Suite struct TextCaseTests {
  @Test(
    "case is mapped one character to one",
    arguments: [
      ("ABC xyz 09", "abc xyz 09", "ABC XYZ 09"), ("Größe", "größe", "GRÖßE"), ("İ", "i", "İ"), ("ı", "ı", "I"),
      ("ΑΣ", "ας".replacingFinalSigma, "ΑΣ"), ("ЖЁ", "жё", "ЖЁ"), ("ᾳ", "ᾳ", "ᾼ"), ("Ⱥ", "ⱥ", "Ⱥ"), ("𐐀", "𐐨", "𐐀"),
      ("ǆ", "ǆ", "Ǆ"), ("ŉ", "ŉ", "ŉ"), ("", "", ""), ("日本", "日本", "日本"), ("ÿ", "ÿ", "Ÿ"), ("µ", "µ", "Μ"),
    ])
  func table(text: String, lower: String, upper: String) {
    #expect(written { arena in _ = withText(text) { TextCase.appendLower($0, to: arena) } } == lower)
    #expect(written { arena in withText(text) { TextCase.appendUpper($0, to: arena) } } == upper)
  }

  @Test("folding says whether it changed anything")
  func change() {
    let arena = ByteArena(capacity: 64)
    for (text, isChanged) in [("abc", false), ("aBc", true), ("ä", false), ("Ä", true), ("aä-1", false), ("Aä", true)] {
      #expect(withText(text) { TextCase.appendLower($0, to: arena) } == isChanged, "\(text)")
    }
  }

  @Test("every character is mapped as the standard library maps it where that is one character")
  func agreement() {
    var wrong: [UInt32] = []
    for value in UInt32(0)..<0x20000 {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let lower = Array(scalar.properties.lowercaseMapping.unicodeScalars)
      if lower.count == 1, TextCase.lower(value) != lower[0].value { wrong.append(value) }
      let upper = Array(scalar.properties.uppercaseMapping.unicodeScalars)
      if upper.count == 1, TextCase.upper(value) != upper[0].value { wrong.append(value) }
    }
    #expect(wrong.isEmpty)
  }
}

extension String {
  /// Simple mapping knows no final sigma.
  fileprivate var replacingFinalSigma: String { String(map { $0 == "ς" ? "σ" : $0 }) }
}

@Suite struct TextSlugTests {
  @Test(
    "a slug is what Commerce would make of the text",
    arguments: [
      ("größe-1", "grosse-1"), ("Größe & Ärmel 1", "grosse-armel-1"), ("  Ł Ø Æ œ ", "l-o-ae-oe"), ("", ""),
      ("---", ""),
      ("日本", ""), ("a日b", "a-b"), ("100 % Wolle (neu)", "100-wolle-neu"), ("Crème Brûlée", "creme-brulee"),
      ("3×4÷2", "3-4-2"), ("ŻÓŁĆ", "zolc"), ("Þórður", "pordur"), ("SKU_1.2/3", "sku-1-2-3"), ("ſ", "s"), ("ĳ", "ij"),
      ("Straße--Nr.5-", "strasse-nr-5"),
    ])
  func table(text: String, slug: String) {
    #expect(written { arena in withText(text) { TextSlug.append($0, to: arena) } } == slug)
  }

  @Test("a slug of any text has lower-case ASCII words alone, and is its own slug")
  func shape() {
    let seed: UInt64 = 21
    var dice = Dice(seed: seed)
    for _ in 0..<500 {
      let text = dice.text(from: Array("aZ9-ü ßÆ😀É.ŀ"), longest: 12)
      let slug = written { arena in withText(text) { TextSlug.append($0, to: arena) } }
      #expect(
        slug.allSatisfy { ("a"..."z").contains($0) || ("0"..."9").contains($0) || $0 == "-" }, "seed \(seed), \(text)")
      #expect(!slug.hasPrefix("-") && !slug.hasSuffix("-") && !slug.contains("--"), "seed \(seed), \(text)")
      #expect(written { arena in withText(slug) { TextSlug.append($0, to: arena) } } == slug, "seed \(seed), \(text)")
    }
  }
}

@Suite struct UTF8ScanTests {
  @Test("characters are read, counted, cut and written as the standard library does")
  func agreement() {
    let seed: UInt64 = 8
    var dice = Dice(seed: seed)
    for _ in 0..<500 {
      let text = dice.text(from: Array("aü€😀\u{7FF}\u{FFFF}\u{10FFFF}"), longest: 9)
      let scalars = text.unicodeScalars.map(\.value)
      withText(text) { view in
        var position = 0
        var found: [UInt32] = []
        while position < view.count { found.append(UTF8Scan.scalar(view, &position)) }
        #expect(found == scalars, "seed \(seed), \(text)")
        #expect(UTF8Scan.count(view) == scalars.count, "seed \(seed), \(text)")
        let count = dice.below(10)
        let prefix = String(String.UnicodeScalarView(text.unicodeScalars.prefix(count)))
        #expect(UTF8Scan.prefix(view, count: count).text == prefix, "seed \(seed), \(text) to \(count)")
      }
      #expect(written { arena in scalars.forEach { UTF8Scan.append($0, to: arena) } } == text, "seed \(seed)")
    }
  }

  @Test(
    "what is no UTF-8 is one replacement character a byte",
    arguments: [
      [0xC0, 0x80], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF8], [0x80], [0xF4, 0x90, 0x80, 0x80], [0xE0, 0x80, 0xAF],
    ])
  func broken(bytes: [UInt8]) {
    bytes.withView { view in
      var position = 0
      var found: [UInt32] = []
      while position < view.count { found.append(UTF8Scan.scalar(view, &position)) }
      #expect(found == bytes.map { _ in UTF8Scan.replacement })
    }
  }
}

@Suite struct ValueTextTests {
  private func roundTrip(_ text: String, _ type: ValueType) -> String {
    withText(text) { shown(ValueText.parse($0, type: type)) }
  }

  @Test(
    "canonical text comes back as the value that it was",
    arguments: [
      ("abc", .text), ("a\u{1F}b", .list), ("3.0000", .number(scale: 4)), ("-7", .number(scale: 0)), ("1", .boolean),
      ("0", .boolean), ("2026-11-23", .date), ("2026-11-23 02:15:00", .datetime),
    ] as [(String, ValueType)])
  func good(text: String, type: ValueType) {
    #expect(roundTrip(text, type) == text)
  }

  @Test("text of a former type is null, and of a former scale keeps its digits")
  func changedType() {
    #expect(roundTrip("", .text) == "null")
    #expect(roundTrip("abc", .number(scale: 2)) == "null")
    #expect(roundTrip("3", .number(scale: 2)) == "3.00")
    #expect(roundTrip("3.1250", .number(scale: 2)) == "3.125")
    #expect(roundTrip("yes", .boolean) == "null")
    #expect(roundTrip("23.11.2026", .date) == "null")
    #expect(roundTrip("2026-11-23", .datetime) == "null")
  }

  @Test("null and clear have no text")
  func nothing() {
    #expect(written { ValueText.append(.null, to: $0) } == "")
    #expect(written { ValueText.append(.clear, to: $0) } == "")
  }
}
