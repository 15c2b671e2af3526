import Diff
import Records
import Streams

/// Writes the rows of one Commerce target: each row into the file of its column set, so that an update never carries a
/// blank cell (Commerce takes a blank quantity for 0 and a blank `product_online` for "disabled").
public final class CommerceWriter {
  /// Which file a row belongs to: the variant and the columns that it fills.
  private struct FileKey: Hashable {
    var variant: String?
    var behaviour: String
    var columns: SIMD4<UInt64>
  }

  let definition: TargetDefinition
  private let entity: CommerceEntity
  let layout: ImageLayout.TargetLayout
  let columns: CommerceColumns
  /// Columns that must not be blank in a file, ascending.
  private let harmful: [Int]
  /// By row and column.
  private let plainCells: FixedBuffer<PlainCell>
  private let latePrograms: [CompiledProgram]
  private let staging: StagingArea
  let evaluator: Evaluator
  private let now: Value
  private var files: [FileKey: RowFile] = [:]
  /// The file that was written to last: neighbouring rows mostly fill the same columns.
  private var last: (columns: SIMD4<UInt64>, isNew: Bool, variant: String?, file: RowFile)?
  private var deleteFile: RowFile?
  /// Keeps removals back; nil when no key can have the identity of another.
  let tracker: IdentityTracker?
  /// What Commerce asks of each column that is sent once; nil: nothing.
  let onceChecks: [CommerceCheck?]
  /// Some column is evaluated from the record when its first row goes out.
  public let hasOnce: Bool
  let scratch = ByteArena(capacity: 1 << 20, fixed: true)
  /// The cells of the row under construction; nil is blank.
  private let cells: FixedBuffer<ByteView?>
  /// The most columns that a target may have.
  public static let maximumColumns = 256

  /// A writer of `definition`; `late` are the layout's late programs, compiled, `key` the parts of the key. What has
  /// to wait for the end of the drop is spilled into `scratchDirectory`.
  public init(
    _ definition: TargetDefinition, entity: CommerceEntity, layout: ImageLayout.TargetLayout, late: [CompiledProgram],
    staging: StagingArea, evaluator: Evaluator, now: Value, key: [IdentityPart], scratchDirectory: String
  ) {
    self.definition = definition
    self.entity = entity
    self.layout = layout
    self.staging = staging
    self.evaluator = evaluator
    self.now = now
    latePrograms = late
    columns = CommerceColumns(definition, entity: entity, layout: layout)
    let names = columns.columns.map(\.name)
    harmful = names.indices.filter { CommerceEntity.harmfulWhenBlank.contains(names[$0]) }
    tracker = Self.tracker(definition, entity: entity, columns: columns, key: key, directory: scratchDirectory)
    onceChecks = Self.onceChecks(definition, entity: entity, columns: columns)
    hasOnce = columns.columns.contains(where: \.isOnce)
    cells = FixedBuffer(repeating: nil, count: names.count)
    plainCells = FixedBuffer(columns.plainCells())
  }

  /// Writes the rows of a key that is new, changed or returned. `old` is what was sent before, if anything; `record` is
  /// needed for `once` columns. Returns the rows written.
  public func write(
    _ change: TargetChange, new: ImageView, old: ImageView?, record: Record?
  ) throws(SluiceError) -> Int {
    var before = old
    var written = 0
    var omitted = SIMD4<UInt64>()
    if change == .changed, let old, !hasSameIdentity(new, old) {
      written += try remove(old)
      before = nil
    }
    let isFirst = isFirst(change, before: before)
    let variant = entity.separatesNewRows ? (isFirst && definition.creates ? "new" : "update") : nil
    let isDefinitionChange = change == .changed && (before.map { before in isRedefined(new, before) } ?? false)
    for row in 0..<columns.storeViews.count {
      scratch.removeAll()
      guard exists(row, new) else {
        if let before, change == .changed, exists(row, before) {
          written += try clear(row, new: new, old: before)
        }
        continue
      }
      if change == .changed, !isDefinitionChange, let before, exists(row, before), isSame(row, new, before) { continue }
      fill(row, new, isFirst: isFirst, record: record)
      if change == .returned, !isFirst, row == 0, let online = columns.addedOnlineColumn {
        cells[online] = literal("1")
      }
      if row == 0 { omitted = harmfulBlanks() }
      try emit(variant: variant, allColumns: variant == "new", omitted: omitted)
      written += 1
    }
    return written
  }

