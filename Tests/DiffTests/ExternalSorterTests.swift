import Streams
import Testing

@testable import Diff

private struct Pair: Equatable {
  var key: [UInt8]
  var payload: [UInt8]
}

/// How the keys of a property test look.
private enum KeyShape: CaseIterable {
  case short, fewBytes, sharedPrefix, zeros, duplicates, digits, ascending, descending, twoParts

  func key(_ ordinal: Int, _ generator: inout Generator) -> [UInt8] {
    switch self {
    case .short: return generator.bytes(generator.number(0...3), of: Array(0...255))
    case .fewBytes: return generator.bytes(generator.number(0...40), of: [0, 1, 255])
    case .sharedPrefix:
      return [UInt8](repeating: 0x41, count: 60) + generator.bytes(generator.number(0...12), of: "ab".bytes)
    case .zeros: return [UInt8](repeating: 0, count: generator.number(0...30))
    case .duplicates: return "key-\(generator.number(0...7))-with-a-long-tail".bytes
    case .digits: return generator.bytes(14, of: "0123456789".bytes)
    case .ascending: return "SKU\(1_000_000 + ordinal)".bytes
    case .descending: return "SKU\(9_000_000 - ordinal)".bytes
    case .twoParts: return "SKU-\(generator.number(0...20))\u{0}warehouse-\(generator.number(0...9))".bytes
    }
  }
}

@Suite("External sorter")
struct ExternalSorterTests {
  /// Sorts twice, spilling on the caller's thread and on one of its own; both must give the same.
  private func sorted(
    _ pairs: [Pair], memory: Int, fanIn: Int = 64, in scratch: Scratch
  ) throws -> (pairs: [Pair], spilledRuns: Int) {
    let alone = try sorted(pairs, memory: memory, fanIn: fanIn, concurrent: false, in: scratch)
    let beside = try sorted(pairs, memory: 2 * memory, fanIn: fanIn, concurrent: true, in: scratch)
    #expect(alone.pairs == beside.pairs)
    #expect(alone.spilledRuns == beside.spilledRuns)
    return alone
  }

  private func sorted(
    _ pairs: [Pair], memory: Int, fanIn: Int, concurrent: Bool, in scratch: Scratch
  ) throws -> (pairs: [Pair], spilledRuns: Int) {
    let sorter = ExternalSorter(directory: scratch.path, memory: memory, fanIn: fanIn, concurrent: concurrent)
    for pair in pairs {
      try pair.key.withView { key in try pair.payload.withView { try sorter.append(key: key, payload: $0) } }
    }
    #expect(sorter.count == pairs.count)
    let entries = try sorter.finish()
    #expect(entries.count == pairs.count)
    #expect(scratch.names.isEmpty, "spilled runs have no names")
    var result: [Pair] = []
    while try entries.next() { result.append(Pair(key: entries.key.array, payload: entries.payload.array)) }
    #expect(try !entries.next(), "the end stays the end")
    return (result, sorter.spilledRuns)
  }

  /// What must come out; `Array.sort` is stable, so equal keys keep their order.
  private func expected(_ pairs: [Pair]) -> [Pair] {
    pairs.sorted { precedes($0.key, $1.key) }
  }

  private func pairs(_ shape: KeyShape, count: Int, _ generator: inout Generator) -> [Pair] {
    (0..<count).map { ordinal in
      let payload = generator.chance(20) ? [] : "\(ordinal)".bytes
      return Pair(key: shape.key(ordinal, &generator), payload: payload)
    }
  }

  @Test("Entries come out by key, equal keys in order of arrival, in memory", arguments: 1...4)
  func sortsInMemory(seed: Int) throws {
    let scratch = try Scratch()
    var generator = Generator(UInt64(seed))
    for shape in KeyShape.allCases {
      let pairs = pairs(shape, count: generator.number(0...400), &generator)
      let result = try sorted(pairs, memory: 1 << 20, in: scratch)
      #expect(result.pairs == expected(pairs), "seed \(seed), \(shape)")
      #expect(result.spilledRuns == 0, "seed \(seed), \(shape): everything fits")
    }
  }

  @Test("Entries come out by key when many runs are spilled and merged in several passes", arguments: 1...4)
  func sortsSpilled(seed: Int) throws {
    let scratch = try Scratch()
    var generator = Generator(UInt64(seed))
    for shape in KeyShape.allCases {
      let pairs = pairs(shape, count: 500, &generator)
      let fanIn = generator.number(2...5)
      let result = try sorted(pairs, memory: generator.number(1024...4096), fanIn: fanIn, in: scratch)
      #expect(result.pairs == expected(pairs), "seed \(seed), \(shape), fan-in \(fanIn)")
      #expect(result.spilledRuns > fanIn, "seed \(seed), \(shape): the case must need several passes")
    }
  }

  @Test("A large run is sorted by radix whatever its keys share")
  func sortsLargeRun() throws {
    let scratch = try Scratch()
    var generator = Generator(77)
    for shape in KeyShape.allCases {
      let pairs = pairs(shape, count: 2500, &generator)
      let result = try sorted(pairs, memory: 4 << 20, in: scratch)
      #expect(result.pairs == expected(pairs), "\(shape)")
    }
  }

  @Test("An entry larger than the memory is sorted like any other")
  func sortsHugeEntry() throws {
    let scratch = try Scratch()
    var pairs = (0..<50).map { Pair(key: "k\(99 - $0)".bytes, payload: "p\($0)".bytes) }
    pairs.insert(Pair(key: [UInt8](repeating: 0x6B, count: 9000), payload: [1]), at: 20)
    pairs.insert(Pair(key: "k6".bytes, payload: [UInt8](repeating: 7, count: 20_000)), at: 40)
    let result = try sorted(pairs, memory: 1024, in: scratch)
    #expect(result.pairs == expected(pairs))
  }

  @Test("No entries give none")
  func sortsNothing() throws {
    let scratch = try Scratch()
    #expect(try sorted([], memory: 1024, in: scratch).pairs.isEmpty)
  }

  @Test("Entries with empty keys and payloads are kept, all of them")
  func sortsEmptyEntries() throws {
    let scratch = try Scratch()
    let pairs = [Pair](repeating: Pair(key: [], payload: []), count: 200)
    #expect(try sorted(pairs, memory: 1024, fanIn: 3, in: scratch).pairs == pairs)
  }

  @Test("A sorter may be filled again after it handed out its entries")
  func sortsTwice() throws {
    let scratch = try Scratch()
    let sorter = ExternalSorter(directory: scratch.path, memory: 1024)
    for round in 0..<3 {
      for ordinal in (0..<100).reversed() {
        try "\(round)-\(1000 + ordinal)".bytes.withView { try sorter.append(key: $0, payload: ByteView()) }
      }
      let entries = try sorter.finish()
      for ordinal in 0..<100 {
        #expect(try entries.next())
        #expect(entries.key.text == "\(round)-\(1000 + ordinal)")
      }
      #expect(try !entries.next())
    }
  }

  @Test("A directory that is missing is an error of the environment")
  func missingDirectory() throws {
    let sorter = ExternalSorter(directory: "/nonexistent/place", memory: 1024)
    let error = #expect(throws: SluiceError.self) {
      for ordinal in 0..<1000 { try "\(ordinal)".bytes.withView { try sorter.append(key: $0, payload: $0) } }
    }
    #expect(error?.kind == .environment)
    #expect(error?.code == "file-missing")
  }
}
