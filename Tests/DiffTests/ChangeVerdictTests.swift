import Diff
import Foundation
import Testing

@Suite("Change verdicts")
struct ChangeVerdictTests {
  /// The rules of the semantics page in their own words, one after the other.
  private func naive(old: OldState, isMember: Bool, isEqual: Bool, isNewer: Bool) -> TargetChange {
    let wasSent = old == .sent
    let wasRemoved = old == .tombstone
    if isNewer { return .newer }
    if !isMember && wasSent { return .withdrawn }
    if !isMember { return .skipped }
    if wasRemoved { return .returned }
    if !wasSent { return .new }
    return isEqual ? .unchanged : .changed
  }

  @Test("Every combination is decided by the rules, and each accepted key is counted once")
  func exhaustive() {
    var counts = TargetCounts()
    var accepted = 0
    for old in OldState.allCases {
      for bits in 0..<8 {
        let (isMember, isEqual, isNewer) = (bits & 1 != 0, bits & 2 != 0, bits & 4 != 0)
        let change = ChangeVerdict.present(old: old, isMember: isMember, isEqual: isEqual, isNewer: isNewer)
        #expect(
          change == naive(old: old, isMember: isMember, isEqual: isEqual, isNewer: isNewer),
          "\(old), member \(isMember), equal \(isEqual), newer \(isNewer)")
        counts.add(change)
        accepted += 1
        #expect(counts.balance(accepted: accepted) == 0)
      }
    }
    var written = TargetCounts()
    (written.new, written.changed, written.returned, written.unchanged) = (2, 1, 2, 1)
    (written.newer, written.withdrawn, written.skipped) = (12, 2, 4)
    #expect(counts == written)
  }

  @Test("Only a key that stands and was not spoken for later is removed when it vanishes")
  func vanished() {
    for old in OldState.allCases {
      #expect(ChangeVerdict.vanished(old: old, isNewer: true) == nil)
      #expect(ChangeVerdict.vanished(old: old, isNewer: false) == (old == .sent ? .removed : nil))
    }
  }

  @Test("Removed keys stay outside of the balance, a missing or double count shows")
  func balance() {
    var counts = TargetCounts()
    counts.add(.removed)
    #expect(counts.balance(accepted: 0) == 0)
    counts.add(.new)
    counts.parked += 1
    #expect(counts.balance(accepted: 3) == 1)
    #expect(counts.balance(accepted: 1) == -1)
  }

  @Test("Counts are encoded with the names of the command's output and decoded again")
  func codable() throws {
    var counts = TargetCounts()
    counts.withdrawn = 3
    counts.rowsWritten = 9
    let data = try JSONEncoder().encode(counts)
    #expect(String(decoding: data, as: UTF8.self).contains("\"rows_written\":9"))
    #expect(try JSONDecoder().decode(TargetCounts.self, from: data) == counts)
  }
}