  /// Writes every row of a key once more as it was sent, as an update: `once` columns stay out of it. Returns the rows
  /// written.
  public func rewrite(_ image: ImageView) throws(SluiceError) -> Int {
    var written = 0
    var omitted = SIMD4<UInt64>()
    for row in 0..<columns.storeViews.count {
      scratch.removeAll()
      guard exists(row, image) else { continue }
      fill(row, image, isFirst: false, record: nil)
      if row == 0 { omitted = harmfulBlanks() }
      try emit(variant: entity.separatesNewRows ? "update" : nil, allColumns: false, omitted: omitted)
      written += 1
    }
    return written
  }

  /// Writes what `removed:` says for a key that vanished or was withdrawn, at once or at the end of the drop; `old` is
  /// what was sent last. Returns the number of rows written.
  public func remove(_ old: ImageView) throws(SluiceError) -> Int {
    guard definition.removed != .keep else { return 0 }
    scratch.removeAll()
    let rows = onlineRows(old)
    if let tracker {
      try tracker.noteRemoved(identity(old), rows: rows)
      return 0
    }
    return try emitRemoval(identity(old), rows: rows)
  }

  /// For each row of a record a byte that is 1 when the row says by itself whether the product is online.
  private func onlineRows(_ old: ImageView) -> ByteView {
    let start = scratch.count
    guard definition.removed == .disable, let online = columns.index(of: "product_online") else { return ByteView() }
    let sources = columns.columns[online].sources
    for row in sources.indices {
      let isOwn = row > 0 && exists(row, old) && text(sources[row], old) != nil
      scratch.append(isOwn ? 1 : 0 as UInt8)
    }
    return scratch.view(from: start)
  }

  /// Writes the removal of the row with these identity cells, which may stand in the scratch space. `rows` is what
  /// `onlineRows` said of it. Returns the rows written.
  func emitRemoval(_ identity: [ByteView], rows: ByteView) throws(SluiceError) -> Int {
    for index in 0..<cells.count { cells[index] = nil }
    for (index, cell) in zip(columns.columns.indices.filter { columns.columns[$0].isIdentity }, identity) {
      cells[index] = cell.isEmpty ? nil : cell
    }
    var written = 1
    switch definition.removed {
    case .keep: return 0
    case .delete:
      try emitDelete()
    case .zero:
      for name in ["status", "quantity"] {
        if let index = columns.index(of: name) { cells[index] = literal("0") }
      }
      try emit(variant: nil, allColumns: false)
    case .disable:
      if let index = columns.index(of: "product_online") { cells[index] = literal("2") }
      try emit(variant: "update", allColumns: false)
      // What a store view says for itself outweighs the default.
      for row in 0..<rows.count where rows[row] == 1 {
        if let index = columns.storeViewColumn { cells[index] = copy(columns.storeViews[row]) }
        try emit(variant: "update", allColumns: false)
        written += 1
      }
    }
    return written
  }

  /// Writes a row of a delete file by the identity in `old`.
  public func emitDelete(_ old: ImageView) throws(SluiceError) {
    scratch.removeAll()
    for (index, column) in columns.columns.enumerated() {
      cells[index] = column.isIdentity ? identityText(column, old) : nil
    }
    try emitDelete()
  }

  /// Writes a row of a delete file by the identity in the cells.
  private func emitDelete() throws(SluiceError) {
    let file = try currentDeleteFile()
    for name in entity.deleteColumns {
      let cell = columns.index(of: name).flatMap { cells[$0] }
      file.append(name == "quantity" ? literal("0") : cell ?? ByteView())
    }
    try file.endRow()
  }

