import Records
import Streams
import Testing

@Suite struct DateTextTests {
  @Test("days count on through every month and leap year, and back")
  func calendar() {
    var expected = DateText.days(of: DateText.Day(year: 1895, month: 1, day: 1))
    #expect(DateText.days(of: DateText.Day(year: 1970, month: 1, day: 1)) == 0)
    for year in Int64(1895)...2105 {
      for month in Int64(1)...12 {
        let isLeap = year % 4 == 0 && year % 100 != 0 || year % 400 == 0
        let lengths: [Int64] = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        for day in 1...lengths[Int(month) - 1] {
          let found = DateText.Day(year: year, month: month, day: day)
          if DateText.days(of: found) != expected || DateText.day(expected) != found || !found.isReal {
            Issue.record("\(found) should be day \(expected)")
          }
          expected += 1
        }
        #expect(!DateText.Day(year: year, month: month, day: lengths[Int(month) - 1] + 1).isReal)
      }
    }
  }

  @Test("canonical texts read back as the same number")
  func roundTrip() {
    let seed: UInt64 = 3
    var dice = Dice(seed: seed)
    for _ in 0..<3000 {
      let seconds = Int64(dice.below(315_000_000_000)) - 62_000_000_000
      let text = written { DateText.append(seconds: seconds, to: $0) }
      #expect(withText(text) { DateText.seconds($0) } == seconds, "seed \(seed), \(text)")
      let day = String(text.prefix(10))
      #expect(withText(day) { DateText.days($0) } == DateText.split(seconds: seconds).days, "seed \(seed), \(day)")
    }
    #expect(written { DateText.append(seconds: -1, to: $0) } == "1969-12-31 23:59:59")
  }

  @Test(
    "canonical texts are read strictly",
    arguments: [
      "2026-02-29", "2026-13-01", "2026-00-10", "2026-01-00", "26-01-01", "2026/01/01", "2026-01-1", "2026-01-01 ", "",
      "2026-01-01 24:00:00", "2026-01-01 23:60:00", "2026-01-01T00:00:00", "2026-01-01 00:00:60",
    ])
  func strict(text: String) {
    #expect(withText(text) { DateText.days($0) } == nil)
    #expect(withText(text) { DateText.seconds($0) } == nil)
  }
}

@Suite struct DatePatternTests {
  @Test(
    "a pattern reads what it describes",
    arguments: [
      ("yyyy-MM-dd", "2026-11-23", "2026-11-23 00:00:00"), ("dd.MM.yyyy", "23.11.2026", "2026-11-23 00:00:00"),
      ("yyyyMMdd", "20261123", "2026-11-23 00:00:00"), ("yyyyMMddHHmmss", "20261123021500", "2026-11-23 02:15:00"),
      ("d.M.yyyy", "3.1.2026", "2026-01-03 00:00:00"), ("d.M.yyyy", "13.11.2026", "2026-11-13 00:00:00"),
      ("M/d/yy H:mm", "7/20/23 1:36", "2023-07-20 01:36:00"), ("dd.MM.yy", "01.02.69", "1969-02-01 00:00:00"),
      ("dd.MM.yy", "01.02.68", "2068-02-01 00:00:00"),
      ("yyyy-MM-ddTHH:mm:ss", "2026-11-23T01:02:03", "2026-11-23 01:02:03"),
      ("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", "2026-11-23T01:02:03.123456Z", "2026-11-23 01:02:03"),
      ("yyyy-MM-dd HH:mm:ss.SSS", "2026-11-23 01:02:03.1", "2026-11-23 01:02:03"),
      ("'am' d. M. yyyy", "am 1. 2. 2026", "2026-02-01 00:00:00"),
      ("dd''MM''yyyy", "01'02'2026", "2026-02-01 00:00:00"),
      ("'it''s' yyyy-MM-dd", "it's 2024-02-29", "2024-02-29 00:00:00"),
      ("M/d/yyyy h:mm a", "6/8/2024 7:49 pm", "2024-06-08 19:49:00"),
      ("M/d/yyyy h:mm a", "12/31/2024 12:00 AM", "2024-12-31 00:00:00"),
      ("yyyy-MM-dd hh:mma", "2024-02-29 12:30Pm", "2024-02-29 12:30:00"),
      ("yyyy-DDD", "2024-366", "2024-12-31 00:00:00"), ("yyDDD", "25074", "2025-03-15 00:00:00"),
      ("CyyDDD", "125074", "2025-03-15 00:00:00"), ("CyyDDD", "099365", "1999-12-31 00:00:00"),
      ("Cyy-MM-dd", "100-02-29", "2000-02-29 00:00:00"),
    ])
  func reading(source: String, text: String, canonical: String) throws {
    let pattern = try DatePattern(source)
    let seconds = try #require(withText(text) { pattern.seconds($0) })
    #expect(written { DateText.append(seconds: seconds, to: $0) } == canonical)
    let days = try #require(withText(text) { pattern.days($0) })
    #expect(written { DateText.append(days: days, to: $0) } == String(canonical.prefix(10)))
  }

