/// A multiset of rows, told by their number and by sums of two hashes of each, so that millions of them in any order
/// can be compared without being kept.
struct RowSum: Equatable, Codable {
  private(set) var count = 0
  private var first: UInt64 = 0
  private var second: UInt64 = 0

  /// Adds a row of these cells, in this order.
  mutating func add(_ cells: [Substring]) {
    var (a, b): (UInt64, UInt64) = (0xCBF2_9CE4_8422_2325, 0x9E37_79B9_7F4A_7C15)
    for cell in cells {
      for byte in cell.utf8 {
        a = (a ^ UInt64(byte)) &* 0x100_0000_01B3
        b = (b &+ UInt64(byte)) &* 0xD6E8_FEB8_6659_FD93
        b ^= b >> 29
      }
      a = (a ^ 0x1F) &* 0x100_0000_01B3
      b = (b &+ 0x101) &* 0xD6E8_FEB8_6659_FD93
    }
    count += 1
    first &+= a ^ (a >> 32)
    second &+= b ^ (b >> 32)
  }

  /// Adds the rows of a CSV file without quotes, the cells taken in the order of `columns`; the header is passed over.
  mutating func add(file path: String, columns: [Int]) throws {
    let text = try Files.text(path)
    var isHeader = true
    for line in text.split(whereSeparator: \.isNewline) {
      if isHeader {
        isHeader = false
        continue
      }
      let cells = line.split(separator: ",", omittingEmptySubsequences: false)
      guard let most = columns.max(), most < cells.count else {
        throw BenchFailure("\(path): a row of \(cells.count) cells")
      }
      add(columns.map { cells[$0] })
    }
  }
}
