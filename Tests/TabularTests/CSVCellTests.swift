import Streams
import Tabular
import Testing

@Suite("Writing CSV")
struct CSVCellTests {
  private func cell(_ text: String, delimiter: UInt8 = 0x2C) -> String {
    let arena = ByteArena(capacity: 64)
    Array(text.utf8).withView { CSVCell.append($0, to: arena, delimiter: delimiter) }
    return arena.view.text
  }

  @Test("A cell is quoted when it must be and only then")
  func quoting() {
    for plain in ["", "a", "a b", "a;b", "1.5", "größe", "'", "a\tb"] { #expect(cell(plain) == plain) }
    #expect(cell("a,b") == "\"a,b\"")
    #expect(cell("a;b", delimiter: 0x3B) == "\"a;b\"")
    #expect(cell("a,b", delimiter: 0x3B) == "a,b")
    #expect(cell("\"") == "\"\"\"\"")
    #expect(cell("say \"x\"") == "\"say \"\"x\"\"\"")
    #expect(cell("a\nb") == "\"a\nb\"")
    #expect(cell("a\rb") == "\"a\rb\"")
    #expect(cell(" a") == "\" a\"")
    #expect(cell("a\t") == "\"a\t\"")
  }
}
