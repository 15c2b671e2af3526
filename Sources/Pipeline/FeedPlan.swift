import Diff
import Feeds
import Foundation
import Records
import Streams
import Synchronization
import Targets

/// Everything that can be worked out once from a feed's definition, before the first row is read.
package final class FeedPlan: Sendable {
  /// A check of one cell of a state target's row; trivial, since it is run for every row.
  struct CellCheck: BitwiseCopyable, Sendable {
    /// Index among the state targets.
    var state: Int32
    var slot: Int32
    /// Slot of the row's condition; -1: the row always exists.
    var condition: Int32
    var isDefaultRow: Bool
    var check: CommerceCheck
  }

  /// What messages say about a checked cell.
  struct CheckedCell: Sendable {
    /// `commerce.stock_sources.quantity`.
    var place: String
    /// The cell may hold personal data.
    var isSensitive: Bool
  }

  /// A state target in the order of its flags in the snapshot.
  struct State: Sendable {
    /// Index among the feed's targets.
    var target: Int
    var digestGroup: Int
    var condition: Program?
  }

  let feed: FeedDefinition
  let layout: ImageLayout
  let states: [State]
  let checks: [CellCheck]
  /// In the order of `checks`.
  let checkedCells: [CheckedCell]
  /// Indices of targets whose rows are written from the snapshot after the drop was diffed.
  let grouped: [Int]
  let whole: [Int]
  /// By name of these targets, the cells that an image has for them, sorted.
  let cellsInSnapshot: [String: [String]]
  /// How many leading key parts make up the group of the grouped targets; 0: none.
  let groupParts: Int
  /// SHA-256 over the definition's text and its lookups, hex.
  let definitionHash: String
  /// Names everything beside a row's own bytes that decides what becomes of it (`SourceDigest`); nil when a row with
  /// the same bytes may come out differently, or when rows have to be known before their keys are compared.
  let sourceName: String?
  /// Segments' descriptions that were decoded before: a queue of small drops opens the same few again and again.
  private let segmentMaps = Mutex<[[UInt8]: SegmentMap]>([:])
  private static let mostSegmentMaps = 20

  /// The most state targets that a feed may have; their states share a word in the snapshot.
  static let maximumStates = 14

  /// Plans a feed.
  package init(_ feed: FeedDefinition) throws(SluiceError) {
    self.feed = feed
    try Self.checkWritable(feed)
    layout = ImageLayout(
      targets: feed.targets, fields: feed.fields, keyFields: feed.key.map(\.field),
      watchedField: feed.guards.swing?.field)
    var states: [State] = []
    var checks: [(CellCheck, CheckedCell)] = []
    for (index, target) in feed.targets.enumerated() where target.kind == .state {
      states.append(
        State(target: index, digestGroup: layout.targets[index].digestGroup, condition: target.condition))
      checks += Self.checks(
        of: target, layout: layout.targets[index], state: states.count - 1, fields: feed.fields)
    }
    guard states.count <= Self.maximumStates else {
      throw SluiceError(
        .definition, "too-many-targets", file: feed.path,
        cause: "a feed has at most \(Self.maximumStates) state targets",
        remedy: "split the feed")
    }
    self.states = states
    self.checks = checks.map(\.0)
    checkedCells = checks.map(\.1)
    grouped = feed.targets.indices.filter { feed.targets[$0].groupBy != nil }
    whole = feed.targets.indices.filter { feed.targets[$0].isWhole }
    cellsInSnapshot = Self.cells(of: (grouped + whole).map { feed.targets[$0].name }, in: layout)
    groupParts = feed.targets.compactMap(\.groupBy).max() ?? 0
    definitionHash = try Self.hash(feed)
    sourceName = Self.isMadeOfSource(feed, layout) ? "\(BinaryVersion.text) \(definitionHash)" : nil
  }

  /// By target, its names for the slots that it uses, without its own name.
  private static func cells(of targets: [String], in layout: ImageLayout) -> [String: [String]] {
    let names = layout.slots.flatMap(\.names)
    let cells = targets.map { target in
      let prefix = target + "/"
      return (target, names.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }.sorted())
    }
    return Dictionary(cells) { first, _ in first }
  }

  /// Whether a record follows from its row's bytes alone, and its key from columns alone.
  private static func isMadeOfSource(_ feed: FeedDefinition, _ layout: ImageLayout) -> Bool {
    if case .latest = feed.duplicates { return false }
    if feed.targets.contains(where: { $0.groupBy != nil }) { return false }
    for part in feed.key {
      guard case .column = feed.fields[part.field].source else { return false }
    }
    var programs = layout.slots.map(\.program) + feed.targets.compactMap { $0.kind == .state ? $0.condition : nil }
    for field in feed.fields {
      if case .computed(let program) = field.source { programs.append(program) }
    }
    return !programs.contains { $0.instructions.contains(.now) }
  }

  /// What the writers can not do.
  private static func checkWritable(_ feed: FeedDefinition) throws(SluiceError) {
    for target in feed.targets where target.system == .commerce {
      let names = Set((target.columns + target.rows.flatMap(\.columns)).map(\.name))
      // Three columns may be added: the store view, the packed attributes, and what `removed: disable` sets.
      guard names.count + 3 > CommerceWriter.maximumColumns else { continue }
      throw SluiceError(
        .definition, "too-many-columns", file: feed.path, position: target.position, field: target.name,
        cause:
          "a Commerce target has at most \(CommerceWriter.maximumColumns - 3) columns, this one has \(names.count)",
        remedy: "leave out columns, or write the rest from another feed with creates: false")
    }
  }

  private static func checks(
    of target: TargetDefinition, layout: ImageLayout.TargetLayout, state: Int, fields: [FieldRules]
  ) -> [(CellCheck, CheckedCell)] {
    guard target.system == .commerce, let entity = CommerceEntity(rawValue: target.entity) else { return [] }
    var checks: [(CellCheck, CheckedCell)] = []
    func add(_ columns: [TargetColumn], _ sources: [CellSource], condition: Int?, isDefaultRow: Bool) {
      for (column, source) in zip(columns, sources) {
        guard case .slot(let slot) = source,
          let check = CommerceCheck(entity: entity, column: column, creates: target.creates)
        else { continue }
        let cell = CellCheck(
          state: Int32(state), slot: Int32(slot), condition: Int32(condition ?? -1), isDefaultRow: isDefaultRow,
          check: check)
        let isSensitive = column.program.fields.contains { fields[$0].isSensitive }
        checks.append((cell, CheckedCell(place: "\(target.name).\(column.name)", isSensitive: isSensitive)))
      }
    }
    add(target.columns, layout.columns, condition: nil, isDefaultRow: true)
    for (row, rowLayout) in zip(target.rows, layout.rows) {
      add(row.columns, rowLayout.columns, condition: rowLayout.condition, isDefaultRow: false)
    }
    return checks
  }

  private static func hash(_ feed: FeedDefinition) throws(SluiceError) -> String {
    let hash = try ContentHash()
    Array(feed.text.utf8).withView { hash.update($0) }
    for lookup in feed.lookupFiles {
      Array("\u{0}\(lookup.path)\u{0}".utf8).withView { hash.update($0) }
      lookup.content.withView { hash.update($0) }
    }
    return hash.finish()
  }

  /// The group of a key: its leading parts.
  func group(of key: ByteView) -> ByteView { prefix(of: key, parts: groupParts) }

  /// The first `parts` parts of a key or of its spelling.
  private func prefix(of key: ByteView, parts: Int) -> ByteView {
    var seen = 0
    for index in 0..<key.count where key[index] == KeyEncoder.separator {
      seen += 1
      if seen == parts { return key.slice(from: 0, count: index) }
    }
    return key
  }

  /// Whether two spellings of a group are one group.
  var hasFoldedGroup: Bool { feed.key.prefix(groupParts).contains(where: \.isFolded) }

  /// How the entries of a segment with this description read in terms of this plan; nil when it is damaged.
  func segmentMap(of metadata: [UInt8]) -> SegmentMap? {
    if let known = segmentMaps.withLock({ $0[metadata] }) { return known }
    guard let decoded = try? JSONDecoder().decode(SegmentMetadata.self, from: Data(metadata)) else { return nil }
    let map = SegmentMap(decoded, plan: self)
    segmentMaps.withLock { maps in
      if maps.count >= Self.mostSegmentMaps { maps.removeAll() }
      maps[metadata] = map
    }
    return map
  }

  /// Fields whose values follow from how the key is spelled, ascending: computed from a folded part of it, key fields
  /// themselves excepted.
  var spelledFields: [Int] {
    var spelled = Set(feed.key.filter(\.isFolded).map(\.field))
    let keyFields = Set(feed.key.map(\.field))
    var found: Set<Int> = []
    for (index, field) in feed.fields.enumerated() where !keyFields.contains(index) {
      guard case .computed(let program) = field.source, !spelled.isDisjoint(with: program.fields) else { continue }
      spelled.insert(index)
      found.insert(index)
    }
    return found.sorted()
  }

  /// Names of the key fields.
  var keyNames: [String] { feed.key.map { feed.fields[$0.field].name } }
}
