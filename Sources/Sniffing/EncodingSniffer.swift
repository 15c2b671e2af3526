import Streams

/// Tells how the text of a table is encoded.
enum EncodingSniffer {
  /// An encoding with how sure it is.
  struct Found {
    var encoding: TextEncoding
    var guess: Guess
  }

  /// Bytes that are looked at where one encoding of a byte a character has to be told from another.
  private static let closeLook = 32 << 10
  private static let westerns = ["windows-1252", "cp850", "macintosh", "cp437"]
  private static let ebcdic = ["cp1141", "cp273", "cp500"]
  private static let asian = ["shift_jis", "euc-jp", "gb18030", "big5", "euc-kr"]

  /// The encoding of a text that begins with `head`, which ends in the middle unless it `isWhole`.
  static func guess(_ head: [UInt8], isWhole: Bool) -> Found {
    if let mark = ByteOrderMark.find(in: head) {
      let encoding: TextEncoding =
        switch mark {
        case .utf8: .utf8
        case .utf16LittleEndian, .utf16BigEndian: .utf16
        case .utf32LittleEndian, .utf32BigEndian: .utf32
        }
      return found(encoding, .certain, "the file begins with its byte order mark")
    }
    if let wide = withoutMark(head) { return found(wide, .likely, "every other byte is zero; there is no mark") }
    guard let bad = head.withView({ UTF8Check.firstBadByte($0) }), head[bad] != 0, isWhole || bad < head.count - 3
    else {
      if head.allSatisfy({ $0 < 0x80 }) {
        return found(.utf8, .likely, "the beginning is plain ASCII", others: ["windows-1252", "iso-8859-1"])
      }
      return found(.utf8, .certain, "bytes above 7F are right in UTF-8, which none else would be by chance")
    }
    if isEBCDIC(head) {
      let sample = Array(head.prefix(closeLook))
      let ranked = ebcdic.map { ($0, score(sample, $0) ?? .min) }.sorted { $0.1 > $1.1 }
      return found(
        named(ranked[0].0), .unsure, "line ends, blanks and digits are those of EBCDIC",
        others: ranked.dropFirst().map(\.0))
    }
    return singleByte(lines(with: head))
  }

  /// The encoding of a text that is not UTF-8, from lines with bytes above 7F.
  static func singleByte(_ sample: [UInt8]) -> Found {
    let high = sample.count { $0 >= 0x80 }
    for name in asian where high > 6 && high * 5 > sample.count {
      guard let score = score(sample, name), score > 0 else { continue }
      return found(
        named(name), .unsure, "its pairs of bytes are right in \(name)",
        others: asian.filter { $0 != name && self.score(sample, $0) ?? -1 > 0 } + ["windows-1252"])
    }
    let ranked = westerns.enumerated().map { (name: $1, score: (score(sample, $1) ?? .min / 2) - $0) }
      .sorted { $0.score > $1.score }
    let others = ranked.dropFirst().filter { $0.score > 0 && $0.score * 2 > ranked[0].score }.map(\.name)
    let similar = ranked[0].name == "windows-1252" ? ["iso-8859-1", "iso-8859-15"] : []
    let isClear = ranked[0].score > 2 * max(ranked[1].score, 0) + 1
    return found(
      named(ranked[0].name), isClear ? .likely : .unsure, "not UTF-8; letters make most sense in it",
      others: similar + others.prefix(2))
  }

  private static func found(
    _ encoding: TextEncoding, _ certainty: Guess.Certainty, _ why: String, others: [String] = []
  ) -> Found {
    Found(encoding: encoding, guess: Guess("encoding", encoding.name, certainty, why, others: others))
  }

  private static func named(_ name: String) -> TextEncoding { TextEncoding(named: name) ?? .utf8 }

