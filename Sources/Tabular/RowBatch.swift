import Glibc
import Streams

/// One field of a row: where its bytes stand in the batch, and what the reader found out about them.
public struct FieldSlice: BitwiseCopyable {
  /// What the reader knows about a field.
  public struct Flags: OptionSet, Sendable {
    /// The bits.
    public let rawValue: UInt8
    /// Flags of these bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// Stood in quotes (which the slice leaves out).
    public static let quoted = Flags(rawValue: 1)
    /// Holds doubled quotes or escapes that still have to be undone (`CellText`).
    public static let escaped = Flags(rawValue: 2)
    /// The record has no such element or attribute at all (XML), or the row ends before it (CSV); differs from present
    /// and empty.
    public static let absent = Flags(rawValue: 4)
  }

  private let bits: UInt64

  /// A slice of `count` bytes (at most 2^28) from `start` (at most 2^32) in the batch.
  @inline(__always)
  public init(start: Int, count: Int, flags: Flags = []) {
    bits =
      UInt64(truncatingIfNeeded: start) << 32 | UInt64(truncatingIfNeeded: count) << 4
      | UInt64(truncatingIfNeeded: flags.rawValue)
  }

  /// First byte in the batch.
  @inline(__always)
  public var start: Int { Int(bits >> 32) }
  /// Length in bytes.
  @inline(__always)
  public var count: Int { Int((bits >> 4) & 0xFFF_FFFF) }
  /// What the reader found.
  @inline(__always)
  public var flags: Flags { Flags(rawValue: UInt8(truncatingIfNeeded: bits & 0xF)) }
}

/// What the reader knows about one row of a batch.
public struct RowHead: BitwiseCopyable {
  /// Why a row can not be used as it stands.
  public enum Defect: UInt8, Sendable, BitwiseCopyable {
    /// Nothing wrong.
    case none
    /// Fewer fields than the header.
    case short
    /// More fields than the header.
    case long
    /// A byte that is wrong in the declared encoding; `defectField` is its column, from 0.
    case badByte
    /// Text after a closing quote; `defectField` is its column, from 0.
    case misplacedQuote
    /// More bytes or fields than the limits allow.
    case tooLong
    /// A type of record that is neither data nor passed over; `defectField` is the column that says it, from 0.
    case recordType
  }

  /// Index of its first field in the batch.
  public var firstField: UInt32
  /// How many fields it has.
  public var fieldCount: UInt32
  /// Where its raw bytes stand in the batch (0 and 0 when the reader keeps none, as for XML).
  public var start: UInt32
  /// Length of the raw bytes without the line end.
  public var length: UInt32
  /// Lines between the batch's first line and this row's first line.
  public var lineOffset: UInt32
  /// The column concerned by `defect`, from 0.
  public var defectField: UInt16
  /// Whether the row can be used.
  public var defect: Defect

  /// A row without defect.
  @inline(__always)
  public init(firstField: Int, fieldCount: Int, start: Int, length: Int, lineOffset: Int) {
    self.firstField = UInt32(truncatingIfNeeded: firstField)
    self.fieldCount = UInt32(truncatingIfNeeded: fieldCount)
    self.start = UInt32(truncatingIfNeeded: start)
    self.length = UInt32(truncatingIfNeeded: length)
    self.lineOffset = UInt32(truncatingIfNeeded: lineOffset)
    defectField = 0
    defect = .none
  }
}

/// A fixed arena of whole rows (bytes, field slices, row heads), filled by a reader, emptied by the worker, used again.
///
/// A row's fields are `fields[firstField ..< firstField + fieldCount]`. CSV rows have the file's columns in the file's
/// order; XML rows have one field per path of the definition, in the definition's order, several matches of one path
/// joined by U+001F (which XML forbids in documents).
///
/// Invariant: exactly one thread owns a batch at a time; `HandoverQueue` hands it over.
public final class RowBatch: @unchecked Sendable {
  /// Room for row bytes.
  public let capacity: Int
  /// The most fields a batch holds.
  public let maximumFields: Int
  /// The most rows a batch holds.
  public let maximumRows: Int
  /// Bytes of the rows; the reader writes here.
  public let bytes: UnsafeMutablePointer<UInt8>
  private let fields: UnsafeMutablePointer<FieldSlice>
  private let heads: UnsafeMutablePointer<RowHead>
  /// Fields in use.
  public private(set) var fieldCount = 0
  /// Rows in use.
  public private(set) var rowCount = 0
  /// Line of the file (from 1) at which the batch starts; a row's line is this plus its `lineOffset`.
  public var firstLine = 1
  /// Share of the drop's raw bytes read once this batch was filled: for the progress line.
  public var rawBytesRead = 0
  /// True for the last batch of a drop.
  public var isLast = false
  /// Whether `source` has a digest for each row.
  public private(set) var hasSources = false
  private let sources: UnsafeMutablePointer<Digest128>
  private var storeLayout = StoreLayout.none
  private var storeOffset: UInt64 = 0

  /// A batch with room for `capacity` bytes.
  public init(capacity: Int = 1 << 20) {
    self.capacity = capacity
    maximumFields = max(capacity / 4, 1 << 16)
    maximumRows = max(capacity / 16, 1 << 12)
    bytes = .allocate(capacity: capacity + 64)
    fields = .allocate(capacity: maximumFields)
    heads = .allocate(capacity: maximumRows)
    sources = .allocate(capacity: maximumRows)
  }