  @Test(
    "a text that is not exactly in the pattern is refused",
    arguments: [
      ("yyyy-MM-dd", "2026-2-03"), ("yyyy-MM-dd", "2026-02-30"), ("yyyy-MM-dd", "2026-02-03x"), ("yyyy-MM-dd", ""),
      ("yyyyMMdd", "00000000"), ("d.M.yyyy", "1.13.2026"), ("d.M.yyyy", ".1.2026"), ("d.M.yyyy", "001.1.2026"),
      ("dd.MM.yy", "01.02.2026"), ("yyyy-MM-dd HH:mm", "2026-01-01 24:00"), ("yyyy-MM-dd HH:mm", "2026-01-01 23:61"),
      ("M/d/yyyy h:mm a", "1/1/2026 0:10 am"), ("M/d/yyyy h:mm a", "1/1/2026 13:10 pm"),
      ("M/d/yyyy h:mm a", "1/1/2026 1:10 xm"), ("M/d/yyyy h:mm a", "1/1/2026 1:10 p"), ("yyyy-DDD", "2025-366"),
      ("yyyy-DDD", "2025-000"), ("yyyy-DDD", "2025-12"), ("CyyDDD", "25074"),
      ("yyyy-MM-dd HH:mm:ss.SSS", "2026-01-01 23:01:01."), ("yyyy-MM-dd'T'HH", "2026-01-01 10"),
    ])
  func refusing(source: String, text: String) throws {
    let pattern = try DatePattern(source)
    #expect(withText(text) { pattern.seconds($0) } == nil)
  }

  @Test(
    "a pattern writes what it describes",
    arguments: [
      ("dd.MM.yyyy", "03.01.2026"), ("d.M.yy", "3.1.26"), ("yyyyMMddHHmmss", "20260103040506"), ("H:m:s", "4:5:6"),
      ("yyyy-MM-dd'T'HH:mm:ss.SSS", "2026-01-03T04:05:06.000"), ("'Week' yyyy", "Week 2026"), ("HH'h'", "04h"),
      ("h:mm a", "4:05 AM"), ("CyyDDD", "126003"), ("hh.mma", "04.05AM"),
    ])
  func writing(source: String, text: String) throws {
    let pattern = try DatePattern(source)
    let seconds = try #require(withText("2026-01-03 04:05:06") { DateText.seconds($0) })
    #expect(written { pattern.append(seconds: seconds, to: $0) } == text)
  }

  @Test(
    "a pattern that can not be used is an error",
    arguments: [
      "yyy-MM-dd", "MMM d", "hh:mm", "yyyy-MM-dd 'x", "dMyyyy", "yyyy yyyy", "---", "", "E", "d0M.yyyy", "h:mm",
      "HH:mm a", "H h a", "yyyy-MM DDD", "CyyyyDDD", "CMMdd", "aa h",
    ])
  func faulty(source: String) {
    #expect { _ = try DatePattern(source) } throws: { ($0 as? SluiceError)?.code == "date-pattern" }
  }

  @Test("every day and second written in a pattern is read back")
  func roundTrip() throws {
    let seed: UInt64 = 11
    var dice = Dice(seed: seed)
    for source in ["yyyy-MM-dd HH:mm:ss", "d.M.yyyy H:m:s", "yyyyMMddHHmmss", "s:m:H/d/M/yyyy", "yyyy-DDD h:m:s a"] {
      let pattern = try DatePattern(source)
      for _ in 0..<300 {
        let seconds = Int64(dice.below(200_000_000_000)) - 40_000_000_000
        let text = written { pattern.append(seconds: seconds, to: $0) }
        #expect(withText(text) { pattern.seconds($0) } == seconds, "seed \(seed), \(source): \(text)")
      }
    }
  }
}
