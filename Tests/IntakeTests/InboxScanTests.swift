import Foundation
import Streams
import Testing

@testable import Intake

@Suite("Looking at the inbox")
struct InboxScanTests {
  private func feed(_ name: String, _ matches: [String], rules: IntakeRules = IntakeRules()) throws -> IntakeFeed {
    try IntakeFeed(name: name, patterns: matches.map { FilePattern(match: $0, mode: .full) }, rules: rules)
  }

  @Test("gives each file to its feed and each of the others its reason")
  func listing() throws {
    let scratch = try Scratch()
    for name in ["stock_1.csv", "price_1.csv", "both.csv", "else.csv", "stock_2.csv.part", ".hidden", "stock_1.csv.ok"]
    {
      try scratch.write(name, "x")
    }
    _ = try scratch.directory("stock_dir.csv")
    _ = try scratch.directory(".ssh")
    #expect(symlink("/etc/passwd", scratch.path + "/stock_link.csv") == 0)
    #expect(mkfifo(scratch.path + "/stock_pipe.csv", 0o600) == 0)
    let raw: [CChar] = Array((scratch.path + "/stock_").utf8CString.dropLast()) + [CChar(bitPattern: 0xE4), 0]
    let descriptor = open(raw, O_CREAT | O_WRONLY, 0o600)
    #expect(descriptor >= 0)
    close(descriptor)

    let scan = InboxScan(feeds: [
      try feed("stock", ["stock_*.csv", "both*"]), try feed("price", ["nothing", "price_{sequence}.csv", "*th.csv"]),
    ])
    let listing = try scan.list(scratch.path)
    #expect(listing.candidates.map(\.name) == ["price_1.csv", "stock_1.csv"])
    #expect(listing.candidates.map(\.feed) == ["price", "stock"])
    #expect(listing.candidates.map(\.pattern) == [1, 0])
    #expect(listing.candidates.first?.match.sequence == 1)
    #expect(listing.candidates.first?.identity.size == 1)
    let reasons = Dictionary(uniqueKeysWithValues: listing.waiting.map { ($0.name, $0.reason) })
    #expect(
      reasons == [
        "both.csv": .ambiguousFeed, "else.csv": .noFeed, "stock_dir.csv": .notAFile, "stock_link.csv": .notAFile,
        "stock_pipe.csv": .notAFile, "stock_\\xE4": .nameNotUTF8,
      ])
    #expect(listing.waiting.first { $0.name == "both.csv" }?.message.contains("stock, price") == true)
    #expect(listing.waiting.first { $0.name == "stock_link.csv" }?.message == "it is a symbolic link")
  }

  @Test("leaves a name alone about which two patterns of a feed disagree")
  func twoPatterns() throws {
    let patterns = [
      FilePattern(match: "INV_FULL_*.csv", mode: .full), FilePattern(match: "INV_*.csv", mode: .delta),
      FilePattern(match: "INV_*_B.csv", mode: .delta),
    ]
    let scan = InboxScan(feeds: [try IntakeFeed(name: "inv", patterns: patterns, rules: IntakeRules())])
    guard case .waiting(let file) = scan.assignment(of: "INV_FULL_1.csv") else {
      Issue.record("a full that could be a delta was taken")
      return
    }
    #expect(file.reason == .ambiguousPattern)
    #expect(scan.assignment(of: "INV_1_B.csv") == .feed("inv", pattern: 1, PatternMatch()))
  }

  @Test("escapes hostile names wherever they are shown")
  func hostile() throws {
    let scratch = try Scratch()
    try scratch.write("a\n2026 published everything\u{1B}[2K", "x")
    let listing = try InboxScan(feeds: []).list(scratch.path)
    #expect(listing.waiting.map(\.name) == ["a\\n2026 published everything\\u{1B}[2K"])
  }

  @Test("wants the marker of a feed that has one, and passes it over as a file")
  func markers() throws {
    let scratch = try Scratch()
    for name in ["a.csv", "b.csv", "a.csv.fertig", "c.csv.fertig", "d.fertig"] { try scratch.write(name, "x") }
    let scan = InboxScan(feeds: [try feed("f", ["?.csv"], rules: IntakeRules(marker: "{name}.fertig"))])
    let listing = try scan.list(scratch.path)
    #expect(listing.candidates.map(\.name) == ["a.csv"])
    #expect(listing.candidates.first?.marker == "a.csv.fertig")
    #expect(listing.unmarked.map(\.name) == ["b.csv"])
    #expect(listing.waiting.map(\.name) == ["b.csv", "d.fertig"])
    #expect(listing.waiting.map(\.reason) == [.markerMissing, .noFeed])

    let stems = InboxScan(feeds: [try feed("f", ["?.csv"], rules: IntakeRules(marker: "{stem}.fertig"))])
    try scratch.write("b.fertig", "")
    #expect(try stems.list(scratch.path).candidates.map(\.name) == ["b.csv"])
    #expect(!(try stems.list(scratch.path).waiting.map(\.name).contains("b.fertig")))
  }

  @Test("keeps two names apart that only look the same")
  func normalisation() throws {
    let scratch = try Scratch()
    try scratch.write("é.csv", "one")
    try scratch.write("e\u{301}.csv", "three")
    let listing = try InboxScan(feeds: [try feed("f", ["é.csv"])]).list(scratch.path)
    #expect(listing.candidates.map(\.identity.size).sorted() == [3, 5])
  }

  @Test("says so when the inbox cannot be read, and follows a link to it")
  func unreadable() throws {
    let scratch = try Scratch()
    let error = try #require(throws: SluiceError.self) { try InboxScan(feeds: []).list(scratch.path + "/no") }
    #expect(error.code == "file-missing")
    #expect(error.kind == .environment)
    _ = try scratch.directory("real")
    try scratch.write("real/x", "")
    #expect(symlink("real", scratch.path + "/inbox") == 0)
    #expect(try InboxScan(feeds: []).list(scratch.path + "/inbox").waiting.map(\.name) == ["x"])
  }

  @Test("has a remedy for every reason, and codes in kebab case")
  func reasons() {
    for reason in WaitingReason.allCases {
      #expect(!reason.remedy.isEmpty)
      #expect(reason.rawValue.allSatisfy { $0.isLowercase || $0 == "-" || $0 == "8" })
    }
  }
}
