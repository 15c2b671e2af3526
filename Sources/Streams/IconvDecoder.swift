/// Encodings of several bytes a character, through the C library.
///
/// A wrong byte that can be passed over becomes the byte FF and itself, so that the reader rejects the row.
/// Where what follows depends on it (UTF-32, shift states), it ends the drop.
struct IconvDecoder: ChunkDecoder {
  /// The longest beginning of a character that a chunk can leave behind, in bytes.
  private static let longestRest = 16

  private let encoding: String
  private let converter: Iconv
  private let canPassOver: Bool
  /// Beginning of a character whose other bytes come with the next chunk.
  private var rest: [UInt8] = []
  /// Bytes of the text before `rest`.
  private var offset = 0
  private var line = 1

  /// A decoder. Throws `encoding-unknown` (environment) when this system has no such encoding after all.
  init(_ encoding: String) throws(SluiceError) {
    self.encoding = encoding
    guard let converter = Iconv(from: encoding, to: "UTF-8") else {
      throw SluiceError(
        .environment, "encoding-unknown", value: encoding, cause: "this system's iconv does not know the encoding",
        remedy: "install the system's gconv modules, or have the file written as UTF-8")
    }
    self.converter = converter
    canPassOver = IconvDecoder.isStateless(converter)
  }

  mutating func decode(_ chunk: ByteView, into output: ByteArena) throws(SluiceError) {
    if chunk.isEmpty {
      // An accent of its own may still be waiting for the letter after it.
      converter.finish(into: output)
      guard let first = rest.first else { return }
      rest = []
      guard canPassOver else { throw damage("the file ends within a character", at: offset) }
      mark(first, output)
      return
    }
    var input = chunk
    while !rest.isEmpty {
      // Byte after byte, until the character that the last chunk broke off is there.
      guard !input.isEmpty else { return }
      rest.append(input[0])
      input = input.dropping(1)
      let joined = rest
      rest = []
      try joined.withView { (view) throws(SluiceError) in try convert(view, output) }
    }
    try convert(input, output)
  }

  private mutating func convert(_ input: ByteView, _ output: ByteArena) throws(SluiceError) {
    var start = 0
    while start < input.count {
      let view = input.dropping(start)
      let before = output.count
      var taken = 0
      let stop = converter.convert(view, into: output, taken: &taken)
      start += taken
      offset += taken
      if !canPassOver { line += output.view(from: before).buffer.count { $0 == 0x0A } }
      switch stop {
      case .finished, .full: continue
      case .incomplete where input.count - start < IconvDecoder.longestRest:
        rest = input.dropping(start).array
        return
      case .incomplete, .invalid:
        guard canPassOver else { throw damage("a byte is wrong in \(encoding)", at: offset) }
        mark(input[start], output)
        start += 1
        offset += 1
      }
    }
  }

  private func mark(_ byte: UInt8, _ output: ByteArena) {
    output.append(0xFF as UInt8)
    output.append(byte)
  }

  private func damage(_ cause: String, at offset: Int) -> SluiceError {
    SluiceError(
      .damaged, "bad-byte", position: Position(line: line), cause: "\(cause), at byte \(offset + 1)",
      remedy: "have the file sent again, and check that nothing cuts or converts it on the way")
  }

  /// True when control characters, delimiters and digits are always the same single bytes.
  private static func isStateless(_ converter: Iconv) -> Bool {
    let probes = Array(0..<0x20) + Array("\",;|0123456789".utf8)
    defer { converter.reset() }
    return probes.allSatisfy { byte in
      let output = ByteArena(capacity: 64)
      var taken = 0
      converter.reset()
      let stop = [byte].withView { converter.convert($0, into: output, taken: &taken) }
      return stop == .finished && output.view.array == [byte]
    }
  }
}
