import TestSupport
import Testing

/// A file that replaces everything at its receiver, written by a delta before a full has brought all its rows, would
/// take from the receiver what the delta does not bring.
@Suite("Targets that replace everything, when they are new")
struct NeedsFullTests {
  private static let columns = "{ id: sku, amount: qty }"
  private static let moreColumns = "{ id: sku, amount: qty, state: 'qty > 5 ? 1 : 0' }"

  /// The stock feed, with fulls and deltas, and a catalogue of these columns; nil: without one.
  private func feed(_ columns: String?, when: String = "qty >= 0") -> String {
    StockFeed(
      files: StockFeed.timed, guards: "max_changed: off, max_rejected: off",
      more: columns.map { "edm:\n  catalogue: { whole: true, when: '\(when)', columns: \($0) }\n" } ?? ""
    ).text
  }

  /// A project whose first full was taken with that catalogue.
  private func project(_ columns: String?) throws -> TestProject {
    let project = try TestProject(feeds: ["stock": feed(columns)])
    try #require(try project.take("F_202611010200.csv", stock()).status == 0)
    return project
  }

  private func delta(_ key: Int, _ quantity: String) -> String { "SKU;QTY\nA\(key);\(quantity)\n" }

  /// Rows of the newest catalogue; nil when there is none.
  private func catalogue(_ project: TestProject) throws -> [String]? {
    guard let name = project.outbox("edm").last else { return nil }
    return try project.text("outbox/\(name)").split(separator: "\n").dropFirst().map(String.init)
  }

  /// `STATUS REASON` of a drop.
  private func fate(_ drop: JSONValue) -> String { "\(drop["status"].string ?? "-") \(drop["reason"].string ?? "-")" }

  @Test("A delta after a catalogue was added is held; a full overtakes it, and deltas write the catalogue whole")
  func added() throws {
    let project = try project(nil)
    try project.write("feeds/stock.yaml", feed(Self.columns))
    let (exit, held) = try project.take("D_202611011200_1.csv", delta(102, "9"))
    #expect(exit == 1 && fate(held) == "held needs-full")
    #expect(held["message"].string?.contains("edm.catalogue") == true, "\(held)")
    #expect(project.outbox("edm") == [] && project.outbox("commerce").count == 1)
    #expect(fate(try project.take("F_202611020200.csv", stock()).drop) == "published -")
    #expect(try catalogue(project)?.count == 40)
    #expect(try project.sqlite("SELECT status FROM drops WHERE drop_id = 2") == ["superseded"])
    #expect(fate(try project.take("D_202611021200_2.csv", delta(103, "9")).drop) == "published -")
    #expect(try catalogue(project)?.count == 40)
  }

  @Test("A delta after a column was added to a catalogue is held until a full has brought its cells")
  func column() throws {
    let project = try project(Self.columns)
    try project.write("feeds/stock.yaml", feed(Self.moreColumns))
    #expect(fate(try project.take("D_202611011200_1.csv", delta(102, "9")).drop) == "held needs-full")
    #expect(project.outbox("edm").count == 1)
    #expect(fate(try project.take("F_202611020200.csv", stock()).drop) == "published -")
    #expect(try catalogue(project)?.filter { $0.hasSuffix(",5.00,0") }.count == 40)
    #expect(fate(try project.take("D_202611021200_2.csv", delta(103, "9")).drop) == "published -")
    #expect(try catalogue(project)?.contains("A103,9.00,1") == true)
  }

  @Test("A delta goes on when a column was taken out; what is brought back later is not known of its rows")
  func columnTakenOut() throws {
    let project = try project(Self.moreColumns)
    try project.write("feeds/stock.yaml", feed(Self.columns))
    #expect(fate(try project.take("D_202611011200_1.csv", delta(102, "9")).drop) == "published -")
    #expect(try catalogue(project)?.count == 40)
    try project.write("feeds/stock.yaml", feed(Self.moreColumns))
    #expect(fate(try project.take("D_202611011300_2.csv", delta(103, "9")).drop) == "held needs-full")
  }

