import Streams
import TestSupport
import Testing

@Suite("Transcoding")
struct TranscoderTests {
  private func utf8(_ bytes: [UInt8], _ encoding: TextEncoding, chunk: Int = .max, piece: Int = 100) throws -> [UInt8] {
    try readAll(Transcoder.utf8(of: ChunkedSource(bytes, chunk: chunk), in: encoding), piece: piece)
  }

  private func encoded(_ text: String, _ encoding: TextEncoding) -> [UInt8] {
    let arena = ByteArena(capacity: 64)
    Array(text.utf8).withView { encoding.encode($0, into: arena) }
    return arena.view.array
  }

  @Test(
    "Text goes through every encoding and back, whatever the chunks",
    arguments: [
      (TextEncoding.utf8, "a;Größe €\n😀é"), (.utf16, "a;Größe €\n😀é"), (.utf16LittleEndian, "a;Größe €\n😀é"),
      (.utf16BigEndian, "a;Größe €\n😀é"), (.windows1252, "a;Größe € „Œ“ ÿ\n"), (.iso8859x1, "a;Größe ÿ\u{85}\n"),
      (.iso8859x15, "a;Größe € ŠšŽžŒœŸ\n"), (.utf32, "a;Größe €\n😀é"), (.utf32LittleEndian, "a;😀\n"),
      (.named("cp850"), "Größe;ñ│\n"), (.named("cp273"), "Größe;\"1,5\"\n"), (.named("macintosh"), "Größe;ÿ\n"),
      (.named("shift_jis"), "商品;価格\nｱ\n"), (.named("gb18030"), "商品;😀é\n"), (.named("big5"), "商品;\n"),
      (.named("iso-2022-jp"), "a;商品\n価格\n"), (.named("cp1258"), "a;à é\n"),
    ])
  func roundTrip(encoding: TextEncoding, text: String) throws {
    let bytes = encoded(text, encoding)
    for chunk in chunkSizes {
      for piece in [1, 2, 3, 100] {
        #expect(try utf8(bytes, encoding, chunk: chunk, piece: piece) == Array(text.utf8), "chunks of \(chunk)")
      }
    }
  }

  @Test("Known bytes mean what the standards say")
  func knownBytes() throws {
    #expect(try utf8([0x80, 0x9F, 0xE4], .windows1252) == Array("€Ÿä".utf8))
    #expect(try utf8([0xA4, 0xBC, 0x80], .iso8859x15) == Array("€Œ\u{80}".utf8))
    #expect(try utf8([0xA4, 0x9F], .iso8859x1) == Array("¤\u{9F}".utf8))
    #expect(try utf8([0x3D, 0xD8, 0x00, 0xDE], .utf16LittleEndian) == Array("😀".utf8))
    #expect(try utf8([0x00, 0x41], .utf16) == Array("A".utf8), "big endian without a mark")
  }

  @Test("A byte order mark of the declared encoding is taken off")
  func marks() throws {
    #expect(try utf8([0xEF, 0xBB, 0xBF, 0x41], .utf8) == [0x41])
    #expect(try utf8([0xFF, 0xFE, 0x41, 0], .utf16) == [0x41])
    #expect(try utf8([0xFE, 0xFF, 0, 0x41], .utf16) == [0x41])
    #expect(try utf8([0xFF, 0xFE, 0x41, 0], .utf16LittleEndian) == [0x41])
    #expect(try utf8([0xEF, 0xBB], .utf8) == [0xEF, 0xBB], "half a mark is none")
    #expect(try utf8([], .utf16) == [])
  }

  @Test("A byte order mark of another encoding is a mismatch that names both")
  func mismatch() throws {
    let utf16 = TextEncoding.utf16
    for (bytes, encoding) in [
      ([0xFF, 0xFE, 0x41, 0], .utf8), ([0xFE, 0xFF, 0, 0x41], .windows1252), ([0xEF, 0xBB, 0xBF, 0x41], utf16),
      ([0xEF, 0xBB, 0xBF, 0x41], .iso8859x1), ([0xFE, 0xFF, 0, 0x41], .utf16LittleEndian),
      ([0xFF, 0xFE, 0, 0], .utf16), ([0, 0, 0xFE, 0xFF], .utf8),
    ] as [([UInt8], TextEncoding)] {
      let error = try #require(failure { _ = try utf8(bytes, encoding) }, "\(bytes) as \(encoding)")
      #expect(error.code == "encoding-mismatch")
      #expect(error.kind == .damaged)
      #expect(error.cause.contains(encoding.name))
    }
  }

  @Test("A byte that the encoding does not define becomes FF and itself, and comes back when encoded")
  func undefinedBytes() throws {
    for byte: UInt8 in [0x81, 0x8D, 0x8F, 0x90, 0x9D] {
      let text = try utf8([0x41, byte, 0x42], .windows1252)
      #expect(text == [0x41, 0xFF, byte, 0x42])
      #expect(text.withView { UTF8Check.firstBadByte($0) } == 1)
      let arena = ByteArena(capacity: 64)
      text.withView { TextEncoding.windows1252.encode($0, into: arena) }
      #expect(arena.view.array == [0x41, byte, 0x42])
    }
  }

  @Test("A character that the encoding does not have becomes a question mark")
  func missingCharacters() {
    #expect(encoded("a€😀ż", .iso8859x1) == Array("a???".utf8))
    #expect(encoded("a€😀", .windows1252) == [0x61, 0x80, 0x3F])
  }

