import Glibc

/// Bytes on their way to a file, or to gzip and then to the file.
struct RowBuffer: ~Copyable {
  private var bytes: [UInt8] = []
  private let file: UnsafeMutablePointer<FILE>
  private let isPipe: Bool

  /// Creates the file at `path`, over an older one.
  init(path: String, compressing: Bool) {
    isPipe = compressing
    let quoted = "'" + path.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    guard let file = compressing ? popen("gzip -n -6 > \(quoted)", "w") : fopen(path, "wb") else {
      Workload.stop("\(path): \(String(cString: strerror(errno)))")
    }
    self.file = file
    bytes.reserveCapacity(5 << 20)
  }

  /// Adds text.
  mutating func add(_ text: StaticString) {
    bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Adds bytes.
  @inline(__always)
  mutating func add(_ text: [UInt8]) { bytes.append(contentsOf: text) }

  /// Adds one byte.
  @inline(__always)
  mutating func add(_ byte: UInt8) { bytes.append(byte) }

  /// Adds a number with at least `width` digits.
  mutating func add(_ number: Int, width: Int = 1) {
    let start = bytes.count
    var rest = number
    repeat {
      bytes.append(UInt8(truncatingIfNeeded: 48 + rest % 10))
      rest /= 10
    } while rest > 0
    while bytes.count - start < width { bytes.append(48) }
    bytes[start...].reverse()
  }

  /// Adds `value` units of ten to the minus `digits`: 1050 with 2 digits is `10.50`.
  mutating func add(decimal value: Int, digits: Int) {
    var unit = 1
    for _ in 0..<digits { unit *= 10 }
    add(value / unit)
    add(UInt8(ascii: "."))
    add(value % unit, width: digits)
  }

  /// Writes what has gathered, once it is worth a call.
  mutating func flush(ifAbove limit: Int = 4 << 20) {
    guard bytes.count > limit else { return }
    guard fwrite(bytes, 1, bytes.count, file) == bytes.count else {
      Workload.stop("write: \(String(cString: strerror(errno)))")
    }
    bytes.removeAll(keepingCapacity: true)
  }

  /// Writes the rest and closes.
  consuming func finish() {
    flush(ifAbove: 0)
    guard (isPipe ? pclose(file) : fclose(file)) == 0 else { Workload.stop("close failed") }
  }
}
