/// Finds bytes that are not text: NUL, and whatever is not well-formed UTF-8 (Unicode 15, table 3-7).
public enum UTF8Check {
  /// Offset of the first NUL or of the first byte of the first ill-formed sequence; nil when all is well.
  public static func firstBadByte(_ view: ByteView) -> Int? {
    let bytes = UnsafeRawPointer(view.base)
    let count = view.count
    var index = 0
    while true {
      index = skipPlain(bytes, from: index, to: count)
      if index >= count { return nil }
      let length = sequenceLength(view.base + index, available: count &- index)
      if length == 0 { return index }
      index &+= length
    }
  }

  /// The first index from `start` on that is in a word of eight bytes with anything but 1 to 7F, or past the end.
  @inline(__always)
  private static func skipPlain(_ bytes: UnsafeRawPointer, from start: Int, to end: Int) -> Int {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let high: UInt64 = 0x8080_8080_8080_8080
    var index = start
    // A byte below 1 borrows and a byte above 7F has its top bit already: one test finds both.
    while index &+ 64 <= end {
      var found: UInt64 = 0
      for step in 0..<8 {
        let word = bytes.loadUnaligned(fromByteOffset: index &+ step &* 8, as: UInt64.self)
        found |= (word &- ones) | word
      }
      if found & high != 0 { break }
      index &+= 64
    }
    while index &+ 8 <= end {
      let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      if ((word &- ones) | word) & high != 0 { break }
      index &+= 8
    }
    while index < end {
      let byte = bytes.load(fromByteOffset: index, as: UInt8.self)
      if byte == 0 || byte > 0x7F { break }
      index &+= 1
    }
    return index
  }

  /// Length of the well-formed sequence that starts at `start`; 0 when it is none, or NUL.
  @inline(__always)
  public static func sequenceLength(_ start: UnsafePointer<UInt8>, available: Int) -> Int {
    let lead = start[0]
    if lead < 0x80 { return lead == 0 ? 0 : 1 }
    if lead < 0xC2 || lead > 0xF4 || available < 2 { return 0 }
    let second = start[1]
    if lead < 0xE0 { return isContinuation(second) ? 2 : 0 }
    if available < 3 || !isContinuation(start[2]) { return 0 }
    if lead < 0xF0 {
      let lowest: UInt8 = lead == 0xE0 ? 0xA0 : 0x80
      let highest: UInt8 = lead == 0xED ? 0x9F : 0xBF
      return second >= lowest && second <= highest ? 3 : 0
    }
    if available < 4 || !isContinuation(start[3]) { return 0 }
    let lowest: UInt8 = lead == 0xF0 ? 0x90 : 0x80
    let highest: UInt8 = lead == 0xF4 ? 0x8F : 0xBF
    return second >= lowest && second <= highest ? 4 : 0
  }

  @inline(__always)
  private static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }
}
