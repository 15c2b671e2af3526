import Streams
import Testing

@testable import Diff

@Suite("Rows of last time")
struct RepeatFinderTests {
  private struct Item {
    var key: [UInt8]
    var spelling: [UInt8] = []
    var source: UInt64
  }

  /// Numbers of the rows that are handed back, sorted, and of the entries that a row repeats.
  private func find(_ entries: [Item], _ rows: [Item], memory: Int, in scratch: Scratch) throws -> ([Int], [Int]) {
    // A fixed hash, under which no two of the keys meet.
    let finder = RepeatFinder(
      directory: scratch.path, entries: entries.count, memory: memory, hash: KeyHash(first: 3, second: 5, third: 7))
    for (ordinal, entry) in entries.enumerated() {
      try entry.key.withView { (key) throws(SluiceError) in
        try entry.spelling.withView { (spelling) throws(SluiceError) in
          try finder.add(
            entry: ordinal, key: key, spelling: spelling, source: Digest128(first: entry.source, second: 0))
        }
      }
    }
    for (number, row) in rows.enumerated() {
      try row.key.withView { (key) throws(SluiceError) in
        try row.spelling.withView { (spelling) throws(SluiceError) in
          try finder.add(
            row: RepeatFinder.Place(UInt64(number), 7), key: key, spelling: spelling,
            source: Digest128(first: row.source, second: 0))
        }
      }
    }
    var others: [Int] = []
    try finder.match { (place) throws(SluiceError) in
      #expect(place[1] == 7)
      others.append(Int(place[0]))
    }
    return (others.sorted(), entries.indices.filter { finder.isRepeated($0) })
  }

  @Test(
    "A row is handed back unless it alone has its key, and an entry has the key and its bytes",
    arguments: [1 << 10, 1 << 20])
  func model(memory: Int) throws {
    let scratch = try Scratch()
    var generator = Generator(7)
    // Enough for several partitions.
    let entries = (0..<60_000).map { Item(key: "SKU-\($0)\u{0}main".bytes, source: UInt64(generator.number(0...3))) }
    var rows: [(key: Int, source: UInt64)] = []
    for key in 0..<61_000 {
      switch generator.number(0...19) {
      case 0: continue
      case 1: rows.append((key, 9))
      case 2:
        let source = key < entries.count ? entries[key].source : 1
        rows.append((key, source))
        rows.append((key, generator.number(0...1) == 0 ? source : 9))
      default: rows.append((key, key < entries.count ? entries[key].source : 1))
      }
    }
    for index in rows.indices.reversed() { rows.swapAt(index, generator.number(0...index)) }
    var times: [Int: Int] = [:]
    for row in rows { times[row.key, default: 0] += 1 }
    let isRepeat = rows.map { row in
      times[row.key] == 1 && row.key < entries.count && entries[row.key].source == row.source
    }
    let (others, repeated) = try find(
      entries, rows.map { Item(key: "SKU-\($0.key)\u{0}main".bytes, source: $0.source) }, memory: memory, in: scratch)
    let wrong = Set(others).symmetricDifference(rows.indices.filter { !isRepeat[$0] })
    let astray = Set(repeated).symmetricDifference(rows.indices.filter { isRepeat[$0] }.map { rows[$0].key })
    #expect(wrong.isEmpty && astray.isEmpty, "\(wrong.count) rows, \(astray.count) entries")
    #expect(Set(others).count == others.count)
    #expect(repeated.count > 40_000 && others.count > 5_000)
    #expect(scratch.names.isEmpty)
  }

  @Test("A row whose key is spelled otherwise is handed back where spellings count")
  func spelling() throws {
    let scratch = try Scratch()
    let entries = [Item(key: "a".bytes, spelling: "A".bytes, source: 1), Item(key: "b".bytes, source: 2)]
    let same = try find(
      entries, [Item(key: "b".bytes, source: 2), Item(key: "a".bytes, spelling: "A".bytes, source: 1)],
      memory: 1 << 10, in: scratch)
    #expect(same == ([], [0, 1]))
    let other = try find(
      entries, [Item(key: "a".bytes, spelling: "a".bytes, source: 1)], memory: 1 << 10, in: scratch)
    #expect(other == ([0], []))
  }

  @Test("Without entries all rows are handed back")
  func empty() throws {
    let scratch = try Scratch()
    #expect(try find([], [Item(key: [], source: 0)], memory: 1 << 10, in: scratch) == ([0], []))
  }
}
