import Glibc
import TestSupport
import Testing

/// A drop that was claimed when its command was killed is processed by the next one as it would have been.
@Suite("A drop that is taken up again")
struct ResumeTests {
  private static let later = "2026-12-24T18:00:00Z"

  @Test("--force holds for the drops that were claimed under it, and for no others")
  func forced() throws {
    let project = try StockFeed().project()
    #expect(try project.take("S_1.csv", stock()).status == 0)
    try project.drop("S_2.csv", stock())
    try project.killAfterClaim(2, "--force")
    #expect(try project.fates().drops == ["S_2.csv unchanged -"])
    #expect(
      try project.sqlite("SELECT drop_id FROM entries WHERE kind = 'claimed' AND body LIKE '%forced%'") == ["2"])
    try project.drop("S_3.csv", stock())
    try project.killAfterClaim(3)
    #expect(try project.fates("--force").drops == ["S_3.csv duplicate duplicate"])
  }

  @Test("The time of --now stands in the names of its files, whatever the time of the command that takes it up")
  func now() throws {
    let project = try StockFeed().project()
    try project.drop("S_1.csv", stock())
    try project.killAfterClaim(1, "--now", TestProject.now)
    let (result, drops) = try project.run(now: Self.later)
    #expect(result.status == 0, "\(result.errors)")
    let path = try #require(drops.first?["targets"][0]["files"][0]["path"].string)
    #expect(path.contains("-20261123T021500Z-"), "\(path)")
  }

  @Test("What its writer adds after the claim is noticed: it goes back and waits, and is then taken whole")
  func writtenMeanwhile() throws {
    let project = try StockFeed().project()
    try project.drop("S_1.csv", stock())
    try project.killAfterClaim(1)
    let claimed = project.path("work/00000001/data")
    try FileTree.write(try FileTree.read(claimed) + Array("A141;5\n".utf8), to: claimed)
    let (exit, drops) = try project.fates()
    #expect(exit == 0)
    #expect(drops == ["S_1.csv waiting changed-while-reading", "S_1.csv published -"])
    #expect(try project.sqlite("SELECT read FROM drops WHERE publication = 1") == ["41"])
    #expect(project.inbox == [] && project.leftovers == [])
  }

  @Test("A copy that was not finished, and the scratch directory of a dry run, go with the process that made them")
  func strays() throws {
    let project = try StockFeed().project()
    let elsewhere = try TemporaryDirectory()
    try FileTree.write(stock(), to: elsewhere("S_1.csv"))
    let command = ["run", elsewhere("S_1.csv")]
    try project.kill(command) { $0.contains("write") && $0.contains("/inbox/.S_1.csv") }
    #expect(project.inbox.count == 1 && project.inbox != ["S_1.csv"], "\(project.inbox)")
    try project.drop("S_2.csv", stock())
    try project.kill(["run", "--dry-run"]) { $0.contains("/work/.dry-run-") && $0.contains(" rename") }
    #expect(project.leftovers.contains { $0.hasPrefix("work/.dry-run-") })
    try project.write("inbox/.theirs.4194999.part", "still being written by its sender")
    try project.write("inbox/.S_9.csv.sluice-\(getpid()).part", "of a process that lives")
    #expect(try project.fates().drops == ["S_2.csv published -"])
    #expect(project.inbox == [".S_9.csv.sluice-\(getpid()).part", ".theirs.4194999.part"])
    #expect(project.leftovers == [])
  }

  @Test("A copy into the inbox that fails leaves nothing there")
  func failedCopy() throws {
    let project = try StockFeed().project()
    let elsewhere = try TemporaryDirectory()
    try FileTree.write(stock(), to: elsewhere("S_1.csv"))
    let command = ["run", elsewhere("S_1.csv")]
    let call = try project.call(command) { $0.contains("write") && $0.contains("/inbox/.S_1.csv") }
    let point = try CrashPoint(root: project.directory.path, fault: .fail(call: call, error: "ENOSPC"))
    let result = try project.sluice(command, environment: point.environment)
    #expect(result.status == 3 && result.errors.contains("[disk-full]"), "\(result.errors)")
    #expect(project.inbox == [])
  }
}
