/// The marks that tell a Unicode encoding (Unicode 15, section 23.8).
public enum ByteOrderMark {
  case utf8, utf16LittleEndian, utf16BigEndian, utf32LittleEndian, utf32BigEndian

  /// The mark that these first bytes begin with.
  public static func find(in prefix: some Sequence<UInt8>) -> ByteOrderMark? {
    if prefix.starts(with: [0xEF, 0xBB, 0xBF]) { return .utf8 }
    if prefix.starts(with: [0xFF, 0xFE, 0, 0]) { return .utf32LittleEndian }
    if prefix.starts(with: [0, 0, 0xFE, 0xFF]) { return .utf32BigEndian }
    if prefix.starts(with: [0xFF, 0xFE]) { return .utf16LittleEndian }
    if prefix.starts(with: [0xFE, 0xFF]) { return .utf16BigEndian }
    return nil
  }

  /// Bytes of the mark that these first bytes begin with; 0 without one.
  public static func length(in prefix: some Sequence<UInt8>) -> Int { find(in: prefix)?.length ?? 0 }

  /// Its length in bytes.
  var length: Int {
    switch self {
    case .utf8: 3
    case .utf16LittleEndian, .utf16BigEndian: 2
    case .utf32LittleEndian, .utf32BigEndian: 4
    }
  }

  /// True when a text in `encoding` may begin with this mark.
  func belongs(to encoding: TextEncoding) -> Bool {
    switch self {
    case .utf8: encoding == .utf8
    case .utf16LittleEndian: encoding == .utf16 || encoding == .utf16LittleEndian
    case .utf16BigEndian: encoding == .utf16 || encoding == .utf16BigEndian
    case .utf32LittleEndian: encoding == .utf32 || encoding == .utf32LittleEndian
    case .utf32BigEndian: encoding == .utf32 || encoding == .utf32BigEndian
    }
  }

  /// The encoding's name as definitions write it.
  var encodingName: String {
    switch self {
    case .utf8: "utf-8"
    case .utf16LittleEndian, .utf16BigEndian: "utf-16"
    case .utf32LittleEndian, .utf32BigEndian: "utf-32"
    }
  }
}
