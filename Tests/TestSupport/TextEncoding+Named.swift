import Streams

extension TextEncoding {
  /// Western Windows text.
  public static let windows1252 = named("windows-1252")
  /// ISO 8859-1.
  public static let iso8859x1 = named("iso-8859-1")
  /// ISO 8859-15.
  public static let iso8859x15 = named("iso-8859-15")

  /// An encoding that each test machine knows.
  public static func named(_ name: String) -> TextEncoding {
    guard let encoding = TextEncoding(named: name) else { preconditionFailure("iconv does not know \(name)") }
    return encoding
  }
}
