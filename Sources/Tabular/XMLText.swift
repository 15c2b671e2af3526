import CLibXML2
import Streams

/// The attributes of a start tag as libxml2 hands them over: five addresses each (local name, prefix, namespace, start
/// and end of the value). Unsafe: valid within the callback only.
struct XMLAttributes {
  private let list: UnsafeMutablePointer<UnsafePointer<UInt8>?>?
  private let count: Int

  @inline(__always)
  init(_ list: UnsafeMutablePointer<UnsafePointer<UInt8>?>?, count: Int32) {
    self.list = list
    self.count = Int(count)
  }

  /// The value of the attribute whose name has this address in the parser's dictionary; `uri` nil: any namespace.
  func value(_ name: UnsafePointer<UInt8>?, uri: String?) -> ByteView? {
    guard let list else { return nil }
    for index in 0..<count {
      let entry = list + index * 5
      guard entry[0] == name, let start = entry[3], let end = entry[4] else { continue }
      if let uri {
        guard let found = entry[2], String(cString: found) == uri else { continue }
      }
      return XMLText.trimmed(ByteView(base: start, count: end - start))
    }
    return nil
  }
}

/// Small helpers on text and places in the document.
enum XMLText {
  /// Without XML white space (space, tab, line feed, carriage return) at either end.
  @inline(__always)
  static func trimmed(_ view: ByteView) -> ByteView {
    var start = 0
    var end = view.count
    while start < end, isSpace(view[start]) { start &+= 1 }
    while end > start, isSpace(view[end &- 1]) { end &-= 1 }
    return view.slice(from: start, count: end &- start)
  }

  @inline(__always)
  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x09 || byte == 0x0D
  }

  /// The line on which the start tag begins that the parser has just read.
  ///
  /// libxml2 knows the line where the tag ends. `<` can not stand inside a tag, so the line feeds back to the nearest
  /// one are those of the tag.
  static func tagLine(_ parser: xmlParserCtxtPtr) -> Int {
    guard let input = parser.pointee.input else { return 1 }
    var line = Int(input.pointee.line)
    guard let base = input.pointee.base, var cursor = input.pointee.cur else { return line }
    while cursor > base {
      cursor -= 1
      if cursor.pointee == 0x3C { break }
      if cursor.pointee == 0x0A { line -= 1 }
    }
    return max(line, 1)
  }
}