  deinit {
    bytes.deallocate()
    fields.deallocate()
    heads.deallocate()
    sources.deallocate()
  }

  /// Forgets all rows.
  public func removeAll() {
    fieldCount = 0
    rowCount = 0
    isLast = false
    hasSources = false
  }

  /// Adds a field of the row under construction; false when the batch has no room for another.
  @inline(__always)
  public func appendField(_ slice: FieldSlice) -> Bool {
    guard fieldCount < maximumFields else { return false }
    fields[fieldCount] = slice
    fieldCount &+= 1
    return true
  }

  /// Takes back the fields from `count` on: those of a row that was not finished.
  @inline(__always)
  public func truncateFields(to count: Int) { fieldCount = count }

  /// Adds a finished row; false when the batch has no room for another.
  @inline(__always)
  public func appendRow(_ head: RowHead) -> Bool {
    guard rowCount < maximumRows else { return false }
    heads[rowCount] = head
    rowCount &+= 1
    return true
  }

  /// Takes the rows from `index` (below `rowCount`) on out again.
  func removeRows(from index: Int) {
    rowCount = index
    fieldCount = Int(heads[index].firstField)
  }

  /// The head of row `index`.
  @inline(__always)
  public func head(_ index: Int) -> RowHead {
    assert(index < rowCount)
    return heads[index]
  }

  /// The digest of the bytes of row `index`, or `none` when it has a defect; only when the batch `hasSources`.
  @inline(__always)
  public func source(_ index: Int) -> Digest128 {
    assert(hasSources && index < rowCount)
    return sources[index]
  }

  /// Gives every row its digest: `digest` is asked for those without defect.
  @inline(__always)
  public func setSources(_ digest: (RowHead) -> Digest128) {
    for row in 0..<rowCount {
      let head = heads[row]
      sources[row] = head.defect == .none ? digest(head) : .none
    }
    hasSources = true
  }

  /// Says how and from where on the rows lie in the drop's store.
  func setStore(_ layout: StoreLayout, offset: UInt64) {
    storeLayout = layout
    storeOffset = offset
  }

  /// Says that the store has `count` bytes more before the rows.
  func moveStore(by count: Int) { storeOffset += UInt64(count) }

  /// Where the row `index` lies in the drop's store; meaningless when the drop is read without one.
  @inline(__always)
  public func place(_ index: Int) -> RowPlace {
    let head = head(index)
    let line = UInt32(clamping: firstLine &+ Int(head.lineOffset))
    if storeLayout == .text {
      return RowPlace(offset: storeOffset &+ UInt64(head.start), length: head.length, line: line)
    }
    // The bytes of the fields follow one another from the batch's first byte on, each row's behind its words.
    let fields = Int(head.fieldCount)
    guard fields > 0 else { return RowPlace(offset: storeOffset, length: 0, line: line) }
    let first = slice(Int(head.firstField))
    let last = slice(Int(head.firstField) &+ fields &- 1)
    let offset = 4 &* fields &* index &+ first.start
    let length = 4 &* fields &+ last.start &+ last.count &- first.start
    return RowPlace(
      offset: storeOffset &+ UInt64(offset), length: UInt32(truncatingIfNeeded: length), line: line)
  }

  /// Marks row `index` as unusable.
  public func mark(_ index: Int, _ defect: RowHead.Defect, field: Int) {
    heads[index].defect = defect
    heads[index].defectField = UInt16(clamping: field)
  }

  /// The slice of a field by its index in the batch.
  @inline(__always)
  public func slice(_ index: Int) -> FieldSlice {
    assert(index < fieldCount)
    return fields[index]
  }

  /// The bytes of a slice, without quotes, doubled quotes still doubled.
  @inline(__always)
  public func view(_ slice: FieldSlice) -> ByteView { ByteView(base: bytes + slice.start, count: slice.count) }

  /// The raw bytes of a row without its line end.
  public func rawView(_ head: RowHead) -> ByteView {
    ByteView(base: bytes + Int(head.start), count: Int(head.length))
  }

  /// Makes this a batch of one row with these texts, nil for fields that are absent, on `line`. False when they have no
  /// room.
  public func setRow(_ texts: [String?], line: Int) -> Bool {
    removeAll()
    var end = 0
    for text in texts {
      let content = Array((text ?? "").utf8)
      guard content.count <= capacity - end else { return false }
      content.withUnsafeBufferPointer { content in
        if let base = content.baseAddress { memcpy(bytes + end, base, content.count) }
      }
      let slice = FieldSlice(start: end, count: content.count, flags: text == nil ? .absent : [])
      guard appendField(slice) else { return false }
      end += content.count
    }
    firstLine = line
    isLast = true
    return appendRow(RowHead(firstField: 0, fieldCount: texts.count, start: 0, length: 0, lineOffset: 0))
  }

  /// The text of a slice, with what `cells` undoes undone; off the hot path.
  public func text(_ slice: FieldSlice, _ cells: CellText) -> String { cells.text(view(slice), slice.flags) }
}