  @Test("A catalogue that was taken out begins anew when it comes back")
  func takenOut() throws {
    let project = try project(Self.columns)
    try project.write("feeds/stock.yaml", feed(nil))
    #expect(fate(try project.take("D_202611011200_1.csv", delta(102, "9")).drop) == "published -")
    try project.write("feeds/stock.yaml", feed(Self.columns))
    #expect(fate(try project.take("D_202611011300_2.csv", delta(103, "9")).drop) == "held needs-full")
  }

  @Test("Released, the delta sends what is known, and later deltas add to it without being held")
  func released() throws {
    let project = try project(nil)
    try project.write("feeds/stock.yaml", feed(Self.columns))
    #expect(fate(try project.take("D_202611011200_1.csv", delta(102, "9")).drop) == "held needs-full")
    try #require(try project.sluice("release", "2", "--reason", "x").status == 0)
    #expect(try catalogue(project) == ["A102,9.00"])
    #expect(fate(try project.take("D_202611011300_2.csv", delta(103, "9")).drop) == "published -")
    #expect(try catalogue(project) == ["A102,9.00", "A103,9.00"])
  }

  @Test("A delta that was held and is discarded leaves the next one to be held")
  func discarded() throws {
    let project = try project(nil)
    try project.write("feeds/stock.yaml", feed(Self.columns))
    #expect(fate(try project.take("D_202611011200_1.csv", delta(102, "9")).drop) == "held needs-full")
    try #require(try project.sluice("discard", "2", "--reason", "x").status == 0)
    #expect(fate(try project.take("D_202611011300_2.csv", delta(103, "9")).drop) == "held needs-full")
  }

  @Test("A feed that has only deltas writes its catalogue from the first one on")
  func deltasAlone() throws {
    let project = try TestProject(feeds: ["stock": feed(Self.columns)])
    #expect(fate(try project.take("D_202611011200_1.csv", delta(102, "9")).drop) == "published -")
    #expect(fate(try project.take("D_202611011300_2.csv", delta(103, "9")).drop) == "published -")
    #expect(try catalogue(project) == ["A102,9.00", "A103,9.00"])
  }

  @Test("A key that the full has rejected holds no later delta, and joins the catalogue when its row is right")
  func rejected() throws {
    let project = try project(nil)
    try project.write("feeds/stock.yaml", feed(Self.columns))
    #expect(fate(try project.take("F_202611020200.csv", stock(first: "x")).drop) == "published -")
    #expect(try catalogue(project)?.count == 39)
    #expect(fate(try project.take("D_202611021200_1.csv", delta(102, "9")).drop) == "published -")
    #expect(try catalogue(project)?.count == 39)
    #expect(fate(try project.take("D_202611021300_2.csv", delta(101, "9")).drop) == "published -")
    #expect(try catalogue(project)?.count == 40)
  }

  @Test("A delta without a row for the new catalogue goes on, and stands for no full")
  func untouched() throws {
    let project = try project(nil)
    try project.write("feeds/stock.yaml", feed(Self.columns, when: "qty > 100"))
    #expect(fate(try project.take("D_202611011200_1.csv", delta(102, "9")).drop) == "published -")
    #expect(fate(try project.take("D_202611011300_2.csv", delta(103, "101")).drop) == "held needs-full")
  }

  @Test("A full that speaks for an earlier time than a delta without the catalogue is held as well")
  func lateFull() throws {
    let project = try project(nil)
    #expect(fate(try project.take("D_202611021200_1.csv", delta(102, "9")).drop) == "published -")
    try project.write("feeds/stock.yaml", feed(Self.columns))
    #expect(fate(try project.take("F_202611020200.csv", stock()).drop) == "held needs-full")
    #expect(fate(try project.take("F_202611030200.csv", stock()).drop) == "published -")
    #expect(try catalogue(project)?.count == 40)
  }
}
