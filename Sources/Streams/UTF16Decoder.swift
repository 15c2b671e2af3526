/// Two bytes a code unit (RFC 2781), of which characters beyond the basic plane take two.
struct UTF16Decoder: ChunkDecoder {
  private let isBigEndian: Bool
  /// First half of a code unit whose second half comes with the next chunk.
  private var halfUnit: UInt8?
  /// A high surrogate whose low surrogate is still to come.
  private var highSurrogate: UInt32?
  private var line = 1
  private var column = 1

  init(isBigEndian: Bool) { self.isBigEndian = isBigEndian }

  mutating func decode(_ chunk: ByteView, into output: ByteArena) throws(SluiceError) {
    if chunk.isEmpty {
      if halfUnit != nil { throw damage("the file ends within a UTF-16 code unit") }
      if highSurrogate != nil { throw damage("the file ends after a lone UTF-16 surrogate") }
      return
    }
    try output.fill(upTo: chunk.count * 2 + 4) { (target) throws(SluiceError) in
      var used = 0
      var index = 0
      if let first = halfUnit {
        halfUnit = nil
        try take(unit(first, chunk[0]), target, &used)
        index = 1
      }
      while index &+ 1 < chunk.count {
        try take(unit(chunk[index], chunk[index &+ 1]), target, &used)
        index &+= 2
      }
      if index < chunk.count { halfUnit = chunk[index] }
      return used
    }
  }

  @inline(__always)
  private func unit(_ first: UInt8, _ second: UInt8) -> UInt32 {
    isBigEndian ? UInt32(first) << 8 | UInt32(second) : UInt32(second) << 8 | UInt32(first)
  }

  @inline(__always)
  private mutating func take(
    _ unit: UInt32, _ target: UnsafeMutablePointer<UInt8>, _ used: inout Int
  ) throws(SluiceError) {
    var scalar = unit
    if let high = highSurrogate {
      guard unit & 0xFC00 == 0xDC00 else { throw damage("a UTF-16 high surrogate stands without its low one") }
      scalar = 0x10000 + (high & 0x3FF) << 10 + unit & 0x3FF
      highSurrogate = nil
    } else if unit & 0xF800 == 0xD800 {
      guard unit & 0x400 == 0 else { throw damage("a UTF-16 low surrogate stands without its high one") }
      highSurrogate = unit
      return
    }
    used &+= UTF8Writer.write(scalar, to: target + used)
    if scalar == 0x0A {
      line &+= 1
      column = 1
    } else {
      column &+= 1
    }
  }

  /// The column is the character within the line: fields are not known yet.
  private func damage(_ cause: String) -> SluiceError {
    SluiceError(
      .damaged, "bad-byte", position: Position(line: line, column: column), cause: cause,
      remedy: "have the file sent again, and check that nothing cuts or converts it on the way")
  }
}
