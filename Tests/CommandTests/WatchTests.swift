import Glibc
import TestSupport
import Testing

@Suite("watch")
struct WatchTests {
  /// Looks again and again until the condition holds; false when it does not within half a minute.
  private func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
    for _ in 0..<1500 {
      if try condition() { return true }
      poll(nil, 0, 20)
    }
    return false
  }

  @Test(
    "watch publishes what is dropped while it runs, and leaves with 0 at SIGTERM and at SIGINT", arguments: [15, 2])
  func watches(signal: Int32) throws {
    let project = try StockFeed().project()
    let watch = try project.start(["watch", "--json", "--now", TestProject.now])
    try project.drop("S_1.csv", stock())
    let first = eventually { project.outbox("manifests").count == 1 }
    try project.drop("S_2.csv", stock(first: "6"))
    let second = eventually { project.outbox("manifests").count == 2 }
    let archived = eventually { FileTree.files(below: project.path("archive")).count == 2 }
    watch.send(signal)
    let result = try watch.wait()
    #expect(first && second && archived, "\(result.output) \(result.errors)")
    #expect(result.status == 0 && result.signal == nil, "\(result.errors)")
    #expect(try result.jsonLines().map { $0["publication"] } == [1, 2])
    #expect(project.inbox == [] && project.leftovers == [])
  }

  @Test("watch goes on after a drop that is damaged, and does not repeat itself about what waits")
  func goesOn() throws {
    let project = try StockFeed().project()
    try project.drop("stray.csv", "x")
    try project.drop("S_1.csv", "SKU\n")
    let watch = try project.start(["watch", "--json"])
    let quarantined = eventually { FileTree.files(below: project.path("quarantine")).count == 1 }
    try project.drop("S_2.csv", stock())
    let published = eventually { project.outbox("manifests").count == 1 }
    watch.send(SIGTERM)
    let result = try watch.wait()
    #expect(quarantined && published && result.status == 0, "\(result.errors)")
    #expect(try result.jsonLines().map { $0["status"] } == ["quarantined", "published"])
  }
}
