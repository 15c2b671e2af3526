import Diff
import Streams

/// Members that went out, or left, with their group after it had been withheld: their entries as they are now.
final class SettledMembers {
  private let plan: FeedPlan
  private let view: SnapshotView
  private let translator: EntryTranslator
  private let sorter: ExternalSorter
  private let image = ByteArena(capacity: 1 << 12)
  private let entry = ByteArena(capacity: 512)
  private let payload = ByteArena(capacity: 1 << 12)

  /// `view` is the snapshot that the groups are written from.
  init(plan: FeedPlan, view: SnapshotView, directory: String) {
    self.plan = plan
    self.view = view
    translator = EntryTranslator(plan: plan, view: view)
    sorter = ExternalSorter(directory: directory, memory: 2 << 20)
  }

  /// Members so far.
  var count: Int { sorter.count }

  /// Takes an unsettled entry of the segment with that index.
  func add(_ old: SnapshotEntry, segment: Int) throws(SluiceError) {
    image.removeAll()
    if old.rowOffset != 0 {
      try view.reader?.image(segment: segment, rowOffset: old.rowOffset, into: image)
    }
    var settled = try translator.translate(old, segment: segment, image: image)
    var flags = EntryFlags(word: settled.flags)
    for (index, state) in plan.states.enumerated() where flags.isPending(index) {
      flags.set(index, view.maps[segment].isLeaving(old, group: state.digestGroup) ? .tombstone : .sent)
    }
    flags.isUnsettled = false
    settled.flags = flags.word
    entry.removeAll()
    EntryPayload.append(settled, to: entry)
    payload.removeAll()
    payload.append(raw: UInt32(entry.count))
    payload.append(entry.view)
    payload.append(image.view)
    try sorter.append(key: settled.key, payload: payload.view)
  }

  /// Writes the entries to a segment, in key order.
  func write(to segment: SnapshotWriter) throws(SluiceError) {
    let sorted = try sorter.finish()
    while try sorted.next() {
      let count = Int(sorted.payload.load(as: UInt32.self))
      var settled = EntryPayload.read(sorted.payload.slice(from: 4, count: count), key: sorted.key)
      let image = sorted.payload.dropping(4 + count)
      settled.rowOffset = image.isEmpty ? 0 : try segment.appendImage(image)
      try segment.append(settled)
    }
  }
}
