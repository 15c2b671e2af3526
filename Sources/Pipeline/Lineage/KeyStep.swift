import Diff
import Foundation
import Streams

/// One entry of a key's history: what a drop wrote, and where to look for the one before.
struct KeyStep {
  let plan: FeedPlan
  let cells: VersionCells
  /// The drop, and the line in it.
  let drop: Int
  let line: Int
  /// Whether a drop wrote the key before this one, or may have done so.
  var hasOlder: Bool { previous > 0 || isCut }
  /// The drop before is not known.
  private let isCut: Bool
  private let previous: Int
  private let isLive: Bool
  private let states: Set<String>
  private let lineage: Lineage
  private let key: [UInt8]

  /// Takes an entry of a segment apart. Throws `snapshot-damaged`.
  init(
    _ entry: SnapshotEntry, segment: Int, reader: SnapshotReader, plan: FeedPlan, lineage: Lineage
  ) throws(SluiceError) {
    guard let metadata = try? JSONDecoder().decode(SegmentMetadata.self, from: Data(reader.metadata(of: segment)))
    else {
      throw SluiceError(
        .environment, "snapshot-damaged", file: lineage.directory, cause: "the snapshot's description can not be read",
        remedy: "restore the file from a backup")
    }
    let image = ByteArena(capacity: 1 << 12)
    try reader.image(segment: segment, rowOffset: entry.rowOffset, into: image)
    cells = try VersionCells(metadata, flags: entry.flags, image: image.view, path: lineage.directory)
    states = Set(metadata.states)
    self.plan = plan
    self.lineage = lineage
    drop = Int(entry.publication)
    line = Int(entry.line)
    isCut = entry.previous == SnapshotEntry.unknownPrevious || !reader.knowsPrevious(segment)
    previous = isCut ? 0 : Int(entry.previous)
    isLive = entry.isLive
    key = entry.key.array
  }

  /// What the drop before `step` wrote; nil when there was none, or when it is not kept any more.
  func before(_ step: KeyStep) throws(SluiceError) -> KeyStep? {
    guard step.previous > 0 else { return nil }
    guard let reader = try reader(of: step.previous) else { return nil }
    let cursor = reader.cursor()
    let isThere = try key.withView { (view) throws(SluiceError) in
      try cursor.seek(to: view) && cursor.key == view
    }
    guard isThere, Int(cursor.current.publication) == step.previous else { return nil }
    return try KeyStep(cursor.current, segment: cursor.segment, reader: reader, plan: plan, lineage: lineage)
  }

  /// What a drop wrote; nil when it is not kept. A publication may move it meanwhile, so that it is looked for twice.
  private func reader(of drop: Int) throws(SluiceError) -> SnapshotReader? {
    func open() throws(SluiceError) -> SnapshotReader? {
      let segments = try lineage.segments(of: drop)
      return segments.isEmpty ? nil : try SnapshotReader(directory: lineage.directory, segments: segments)
    }
    do { return try open() } catch { return try open() }
  }

  /// Names of the cells whose texts differ from those of `older`, in the order of the definition. A removed key keeps
  /// no cells: none differs then.
  func changedCells(since older: KeyStep?) -> [[String]] {
    guard isLive else { return [] }
    return cells.names.filter { name in
      guard let older, older.isLive else { return cells.text(name) != nil }
      return older.cells.text(name) != cells.text(name)
    }
  }

  /// What the drop meant for the key.
  func kind(older: KeyStep?, isCut: Bool, changes: [[String]], moved: Set<String>) -> KeyVersion.Kind {
    guard isLive else { return .removed }
    if isCut { return .oldest }
    guard let older, older.isLive else { return .added }
    return changes.isEmpty && moved.isEmpty ? .repeated : .changed
  }

  /// Targets that got the key, or were told that it is gone, though it stood otherwise with them before.
  func movedTargets(since older: KeyStep?) -> Set<String> {
    guard isLive, let older, older.isLive else { return [] }
    return cells.sent.symmetricDifference(older.cells.sent)
  }

  /// Whether a target got a row of this version: change events always, a state when it has the key or was told that it
  /// is gone. Of triggers nobody knows whether they fired for the key.
  func carries(_ target: String) -> Bool {
    let isTrigger = plan.feed.targets.contains { $0.name == target && $0.kind == .event && !$0.reportsKey }
    guard !isTrigger else { return false }
    return !states.contains(target) || cells.sent.contains(target) || cells.removed.contains(target)
  }
}
