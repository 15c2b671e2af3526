/// The rows of the three feeds, each a pure function of its number, so that a day is told by three flags a row.
struct Rows {
  private static let words = [
    "Anvil", "Bracket", "Clamp", "Dowel", "Ferrule", "Gasket", "Hinge", "Idler", "Jig", "Knob", "Lathe", "Mandrel",
    "Nozzle", "Pinion", "Quill", "Rivet", "Spindle", "Tappet", "Union", "Valve", "Washer", "Yoke", "Größe", "Éclair",
    "Führung", "Señal", "Łódź",
  ].map { Array($0.utf8) }
  private static let colors = "black white red blue green steel brass anthracite".split(separator: " ")
    .map { Array($0.utf8) }

  /// Header of the wide feed.
  static let productColumns = [
    "sku", "name", "description", "brand", "category", "price", "cost", "currency", "weight", "uom", "tax", "status",
    "ean", "color", "size", "material", "country", "created", "updated", "stock",
  ]
  private static let openTags = productColumns.map { Array("<\($0)>".utf8) }
  private static let closeTags = productColumns.map { Array("</\($0)>".utf8) }

  /// The number inside a SKU: a permutation of `0..<10^10`.
  @inline(__always)
  static func skuNumber(_ i: Int) -> Int { i * 2_654_435_761 % 10_000_000_000 }

  /// A stable pseudo-random number, 0 to 1, for a row.
  @inline(__always)
  static func unit(_ i: Int, _ salt: UInt64) -> Double {
    var x = UInt64(i) &* 0x9E37_79B9_7F4A_7C15 &+ salt &* 0xBF58_476D_1CE4_E5B9 &+ 0x94D0_49BB_1331_11EB
    x ^= x >> 31
    x = x &* 0xD6E8_FEB8_6659_FD93
    x ^= x >> 32
    return Double(x) / 18_446_744_073_709_551_616
  }

  /// `value` (0 to 1000) in units of ten to the minus `digits` (2 or 3), rounded from its exact binary value, half to
  /// even: what printing it with that many digits gives.
  static func rounded(_ value: Double, digits: Int) -> Int {
    guard value > 0 else { return 0 }
    let shift = UInt64(52 - Int(value.exponent))
    let scaled = (value.significandBitPattern | (1 << 52)) * (digits == 2 ? 100 : 1000)
    if shift >= 64 { return 0 }
    let whole = scaled >> shift
    let rest = scaled & ((1 << shift) - 1)
    let half: UInt64 = 1 << (shift - 1)
    return Int(rest > half || (rest == half && whole & 1 == 1) ? whole + 1 : whole)
  }

  /// A row of the narrow feed.
  static func inventory(_ i: Int, changed: Bool, bad: Bool, into out: inout RowBuffer) {
    var quantity = Int(unit(i, 7) * 900)
    if quantity < 90 { quantity = 0 }
    if changed { quantity = quantity > 800 ? 0 : quantity + 1 + Int(unit(i, 8) * 50) }
    out.add(UInt8(ascii: "A"))
    out.add(skuNumber(i), width: 10)
    out.add(";wh")
    out.add(i % 7)
    out.add(UInt8(ascii: ";"))
    if bad {
      out.add("n/a")
    } else {
      out.add(quantity)
      out.add(".0000")
    }
    out.add(quantity > 0 ? ";1;2026-11-" : ";0;2026-11-")
    out.add(changed ? "23T02:00:00\n" : "22T02:00:00\n")
  }

  /// A row of the wide feed, as CSV or as an XML element.
  static func product(_ i: Int, changed: Bool, bad: Bool, asXML: Bool, into out: inout RowBuffer) {
    let scale = Double(words.count)
    func word(_ n: UInt64) -> [UInt8] { words[Int(unit(i, 10 + n) * scale)] }
    let w = (word(0), word(1), word(2), word(3), word(4), word(5), word(6), word(7))
    var price = 1 + Double(Int(unit(i, 3) * 50_000)) / 100
    if changed { price = Double(rounded(price * 0.9, digits: 2)) / 100 }
    if asXML { out.add("<product>") }
    for column in productColumns.indices {
      if asXML {
        out.add(openTags[column])
      } else if column > 0 {
        out.add(UInt8(ascii: ","))
      }
      switch column {
      case 0:
        out.add(UInt8(ascii: "A"))
        out.add(skuNumber(i), width: 10)
      case 1: name(i, w.0, w.1, into: &out)
      case 2: description(i, w, asXML: asXML, into: &out)
      case 3:
        out.add(w.4)
        out.add(" Ltd")
      case 4:
        out.add("Root/")
        out.add(w.5)
        out.add(UInt8(ascii: "/"))
        out.add(w.6)
      case 5:
        if bad { out.add("abc") } else { out.add(decimal: rounded(price, digits: 2), digits: 2) }
      case 6: out.add(decimal: rounded(price * 0.6, digits: 2), digits: 2)
      case 7: out.add("EUR")
      case 8: out.add(decimal: rounded(unit(i, 4) * 20, digits: 3), digits: 3)
      case 9: out.add("PCE")
      case 10: out.add("Taxable Goods")
      case 11: out.add("1")
      case 12: out.add(4_000_000_000_000 + i)
      case 13: out.add(colors[i % 8])
      case 14: out.add(i % 60)
      case 15: out.add(w.6)
      case 16: out.add("DE")
      case 17: out.add("2019-03-01")
      case 18: out.add(changed ? "2026-11-23" : "2026-11-22")
      default: out.add(Int(unit(i, 7) * 900))
      }
      if asXML { out.add(closeTags[column]) }
    }
    out.add(asXML ? "</product>\n" : "\n")
  }

  private static func name(_ i: Int, _ first: [UInt8], _ second: [UInt8], into out: inout RowBuffer) {
    out.add(first)
    out.add(UInt8(ascii: " "))
    out.add(second)
    out.add(UInt8(ascii: " "))
    out.add(i % 97)
    out.add(" mm")
  }

  private typealias Words = ([UInt8], [UInt8], [UInt8], [UInt8], [UInt8], [UInt8], [UInt8], [UInt8])

  /// The one column that needs quoting (CSV) and escaping (XML).
  private static func description(_ i: Int, _ w: Words, asXML: Bool, into out: inout RowBuffer) {
    if !asXML { out.add("\"") }
    out.add(w.2)
    out.add(UInt8(ascii: " "))
    out.add(w.3)
    out.add(asXML ? ", 3/4\" " : ", 3/4\"\" ")
    out.add(w.4)
    out.add("; ")
    out.add(w.5)
    out.add(asXML ? " &amp; " : " & ")
    out.add(w.6)
    out.add(asXML ? " &lt;" : " <")
    out.add(w.7)
    out.add(asXML ? "&gt; for " : "> for ")
    name(i, w.0, w.1, into: &out)
    out.add(".")
    for word in [w.0, w.1, w.2, w.3, w.4, w.5, w.6, w.7] {
      out.add(UInt8(ascii: " "))
      out.add(word)
    }
    if !asXML { out.add("\"") }
  }
}
