import Foundation
import Streams
import Testing

@testable import Ledger

@Suite("Claims and commits")
struct LedgerCommitTests {
  @Test("A drop reads back as it was claimed and committed")
  func roundTrip() throws {
    let fixture = try LedgerFixture()
    let ledger = try fixture.open()
    let claim = try ledger.claim(LedgerFixture.newClaim())
    #expect(claim.drop == 1)
    #expect(claim.latest == .claimed)
    #expect(claim.file == LedgerFixture.newClaim())
    #expect(claim.feed == "erp-inventory")
    #expect(try ledger.claim(of: 1) == claim)
    #expect(try ledger.claim(of: 2) == nil)
    let outcome = LedgerFixture.published(1, publication: 1)
    let entry = try ledger.commit(outcome)
    #expect(entry == (try ledger.entries().last))

    let detail = try #require(try ledger.drop(1))
    #expect(detail.summary.status == .published)
    #expect(detail.summary.since == entry.at)
    #expect(detail.summary.totals == outcome.totals)
    #expect(detail.summary.publication == 1)
    #expect(detail.summary.definition == "d1")
    #expect(detail.summary.rejectFile == "outbox/rejects/1.csv")
    #expect(detail.counts == outcome.counts)
    #expect(detail.outputs == outcome.outputs)
    #expect(detail.rejects == outcome.rejects)
    #expect(detail.entries.map(\.kind) == [.claimed, .published])
    #expect(try ledger.plan(drop: 1) == outcome.plan)
    #expect(try ledger.latestSnapshot(feed: "erp-inventory") == outcome.snapshot)
    #expect(try ledger.latestSnapshot(feed: "other") == nil)
    #expect(try ledger.drop(2) == nil)
  }

  @Test("Recovery gets the drops without an outcome or without their renames, and finishing is idempotent")
  func openClaims() throws {
    let fixture = try LedgerFixture()
    let ledger = try fixture.open()
    for name in ["a", "b", "c"] { _ = try ledger.claim(LedgerFixture.newClaim(name)) }
    try ledger.commit(LedgerFixture.published(2, publication: 1))
    try ledger.commit(Outcome(drop: 3, kind: .duplicate, reason: "duplicate"))
    #expect(try ledger.finish(drop: 3)?.kind == .finished)
    #expect(try ledger.finish(drop: 3) == nil)
    #expect(code { try ledger.finish(drop: 1) } == "ledger-conflict")
    #expect(code { try ledger.finish(drop: 9) } == "ledger-conflict")
    #expect(try ledger.openClaims().map(\.drop) == [1, 2])
    #expect(try ledger.openClaims().map(\.latest) == [.claimed, .published])
  }

  @Test("A claim records in its own transaction what was finished before it, once")
  func finishingClaim() throws {
    let fixture = try LedgerFixture()
    let ledger = try fixture.open()
    let first = try ledger.claim(LedgerFixture.newClaim("a")).drop
    #expect(code { _ = try ledger.claim(LedgerFixture.newClaim("b"), finishing: [first]) } == "ledger-conflict")
    #expect(try ledger.lastNumbers().drop == first)
    try ledger.commit(LedgerFixture.published(first, publication: 1))
    let second = try ledger.claim(LedgerFixture.newClaim("b"), finishing: [first]).drop
    _ = try ledger.claim(LedgerFixture.newClaim("c"), finishing: [first])
    #expect(second == first + 1)
    #expect(try ledger.entries().map(\.kind) == [.claimed, .published, .finished, .claimed, .claimed])
  }

  @Test("A commit makes its definition the active one before the outcome, and only when it was not")
  func activation() throws {
    let fixture = try LedgerFixture()
    let ledger = try fixture.open()
    let definition = ActiveDefinition(feed: "erp-inventory", hash: "d1", text: "feed: x\n", binaryVersion: "1")
    for number in 1...2 {
      let drop = try ledger.claim(LedgerFixture.newClaim("\(number)")).drop
      var outcome = LedgerFixture.published(drop, publication: number)
      outcome.activates = definition
      try ledger.commit(outcome)
    }
    #expect(try ledger.entries().map(\.kind) == [.claimed, .definition, .published, .claimed, .published])
    #expect(try ledger.definition(feed: "erp-inventory", hash: "d1")?.text == "feed: x\n")
  }

  @Test("A definition is not recorded when the outcome that it came with is refused")
  func refusedActivation() throws {
    let fixture = try LedgerFixture()
    let ledger = try fixture.open()
    let drop = try ledger.claim(LedgerFixture.newClaim()).drop
    var outcome = LedgerFixture.published(drop, publication: 2)
    outcome.activates = ActiveDefinition(feed: "erp-inventory", hash: "d1", text: "feed: x\n", binaryVersion: "1")
    #expect(code { try ledger.commit(outcome) } == "ledger-conflict")
    #expect(try ledger.entries().map(\.kind) == [.claimed])
  }

