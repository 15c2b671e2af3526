import Streams
import Testing

@testable import Intake

@Suite("File patterns")
struct PatternTests {
  private func compile(_ match: String, at: Int? = nil) throws -> CompiledPattern {
    try CompiledPattern(FilePattern(match: match, mode: .full, at: at))
  }

  @Test(
    "match exactly the names that they describe",
    arguments: [
      ("STOCK.csv", "STOCK.csv", true),
      ("STOCK.csv", "stock.csv", false),
      ("STOCK.csv", "STOCK.csv.gz", false),
      ("STOCK_*.csv*", "STOCK_A.csv", true),
      ("STOCK_*.csv*", "STOCK_.csv.gz", true),
      ("STOCK_*.csv*", "XSTOCK_A.csv", false),
      ("*.csv", "a.csv.csv", true),
      ("*", "anything at all", true),
      ("**?", "", false),
      ("a?c", "abc", true),
      ("a?c", "ac", false),
      ("a?c", "a/c", false),
      ("a*c", "a/c", false),
      ("stock_Gr?ße.csv", "stock_Größe.csv", true),
      ("stock_Größe.csv", "stock_Gro\u{308}ße.csv", true),
      ("STOCK J  (Kopie).csv", "STOCK J  (Kopie).csv", true),
      ("stock_?;*.csv", "stock_K;rm -rf $HOME.csv", true),
      ("[a-z].csv", "b.csv", false),
      ("[a-z].csv", "[a-z].csv", true),
      ("$(id)*.csv", "$(id)1.csv", true),
      ("a*.csv", "a\n.csv", true),
      ("a.csv", "a.csv\n", false),
      ("a.csv", "a.csv\u{0}", false),
      ("{site}.csv", "köln-2_b.csv", true),
      ("{site}.csv", ".csv", false),
      ("{site}.csv", "a.b.csv", false),
      ("{site}.csv", "a b.csv", false),
      ("{site}.csv", "..csv", false),
      ("D{as_of:yyyyMMdd}.csv", "D20260228.csv", true),
      ("D{as_of:yyyyMMdd}.csv", "D20260229.csv", false),
      ("D{as_of:yyyyMMdd}.csv", "D20240229.csv", true),
      ("D{as_of:yyyyMMdd}.csv", "D19000229.csv", false),
      ("D{as_of:yyyyMMdd}.csv", "D20261301.csv", false),
      ("D{as_of:yyyyMMdd}.csv", "D2026112.csv", false),
      ("D{as_of:yyyyMMdd}.csv", "D202611231.csv", false),
      ("D{as_of:yyyyMMdd}.csv", "D٢٠٢٦١١٢٣.csv", false),
      ("D{as_of:yyyyMMddHHmm}.csv", "D202611232400.csv", false),
      ("D{as_of:yyyyMMddHHmm}.csv", "D202611232360.csv", false),
      ("D{as_of:yyyy-MM-dd'T'HH.mm.ss}Z", "D2026-11-23T23.59.59Z", true),
      ("D{as_of:yyyyMMddTHHmmss}", "D20261123T235959", true),
      ("S{sequence}.csv", "S.csv", false),
      ("S{sequence}.csv", "S0012.csv", true),
      ("S{sequence}.csv", "S-1.csv", false),
      ("S{sequence}.csv", "S9999999999999999999.csv", false),
    ])
  func matching(pattern: String, name: String, expected: Bool) throws {
    #expect((try compile(pattern).match(name) != nil) == expected)
  }

  @Test("give the captures as texts, the sequence as a number and the as-of as a wall-clock time")
  func captures() throws {
    let pattern = try compile("INV_{site}_{as_of:yyyyMMddHHmm}_{sequence}.csv*")
    let match = try #require(pattern.match("INV_eu-1_202611230215_0042.csv.gz"))
    #expect(match.captures == ["site": "eu-1", "as_of": "202611230215", "sequence": "0042"])
    #expect(match.sequence == 42)
    #expect(match.asOf == 1_795_400_100)
    #expect(match.isAsOfCaptured)
    #expect(pattern.captureNames == ["site", "as_of", "sequence"])
    #expect(pattern.granularity == .minute)
    #expect(pattern.hasSequence)
  }

