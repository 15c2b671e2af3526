/// The encodings that drops may be written in.
public enum TextEncoding: String, Sendable, CaseIterable, Codable {
  case utf8 = "utf-8"
  /// UTF-16 with a byte order mark (big endian without one, RFC 2781).
  case utf16 = "utf-16"
  case utf16LittleEndian = "utf-16le"
  case utf16BigEndian = "utf-16be"
  case windows1252 = "windows-1252"
  case iso8859x1 = "iso-8859-1"
  case iso8859x15 = "iso-8859-15"
}