  // MARK: - Cells

  private func fill(_ row: Int, _ image: ImageView, isFirst: Bool, record: Record?) {
    for index in 0..<cells.count {
      let plain = plainCells[row &* cells.count &+ index]
      if plain.isPlain {
        // What most cells are: one of the image, or blank.
        cells[index] = plain.slot < 0 ? nil : text(slot: Int(plain.slot), image)
        if isFirst, row > 0 { hideEmptyValue(index) }
        continue
      }
      let column = columns.columns[index]
      if index == columns.storeViewColumn {
        cells[index] = row == 0 ? nil : copy(columns.storeViews[row])
      } else if !column.packed.isEmpty {
        cells[index] = row == 0 ? pack(column, image) : nil
      } else if column.isOnce {
        cells[index] = isFirst && row == 0 ? late(column.sources[0], record) : nil
      } else if row > 0, !isFirst, CommerceEntity.repeatedForNew.contains(column.name) {
        cells[index] = nil
      } else {
        cells[index] = text(column.sources[row], image).map { column.isList ? separated($0, by: 0x2C) : $0 }
      }
      if isFirst, row > 0 { hideEmptyValue(index) }
    }
  }

  /// In a new store view there is nothing to clear, and the constant would hide the default text for good.
  private func hideEmptyValue(_ index: Int) {
    if let cell = cells[index], cell == literal(commerceEmptyValue) { cells[index] = nil }
  }

  @inline(__always)
  func text(slot: Int, _ image: ImageView) -> ByteView? {
    switch image.state(slot) {
    case .null: return nil
    case .clear: return literal(commerceEmptyValue)
    case .value:
      let text = image.text(slot)
      return text.isEmpty ? nil : text
    }
  }

  /// The text of a cell; nil when nothing is to be sent.
  func text(_ source: CellSource?, _ image: ImageView) -> ByteView? {
    switch source {
    case .slot(let slot): text(slot: slot, image)
    case .constant(let text): text.isEmpty ? nil : copy(text)
    case .program, nil: nil
    }
  }

  func late(_ source: CellSource?, _ record: Record?) -> ByteView? {
    guard let record, case .program(let index)? = source else { return nil }
    let value = evaluator.evaluate(
      latePrograms[index], fields: record.values, old: nil, now: now, scratch: record.scratch)
    guard value.isPresent else { return value.kind == .clear ? literal(commerceEmptyValue) : nil }
    let start = scratch.count
    ValueText.append(value, to: scratch)
    return scratch.view(from: start)
  }

  /// `code=value` pairs joined by commas; lists inside a value by pipes.
  private func pack(_ column: CommerceColumns.Column, _ image: ImageView) -> ByteView? {
    let parts = column.packed.map { (code: $0.code, text: text($0.source, image), isList: $0.isList) }
    let start = scratch.count
    for part in parts {
      guard let text = part.text else { continue }
      if scratch.count > start { scratch.append(0x2C as UInt8) }
      scratch.append(part.code)
      scratch.append(0x3D as UInt8)
      for index in 0..<text.count { scratch.append(part.isList && text[index] == listSeparator ? 0x7C : text[index]) }
    }
    return scratch.count == start ? nil : scratch.view(from: start)
  }

  private func separated(_ list: ByteView, by separator: UInt8) -> ByteView {
    guard list.firstIndex(of: listSeparator) != nil else { return list }
    let start = scratch.count
    for index in 0..<list.count { scratch.append(list[index] == listSeparator ? separator : list[index]) }
    return scratch.view(from: start)
  }

  private func literal(_ text: StaticString) -> ByteView {
    ByteView(base: text.utf8Start, count: text.utf8CodeUnitCount)
  }

  /// Not an overload of `literal`, which would take literals for strings and write them over cells.
  private func copy(_ text: String) -> ByteView {
    let start = scratch.count
    scratch.append(text)
    return scratch.view(from: start)
  }

