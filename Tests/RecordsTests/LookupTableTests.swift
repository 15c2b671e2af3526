import Records
import Streams
import Testing

@Suite struct LookupTableTests {
  private func table(_ entries: [(String, String)], path: String = "lookups/plants.csv") -> LookupTable {
    LookupTable(path: path, entries: entries.map { (Array($0.0.utf8), Array($0.1.utf8)) })
  }

  private func find(_ table: LookupTable, _ key: String) -> String? {
    withText(key) { table.value(of: $0)?.text }
  }

  @Test("a key gives its value, and the first of two entries counts")
  func finding() {
    let plants = table([("10", "main"), ("20", "outlet"), ("10", "other"), ("", "none"), ("ü", "")])
    #expect(find(plants, "10") == "main")
    #expect(find(plants, "20") == "outlet")
    #expect(find(plants, "") == "none")
    #expect(find(plants, "ü") == "")
    #expect(find(plants, "30") == nil)
    #expect(find(plants, "1") == nil)
    #expect(plants.count == 4)
    #expect(find(table([]), "10") == nil)
  }

  @Test("a large table gives what a dictionary gives")
  func agreement() {
    let seed: UInt64 = 5
    var dice = Dice(seed: seed)
    var model: [String: String] = [:]
    var entries: [(String, String)] = []
    for number in 0..<3000 {
      let key = dice.text(from: Array("ab01-"), longest: 7)
      entries.append((key, "\(number)"))
      if model[key] == nil { model[key] = "\(number)" }
    }
    let large = table(entries)
    #expect(large.count == model.count)
    for _ in 0..<3000 {
      let key = dice.text(from: Array("ab01-"), longest: 7)
      #expect(find(large, key) == model[key], "seed \(seed), \(key)")
    }
  }

  @Test("tables are equal by path and entries")
  func equality() {
    #expect(table([("a", "1")]) == table([("a", "1")]))
    #expect(table([("a", "1")]) != table([("a", "2")]))
    #expect(table([("a", "12")]) != table([("a1", "2")]))
    #expect(table([("a", "1")]) != table([("a", "1")], path: "other.csv"))
  }
}
