/// The encodings that drops may be written in: UTF-8, UTF-16, UTF-32, and every one that this system's `iconv` knows,
/// UTF-7 left out.
///
/// UTF-7 has several ways of writing one character, delimiters and quotes among them, which is a way around checks.
public struct TextEncoding: Hashable, Sendable, Codable {
  /// The name as definitions write it, in lower case.
  public let name: String
  /// What each byte means, in encodings of one byte a character.
  let table: SingleByteTable?

  private init(_ name: String, table: SingleByteTable? = nil) {
    self.name = name
    self.table = table
  }

  /// The encoding of a name, in any case; nil when this system knows none of that name.
  public init?(named name: String) {
    let lowercased = name.lowercased()
    let known = TextEncoding.aliases[lowercased] ?? lowercased
    if let own = TextEncoding.unicode.first(where: { $0.name == known }) {
      self = own
      return
    }
    // What follows a slash tells iconv to write something else for what it can not convert.
    let isPlain = !known.isEmpty && known.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x2F }
    guard isPlain, !known.contains("utf-7"), !known.contains("utf7"), let converter = Iconv(from: known, to: "UTF-32LE")
    else { return nil }
    self.init(known, table: SingleByteTable(converter))
  }

  /// UTF-8, with or without a byte order mark.
  public static let utf8 = TextEncoding("utf-8")
  /// UTF-16 with a byte order mark (big endian without one, RFC 2781).
  public static let utf16 = TextEncoding("utf-16")
  /// UTF-16, the low byte first.
  public static let utf16LittleEndian = TextEncoding("utf-16le")
  /// UTF-16, the high byte first.
  public static let utf16BigEndian = TextEncoding("utf-16be")
  /// UTF-32 with a byte order mark (big endian without one).
  public static let utf32 = TextEncoding("utf-32")
  /// UTF-32, the low byte first.
  public static let utf32LittleEndian = TextEncoding("utf-32le")
  /// UTF-32, the high byte first.
  public static let utf32BigEndian = TextEncoding("utf-32be")

  /// The encodings that a byte order mark can begin.
  private static let unicode = [
    utf8, utf16, utf16LittleEndian, utf16BigEndian, utf32, utf32LittleEndian, utf32BigEndian,
  ]

  /// Names that people write and iconv does not know, or knows by another meaning.
  private static let aliases = [
    "utf8": "utf-8", "utf-8-sig": "utf-8", "utf-8-bom": "utf-8", "utf16": "utf-16", "utf16le": "utf-16le",
    "utf16be": "utf-16be", "utf32": "utf-32", "utf32le": "utf-32le", "utf32be": "utf-32be", "ansi": "windows-1252",
    "cp1252": "windows-1252", "windows1252": "windows-1252", "latin1": "iso-8859-1", "latin-1": "iso-8859-1",
    "iso8859-1": "iso-8859-1", "latin9": "iso-8859-15", "latin-9": "iso-8859-15", "iso8859-15": "iso-8859-15",
    "mac-roman": "macintosh", "macroman": "macintosh", "sjis": "shift_jis", "shift-jis": "shift_jis",
  ]

  /// The names that messages offer; there are some hundred more.
  public static let usualNames = [
    "utf-8", "utf-16", "utf-16le", "utf-16be", "utf-32", "windows-1252", "iso-8859-1", "iso-8859-15", "cp437", "cp850",
    "cp273", "cp500", "cp1141", "macintosh", "shift_jis", "gb18030", "big5", "euc-kr",
  ]

  /// Encodings are told apart by their names.
  public static func == (left: TextEncoding, right: TextEncoding) -> Bool { left.name == right.name }

  /// Hashes the name.
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }

  /// Reads a name. Throws `DecodingError` for one that this system does not know.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let name = try container.decode(String.self)
    guard let encoding = TextEncoding(named: name) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "unknown encoding \(name)")
    }
    self = encoding
  }

  /// Writes the name.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }
}
