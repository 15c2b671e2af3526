/// The rows of the catalogue, in any dress.
enum CatalogueRows {
  private typealias Words = [[UInt8]]

  /// Row `i`, changed or made invalid.
  static func write(_ i: Int, changed: Bool, bad: Bool, as dress: Dress, into out: inout RowBuffer) {
    let scale = Double(Rows.words.count)
    let w = (0..<8).map { Rows.words[Int(Rows.unit(i, 10 + UInt64($0)) * scale)] }
    var price = 1 + Double(Int(Rows.unit(i, 3) * 50_000)) / 100
    if changed { price = Double(Rows.rounded(price * 0.9, digits: 2)) / 100 }
    dress.openRow(into: &out)
    for column in Rows.productColumns.indices {
      dress.openCell(column, into: &out)
      switch column {
      case 0:
        out.add(UInt8(ascii: "A"))
        out.add(Rows.skuNumber(i), width: 10)
      case 1: name(i, w, into: &out)
      case 2: description(i, w, dress, into: &out)
      case 3:
        out.add(w[4])
        out.add(" Ltd")
      case 4:
        out.add("Root/")
        out.add(w[5])
        out.add(UInt8(ascii: "/"))
        out.add(w[6])
      case 5:
        if bad { out.add("abc") } else { out.add(decimal: Rows.rounded(price, digits: 2), digits: 2) }
      case 6: out.add(decimal: Rows.rounded(price * 0.6, digits: 2), digits: 2)
      case 8: out.add(decimal: Rows.rounded(Rows.unit(i, 4) * 20, digits: 3), digits: 3)
      case 12: out.add(4_000_000_000_000 + i)
      case 13: out.add(Rows.colors[i % 8])
      case 14: out.add(i % 60)
      case 15: out.add(w[6])
      case 19: out.add(Int(Rows.unit(i, 7) * 900))
      default: constant(column, changed, into: &out)
      }
      dress.closeCell(column, into: &out)
    }
    for number in 0..<dress.more {
      let column = Rows.productColumns.count + number
      dress.openCell(column, into: &out)
      if dress.filler.isEmpty {
        out.add(w[number % 8])
        out.add(number + i % 9)
      } else {
        out.add(dress.filler)
      }
      dress.closeCell(column, into: &out)
    }
    dress.closeRow(into: &out)
  }

  /// The columns that are the same in every row of a day.
  private static func constant(_ column: Int, _ changed: Bool, into out: inout RowBuffer) {
    switch column {
    case 7: out.add("EUR")
    case 9: out.add("PCE")
    case 10: out.add("Taxable Goods")
    case 11: out.add("1")
    case 16: out.add("DE")
    case 17: out.add("2019-03-01")
    default: out.add(changed ? "2026-11-23" : "2026-11-22")
    }
  }

  private static func name(_ i: Int, _ w: Words, into out: inout RowBuffer) {
    out.add(w[0])
    out.add(UInt8(ascii: " "))
    out.add(w[1])
    out.add(UInt8(ascii: " "))
    out.add(i % 97)
    out.add(" mm")
  }

  /// The one column that needs quoting (CSV) and escaping (XML).
  private static func description(_ i: Int, _ w: Words, _ dress: Dress, into out: inout RowBuffer) {
    let asXML = dress.isXML
    if !asXML { out.add("\"") }
    for _ in 0..<dress.repeats {
      out.add(w[2])
      out.add(UInt8(ascii: " "))
      out.add(w[3])
      out.add(asXML ? ", 3/4\" " : ", 3/4\"\" ")
      out.add(w[4])
      out.add("; ")
      out.add(w[5])
      out.add(asXML ? " &amp; " : " & ")
      out.add(w[6])
      out.add(asXML ? " &lt;" : " <")
      out.add(w[7])
      out.add(asXML ? "&gt; for " : "> for ")
      name(i, w, into: &out)
      out.add(".")
      for word in w {
        out.add(UInt8(ascii: " "))
        out.add(word)
      }
    }
    if !asXML { out.add("\"") }
  }
}
