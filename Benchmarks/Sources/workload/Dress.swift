/// How the rows of the catalogue are laid out: plainly, or in one of the odd ways that a source may have.
struct Dress {
  /// XML elements instead of comma CSV.
  var isXML = false
  /// CSV with quotes around every cell.
  var isQuoted = false
  /// What every cell of the columns beside the twenty holds; empty for words.
  var filler: [UInt8] = []
  /// How many times the text of the description is repeated.
  var repeats = 1
  /// Columns beside the twenty of the catalogue: `x001` and on.
  var more = 0

  private let openTags: [[UInt8]]
  private let closeTags: [[UInt8]]

  /// Names of all columns.
  let columns: [String]

  /// The dress of a feed.
  init(_ feed: Feed) {
    switch feed {
    case .inventory, .product: break
    case .pim: isXML = true
    case .quoted: isQuoted = true
    case .prefixed: (more, filler) = (1, [UInt8](repeating: UInt8(ascii: "P"), count: 60))
    case .long: repeats = 600
    case .wide: more = 280
    case .views: more = 40
    case .fields: (isXML, more) = (true, 180)
    }
    let extra = (0..<more).map { number in
      let digits = String(number + 1)
      return "x" + String(repeating: "0", count: 3 - digits.count) + digits
    }
    columns = Rows.productColumns + extra
    openTags = columns.map { Array("<\($0)>".utf8) }
    closeTags = columns.map { Array("</\($0)>".utf8) }
  }

  /// What stands before the first row.
  func head(into out: inout RowBuffer) {
    if isXML {
      out.add("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<catalog>\n")
    } else {
      out.add(Array((columns.joined(separator: ",") + "\n").utf8))
    }
  }

  /// What stands after the last row.
  func tail(into out: inout RowBuffer) { if isXML { out.add("</catalog>\n") } }

  /// What opens a row.
  @inline(__always)
  func openRow(into out: inout RowBuffer) { if isXML { out.add("<product>") } }

  /// What closes a row.
  @inline(__always)
  func closeRow(into out: inout RowBuffer) { out.add(isXML ? "</product>\n" : "\n") }

  /// What opens the cell of a column; the description brings its own quotes.
  @inline(__always)
  func openCell(_ column: Int, into out: inout RowBuffer) {
    if isXML {
      out.add(openTags[column])
    } else {
      if column > 0 { out.add(UInt8(ascii: ",")) }
      if isQuoted, column != 2 { out.add(UInt8(ascii: "\"")) }
    }
  }

  /// What closes the cell of a column.
  @inline(__always)
  func closeCell(_ column: Int, into out: inout RowBuffer) {
    if isXML {
      out.add(closeTags[column])
    } else if isQuoted, column != 2 {
      out.add(UInt8(ascii: "\""))
    }
  }
}
