import Diff
import Feeds
import Records
import Streams

/// The live keys of a feed by the values of one part of its key, as the ledger keeps them.
package struct PartitionState: Codable, Equatable, Sendable {
  /// Live keys, and those of them whose guarded value is above zero.
  struct Keys: Codable, Equatable, Sendable {
    var live: Int
    var positive: Int
  }

  /// Name of the field.
  var field: String
  /// By value, in the form that the key has.
  var keys: [String: Keys]
}

/// Counts what a drop does to the keys of each value of one key part (guards `by`).
///
/// Memory is bounded: beyond 1,000 values the others are counted together. No value is made a text of before the end.
final class PartitionTally {
  /// The most values that are told apart.
  static let maximumPartitions = 1000
  /// What the values beyond them are called.
  static let others = "(others)"

  private struct Item {
    var name: String
    var before = PartitionState.Keys(live: 0, positive: 0)
    var after = PartitionState.Keys(live: 0, positive: 0)
    var removed = 0
    var changed = 0
    var zeroed = 0
  }

  /// False for a feed whose guards are not judged by a key part: nothing may be noted then.
  let isOn: Bool
  private let part: Int
  private let field: String
  private let isSensitive: Bool
  private let key = DigestKey(first: 0x736c_7569_6365, second: 0x7061_7274)
  private var indices: [UInt64: Int] = [:]
  private var items: [Item] = []

  /// A tally that begins with what the feed's state knows; a snapshot whose state does not know the part is counted
  /// once.
  init(plan: FeedPlan, view: SnapshotView) throws(SluiceError) {
    guard let part = plan.feed.guards.partition else {
      (isOn, self.part, field, isSensitive) = (false, 0, "", false)
      return
    }
    let rules = plan.feed.fields[plan.feed.key[part].field]
    (isOn, self.part, field, isSensitive) = (true, part, rules.name, rules.isSensitive)
    if let known = view.state.partitions, known.field == field {
      for (name, keys) in known.keys.sorted(by: { $0.key < $1.key }) {
        let index = Array(name.utf8).withView { self.index(ofValue: $0) }
        items[index].before = keys
        items[index].after = keys
      }
    } else if let cursor = view.reader?.cursor() {
      while try cursor.advance() {
        let flags = view.maps[cursor.segment].flags(cursor.flags)
        guard flags.isLive else { continue }
        let index = index(of: cursor.key)
        items[index].before.live += 1
        if flags.isPositive { items[index].before.positive += 1 }
        items[index].after = items[index].before
      }
    }
  }

  /// Takes a decided key into account whose entry is written.
  func note(_ decision: KeyDecision, key: ByteView) {
    let index = index(of: key)
    let old = decision.old.flags
    let wasLive = decision.old.exists && old.isLive
    let wasPositive = wasLive && old.isPositive
    let isPositive = decision.flags.isPositive
    if wasLive, decision.isEventful { items[index].changed += 1 }
    if !wasLive { items[index].after.live += 1 }
    if wasPositive, !isPositive { items[index].zeroed += 1 }
    items[index].after.positive += (isPositive ? 1 : 0) - (wasPositive ? 1 : 0)
  }

  /// Takes a key into account that is removed.
  func noteRemoved(_ flags: EntryFlags, key: ByteView) {
    let index = index(of: key)
    items[index].removed += 1
    items[index].after.live -= 1
    if flags.isPositive {
      items[index].zeroed += 1
      items[index].after.positive -= 1
    }
  }

  /// What the guards judge, by value. A value of a sensitive field is not named.
  var counts: [PartitionCounts] {
    items.sorted { $0.name < $1.name }.map { item in
      var counts = PartitionCounts(
        name: isSensitive ? "a value of \(field)" : "\(field) \(item.name)", keysBefore: item.before.live,
        positiveBefore: item.before.positive)
      (counts.removed, counts.changed, counts.zeroed) = (item.removed, item.changed, item.zeroed)
      return counts
    }
  }

  /// The state once the drop is published; nil when nothing is judged by a part.
  var state: PartitionState? {
    guard isOn else { return nil }
    let live = items.filter { $0.after.live > 0 }
    return PartitionState(field: field, keys: Dictionary(live.map { ($0.name, $0.after) }) { first, _ in first })
  }

  private func index(of key: ByteView) -> Int { index(ofValue: value(of: key)) }

  private func index(ofValue value: ByteView) -> Int {
    let hash = RowDigest.digest(value, key: key).first
    if let known = indices[hash] { return known }
    if items.count > Self.maximumPartitions, let others = items.firstIndex(where: { $0.name == Self.others }) {
      return others
    }
    let isFull = items.count == Self.maximumPartitions
    items.append(Item(name: isFull ? Self.others : value.text))
    indices[hash] = items.count - 1
    return items.count - 1
  }

  /// The part of a key that is counted by.
  private func value(of key: ByteView) -> ByteView {
    var rest = key
    for _ in 0..<part {
      guard let end = rest.firstIndex(of: KeyEncoder.separator) else { return ByteView() }
      rest = rest.dropping(end + 1)
    }
    return rest.firstIndex(of: KeyEncoder.separator).map { rest.slice(from: 0, count: $0) } ?? rest
  }
}
