import Foundation
import Streams
import Testing

@testable import Outbox

@Suite("Publishing")
struct PublisherTests {
  /// A project at the moment of the commit.
  private struct Project {
    let scratch: Scratch
    let plan: PublicationPlan
    let manifest: Manifest

    init() throws {
      scratch = try Scratch()
      for name in ["outbox/.staging/00000042", "archive", "work/00000042", "work/00000043"] {
        _ = try scratch.directory(name)
      }
      try scratch.write("outbox/.staging/00000042/001.csv", "one")
      try scratch.write("outbox/.staging/00000042/002.csv", "two")
      try scratch.write("work/00000042/data", "rows")
      try scratch.write("work/00000042/run-1", "scrap")
      try scratch.write("work/00000043/data", "another drop")
      plan = PublicationPlan(
        drop: 42, feed: "erp",
        moves: [.init(from: "001.csv", to: "commerce/1.csv"), .init(from: "002.csv", to: "bi/2.csv")],
        manifestPath: "manifests/00000031-erp.json",
        archive: .init(from: "00000042/data", to: "erp/00000042-a.csv"), snapshotSegments: ["erp-1.snapshot"],
        stagingDirectory: PublicationPlan.stagingDirectory(drop: 42), workDirectory: "00000042")
      manifest = Manifest(
        publication: 31, feed: "erp", drop: 42, committedAt: 0, chain: .init(entry: 1, hash: "00"), files: [])
    }

    func publisher(durable: Bool = true) throws -> Publisher {
      let roots = PublicationRoots(
        outbox: scratch.path + "/outbox", archive: scratch.path + "/archive", work: scratch.path + "/work")
      return try Publisher(plan, manifest: manifest, roots: roots, durable: durable)
    }

    /// The tree that is right, but for directories.
    func expected() throws -> [String: String] {
      [
        "outbox/commerce/1.csv": "one", "outbox/bi/2.csv": "two",
        "outbox/manifests/00000031-erp.json": String(decoding: try manifest.encoded(), as: UTF8.self),
        "archive/erp/00000042-a.csv": "rows", "work/00000043/data": "another drop",
      ]
    }

    func files() throws -> [String: String] { try scratch.tree().filter { !$0.key.hasSuffix("/") } }
  }

  @Test("puts each file in its place, the manifest last of the outbox, and cleans up")
  func whole() throws {
    for durable in [true, false] {
      let project = try Project()
      let outcome = try project.publisher(durable: durable).publish()
      #expect(outcome == PublicationOutcome(appeared: ["commerce/1.csv", "bi/2.csv"], appearedBefore: []))
      #expect(try project.files() == project.expected())
      let tree = try project.scratch.tree()
      #expect(tree["outbox/.staging/"] != nil)
      #expect(!tree.keys.contains { $0.contains("00000042/") || $0.contains(".done") })
    }
  }

  @Test("after a crash behind any step, and behind any step of the recovery, ends in the same tree")
  func crashes() throws {
    let steps = try Project().publisher().steps
    for first in 0...steps.count {
      for second in 0...steps.count {
        let project = try Project()
        var outcome = PublicationOutcome()
        // Syncing is slow and does not show in the tree: once for each step is enough.
        let publisher = try project.publisher(durable: first == second)
        for step in steps.prefix(first) { try publisher.take(step, into: &outcome) }
        for step in steps.prefix(second) { try publisher.take(step, into: &outcome) }
        _ = try publisher.publish()
        #expect(try project.files() == project.expected(), "crash after \(first), then after \(second)")
      }
    }
  }

  @Test("never makes again what a consumer has taken, whenever it was taken")
  func taken() throws {
    let steps = try Project().publisher().steps
    for first in 0...steps.count {
      let project = try Project()
      var outcome = PublicationOutcome()
      for step in steps.prefix(first) { try project.publisher().take(step, into: &outcome) }
      // The consumers take all that they see.
      var seen: Set<String> = []
      for path in try project.files().keys where path.hasPrefix("outbox/") && !path.contains("/.") {
        seen.insert(path)
        try FileManager.default.removeItem(atPath: "\(project.scratch.path)/\(path)")
      }
      _ = try project.publisher().publish()
      let expected = try project.expected().filter { !seen.contains($0.key) }
      #expect(try project.files() == expected, "taken after \(first) steps")
    }
  }

