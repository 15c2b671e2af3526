extension TextEncoding {
  /// Appends UTF-8 bytes of a row in this encoding, for files that go back to the sender (rejects).
  ///
  /// Undoes what `Transcoder` did: the byte FF and the one after it become that one again, so that an undefined byte
  /// goes back as it came. A character that the encoding does not have, which can only stem from a message of our own,
  /// becomes `?`. UTF-8 is copied as it stands, bad bytes included; UTF-16 is written big endian without a mark unless
  /// the encoding says little endian.
  public func encode(_ view: ByteView, into arena: ByteArena) {
    if self == .utf8 { return arena.append(view) }
    let table = SingleByteTable.table(of: self)
    var index = 0
    while index < view.count {
      let length = max(UTF8Check.sequenceLength(view.base + index, available: view.count - index), 1)
      let lead = view[index]
      if let table {
        if lead == 0xFF, index + 1 < view.count {
          arena.append(view[index + 1])
          index += 1
        } else {
          arena.append(table.byte(for: TextEncoding.scalar(view, index, length)) ?? 0x3F)
        }
      } else {
        appendUnits(of: TextEncoding.scalar(view, index, length), to: arena)
      }
      index += length
    }
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
