/// The rows of the three feeds, each a pure function of its number, so that a day is told by three flags a row.
struct Rows {
  static let words = [
    "Anvil", "Bracket", "Clamp", "Dowel", "Ferrule", "Gasket", "Hinge", "Idler", "Jig", "Knob", "Lathe", "Mandrel",
    "Nozzle", "Pinion", "Quill", "Rivet", "Spindle", "Tappet", "Union", "Valve", "Washer", "Yoke", "Größe", "Éclair",
    "Führung", "Señal", "Łódź",
  ].map { Array($0.utf8) }
  static let colors = "black white red blue green steel brass anthracite".split(separator: " ")
    .map { Array($0.utf8) }

  /// Header of the wide feed.
  static let productColumns = [
    "sku", "name", "description", "brand", "category", "price", "cost", "currency", "weight", "uom", "tax", "status",
    "ean", "color", "size", "material", "country", "created", "updated", "stock",
  ]

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
}
