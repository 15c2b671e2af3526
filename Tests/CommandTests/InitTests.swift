import Glibc
import TestSupport
import Testing

@Suite("sluice init")
struct InitTests {
  private static let stock =
    "SKU;WERK;BESTAND;PREIS\n"
    + (1...30).map { "A\($0 / 2);\($0 % 2);\($0);\($0),50\n" }.joined()

  /// A directory without anything in it.
  private func empty() throws -> TestProject {
    let project = try TestProject()
    for name in ["sluice.yaml", "feeds", "inbox"] { FileTree.remove(project.path(name)) }
    return project
  }

  @Test("In an empty directory, init and run publish every row of the sample")
  func fromNothing() throws {
    let project = try empty()
    try project.write("exports/INV_20261123.csv", Self.stock)
    let made = try project.sluice("init", "exports/INV_20261123.csv")
    #expect(made.status == 0 && made.errors == "", "\(made.errors)")
    #expect(made.output.contains("feeds/inv.yaml: from INV_20261123.csv, 30 rows"), "\(made.output)")
    #expect(try project.sluice("check").output.contains("no problems in 1 feed definitions"))
    let (result, drops) = try project.run("exports/INV_20261123.csv")
    #expect(result.status == 0, "\(result.errors)")
    #expect(drops[0]["status"] == "published" && drops[0]["rejected"] == 0 && drops[0]["accepted"] == 30)
    #expect(drops[0]["feed"] == "inv" && project.outbox("bi").contains { $0.hasSuffix("inv.changes.events.csv") })
    #expect(FileTree.names(in: project.path("feeds")) == ["inv.yaml"])
  }

  @Test("The commented Commerce target is right once its signs are taken out")
  func commerce() throws {
    let project = try empty()
    try project.write("INV_1.csv", "SKU;WERK;QTY\n" + (1...9).map { "A\($0);1;\($0)\n" }.joined())
    try project.write("CAT_1.csv", "SKU;NAME;PRICE\n" + (1...9).map { "A\($0);n\($0);\($0).50\n" }.joined())
    #expect(try project.sluice("init", "INV_1.csv", "CAT_1.csv").status == 0)
    for name in FileTree.names(in: project.path("feeds")) {
      let parts = try project.text("feeds/\(name)").components(separatedBy: "correct it.\n")
      #expect(parts.count == 2)
      let target = parts[1].split(separator: "\n").map { $0.dropFirst(2) }.joined(separator: "\n")
      try project.write("feeds/\(name)", parts[0] + "correct it.\n" + target + "\n")
      #expect(target.hasPrefix("commerce:\n"))
    }
    let check = try project.sluice("check")
    #expect(check.status == 0 && check.output.contains("2 targets"), "\(check.errors)")
  }