  @Test("EBCDIC lines may end with NEL or LF, and go back with LF")
  func lineEndsOfEBCDIC() throws {
    let cp1141 = TextEncoding.named("cp1141")
    #expect(try utf8([0xC1, 0x15, 0xC2, 0x25], cp1141) == Array("A\nB\n".utf8))
    #expect(encoded("A\n", cp1141) == [0xC1, 0x25])
  }

  @Test("A wrong byte among characters of several bytes is marked, and what follows is read", arguments: chunkSizes)
  func undefinedBytesOfSeveral(chunk: Int) throws {
    let shiftJIS = TextEncoding.named("shift_jis")
    for (bytes, expected) in [
      ([0x8F, 0xA4, 0x3B, 0xFD, 0x0A, 0x41], [0xE5, 0x95, 0x86, 0x3B, 0xFF, 0xFD, 0x0A, 0x41]),
      ([0x41, 0x8F, 0x0A, 0x42], [0x41, 0xFF, 0x8F, 0x0A, 0x42]), ([0x41, 0x8F], [0x41, 0xFF, 0x8F]),
    ] as [([UInt8], [UInt8])] {
      let text = try utf8(bytes, shiftJIS, chunk: chunk)
      #expect(text == expected, "\(bytes)")
      let arena = ByteArena(capacity: 64)
      text.withView { shiftJIS.encode($0, into: arena) }
      #expect(arena.view.array == bytes)
    }
  }

  @Test(
    "A wrong byte ends a drop in UTF-32, or in an encoding with shift states, with its place", arguments: chunkSizes)
  func damageOfStates(chunk: Int) throws {
    let utf32: [UInt8] = [0x41, 0, 0, 0, 0x0A, 0, 0, 0, 0, 0, 0x11, 0]
    for (bytes, encoding, place) in [
      (utf32, .utf32LittleEndian, "byte 9"), (Array(utf32.prefix(7)), .utf32LittleEndian, "byte 5"),
      ([0x41, 0x0A, 0x1B, 0x24, 0x42, 0x26, 0xFE], .named("iso-2022-jp"), "byte 6"),
    ] as [([UInt8], TextEncoding, String)] {
      let error = try #require(failure { _ = try utf8(bytes, encoding, chunk: chunk) })
      #expect(error.code == "bad-byte" && error.kind == .damaged)
      #expect(error.cause.contains(place), "\(error.cause)")
    }
  }

  @Test("Names are found in any case and by other words; UTF-7 and what iconv does not know are none")
  func names() {
    for (name, known) in [
      ("UTF-8", "utf-8"), ("Latin1", "iso-8859-1"), ("ANSI", "windows-1252"), ("CP850", "cp850"),
      ("mac-roman", "macintosh"), ("utf-8-sig", "utf-8"),
    ] {
      #expect(TextEncoding(named: name)?.name == known)
    }
    for name in ["", "utf-7", "UTF7", "utf-9", "ascii//translit", "utf-8 ", "klingon"] {
      #expect(TextEncoding(named: name) == nil, "\(name)")
    }
  }

  @Test("UTF-16 that is cut or has lone surrogates ends with the line and the character", arguments: chunkSizes)
  func damagedUTF16(chunk: Int) throws {
    let start: [UInt8] = [0x41, 0, 0x0A, 0, 0x42, 0]
    for damage: [UInt8] in [[0x43], [0x00, 0xD8], [0x00, 0xDC, 0x41, 0], [0x00, 0xD8, 0x41, 0]] {
      let error = try #require(failure { _ = try utf8(start + damage, .utf16LittleEndian, chunk: chunk) })
      #expect(error.code == "bad-byte")
      #expect(error.kind == .damaged)
      #expect(error.position == Position(line: 2, column: 2), "\(damage)")
    }
  }

  @Test("The UTF-8 check agrees with the standard library on random bytes")
  func utf8Check() {
    var random = SeededGenerator(seed: 21)
    let alphabet: [UInt8] = [
      0x41, 0x7F, 0x80, 0xBF, 0xC1, 0xC2, 0xDF, 0xE0, 0xA0, 0x9F, 0xED, 0xEF, 0xF0, 0x90, 0x8F, 0xF4, 0xF5, 0xFF,
    ]
    for round in 0..<4000 {
      // Long plain runs before and after take the fast paths of 64 and 8 bytes.
      let plain = [UInt8](repeating: 0x61, count: random.below(140))
      let wild = (0..<random.below(6)).map { _ in alphabet[random.below(alphabet.count)] }
      let bytes = plain + wild + plain.prefix(random.below(70))
      let found = bytes.withView { UTF8Check.firstBadByte($0) }
      #expect((found == nil) == (String(validating: bytes, as: UTF8.self) != nil), "seed 21, round \(round)")
      if let found {
        #expect(String(validating: bytes[..<found], as: UTF8.self) != nil, "seed 21, round \(round)")
      }
    }
  }

  @Test("A NUL is found in every place of a word")
  func nul() {
    for place in 0..<150 {
      var bytes = [UInt8](repeating: 0x61, count: 150)
      bytes[place] = 0
      #expect(bytes.withView { UTF8Check.firstBadByte($0) } == place)
    }
  }
}
