import TestSupport
import Testing

@testable import Sniffing

@Suite("What columns hold")
struct TypeTests {
  private let samples: Samples

  init() throws { samples = try Samples() }

  /// A table of one column beside a number.
  private func type(_ values: [String], name: String = "VALUE", _ others: String...) throws -> (String, Guess?) {
    let rows = values.enumerated().map { "R\($0);\"\($1)\"\n" }.joined()
    let report = try samples.report("ROW;\(name)\n" + rows)
    #expect(report.rejected == 0, "\(values): \(report.rejects)")
    return (report.fields[1].type, report.fields[1].guess)
  }

  @Test(
    "Numbers, dates and words for yes and no are told from all values",
    arguments: [
      (["1", "22", "-3"], "integer"), (["1.5", "2", "3.25"], "decimal(2)"), (["1,5", "2", "3,2512"], "decimal(4)"),
      (["1.234,50", "2,00"], "decimal(2)"), (["1,234.5", "12.25"], "decimal(2)"), (["12.50-", "1.00"], "decimal(2)"),
      (["1'234.50", "1.00"], "decimal(2)"), (["007", "008"], "string"), (["1", "two"], "string"),
      (["2026-11-23", "2026-01-01"], "date(yyyy-MM-dd)"), (["31.12.2025", "01.02.2026"], "date(dd.MM.yyyy)"),
      (["1.2.2026", "11.12.2026"], "date(d.M.yyyy)"), (["20261123", "99991231"], "date(yyyyMMdd)"),
      (["20261123", "20261399"], "integer"), (["12/31/2025", "01/02/2026"], "date(MM/dd/yyyy)"),
      (["2026-11-23 10:00:00", "2026-11-24 00:00:00"], "datetime(yyyy-MM-dd HH:mm:ss)"),
      (["2026-11-23T10:00:00Z", "2026-11-24T00:00:00Z"], "datetime(yyyy-MM-ddTHH:mm:ss'Z')"),
      (["Y", "N", "Y"], "boolean(Y/N)"), (["true", "false"], "boolean(true/false)"),
      (["Ja", "Nein", ""], "boolean(Ja/Nein)"),
      (["J", "N", "X"], "string"), (["1", "0", "1"], "integer"), (["a@b.example", "c@d.example"], "string"),
      (["123456789012345678901", "1"], "string"), (["1e5", "2"], "string"), (["", ""], "string"),
    ])
  func types(_ values: [String], _ expected: String) throws {
    #expect(try type(values).0 == expected)
  }

  @Test("Days and months that could be exchanged stay texts, unless another column tells them apart")
  func monthsAndDays() throws {
    let (type, guess) = try type(["01/02/2026", "03/04/2026"])
    #expect(type == "string" && guess?.others == ["date(dd/MM/yyyy)", "date(MM/dd/yyyy)"])
    let types = try samples.types("ROW,A,B\n1,01/02/2026,01/31/2026\n2,03/04/2026,02/01/2026\n")
    #expect(types["a"] == "date(MM/dd/yyyy)" && types["b"] == "date(MM/dd/yyyy)")
  }

  @Test("The decimal sign is that of all columns; 1,234 alone is left to the delimiter, and said to be unsure")
  func decimalSigns() throws {
    let clear = try samples.report("A;B;C\nx;1,5;1.000\ny;2,25;2.000\n")
    #expect(clear.decimal == "," && clear.thousands == "." && clear.guess("decimal")?.certainty == .certain)
    #expect(clear.fields.map(\.type) == ["string", "decimal(2)", "integer"])
    let german = try samples.report("A;B\nx;1,234\ny;2,345\n")
    #expect(german.decimal == "," && german.guess("decimal")?.certainty == .unsure)
    let english = try samples.report("A,B\nx,\"1,234\"\ny,\"2,345\"\n")
    #expect(english.decimal == "." && english.thousands == "," && english.fields[1].type == "integer")
    let small = try samples.report("A,B\nx,0.750\ny,0.250\n")
    #expect(small.decimal == "." && small.thousands == nil && small.fields[1].type == "decimal(3)")
  }

  @Test("A type that one row far behind the beginning contradicts is text, and the definition says how many fit")
  func lateContradiction() throws {
    let rows = (1...60_000).map { "A\($0);\($0);filler filler\n" }.joined()
    let feed = try samples.feed("late.csv", "SKU;QTY;TEXT\n" + rows + "B1;k. A.;x\n")
    #expect(feed.report.fields[1].type == "string" && feed.report.rejected == 0 && feed.report.rows == 60_001)
    #expect(feed.text.contains("60000 of 60001 values are numbers"), "\(feed.text)")
  }

  @Test("Texts that mean no value are named, where a column holds something else beside them")
  func nulls() throws {
    let feed = try samples.feed(
      "n.csv", "SKU;QTY;DAY;NAME\nA1;NULL;00000000;\\N\nA2;5;20261123;x\nA3;6;20261124;N/A\n")
    #expect(feed.report.fields.map(\.type) == ["string", "integer", "date(yyyyMMdd)", "string"])
    #expect(feed.text.contains("nulls: [NULL]") && feed.text.contains("nulls: [00000000]"))
    #expect(feed.text.contains("nulls: ['\\N']") && !feed.text.contains("N/A"), "\(feed.text)")
  }

  @Test("Numbers that identify something stay texts, and so does the key")
  func identifiers() throws {
    let types = try samples.types("ID,EAN,ZIP,QTY\n1,4012345678901,50667,1\n2,4012345678902,50668,1\n")
    #expect(types == ["id": "string", "ean": "string", "zip": "string", "qty": "integer"])
  }

  @Test("Personal data is marked by the name of its column or by its values, and no value stands in the definition")
  func personal() throws {
    let feed = try samples.feed(
      "c.csv", "NO;Kontakt;Telefon;City\n1;ann@example.com;+49 1;Kiel\n2;bob@example.com;+49 2;Bonn\n")
    #expect(feed.text.contains("kontakt: { from: Kontakt, sensitive: true }"))
    #expect(feed.text.contains("telefon: { from: Telefon, sensitive: true }") && feed.text.contains("city: City"))
    for value in ["ann@", "+49", "Kiel"] { #expect(!feed.text.contains(value)) }
  }
}