  /// A store-view row that vanished: optional attributes are cleared there, required ones take the default row's value,
  /// since Commerce has no way to say "use the default again" in a file.
  private func clear(_ row: Int, new: ImageView, old: ImageView) throws(SluiceError) -> Int {
    var isAnythingLeft = false
    for (index, column) in columns.columns.enumerated() {
      cells[index] = nil
      if index == columns.storeViewColumn {
        cells[index] = copy(columns.storeViews[row])
      } else if column.isIdentity {
        cells[index] = text(column.sources[0], new)
      } else if let source = column.sources[row], !CommerceEntity.repeatedForNew.contains(column.name),
        text(source, old) != nil
      {
        let isRequired =
          CommerceEntity.requiredAttributes.contains(column.name)
          || CommerceEntity.harmfulWhenBlank.contains(column.name)
        cells[index] = isRequired ? text(column.sources[0], new) : literal(commerceEmptyValue)
        isAnythingLeft = isAnythingLeft || cells[index] != nil
      }
    }
    guard isAnythingLeft else { return 0 }
    try emit(variant: entity.separatesNewRows ? "update" : nil, allColumns: false)
    return 1
  }

  // MARK: - Files

  /// Columns that a file of new keys leaves out for this default row, since their blank cell would do harm. Further
  /// rows of the record leave out the same ones, so that they stay in the default row's file, behind it.
  private func harmfulBlanks() -> SIMD4<UInt64> {
    var blanks = SIMD4<UInt64>()
    for index in harmful where cells[index] == nil {
      blanks[index >> 6] |= 1 << UInt64(index & 63)
    }
    return blanks
  }

  private func emit(
    variant: String?, allColumns: Bool, omitted: SIMD4<UInt64> = SIMD4()
  ) throws(SluiceError) {
    let filled = filledColumns(allColumns: allColumns, omitted: omitted)
    let file: RowFile
    if let last, last.columns == filled, last.isNew == allColumns, last.variant == variant {
      file = last.file
    } else {
      file = try currentFile(
        FileKey(variant: variant, behaviour: entity.behaviour(definition.behaviour), columns: filled))
      last = (filled, allColumns, variant, file)
    }
    for word in 0..<4 {
      var left = filled[word]
      while left != 0 {
        let index = word &* 64 &+ left.trailingZeroBitCount
        left &= left &- 1
        if let cell = cells[index] { file.append(cell) } else { file.appendEmpty() }
      }
    }
    try file.endRow()
  }

  /// The columns that the row under construction fills: those that have a cell, or all but the `omitted` ones.
  @inline(__always)
  private func filledColumns(allColumns: Bool, omitted: SIMD4<UInt64>) -> SIMD4<UInt64> {
    var filled = SIMD4<UInt64>()
    for word in 0..<4 {
      let first = word &* 64
      let end = min(first &+ 64, cells.count)
      guard first < end else { break }
      var bits: UInt64 = 0
      for index in first..<end where cells[index] != nil { bits |= 1 << UInt64(index &- first) }
      if allColumns { bits |= ~omitted[word] & (UInt64.max >> UInt64(64 &- (end &- first))) }
      filled[word] = bits
    }
    return filled
  }

  private func currentDeleteFile() throws(SluiceError) -> RowFile {
    if let deleteFile { return deleteFile }
    let file = try staging.makeFile(kind(variant: nil, behaviour: "delete"), columns: entity.deleteColumns)
    deleteFile = file
    return file
  }

  private func currentFile(_ key: FileKey) throws(SluiceError) -> RowFile {
    if let file = files[key] { return file }
    let names = columns.columns.indices.filter { key.columns[$0 >> 6] & (1 << UInt64($0 & 63)) != 0 }
    let file = try staging.makeFile(
      kind(variant: key.variant, behaviour: key.behaviour), columns: names.map { columns.columns[$0].name })
    files[key] = file
    return file
  }

  private func kind(variant: String?, behaviour: String) -> StagingArea.Kind {
    StagingArea.Kind(
      target: definition.name, system: .commerce, step: behaviour == "delete" ? 90 : entity.step,
      entity: definition.entity, variant: variant, behaviour: behaviour)
  }
}
