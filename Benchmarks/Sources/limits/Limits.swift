import Glibc

/// What no reader of a file can beat: `limits read FILE` only reads it, `limits scan FILE SIGN` also finds each SIGN
/// and
/// each line's end with `memchr`. Both go through a window of 1 MiB, as Sluice does, and print what they counted.
@main
struct Limits {
  private static let window = 1 << 20

  static func main() {
    let words = CommandLine.arguments
    switch words.dropFirst().first {
    case "read" where words.count == 3: read(words[2], delimiter: nil)
    case "scan" where words.count == 4 && words[3].utf8.count == 1: read(words[2], delimiter: words[3].utf8.first)
    default: stop("usage: limits read FILE | limits scan FILE DELIMITER")
    }
  }

  private static func stop(_ message: String) -> Never {
    let text = Array("limits: \(message)\n".utf8)
    _ = write(2, text, text.count)
    exit(2)
  }

  private static func read(_ path: String, delimiter: UInt8?) {
    let file = open(path, O_RDONLY)
    guard file >= 0 else { stop("\(path): \(String(cString: strerror(errno)))") }
    let buffer = UnsafeMutableRawPointer.allocate(byteCount: window, alignment: 4096)
    var bytes = 0
    var delimiters = 0
    var lines = 0
    while true {
      let count = Glibc.read(file, buffer, window)
      guard count > 0 else {
        if count < 0 { stop("\(path): \(String(cString: strerror(errno)))") }
        break
      }
      bytes += count
      guard let delimiter else { continue }
      // Lines first, then the cells of each: the order in which a splitter needs them.
      var rest = UnsafeRawPointer(buffer)
      let end = rest + count
      while rest < end {
        let lineEnd = memchr(rest, 10, end - rest).map { UnsafeRawPointer($0) } ?? end
        lines += 1
        while let found = memchr(rest, Int32(delimiter), lineEnd - rest) {
          delimiters += 1
          rest = UnsafeRawPointer(found) + 1
        }
        rest = lineEnd + 1
      }
    }
    print("{\"bytes\": \(bytes), \"lines\": \(lines), \"delimiters\": \(delimiters)}")
  }
}
