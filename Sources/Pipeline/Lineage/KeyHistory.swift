import Diff
import Feeds
import Foundation
import Ledger
import Records
import Streams

/// Where the values of a key come from: every drop that changed it, newest first.
package struct KeyHistory {
  private let ledger: Ledger
  private let feeds: [FeedDefinition]
  private let project: Places
  private let homes: SnapshotHomes

  /// The history of the keys of `feeds`. Throws the errors of reading the ledger.
  package init(project: Places, feeds: [FeedDefinition], ledger: Ledger) throws(SluiceError) {
    self.project = project
    self.feeds = feeds
    self.ledger = ledger
    homes = try SnapshotHomes(ledger, feeds: feeds)
  }

  /// The keys that begin with `parts`, in the order of the feeds and then of the keys; at most `limit` of them. Parts
  /// are written as the targets have them; folded ones in any case.
  package func keys(_ parts: [String], limit: Int) throws(SluiceError) -> [FoundKey] {
    var found: [FoundKey] = []
    try forEach(parts, limit: limit) { (key, _) in found.append(key) }
    return found
  }

  /// What each drop made of a key, newest first; at most `limit` drops. With `field` only those that changed that
  /// column, or a column made of that field. `key` are all parts of it. Nothing when no feed has the key.
  package func versions(_ key: [String], field: String? = nil, limit: Int) throws(SluiceError) -> [KeyVersion] {
    var versions: [KeyVersion] = []
    try forEach(key, limit: 1) { (_, step) throws(SluiceError) in
      let names = CellNames(step.plan)
      var newer = step
      while versions.count < limit {
        let older = try step.before(newer)
        let version = try version(newer, older: older, names: names, field: field)
        if field == nil || !version.changes.isEmpty || version.kind == .removed { versions.append(version) }
        guard let older else { break }
        newer = older
      }
    }
    return versions
  }

  // MARK: - Keys

  private func forEach(
    _ parts: [String], limit: Int, _ body: (FoundKey, KeyStep) throws(SluiceError) -> Void
  ) throws(SluiceError) {
    var count = 0
    for feed in feeds where parts.count <= feed.key.count {
      guard let state = homes.published(feed), !state.segments.isEmpty else { continue }
      let plan = try FeedPlan(feed)
      let directory = "\(project.snapshots)/\(homes.directory(of: feed))"
      let reader = try SnapshotReader(directory: directory, segments: state.segments)
      let prefix = Self.prefix(parts, feed: feed)
      let cursor = reader.cursor()
      var isAt = try prefix.withView { (view) throws(SluiceError) in try cursor.seek(to: view) }
      let isWhole = parts.count == feed.key.count
      while isAt, count < limit, isWhole ? cursor.key.array == prefix : cursor.key.array.starts(with: prefix) {
        let entry = cursor.current
        let step = try KeyStep(
          entry, segment: cursor.segment, reader: reader, plan: plan, lineage: Lineage(directory: directory))
        try body(FoundKey(feed: feed.name, key: Self.shown(entry, feed: feed), isLive: entry.isLive), step)
        count += 1
        isAt = try cursor.advance()
      }
    }
  }

  /// The bytes that keys with these leading parts begin with; the whole key when these are all.
  private static func prefix(_ parts: [String], feed: FeedDefinition) -> [UInt8] {
    let arena = ByteArena(capacity: 256)
    for (index, part) in parts.enumerated() {
      if index > 0 { arena.append(KeyEncoder.separator) }
      Array(part.utf8).withView { text in
        if feed.key[index].isFolded { TextCase.appendLower(text, to: arena) } else { arena.append(text) }
      }
    }
    if parts.count < feed.key.count { arena.append(KeyEncoder.separator) }
    return arena.view.array
  }

  private static func shown(_ entry: SnapshotEntry, feed: FeedDefinition) -> [String] {
    let parts = entry.spelling.array.split(separator: KeyEncoder.separator, omittingEmptySubsequences: false)
    return zip(parts, feed.key).map { part, definition in
      feed.fields[definition.field].isSensitive ? RejectMessage.mask : String(decoding: part, as: UTF8.self)
    }
  }

  // MARK: - Versions

  private func version(
    _ step: KeyStep, older: KeyStep?, names: CellNames, field: String?
  ) throws(SluiceError) -> KeyVersion {
    guard let detail = try ledger.drop(step.drop) else {
      throw SluiceError(
        .environment, "ledger-behind", value: String(step.drop),
        cause: "the snapshot names a drop that the ledger lacks",
        remedy: "restore ledger and snapshots from one backup")
    }
    let drop = detail.summary
    let isCut = older == nil && step.hasOlder
    var version = KeyVersion(
      drop: step.drop, file: drop.claim.file.file, line: step.line, mode: drop.claim.file.mode,
      asOf: drop.claim.effectiveAsOf, publication: drop.publication, at: drop.since, claimedAt: drop.claim.claimedAt,
      definition: drop.definition, kind: .repeated, changes: [], outputs: [])
    let changed = isCut ? [] : step.changedCells(since: older)
    let asked = changed.filter { cell in field.map { field in cell.contains { names.isOf($0, field: field) } } ?? true }
    version.changes = asked.compactMap { cell in
      let columns = CellNames.titles(cell)
      if columns.isEmpty { return nil }
      return CellChange(
        columns: columns,
        old: names.shown(older?.cells.text(cell), of: cell, isSensitive: older?.cells.isSensitive(cell) ?? false),
        new: names.shown(step.cells.text(cell), of: cell, isSensitive: step.cells.isSensitive(cell)))
    }
    let moved = isCut ? [] : step.movedTargets(since: older)
    version.kind = step.kind(older: older, isCut: isCut, changes: changed, moved: moved)
    let told = Set(asked.joined().compactMap(CellNames.target)).union(field == nil ? moved : [])
    let targets = version.kind == .removed ? step.cells.removed : told
    version.outputs = detail.outputs.filter { targets.contains($0.target) && step.carries($0.target) }.map(\.path)
    return version
  }
}