  @Test("Each outcome follows only the state that it can follow")
  func states() throws {
    let fixture = try LedgerFixture()
    let ledger = try fixture.open()
    for prior in [OutcomeKind?.none] + OutcomeKind.allCases {
      for kind in OutcomeKind.allCases {
        let needsHeld: Set<OutcomeKind> = [.released, .discarded, .superseded]
        let drop = try ledger.claim(LedgerFixture.newClaim("\(kind)")).drop
        if let prior {
          if needsHeld.contains(prior) { try commit(.held, drop, ledger) }
          try commit(prior, drop, ledger)
          try ledger.finish(drop: drop)
        }
        let isAllowed =
          switch prior {
          case nil: !needsHeld.contains(kind)
          case .held: needsHeld.contains(kind) || kind == .held
          default: false
          }
        let thrown = code { try commit(kind, drop, ledger) }
        #expect(thrown == (isAllowed ? nil : "ledger-conflict"), "\(String(describing: prior)) to \(kind)")
      }
    }
    #expect(try ledger.verifyChain() == nil)
  }

  private func commit(_ kind: OutcomeKind, _ drop: Int, _ ledger: Ledger) throws {
    let publication = kind.isPublishing ? try ledger.nextPublication() : nil
    try ledger.commit(Outcome(drop: drop, kind: kind, publication: publication))
  }

  @Test("A publication number that no longer holds is refused, and numbers stay gapless after a rollback")
  func numbers() throws {
    let fixture = try LedgerFixture()
    let ledger = try fixture.open()
    for name in ["a", "b"] { _ = try ledger.claim(LedgerFixture.newClaim(name)) }
    for wrong in [nil, 0, 2] as [Int?] {
      var outcome = LedgerFixture.published(1, publication: 1)
      outcome.publication = wrong
      #expect(code { try ledger.commit(outcome) } == "ledger-conflict")
    }
    #expect(code { try ledger.commit(Outcome(drop: 1, kind: .held, publication: 1)) } == "ledger-conflict")
    // Fails after the result, all its rows and its entry were written.
    var outcome = LedgerFixture.published(1, publication: 1)
    outcome.supersedes = [2]
    #expect(code { try ledger.commit(outcome) } == "ledger-conflict")
    #expect(try ledger.head().entry == 2)
    #expect(try Command.sqlite(fixture.path, "SELECT count(*) FROM result") == "0")
    #expect(code { _ = try ledger.claim(LedgerFixture.newClaim(feed: "")) } == "ledger-conflict")

    try ledger.commit(LedgerFixture.published(2, publication: 1))
    #expect(try ledger.claim(LedgerFixture.newClaim("c")).drop == 3)
    #expect(try ledger.nextPublication() == 2)
    #expect(try ledger.lastNumbers() == (drop: 3, publication: 1))
    #expect(try ledger.entries().map(\.id) == [1, 2, 3, 4])
    #expect(try ledger.verifyChain() == nil)
  }

  @Test("A later full supersedes the held drop in its own transaction; totals of the hold stay readable")
  func supersede() throws {
    let fixture = try LedgerFixture()
    let ledger = try fixture.open()
    let held = try LedgerFixture.hold(ledger, "first.csv")
    #expect(try ledger.heldDrops().map(\.claim.drop) == [held])
    #expect(try ledger.heldDrops(feed: "other") == [])
    let later = try ledger.claim(LedgerFixture.newClaim("later.csv")).drop
    var outcome = LedgerFixture.published(later, publication: 1)
    outcome.supersedes = [held]
    try ledger.commit(outcome)
    #expect(try ledger.heldDrops() == [])
    let summary = try #require(try ledger.drop(held)).summary
    #expect(summary.status == .superseded)
    #expect(summary.message == "superseded by drop \(later)")
    #expect(summary.totals == LedgerFixture.totals(content: "first.csv"))
    #expect(try ledger.drops(statuses: [.superseded, .held], limit: 5).map(\.claim.drop) == [held])
    #expect(try ledger.drops(limit: 1).map(\.claim.drop) == [later])
    #expect(try ledger.openClaims().map(\.drop) == [held, later])
  }

  @Test("At most a thousand rejects become rows, whatever they hold")
  func rejects() throws {
    let fixture = try LedgerFixture()
    let ledger = try fixture.open()
    let drop = try ledger.claim(LedgerFixture.newClaim()).drop
    var outcome = Outcome(drop: drop, kind: .published, publication: 1, totals: DropTotals(read: 5000, rejected: 1500))
    outcome.rejects = (1...1500).map { RejectedRow(line: $0, rule: "r", message: "a\0b\n'\u{FEFF}\u{1F600}") }
    try ledger.commit(outcome)
    let detail = try #require(try ledger.drop(drop))
    #expect(detail.rejects.count == 1000)
    #expect(detail.rejects.last == RejectedRow(line: 1000, rule: "r", message: "a\u{2400}b\n'\u{FEFF}\u{1F600}"))
    #expect(detail.summary.totals?.rejected == 1500)
    #expect(try ledger.verifyChain() == nil)
  }
}
