/// What each byte means in an encoding of one byte a character.
struct SingleByteTable: Sendable {
  /// Stands in `scalars` for a byte that the encoding does not define.
  static let undefined: UInt16 = 0xFFFF

  /// Scalar of each byte.
  let scalars: [UInt16]
  /// Bytes below this are ASCII and mean themselves: 80, or 0 for EBCDIC and the like.
  let asciiEnd: UInt8

  /// The table of what `converter` turns into UTF-32LE; nil when that is not one byte a character.
  ///
  /// In EBCDIC, systems end lines with NEL as well as with LF, so that there NEL is read as LF.
  init?(_ converter: Iconv) {
    var scalars: [UInt16] = []
    for byte in UInt8.min...UInt8.max {
      guard let scalar = SingleByteTable.scalar(of: byte, converter) else { return nil }
      scalars.append(scalar)
    }
    let isASCII = (0..<0x80).allSatisfy { scalars[$0] == UInt16($0) }
    asciiEnd = isASCII ? 0x80 : 0
    let isEBCDIC = scalars[0xC1] == 0x41 && scalars[0x25] == 0x0A
    self.scalars = isEBCDIC ? scalars.map { $0 == 0x85 ? 0x0A : $0 } : scalars
  }

  /// The byte that stands for `scalar`; nil when there is none. The last of several: LF, not NEL, in EBCDIC.
  func byte(for scalar: UInt32) -> UInt8? {
    if scalar < UInt32(asciiEnd) { return UInt8(scalar) }
    guard scalar < UInt32(SingleByteTable.undefined) else { return nil }
    return scalars.lastIndex(of: UInt16(scalar)).map { UInt8($0) }
  }

  /// The scalar of a byte that is a character by itself; `undefined` when it is none at all, nil when it is less or
  /// more than one.
  private static func scalar(of byte: UInt8, _ converter: Iconv) -> UInt16? {
    converter.reset()
    let output = ByteArena(capacity: 64)
    var taken = 0
    switch [byte].withView({ converter.convert($0, into: output, taken: &taken) }) {
    case .invalid: return undefined
    case .incomplete, .full: return nil
    case .finished:
      let bytes = output.view
      guard bytes.count == 4, bytes[2] == 0, bytes[3] == 0 else { return nil }
      let scalar = UInt16(bytes[1]) << 8 | UInt16(bytes[0])
      return scalar == undefined ? nil : scalar
    }
  }
}
