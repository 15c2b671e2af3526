import TestSupport

@testable import Sniffing

/// Samples in a directory of their own.
struct Samples {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory("sluice-samples") }

  /// Writes a sample; its path.
  func write(_ name: String, _ text: String) throws -> String {
    try FileTree.write(text, to: directory(name))
    return directory(name)
  }

  /// Writes a sample; its path.
  func write(_ name: String, bytes: [UInt8]) throws -> String {
    try FileTree.write(bytes, to: directory(name))
    return directory(name)
  }

  /// What is made of one sample.
  func feed(_ name: String, _ text: String) throws -> SniffedFeed {
    try Sniffer.feed(samples: [write(name, text)], name: "sample", now: 0)
  }

  /// What is told about one table.
  func report(_ text: String) throws -> SniffedFeed.Report { try feed("sample.csv", text).report }

  /// The types of a table's columns by their names.
  func types(_ text: String) throws -> [String: String] {
    let fields = try report(text).fields
    return Dictionary(fields.map { ($0.name, $0.type) }) { first, _ in first }
  }
}

extension SniffedFeed.Report {
  /// The guess about something.
  func guess(_ what: String) -> Guess? { guesses.first { $0.what == what } }
}