  @Test("A definition that is there is never replaced, and nothing else is written then")
  func existing() throws {
    let project = try empty()
    try project.write("INV_20261123.csv", Self.stock)
    try project.write("OTHER.csv", Self.stock)
    #expect(try project.sluice("init", "INV_20261123.csv").status == 0)
    let before = try project.everything()
    let again = try project.sluice("init", "OTHER.csv", "INV_20261123.csv")
    #expect(
      again.status == 2 && again.errors.contains("feeds/inv.yaml") && again.errors.contains("[definition-exists]"))
    let renamed = try project.sluice("init", "INV_20261123.csv", "--feed", "stock")
    #expect(renamed.status == 2 && renamed.errors.contains("[sample-taken]"), "\(renamed.errors)")
    #expect(try project.everything() == before)
    #expect(try project.sluice("init", "OTHER.csv", "--feed", "no name").status == 2)
  }

  @Test("Samples that differ in date, number or mode become one feed; others become feeds of their own")
  func groups() throws {
    let project = try empty()
    for name in ["INV_FULL_20261122.csv", "INV_FULL_20261123.csv", "INV_DELTA_202611231000_17.csv"] {
      try project.write(name, Self.stock)
    }
    try project.write("names.xml", "<l><i><id>1</id></i><i><id>2</id></i></l>")
    let names = ["INV_FULL_20261122.csv", "INV_FULL_20261123.csv", "INV_DELTA_202611231000_17.csv", "names.xml"]
    let result = try project.sluice(["init", "--json"] + names)
    let feeds = try result.jsonLines()
    #expect(feeds.count == 2 && feeds[0]["feed"] == "inv" && feeds[1]["feed"] == "names")
    #expect(feeds[0]["path"] == "feeds/inv.yaml" && feeds[0]["samples"].elements.count == 3)
    #expect(feeds[0]["files"][0]["match"] == "INV_FULL_{as_of:yyyyMMdd}.csv*")
    #expect(feeds[0]["files"][1]["mode"] == "delta" && feeds[0]["delimiter"] == ";" && feeds[0]["rejected"] == 0)
    #expect(try project.sluice("check").status == 0)
    // A file that was just copied in would be watched for five seconds.
    try project.write("feeds/inv.yaml", try project.text("feeds/inv.yaml") + "intake: { quiet: 0 }\n")
    #expect(try project.run(names[0]).drops[0]["status"] == "published")
  }

  @Test("Gzip is seen by content; links, directories, binary and broken files are refused for what they are")
  func refused() throws {
    let project = try empty()
    try project.write("a.csv", bytes: try gzip(Self.stock))
    #expect(try project.sluice("init", "a.csv").status == 0)
    #expect(symlink("a.csv", project.path("link.csv")) == 0)
    try project.write("cut.csv.gz", bytes: Array(try gzip(Self.stock).dropLast(8)))
    try project.write("book.csv", bytes: [0x50, 0x4B, 0x03, 0x04, 0, 0])
    try project.write("empty.csv", "")
    try project.write("open.csv", "SKU;NAME\nA1;\"never closed\nA2;x\n")
    try project.write("long.csv", "SKU;NAME\n" + String(repeating: "x", count: 3 << 20))
    try project.write("half.csv.part", Self.stock)
    for (name, code, status) in [
      ("link.csv", "not-a-file", 3), ("feeds", "not-a-file", 3), ("cut.csv.gz", "gzip-truncated", 1),
      ("book.csv", "not-tabular", 1), ("empty.csv", "empty-file", 1), ("nothing.csv", "file-missing", 2),
      ("long.csv", "row-too-long", 1), ("half.csv.part", "name-ignored", 2),
    ] {
      let result = try project.sluice("init", name)
      #expect(result.status == Int32(status) && result.errors.contains("[\(code)]"), "\(name): \(result.errors)")
    }
    #expect(FileTree.names(in: project.path("feeds")) == ["a.yaml"])
  }

  @Test("Rows that no definition could take are told; --print writes nothing, --quiet says only that")
  func options() throws {
    let project = try empty()
    try project.write("r.csv", "SKU;QTY\nA1;1\nA2\nA3;3\nA4;4\n")
    let printed = try project.sluice("init", "--print", "r.csv")
    #expect(printed.status == 0 && printed.output.contains("feed: r\n"))
    #expect(FileTree.names(in: project.directory.path) == ["r.csv"])
    let quiet = try project.sluice("init", "--quiet", "r.csv")
    #expect(quiet.output == "" && quiet.errors.contains("r: 1 of 4 rows will be rejected: 1 row-short"))
  }

  @Test("A process that is killed anywhere leaves a whole definition or none, and can be run again")
  func killed() throws {
    let project = try empty()
    try project.write("INV_20261123.csv", Self.stock)
    let copy = try project.copied()
    for name in ["sluice.yaml", "feeds", "inbox"] { FileTree.remove(copy.path(name)) }
    #expect(try copy.sluice("init", "INV_20261123.csv").status == 0)
    let whole = try copy.text("feeds/inv.yaml")
    for call in 1...6 {
      let point = try CrashPoint(root: project.directory.path, fault: .kill(call: call))
      _ = try project.sluice(["init", "INV_20261123.csv"], environment: point.environment)
      let names = FileTree.names(in: project.path("feeds")).filter { !$0.hasPrefix(".") }
      #expect(names.isEmpty || names == ["inv.yaml"])
      if names == ["inv.yaml"] { #expect(try project.text("feeds/inv.yaml") == whole) }
    }
    _ = try project.sluice("init", "INV_20261123.csv")
    #expect(try project.text("feeds/inv.yaml") == whole)
  }
}
