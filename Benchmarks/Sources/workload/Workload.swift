import Glibc

/// Writes two days of a feed, the same bytes for the same arguments, and prints the exact counts of what differs.
///
/// Day 2 has `--change` of the rows changed, `--gone` of the keys less, `--new` of them more, and `--bad` of the rows
/// made invalid. A bad row's key was good on day 1: it is a reject, not a removal.
@main
struct Workload {
  private static let usage = """
    usage: workload FEED PREFIX [--rows N] [--order shuffled|sorted] [--gzip]
                    [--change SHARE] [--gone SHARE] [--new SHARE] [--bad SHARE]
           workload deltas|queue PREFIX --drops N --rows N --keys N
    Writes PREFIX.day1.EXT and PREFIX.day2.EXT. The last line printed is a JSON object with the exact counts.
      inventory  narrow stock snapshot, semicolon CSV: sku;source;qty;status;updated
      product    wide catalogue, comma CSV with quoting and UTF-8, 20 columns
      pim        the same catalogue as XML, one <product> element a record
      quoted, prefixed, long, wide, views, fields: the catalogue in odd shapes
      deltas     small drops of changed rows of an inventory of --keys rows: PREFIX-000001.csv and on
      queue      small drops that go round --keys keys, each row with news
    """

  private struct Counts {
    var changed = 0
    var gone = 0
    var new = 0
    var bad = 0
  }

  private var feed = Feed.inventory
  private var prefix = ""
  private var rows = 1_000_000
  private var drops = 1
  private var keys = 1_000
  private var change = 0.02
  private var gone = 0.001
  private var new = 0.001
  private var bad = 0.0001
  private var isSorted = false
  private var compresses = false

  static func main() {
    var arguments = CommandLine.arguments.dropFirst()
    let name = arguments.popFirst() ?? ""
    guard let prefix = arguments.popFirst() else { stop(usage) }
    var workload = Workload(prefix: prefix, arguments)
    switch name {
    case "deltas": Drops.deltas(prefix, number: workload.drops, rows: workload.rows, stock: workload.keys)
    case "queue": Drops.queue(prefix, number: workload.drops, rows: workload.rows, keys: workload.keys)
    default:
      guard let feed = Feed(rawValue: name) else { stop(usage) }
      workload.feed = feed
      workload.write()
    }
  }

  /// Ends the program with a message.
  static func stop(_ message: String) -> Never {
    let text = Array("workload: \(message)\n".utf8)
    _ = Glibc.write(2, text, text.count)
    exit(2)
  }

  private init(prefix: String, _ arguments: ArraySlice<String>) {
    self.prefix = prefix
    var rest = arguments
    while let option = rest.popFirst() {
      if option == "--gzip" {
        compresses = true
        continue
      }
      guard let value = rest.popFirst() else { Workload.stop("\(option) wants a value\n\(Self.usage)") }
      switch option {
      case "--rows": rows = Int(value) ?? -1
      case "--drops": drops = Int(value) ?? -1
      case "--keys": keys = Int(value) ?? -1
      case "--change": change = Double(value) ?? -1
      case "--gone": gone = Double(value) ?? -1
      case "--new": new = Double(value) ?? -1
      case "--bad": bad = Double(value) ?? -1
      case "--order" where value == "sorted" || value == "shuffled": isSorted = value == "sorted"
      default: Workload.stop("\(option) \(value)?\n\(Self.usage)")
      }
    }
    guard rows >= 0, rows < 1 << 31, drops >= 0, keys > 0, change >= 0, gone >= 0, new >= 0, bad >= 0 else {
      Workload.stop(Self.usage)
    }
  }

  private func write() {
    let order = KeyOrder(count: rows + Int(Double(rows) * new), isSorted: isSorted)
    var counts = Counts()
    let days = (1...2).map { day in writeDay(day, order, &counts) }
    print(
      """
      {"rows": \(rows), "changed": \(counts.changed), "gone": \(counts.gone), "new": \(counts.new), \
      "bad": \(counts.bad), "day1": "\(days[0].name)", "day1_rows": \(days[0].rows), \
      "day2": "\(days[1].name)", "day2_rows": \(days[1].rows)}
      """)
  }

  private func writeDay(_ day: Int, _ order: KeyOrder, _ counts: inout Counts) -> (name: String, rows: Int) {
    let path = "\(prefix).day\(day).\(feed.isXML ? "xml" : "csv")\(compresses ? ".gz" : "")"
    var out = RowBuffer(path: path, compressing: compresses)
    let dress = Dress(feed)
    if feed == .inventory {
      out.add("sku;source;qty;status;updated\n")
    } else {
      dress.head(into: &out)
    }
    var written = 0
    for i in order {
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
        CatalogueRows.write(i, changed: isChanged, bad: isBad, as: dress, into: &out)
      }
      out.flush()
      written += 1
    }
    if feed != .inventory { dress.tail(into: &out) }
    out.finish()
    return (path.split(separator: "/").last.map(String.init) ?? path, written)
  }
}