  @Test("lets a source go whose bytes are in place already, as after a copy that was cut short")
  func sameBytes() throws {
    let project = try Project()
    _ = try project.scratch.directory("outbox/commerce")
    try project.scratch.write("outbox/commerce/1.csv", "one")
    let outcome = try project.publisher().publish()
    #expect(outcome.appearedBefore == ["commerce/1.csv"])
    #expect(try project.files() == project.expected())
  }

  @Test(
    "never replaces another file, and goes on once that is out of the way",
    arguments: [
      ("outbox/commerce", "1.csv", "outbox-name-taken"), ("outbox/manifests", "00000031-erp.json", "outbox-name-taken"),
      ("archive/erp", "00000042-a.csv", "archive-name-taken"),
    ])
  func collisions(directory: String, name: String, code: String) throws {
    let project = try Project()
    _ = try project.scratch.directory(directory)
    try project.scratch.write("\(directory)/\(name)", "something else")
    for _ in 0..<2 {
      let error = try #require(throws: SluiceError.self) { try project.publisher().publish() }
      #expect(error.code == code)
      #expect(error.kind == .environment)
      #expect(try project.scratch.read("\(directory)/\(name)") == "something else")
    }
    try FileManager.default.removeItem(atPath: "\(project.scratch.path)/\(directory)/\(name)")
    _ = try project.publisher().publish()
    #expect(try project.files() == project.expected())
  }

  @Test("takes a link or a directory under an output's name for another file")
  func links() throws {
    let project = try Project()
    _ = try project.scratch.directory("outbox/commerce")
    #expect(symlink("../.staging/00000042/001.csv", project.scratch.path + "/outbox/commerce/1.csv") == 0)
    let error = try #require(throws: SluiceError.self) { try project.publisher().publish() }
    #expect(error.code == "outbox-name-taken")
    #expect(try project.scratch.read("outbox/.staging/00000042/001.csv") == "one")
  }

  @Test("of a drop without outputs, manifest or archive only cleans")
  func nothing() throws {
    let scratch = try Scratch()
    for name in ["outbox/.staging/00000001", "archive", "work/00000001"] { _ = try scratch.directory(name) }
    let plan = PublicationPlan(
      drop: 1, feed: "erp", moves: [], manifestPath: nil, archive: nil,
      stagingDirectory: PublicationPlan.stagingDirectory(drop: 1), workDirectory: "00000001")
    let roots = PublicationRoots(
      outbox: scratch.path + "/outbox", archive: scratch.path + "/archive", work: scratch.path + "/work")
    _ = try Publisher(plan, manifest: nil, roots: roots, durable: true).publish()
    #expect(try scratch.tree() == ["outbox/": "", "outbox/.staging/": "", "archive/": "", "work/": ""])
  }

  @Test("refuses a plan that leaves its places", arguments: ["../x", "/etc/x", "a//b", "a/./b", "", "a/..", "a\u{0}"])
  func outside(path: String) throws {
    let project = try Project()
    var plans = [project.plan, project.plan, project.plan, project.plan, project.plan]
    plans[0].moves[0].to = path
    plans[1].moves[0].from = path
    plans[2].manifestPath = path
    plans[3].archive?.to = path
    plans[4].workDirectory = path
    let roots = PublicationRoots(outbox: "o", archive: "a", work: "w")
    for plan in plans {
      let error = try #require(throws: SluiceError.self) {
        try Publisher(plan, manifest: nil, roots: roots, durable: true)
      }
      #expect(error.code == "plan-invalid")
    }
  }

  @Test("keeps its plan as JSON in the ledger")
  func coding() throws {
    let plan = try Project().plan
    #expect(try JSONDecoder().decode(PublicationPlan.self, from: JSONEncoder().encode(plan)) == plan)
  }

  @Test("removes trees without following links out of them")
  func trees() throws {
    let scratch = try Scratch()
    _ = try scratch.directory("a/b/c")
    _ = try scratch.directory("other")
    try scratch.write("other/kept", "x")
    try scratch.write("a/b/file", "x")
    #expect(symlink("../other", scratch.path + "/a/link") == 0)
    try Publisher.removeTree(scratch.path + "/a")
    try Publisher.removeTree(scratch.path + "/a")
    #expect(try scratch.tree() == ["other/": "", "other/kept": "x"])
  }
}
