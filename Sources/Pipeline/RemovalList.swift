import Diff
import Streams

/// Keys that vanished from a full, or that a delta says are gone, kept aside until it is certain that they may be
/// removed.
final class RemovalList {
  private struct Fixed: BitwiseCopyable {
    var old: OldKey
    var spellingCount: UInt32
  }

  private let sorter: ExternalSorter

  /// Keys in the list.
  var count: Int { sorter.count }

  private let payload = ByteArena(capacity: 256)

  /// A list that spills into `directory`.
  init(directory: String) { sorter = ExternalSorter(directory: directory, memory: 4 << 20) }

  /// Adds a key, in any order.
  func append(_ key: ByteView, old: OldKey, spelling: ByteView, digests: ByteView) throws(SluiceError) {
    payload.removeAll()
    payload.append(raw: Fixed(old: old, spellingCount: UInt32(spelling.count)))
    payload.append(spelling)
    payload.append(digests)
    try sorter.append(key: key, payload: payload.view)
  }

  /// Hands every key to `body`, in key order.
  func forEach(
    _ body: (_ key: ByteView, _ old: OldKey, _ spelling: ByteView, _ digests: ByteView) throws(SluiceError) -> Void
  ) throws(SluiceError) {
    let entries = try sorter.finish()
    while try entries.next() {
      let fixed = entries.payload.load(as: Fixed.self)
      let size = MemoryLayout<Fixed>.size
      let spelling = entries.payload.slice(from: size, count: Int(fixed.spellingCount))
      try body(entries.key, fixed.old, spelling, entries.payload.dropping(size + spelling.count))
    }
  }
}
