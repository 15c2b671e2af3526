/// What the bytes 80 to FF mean in the single-byte encodings (Unicode mapping tables CP1252, 8859-1, 8859-15).
struct SingleByteTable: Sendable {
  /// Scalar for each byte from 80 on; 0 where the encoding defines none.
  let scalars: [UInt16]

  /// The table of `encoding`; nil when that is not a single-byte encoding.
  static func table(of encoding: TextEncoding) -> SingleByteTable? {
    switch encoding {
    case .windows1252: windows1252
    case .iso8859x1: latin1
    case .iso8859x15: latin9
    case .utf8, .utf16, .utf16LittleEndian, .utf16BigEndian: nil
    }
  }

  /// The byte that stands for `scalar`; nil when there is none.
  func byte(for scalar: UInt32) -> UInt8? {
    if scalar < 0x80 { return UInt8(scalar) }
    guard scalar <= 0xFFFF, let index = scalars.firstIndex(of: UInt16(scalar)) else { return nil }
    return UInt8(0x80 + index)
  }

  private static let latin1 = SingleByteTable(scalars: (0x80...0xFF).map { UInt16($0) })

  private static let latin9: SingleByteTable = {
    var scalars = latin1.scalars
    // What ISO 8859-15 changed: euro sign, S and Z with caron, OE, Y with diaeresis.
    for (byte, scalar) in [
      (0xA4, 0x20AC), (0xA6, 0x160), (0xA8, 0x161), (0xB4, 0x17D), (0xB8, 0x17E), (0xBC, 0x152), (0xBD, 0x153),
      (0xBE, 0x178),
    ] { scalars[byte - 0x80] = UInt16(scalar) }
    return SingleByteTable(scalars: scalars)
  }()

  private static let windows1252: SingleByteTable = {
    let first: [UInt16] = [
      0x20AC, 0, 0x201A, 0x192, 0x201E, 0x2026, 0x2020, 0x2021, 0x2C6, 0x2030, 0x160, 0x2039, 0x152, 0, 0x17D, 0,
      0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x2DC, 0x2122, 0x161, 0x203A, 0x153, 0, 0x17E, 0x178,
    ]
    return SingleByteTable(scalars: first + latin1.scalars[32...])
  }()
}