  /// UTF-16 and UTF-32 without a mark have zeros in regular places.
  private static func withoutMark(_ head: [UInt8]) -> TextEncoding? {
    let sample = head.prefix(4096)
    guard sample.count >= 4 else { return nil }
    var zeros = [0, 0, 0, 0]
    for (index, byte) in sample.enumerated() where byte == 0 { zeros[index & 3] += 1 }
    let quarter = sample.count / 4
    let many = zeros.map { $0 * 10 >= quarter * 6 }
    switch (many[0], many[1], many[2], many[3]) {
    case (true, true, true, false): return .utf32BigEndian
    case (false, true, true, true): return .utf32LittleEndian
    case (false, true, false, true): return .utf16LittleEndian
    case (true, false, true, false): return .utf16BigEndian
    default: return nil
    }
  }

  private static func isEBCDIC(_ head: [UInt8]) -> Bool {
    let sample = head.prefix(4096)
    let lines = sample.count { $0 == 0x15 || $0 == 0x25 }
    let letters = sample.count {
      (0x81...0xA9).contains($0) || (0xC1...0xE9).contains($0) || (0xF0...0xF9).contains($0)
    }
    return lines > 0 && !sample.contains(0x0A) && letters * 2 > sample.count
  }

  /// The lines of a text that have bytes above 7F, up to what is looked at closely.
  private static func lines(with head: [UInt8]) -> [UInt8] {
    var sample: [UInt8] = []
    for line in head.split(separator: 0x0A) where line.contains(where: { $0 >= 0x80 }) {
      sample += line.prefix(4096)
      sample.append(0x0A)
      if sample.count >= closeLook { break }
    }
    return sample
  }

  /// How much sense letters make in an encoding: a small letter beside letters speaks for it, a sign or a capital
  /// between small letters against it. Nil when a byte means nothing in it.
  private static func score(_ sample: [UInt8], _ name: String) -> Int? {
    guard let encoding = TextEncoding(named: name), let text = decoded(sample, encoding) else { return nil }
    var score = 0
    var before: Unicode.Scalar = "\n"
    let scalars = Array(text.unicodeScalars)
    for (index, scalar) in scalars.enumerated() {
      defer { before = scalar }
      guard !scalar.isASCII else { continue }
      let after = index + 1 < scalars.count ? scalars[index + 1] : "\n"
      let isInWord = before.properties.isAlphabetic || after.properties.isAlphabetic
      let follows = before.properties.isLowercase
      if scalar.properties.isLowercase || isIdeograph(scalar) {
        score += 2
      } else if scalar.properties.isUppercase {
        score += follows ? -2 : 2
      } else if scalar.properties.generalCategory == .control {
        score -= 4
      } else {
        score += isInWord ? -1 : 0
      }
    }
    return score
  }

  private static func isIdeograph(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isIdeographic || (0x3040...0x30FF).contains(scalar.value)
      || (0xAC00...0xD7A3).contains(scalar.value)
  }

  /// The text of `bytes`; nil when one of them means nothing in the encoding.
  static func decoded(_ bytes: [UInt8], _ encoding: TextEncoding) -> String? {
    guard let content = utf8(bytes, encoding), !content.contains(0xFF) else { return nil }
    return String(decoding: content, as: UTF8.self)
  }

  /// The UTF-8 of `bytes`; what means nothing in the encoding is a byte FF and itself. Nil when it can not be read on.
  static func utf8(_ bytes: [UInt8], _ encoding: TextEncoding) -> [UInt8]? {
    let arena = ByteArena(capacity: bytes.count + 64)
    do throws(SluiceError) {
      let source = try Transcoder.utf8(of: BytesSource(bytes), in: encoding)
      var count = 0
      repeat {
        let before = arena.count
        try arena.fill(upTo: 1 << 16) { (room) throws(SluiceError) in try source.fill(room, upTo: 1 << 16) }
        count = arena.count - before
      } while count > 0
    } catch {
      // Cut in the middle of a character, UTF-16 and the like end with an error; what came before is what there is.
      return arena.count > 0 ? arena.view.array : nil
    }
    return arena.view.array
  }
}
