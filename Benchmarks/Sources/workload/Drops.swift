/// Many small drops instead of two large days.
enum Drops {
  private static let header: StaticString = "sku;source;qty;status;updated\n"

  /// Writes `number` drops of `rows` changed stock rows each, of a stock of `stock` rows, spread over all of its keys:
  /// `PREFIX-000001.csv` and on. No key is in two drops as long as there are enough.
  static func deltas(_ prefix: String, number: Int, rows: Int, stock: Int) {
    var next = 0
    let step = max(1, stock / max(1, number * rows)) | 1
    for drop in 1...max(1, number) {
      var out = RowBuffer(path: path(prefix, drop), compressing: false)
      out.add(header)
      for _ in 0..<rows {
        Rows.inventory(next % stock, changed: true, bad: false, into: &out)
        next += step
      }
      out.finish()
    }
  }

  /// Writes `number` drops of `rows` rows each, which go round `keys` keys again and again with another quantity each
  /// time, so that every row of every drop is news.
  static func queue(_ prefix: String, number: Int, rows: Int, keys: Int) {
    var next = 0
    for drop in 1...max(1, number) {
      var out = RowBuffer(path: path(prefix, drop), compressing: false)
      out.add(header)
      for _ in 0..<rows {
        out.add(UInt8(ascii: "A"))
        out.add(Rows.skuNumber(next % keys), width: 10)
        out.add(";wh1;")
        out.add(1 + next / keys % 1000)
        out.add(".0000;1;2026-11-22T02:00:00\n")
        next += 1
      }
      out.finish()
    }
  }

  private static func path(_ prefix: String, _ drop: Int) -> String {
    let digits = String(drop)
    return "\(prefix)-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits + ".csv"
  }
}
