import Glibc

/// Writes two days of a feed, the same bytes for the same arguments, and prints the exact counts of what differs.
///
/// Day 2 has `--change` of the rows changed, `--gone` of the keys less, `--new` of them more, and `--bad` of the rows
/// made invalid. A bad row's key was good on day 1: it is a reject, not a removal.
@main
struct Workload {
  private static let usage = """
    usage: workload inventory|product|pim PREFIX [--rows N] [--order shuffled|sorted] [--gzip]
                    [--change SHARE] [--gone SHARE] [--new SHARE] [--bad SHARE]
    Writes PREFIX.day1.EXT and PREFIX.day2.EXT. The last line printed is a JSON object with the exact counts.
      inventory  narrow stock snapshot, semicolon CSV: sku;source;qty;status;updated
      product    wide catalogue, comma CSV with quoting and UTF-8, 20 columns
      pim        the same catalogue as XML, one <product> element a record
    """

  private enum Feed: String { case inventory, product, pim }

  private struct Counts {
    var changed = 0
    var gone = 0
    var new = 0
    var bad = 0
  }

  private var feed = Feed.inventory
  private var prefix = ""
  private var rows = 1_000_000
  private var change = 0.02
  private var gone = 0.001
  private var new = 0.001
  private var bad = 0.0001
  private var isSorted = false
  private var compresses = false

  static func main() {
    let workload = Workload(CommandLine.arguments.dropFirst())
    workload.write()
  }

  /// Ends the program with a message.
  static func stop(_ message: String) -> Never {
    let text = Array("workload: \(message)\n".utf8)
    _ = Glibc.write(2, text, text.count)
    exit(2)
  }

  private init(_ arguments: ArraySlice<String>) {
    var rest = arguments
    guard let feed = rest.popFirst().flatMap(Feed.init), let prefix = rest.popFirst() else { Workload.stop(Self.usage) }
    self.feed = feed
    self.prefix = prefix
    while let option = rest.popFirst() {
      if option == "--gzip" {
        compresses = true
        continue
      }
      guard let value = rest.popFirst() else { Workload.stop("\(option) wants a value\n\(Self.usage)") }
      switch option {
      case "--rows": rows = Int(value) ?? -1
      case "--change": change = Double(value) ?? -1
      case "--gone": gone = Double(value) ?? -1
      case "--new": new = Double(value) ?? -1
      case "--bad": bad = Double(value) ?? -1
      case "--order" where value == "sorted" || value == "shuffled": isSorted = value == "sorted"
      default: Workload.stop("\(option) \(value)?\n\(Self.usage)")
      }
    }
    guard rows >= 0, rows < 1 << 31, change >= 0, gone >= 0, new >= 0, bad >= 0 else { Workload.stop(Self.usage) }
  }

  private func write() {
    let added = Int(Double(rows) * new)
    var order = (0..<UInt32(rows + added)).map { $0 }
    if isSorted {
      order.sort { Rows.skuNumber(Int($0)) < Rows.skuNumber(Int($1)) }
    } else {
      var generator = MersenneTwister(seed: 645_176)
      generator.shuffle(&order)
    }
    var counts = Counts()
    let days = (1...2).map { day in writeDay(day, order, &counts) }
    print(
      """
      {"rows": \(rows), "changed": \(counts.changed), "gone": \(counts.gone), "new": \(counts.new), \
      "bad": \(counts.bad), "day1": "\(days[0].name)", "day1_rows": \(days[0].rows), \
      "day2": "\(days[1].name)", "day2_rows": \(days[1].rows)}
      """)
  }

  private func writeDay(_ day: Int, _ order: [UInt32], _ counts: inout Counts) -> (name: String, rows: Int) {
    let path = "\(prefix).day\(day).\(feed == .pim ? "xml" : "csv")\(compresses ? ".gz" : "")"
    var out = RowBuffer(path: path, compressing: compresses)
    switch feed {
    case .inventory: out.add("sku;source;qty;status;updated\n")
    case .product: out.add(Array((Rows.productColumns.joined(separator: ",") + "\n").utf8))
    case .pim: out.add("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<catalog>\n")
    }
    var written = 0
    for number in order {
      let i = Int(number)
      let isNew = i >= rows
      var isBad = false
      var isChanged = false
      if day == 1 {
        if isNew { continue }
      } else if isNew {
        counts.new += 1
      } else {
        if Rows.unit(i, 21) < gone {
          counts.gone += 1
          continue
        }
        isBad = Rows.unit(i, 22) < bad
        isChanged = !isBad && Rows.unit(i, 23) < change
        if isBad { counts.bad += 1 }
        if isChanged { counts.changed += 1 }
      }
      if feed == .inventory {
        Rows.inventory(i, changed: isChanged, bad: isBad, into: &out)
      } else {
        Rows.product(i, changed: isChanged, bad: isBad, asXML: feed == .pim, into: &out)
      }
      out.flush()
      written += 1
    }
    if feed == .pim { out.add("</catalog>\n") }
    out.finish()
    return (path.split(separator: "/").last.map(String.init) ?? path, written)
  }
}
