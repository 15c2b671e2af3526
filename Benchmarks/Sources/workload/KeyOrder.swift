/// The order in which the rows of a day are written.
///
/// Sorted rows need no list of them. SKU numbers are `i * a mod m`, and such numbers, sorted, follow each other by at
/// most three different steps of `i` (the three-gap theorem: Sós, Świerczkowski, 1958), so that the next row can be
/// told
/// from the present one. A hundred million rows are written like this from a few words of memory.
struct KeyOrder: Sequence, IteratorProtocol {
  private let count: Int
  private var shuffled: [UInt32] = []
  private var position = 0
  /// The row with the least number above that of row 0, and the row with the greatest.
  private var first = 0
  private var last = 0
  private var row = 0

  /// The order of rows `0..<count`.
  init(count: Int, isSorted: Bool) {
    self.count = count
    if !isSorted {
      shuffled = (0..<UInt32(count)).map { $0 }
      var generator = MersenneTwister(seed: 645_176)
      generator.shuffle(&shuffled)
      return
    }
    var least = Int.max
    var greatest = 0
    for i in 1..<Swift.max(count, 1) {
      let number = Rows.skuNumber(i)
      if number < least { (least, first) = (number, i) }
      if number > greatest { (greatest, last) = (number, i) }
    }
  }

  /// The next row.
  mutating func next() -> Int? {
    guard position < count else { return nil }
    defer { position += 1 }
    if !shuffled.isEmpty { return Int(shuffled[position]) }
    let present = row
    if present + first < count {
      row = present + first
    } else {
      row = present >= last ? present - last : present + first - last
    }
    return present
  }
}
