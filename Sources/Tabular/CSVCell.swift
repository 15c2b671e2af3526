import Streams

/// Writes cells of CSV files (RFC 4180).
public enum CSVCell {
  /// Appends `view` as one cell, without a delimiter.
  ///
  /// It is put in quotes, and quotes in it are doubled, when it holds the delimiter, a quote, a carriage return or a
  /// line feed, or begins or ends with a blank (space or tab), which many readers would trim.
  @inline(__always)
  public static func append(_ view: ByteView, to arena: ByteArena, delimiter: UInt8 = 0x2C) {
    if needsQuotes(view, delimiter) { appendQuoted(view, to: arena) } else { arena.append(view) }
  }

  @inline(__always)
  private static func needsQuotes(_ view: ByteView, _ delimiter: UInt8) -> Bool {
    guard view.count > 0 else { return false }
    if isBlank(view[0]) || isBlank(view[view.count &- 1]) { return true }
    var index = 0
    while index &+ 8 <= view.count {
      let word = view.load(at: index, as: UInt64.self)
      if hasByte(word, delimiter) || hasByte(word, 0x22) || hasByte(word, 0x0A) || hasByte(word, 0x0D) { return true }
      index &+= 8
    }
    while index < view.count {
      let byte = view[index]
      if byte == delimiter || byte == 0x22 || byte == 0x0A || byte == 0x0D { return true }
      index &+= 1
    }
    return false
  }

  /// Whether one of a word's eight bytes is `byte`: only a zero byte borrows without having its top bit set.
  @inline(__always)
  private static func hasByte(_ word: UInt64, _ byte: UInt8) -> Bool {
    let zeroed = word ^ (0x0101_0101_0101_0101 &* UInt64(byte))
    return (zeroed &- 0x0101_0101_0101_0101) & ~zeroed & 0x8080_8080_8080_8080 != 0
  }

  @inline(__always)
  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  @inline(never)
  private static func appendQuoted(_ view: ByteView, to arena: ByteArena) {
    arena.append(0x22)
    var rest = view
    while let place = rest.firstIndex(of: 0x22) {
      arena.append(rest.slice(from: 0, count: place + 1))
      arena.append(0x22)
      rest = rest.dropping(place + 1)
    }
    arena.append(rest)
    arena.append(0x22)
  }
}
