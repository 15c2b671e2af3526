import Diff
import Intake

/// Which of the targets that are written from the snapshot, whole or by groups, have all their rows in it.
///
/// A target is covered when an entry of each live key knew it, with all its cells, or was refused by the drop that
/// should have brought it. One that was added since, or got columns, is not: a file of it would replace at the receiver
/// what nobody has brought.
struct Coverage {
  /// What the next state says (`FeedState.covered`).
  private(set) var next: [String: [String]] = [:]
  /// Names of the targets that the drop writes without being able to, in order.
  private(set) var missing: [String] = []

  /// Coverage after a drop that writes files of the targets `written`; `spoken` is the latest time that any entry of
  /// the snapshot, or a full, speaks for.
  init(_ job: DropJob, spoken: Int, written: Set<String>) {
    // Of keys that were spoken for later, a full says nothing.
    let isAll = job.state.live == 0 || (job.mode == .full && spoken <= job.asOf)
    for (name, cells) in job.plan.cellsInSnapshot.sorted(by: { $0.key < $1.key }) {
      let known = job.state.cells(of: name, today: cells)
      if isAll || known.map({ Set($0).isSuperset(of: cells) }) == true {
        next[name] = cells
      } else if written.contains(name) {
        missing.append(name)
        // Held for that; who releases it takes what is known for all there is.
        next[name] = cells
      } else {
        // What a drop did not bring by today's definition has to be brought again.
        next[name] = known?.filter(cells.contains)
      }
    }
  }

  /// Why the drop is held; nil when all that it writes is covered.
  var violation: GuardViolation? {
    guard !missing.isEmpty else { return nil }
    return GuardViolation(
      code: "needs-full",
      message: missing.joined(separator: ", ") + " would be written without the rows of keys that no drop has brought "
        + "since it was added or got columns, and would replace them at the receiver",
      remedy: "have the source system export a full of now, or send what is known with `sluice release`, "
        + "to which later deltas add; `sluice discard` drops it")
  }
}

extension FeedState {
  /// The cells of a target that all entries know; nil when they do not know the target. `today` are those of today's
  /// definition, by which states from before they were recorded are read.
  fileprivate func cells(of target: String, today: [String]) -> [String]? {
    if let covered { return covered[target] }
    return targets.contains(target) ? today : nil
  }
}