  @Test("put a day at midnight, or at the time that `at` says")
  func timeOfDay() throws {
    #expect(try compile("{as_of:yyyyMMdd}").match("19700102")?.asOf == 86_400)
    #expect(try compile("{as_of:yyyyMMdd}", at: 7200).match("19700102")?.asOf == 93_600)
    #expect(try compile("{as_of:dd.MM.yyyy}.csv").match("31.12.1969.csv")?.asOf == -86_400)
    #expect(try compile("x*").match("xy") == PatternMatch())
    #expect(try compile("x*").granularity == nil)
  }

  @Test("let `*` take as little and captures as much as they can")
  func greed() throws {
    #expect(try compile("A*{sequence}.csv").match("Ax12.csv")?.sequence == 12)
    #expect(try compile("{a}_{b}.csv").match("x_y_z.csv")?.captures == ["a": "x_y", "b": "z"])
    #expect(try compile("{sequence}{as_of:yyyyMMdd}").match("720261123")?.sequence == 7)
    #expect(try compile("{valid:yyyyMM}.csv").match("202611.csv")?.captures == ["valid": "202611"])
  }

  @Test("cost little on names that are made to make them search")
  func deadEnds() throws {
    let pattern = try compile("*a*a*a*a*a*a*a*a*a*a*a*a*b")
    #expect(pattern.match(String(repeating: "a", count: 255)) == nil)
    #expect(pattern.match(String(repeating: "a", count: 254) + "b") != nil)
  }

  @Test(
    "are refused with the column when they are wrong",
    arguments: [
      ("", 1), ("in/STOCK.csv", 3), ("a}.csv", 2), ("a{site.csv", 2), ("a{}.csv", 3), ("a{1st}.csv", 3),
      ("a{si te}.csv", 3), ("a{größe}", 3), ("{a}-{a}", 6), ("{a}{b}", 5), ("{a}{sequence}", 5),
      ("{as_of}.csv", 2), ("{sequence:yyyy}", 11), ("D{as_of:yyyyMM}", 9), ("D{as_of:yyyyMMDD}", 15),
      ("D{as_of:yyMMdd}", 9), ("D{as_of:}", 9), ("D{as_of:yyyyMMddmm}", 9), ("D{as_of:yyyyMMddMM}", 17),
      ("D{as_of:yyyyMMdd'x}", 17), ("a\nb", 2), ("*.part", 1), ("STOCK_*.csv.OK", 1), (".stock", 1), ("~*", 1),
    ])
  func invalid(pattern: String, column: Int) throws {
    let error = try #require(throws: SluiceError.self) { try compile(pattern) }
    #expect(error.code == "pattern-invalid")
    #expect(error.kind == .definition)
    #expect(error.position == Position(line: 1, column: column))
    #expect(!error.remedy.isEmpty)
  }

  @Test("count columns from where the pattern stands in its file")
  func place() throws {
    let pattern = FilePattern(match: "ab}", mode: .delta, position: Position(line: 7, column: 14))
    let error = try #require(throws: SluiceError.self) { try CompiledPattern(pattern) }
    #expect(error.position == Position(line: 7, column: 16))
  }

  @Test("refuse `at` where it would do nothing or is no time")
  func uselessAt() {
    #expect(throws: SluiceError.self) { try compile("STOCK_*.csv", at: 0) }
    #expect(throws: SluiceError.self) { try compile("{as_of:yyyyMMddHH}", at: 0) }
    #expect(throws: SluiceError.self) { try compile("{as_of:yyyyMMdd}", at: 86_400) }
    #expect(throws: SluiceError.self) { try compile("{as_of:yyyyMMdd}", at: -1) }
  }

