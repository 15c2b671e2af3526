import Diff
import Streams

/// What published drops have said, kept beside a snapshot after the snapshot has no need of it any more: the segments
/// that they wrote. An entry names the drop that wrote the key before it, so that a key's history is one look into a
/// segment for each of its changes.
struct Lineage {
  /// Name of the directory below that of the snapshot.
  static let name = "lineage"
  /// The segments that a drop writes of what it says itself.
  private static let ownSuffixes: [SegmentSuffix] = [.records, .removals, .settled]

  /// The feed's snapshot directory.
  let directory: String

  private var place: String { directory + "/" + Self.name }

  /// The drop that wrote a segment of what it said itself; nil for merged ones and names of other kinds.
  static func drop(of segment: String) -> Int? {
    let digits = segment.prefix { $0.isASCII && $0.isNumber }
    guard digits.count >= 8, let drop = Int(digits) else { return nil }
    return ownSuffixes.contains { $0.rawValue == segment.dropFirst(digits.count) } ? drop : nil
  }

  /// Takes a segment out of the snapshot; may be repeated after a crash. Where it can not be moved, to another disk or
  /// for lack of a right, it stays, and is found there. Throws `disk-full` and `io-error` of the same disk.
  func keep(_ segment: String, isDurable: Bool) throws(SluiceError) {
    do {
      try FileSystem.makeDirectories(place)
      let target = try FileSystem.status(of: place)
      guard target?.kind == .directory, try target?.device == FileSystem.status(of: directory)?.device else { return }
      try SnapshotWriter.move(segment, from: directory, to: place)
      if isDurable {
        try FileSystem.syncDirectory(place)
        try FileSystem.syncDirectory(directory)
      }
    } catch {
      if error.code != "permission-denied" { throw error }
    }
  }

  /// The segments of what `drop` said, by their names below the snapshot's directory; none when they are gone.
  func segments(of drop: Int) throws(SluiceError) -> [String] {
    let number = String(drop).leftPadded(to: 8)
    var found: [String] = []
    for suffix in Self.ownSuffixes {
      let name = number + suffix.rawValue
      if try SnapshotWriter.isThere(name, in: directory) {
        found.append(name)
      } else if try SnapshotWriter.isThere(name, in: place) {
        found.append(Self.name + "/" + name)
      }
    }
    return found
  }
}
