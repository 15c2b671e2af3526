import Foundation
import Streams
import Testing

@testable import Ledger

@Suite("Questions to the ledger")
struct LedgerQueryTests {
  @Test("Repeated content is found newest first, a released drop's by the totals of its hold")
  func content() throws {
    let fixture = try LedgerFixture()
    let ledger = try fixture.open()
    #expect(try ledger.lastPublication(feed: "erp-inventory") == nil)
    try LedgerFixture.publish(ledger, "a.csv", content: "c1")
    try LedgerFixture.publish(ledger, "b.csv", content: "c2")
    try LedgerFixture.publish(ledger, "c.csv", content: "c1")
    let held = try LedgerFixture.hold(ledger, "c4")
    var release = Outcome(drop: held, kind: .released, publication: 4)
    release.decision = LedgerFixture.decision
    try ledger.commit(release)

    let feed = "erp-inventory"
    #expect(try ledger.publishedContent(feed: feed, sha256: "c1").map(\.publication) == [3, 1])
    #expect(try ledger.publishedContent(feed: feed, sha256: "c4").map(\.drop) == [held])
    #expect(try ledger.publishedContent(feed: "other", sha256: "c1") == [])
    let last = try #require(try ledger.lastPublication(feed: feed))
    #expect(last.publication == 4)
    #expect(last.asOf == "2026-11-23T02:00:00Z")
    #expect(last.isAsOfCaptured)
    #expect(last.sequence == 7)
    #expect(last.contentSHA256 == "c4")
    let times = try ledger.publicationTimes(feed: feed)
    #expect(times.mapValues(\.drop) == [1: 1, 2: 2, 3: 3, 4: held])
    #expect(times[2]?.asOf == "2026-11-23T02:00:00Z")
  }

  @Test("Without a captured time a drop speaks for the time of its claim")
  func asOf() throws {
    let fixture = try LedgerFixture()
    let ledger = try fixture.open()
    var new = LedgerFixture.newClaim()
    new.asOf = nil
    new.isAsOfCaptured = false
    let claim = try ledger.claim(new)
    #expect(claim.effectiveAsOf == claim.claimedAt)
    try ledger.commit(LedgerFixture.published(1, publication: 1))
    #expect(try ledger.lastPublication(feed: new.feed)?.asOf == claim.claimedAt)
  }

  @Test("The highest sequence that got through is kept for each pattern, and the segments of the latest snapshots")
  func sequences() throws {
    let fixture = try LedgerFixture()
    let ledger = try fixture.open()
    for (pattern, sequence, kind) in [
      (0, 4, OutcomeKind.published), (1, 9, .published), (0, 3, .published), (1, 12, .unchanged),
      (0, 5, .stale), (0, 6, .quarantined), (1, 13, .returned),
    ] {
      var new = LedgerFixture.newClaim("\(pattern)-\(sequence).csv")
      new.pattern = pattern
      new.sequence = sequence
      let drop = try ledger.claim(new).drop
      let publication = kind.isPublishing ? try ledger.nextPublication() : nil
      var outcome = Outcome(drop: drop, kind: kind, publication: publication)
      if let publication { outcome.snapshot = LedgerSnapshot(publication: publication, segments: ["s\(publication)"]) }
      try ledger.commit(outcome)
    }
    #expect(try ledger.lastSequences(feed: "erp-inventory") == [0: 5, 1: 12])
    #expect(try ledger.lastSequences(feed: "other") == [:])
    #expect(try ledger.recentSegments(feed: "erp-inventory", snapshots: 2) == ["s3", "s2"])
  }

  @Test("A copy is a whole ledger of its own")
  func copy() throws {
    let fixture = try LedgerFixture()
    let ledger = try fixture.open()
    try LedgerFixture.publish(ledger)
    let path = fixture.directory + "/copy.sqlite"
    try ledger.copy(to: path)
    try LedgerFixture.publish(ledger, "later.csv")
    let copy = try Ledger.open(path: path, mode: .readWrite)
    #expect(try copy.head().entry == 3)
    #expect(try copy.claim(LedgerFixture.newClaim("own.csv")).drop == 2)
    #expect(try copy.verifyChain() == nil)
    #expect(try ledger.head().entry == 6)
  }

  @Test("A returned file is known with its identity and since when, until it gets another outcome")
  func returned() throws {
    let fixture = try LedgerFixture()
    let ledger = try fixture.open()
    func attempt(_ kind: OutcomeKind, bytes: Int) throws -> Claim {
      var new = LedgerFixture.newClaim("late.csv.gz")
      new.bytes = bytes
      let claim = try ledger.claim(new)
      let publication = kind.isPublishing ? try ledger.nextPublication() : nil
      try ledger.commit(Outcome(drop: claim.drop, kind: kind, reason: "gzip-truncated", publication: publication))
      try ledger.finish(drop: claim.drop)
      return claim
    }
    _ = try attempt(.returned, bytes: 1)
    _ = try attempt(.published, bytes: 2)
    #expect(try ledger.returnedFiles() == [])
    let first = try attempt(.returned, bytes: 3)
    let second = try attempt(.returned, bytes: 4)
    let file = try #require(try ledger.returnedFiles().first)
    #expect(try ledger.returnedFiles().count == 1)
    #expect(file.file == "late.csv.gz")
    #expect(file.drop == second.drop)
    #expect(file.bytes == 4)
    #expect(file.inode == UInt64.max - 5)
    #expect(file.mtime == 1_795_000_000_123_456_789)
    #expect(file.reason == "gzip-truncated")
    #expect(file.firstSeen == first.claimedAt)
    #expect(file.lastSeen == second.claimedAt)
    #expect(try ledger.drop(second.drop)?.summary.status == .waiting)
    _ = try ledger.claim(LedgerFixture.newClaim("late.csv.gz"))
    #expect(try ledger.returnedFiles() == [])
  }

  @Test("A definition is recorded when it becomes active, its texts once")
  func definitions() throws {
    let fixture = try LedgerFixture()
    let ledger = try fixture.open()
    let plants = LookupContent(path: "plants.csv", hash: "p1", content: Array("10;main\n".utf8) + [0, 255])
    func record(_ hash: String, binary: String = "1.0", lookups: [LookupContent] = []) throws -> Bool {
      try ledger.recordDefinition(
        feed: "f", hash: hash, text: "text of \(hash)", lookups: lookups, binaryVersion: binary) != nil
    }
    #expect(try record("a", lookups: [plants]))
    #expect(try !record("a", lookups: [plants]))
    #expect(try record("b"))
    #expect(try record("a", lookups: [plants]))
    #expect(try record("a", binary: "1.1", lookups: [plants]))
    #expect(try Command.sqlite(fixture.path, "SELECT hash FROM definition") == "a\nb")
    #expect(try Command.sqlite(fixture.path, "SELECT count(*) FROM lookup") == "1")
    let stored = try #require(try ledger.definition(feed: "f", hash: "a"))
    #expect(stored == StoredDefinition(hash: "a", text: "text of a", binaryVersion: "1.1", lookups: [plants]))
    #expect(try ledger.definition(feed: "f", hash: "b")?.lookups == [])
    #expect(try ledger.definition(feed: "g", hash: "a") == nil)
    #expect(try ledger.verifyChain() == nil)
  }
}