  @Test("of one feed must say when a day speaks once another names a time")
  func together() throws {
    let day = try compile("F{as_of:yyyyMMdd}")
    let timed = try compile("F{as_of:yyyyMMdd}", at: 7200)
    let minute = try compile("D{as_of:yyyyMMddHHmm}")
    let none = try compile("X*")
    try CompiledPattern.checkTogether([day, day, none])
    try CompiledPattern.checkTogether([timed, minute, none])
    let error = try #require(throws: SluiceError.self) { try CompiledPattern.checkTogether([day, minute]) }
    #expect(error.code == "as-of-time-missing")
  }

  @Test("of generated names match what they were generated from")
  func roundTrip() throws {
    let seed: UInt64 = 20_261_123
    var generator = SeededGenerator(seed: seed)
    let pattern = try compile("{site}.{as_of:yyyyMMddHHmmss}-{sequence}.*")
    for _ in 0..<500 {
      let letters = Array("abzAZ019-_ü")
      let site = String(
        (0...Int.random(in: 0...9, using: &generator)).compactMap { _ in letters.randomElement(using: &generator) })
      let day = Int.random(in: 1...28, using: &generator)
      let month = Int.random(in: 1...12, using: &generator)
      let sequence = Int.random(in: 0...999_999, using: &generator)
      let date = "2026\(month < 10 ? "0" : "")\(month)\(day < 10 ? "0" : "")\(day)"
      let match = pattern.match("\(site).\(date)101112-\(sequence).csv")
      #expect(match?.captures["site"] == site, "seed \(seed)")
      #expect(match?.sequence == sequence, "seed \(seed)")
      let days = CivilTime.days(year: 2026, month: month, day: day)
      #expect(match?.asOf == Int64(days) * 86_400 + 36_672, "seed \(seed)")
    }
  }
}

@Suite("Time zones of feeds")
struct FeedZoneTests {
  @Test("turn wall-clock times into UTC, the first of two, and past what the clock skips")
  func rules() throws {
    let berlin = try FeedZone("Europe/Berlin")
    func wall(_ month: Int, _ day: Int, _ hour: Int, _ minute: Int) -> Int64 {
      Int64(CivilTime.days(year: 2026, month: month, day: day) * 86_400 + hour * 3600 + minute * 60)
    }
    // 29 March 2026: 02:00 to 03:00 is skipped; 25 October 2026: 02:00 to 03:00 is shown twice.
    #expect(berlin.utc(wall: wall(1, 15, 12, 0)) == wall(1, 15, 11, 0))
    #expect(berlin.utc(wall: wall(7, 15, 12, 0)) == wall(7, 15, 10, 0))
    #expect(berlin.utc(wall: wall(3, 29, 1, 59)) == wall(3, 29, 0, 59))
    #expect(berlin.utc(wall: wall(3, 29, 2, 0)) == wall(3, 29, 1, 0))
    #expect(berlin.utc(wall: wall(3, 29, 2, 30)) == wall(3, 29, 1, 30))
    #expect(berlin.utc(wall: wall(3, 29, 3, 0)) == wall(3, 29, 1, 0))
    #expect(berlin.utc(wall: wall(10, 25, 2, 30)) == wall(10, 25, 0, 30))
    #expect(berlin.utc(wall: wall(10, 25, 3, 0)) == wall(10, 25, 2, 0))
    #expect(berlin.wall(utc: wall(7, 15, 10, 0)) == wall(7, 15, 12, 0))
    #expect(try FeedZone("Asia/Kolkata").utc(wall: wall(1, 1, 0, 0)) == wall(1, 1, 0, 0) - 19_800)
    #expect(try FeedZone("UTC").utc(wall: 5) == 5)
  }

  @Test("are refused when there is no such zone", arguments: ["", "Europe/Berlino", "CET\n"])
  func unknown(name: String) throws {
    let error = try #require(throws: SluiceError.self) { try FeedZone(name) }
    #expect(error.code == "zone-unknown")
  }
}
