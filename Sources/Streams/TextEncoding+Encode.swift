extension TextEncoding {
  /// Appends UTF-8 bytes of a row in this encoding, for files that go back to the sender (rejects).
  ///
  /// Undoes what `Transcoder` did: the byte FF and the one after it become that one again, so that an undefined byte
  /// goes back as it came. A character that the encoding does not have, which can only stem from a message of our own,
  /// becomes `?`. UTF-8 is copied as it stands, bad bytes included; UTF-16 and UTF-32 are written big endian without a
  /// mark unless the encoding says little endian.
  public func encode(_ view: ByteView, into arena: ByteArena) {
    if self == .utf8 { return arena.append(view) }
    let isUTF16 = self == .utf16 || self == .utf16LittleEndian || self == .utf16BigEndian
    guard table != nil || isUTF16 else { return convert(view, into: arena) }
    var index = 0
    while index < view.count {
      let length = max(UTF8Check.sequenceLength(view.base + index, available: view.count - index), 1)
      let lead = view[index]
      if let table {
        if lead == 0xFF, index + 1 < view.count {
          arena.append(view[index + 1])
          index += 1
        } else {
          let scalar = TextEncoding.scalar(view, index, length)
          arena.append(table.byte(for: scalar) ?? table.byte(for: 0x3F) ?? 0x3F)
        }
      } else {
        appendUnits(of: TextEncoding.scalar(view, index, length), to: arena)
      }
      index += length
    }
  }

  /// Encodes through the C library.
  private func convert(_ view: ByteView, into arena: ByteArena) {
    guard let converter = Iconv(from: "UTF-8", to: self == .utf32 ? "UTF-32BE" : name) else {
      return arena.append(view)
    }
    var index = 0
    while index < view.count {
      if view[index] == 0xFF, index + 1 < view.count {
        arena.append(view[index + 1])
        index += 2
        continue
      }
      let end = view.dropping(index).firstIndex(of: 0xFF).map { index + $0 } ?? view.count
      let piece = view.slice(from: index, count: max(end - index, 1))
      var taken = 0
      let stop = converter.convert(piece, into: arena, taken: &taken)
      index += taken
      if stop == .finished || stop == .full { continue }
      index += max(UTF8Check.sequenceLength(view.base + index, available: view.count - index), 1)
      _ = Array("?".utf8).withView { converter.convert($0, into: arena, taken: &taken) }
    }
    converter.finish(into: arena)
  }

  /// The scalar of a well-formed sequence; U+FFFD for a byte that is in none.
  private static func scalar(_ view: ByteView, _ index: Int, _ length: Int) -> UInt32 {
    let lead = UInt32(view[index])
    if length == 1 { return lead < 0x80 ? lead : 0xFFFD }
    var scalar = lead & (0x7F >> UInt32(length))
    for offset in 1..<length { scalar = scalar << 6 | UInt32(view[index + offset] & 0x3F) }
    return scalar
  }

  private func appendUnits(of scalar: UInt32, to arena: ByteArena) {
    if scalar < 0x10000 { return append(unit: scalar, to: arena) }
    append(unit: 0xD800 | (scalar - 0x10000) >> 10, to: arena)
    append(unit: 0xDC00 | (scalar - 0x10000) & 0x3FF, to: arena)
  }

  private func append(unit: UInt32, to arena: ByteArena) {
    let high = UInt8(truncatingIfNeeded: unit >> 8)
    let low = UInt8(truncatingIfNeeded: unit)
    arena.append(self == .utf16LittleEndian ? low : high)
    arena.append(self == .utf16LittleEndian ? high : low)
  }
}
