import Foundation

/// Where the CPU was during a run, by layers of the product and libraries below it. The layers are its stages.
final class Profile {
  private let place: Place
  private var symbols: [(address: UInt, stage: String)] = []
  private var measured: [(name: String, samples: [String: Int])] = []

  /// Mangled names of each layer's functions start with the length of its name.
  private static let layers: [(prefix: String, stage: String)] = [
    ("$s7Streams", "read, inflate, digest (Streams)"), ("$s7Tabular", "split (Tabular)"),
    ("$s7Records", "validate, map (Records)"), ("$s4Diff", "diff, snapshot (Diff)"),
    ("$s7Targets", "write (Targets)"), ("$s6Outbox", "write (Outbox)"), ("$s8Pipeline", "between stages (Pipeline)"),
    ("$s6Ledger", "ledger"),
  ]
  private static let libraries: [(part: String, stage: String)] = [
    ("libz.", "inflate (zlib)"), ("libcrypto", "SHA-256 (libcrypto)"), ("libxml2", "XML (libxml2)"),
    ("libsqlite3", "ledger"), ("libc.so", "copy, compare, allocate (libc)"), ("ld-linux", "start (loader)"),
    ("libswiftCore", "Swift runtime"), ("libswift", "Swift runtime"), ("libFoundation", "Foundation"),
  ]

  init(_ place: Place) { self.place = place }

  /// Runs a command once with the sampling library; without `nm` nothing is known.
  func measure(_ name: String, _ command: [String]) throws {
    if symbols.isEmpty { symbols = try Profile.symbols(of: place.sluice) }
    let file = "\(place.data)/samples"
    Files.remove(file)
    sync()
    let run = try Measured.run(
      command, environment: ["MEASURE_PRELOAD": place.product("libProbe.so"), "PROBE_SAMPLES": file])
    guard run.status == 0, Files.exists(file) else { return }
    measured.append((name, try samples(in: file)))
    Files.remove(file)
  }

  /// First line of the table.
  var header: [String] { ["stage"] + measured.map(\.name) }

  /// A line for each stage that took a hundredth of some run, the greatest first.
  var rows: [[String]] {
    let totals = measured.map { Double(max(1, $0.samples.values.reduce(0, +))) }
    func shares(_ stage: String) -> [Double] {
      zip(measured, totals).map { Double($0.samples[stage] ?? 0) / $1 * 100 }
    }
    let stages = Set(measured.flatMap(\.samples.keys)).filter { shares($0).contains { $0 >= 1 } }
    let sorted = stages.sorted { shares($0).reduce(0, +) > shares($1).reduce(0, +) }
    return sorted.map { stage in [stage] + shares(stage).map { Text.number($0, 0) + " %" } }
      + [["samples"] + totals.map { Text.number($0, 0) }]
  }

  private static func symbols(of binary: String) throws -> [(address: UInt, stage: String)] {
    let result = try Measured.run(["nm", "--defined-only", binary])
    guard result.status == 0 else { return [] }
    var found: [(address: UInt, stage: String)] = []
    for line in result.output.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count == 3, "tTwW".contains(words[1]), let address = UInt(words[0], radix: 16) else { continue }
      let stage = layers.first { words[2].hasPrefix($0.prefix) }?.stage
      found.append((address, stage ?? (words[2].hasPrefix("$sS") ? "Swift library, specialised" : "other code")))
    }
    return found.sorted { $0.address < $1.address }
  }

  private func samples(in file: String) throws -> [String: Int] {
    var mappings: [(start: UInt, end: UInt, offset: UInt, path: Substring)] = []
    var counts: [String: Int] = [:]
    let text = try Files.text(file)
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count >= 6 {
        let range = words[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
        guard range.count == 2, let offset = UInt(words[2], radix: 16) else { continue }
        mappings.append((range[0], range[1], offset, words[5]))
      } else if words.count == 2, let address = UInt(words[1], radix: 16) {
        let isKernel = words[0] == "k"
        let mapping = mappings.first { $0.start <= address && address < $0.end }
        let stage = isKernel ? "kernel, in system calls" : mapping.map { self.stage(of: address, $0.path, mappings) }
        counts[stage ?? "other code", default: 0] += 1
      }
    }
    return counts
  }

  private func stage(
    of address: UInt, _ path: Substring, _ mappings: [(start: UInt, end: UInt, offset: UInt, path: Substring)]
  ) -> String {
    if path.hasSuffix("/sluice") {
      // A position-independent binary is mapped as a whole: its first mapping is where its addresses count from.
      let base = mappings.first { $0.path == path }?.start ?? 0
      var (low, high) = (0, symbols.count)
      while low < high {
        let middle = (low + high) / 2
        if symbols[middle].address <= address - base { low = middle + 1 } else { high = middle }
      }
      return low == 0 ? "other code" : symbols[low - 1].stage
    }
    let name = path.split(separator: "/").last ?? path
    return Profile.libraries.first { name.contains($0.part) }?.stage ?? "other libraries"
  }
}
