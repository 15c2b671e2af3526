import Glibc
import Streams

/// One field of a row: where its bytes stand in the batch, and what the reader found out about them.
@usableFromInline
package struct FieldSlice: BitwiseCopyable {
  /// What the reader knows about a field.
  @usableFromInline
  package struct Flags: OptionSet, Sendable {
    @usableFromInline package let rawValue: UInt8
    @inlinable package init(rawValue: UInt8) { self.rawValue = rawValue }
    /// Stood in quotes (which the slice leaves out).
    @inlinable package static var quoted: Flags { Flags(rawValue: 1) }
    /// Holds doubled quotes that still have to be undone.
    @inlinable package static var escaped: Flags { Flags(rawValue: 2) }
    /// The record has no such element or attribute at all (XML); differs from present and empty.
    @inlinable package static var absent: Flags { Flags(rawValue: 4) }
  }

  @usableFromInline let bits: UInt64

  /// A slice of `count` bytes (at most 2^28) from `start` (at most 2^32) in the batch.
  @inlinable @inline(__always)
  package init(start: Int, count: Int, flags: Flags = []) {
    bits =
      UInt64(truncatingIfNeeded: start) << 32 | UInt64(truncatingIfNeeded: count) << 4
      | UInt64(truncatingIfNeeded: flags.rawValue)
  }

  /// First byte in the batch.
  @inlinable @inline(__always)
  package var start: Int { Int(bits >> 32) }
  /// Length in bytes.
  @inlinable @inline(__always)
  package var count: Int { Int((bits >> 4) & 0xFFF_FFFF) }
  /// What the reader found.
  @inlinable @inline(__always)
  package var flags: Flags { Flags(rawValue: UInt8(truncatingIfNeeded: bits & 0xF)) }
}

/// What the reader knows about one row of a batch.
@usableFromInline
package struct RowHead: BitwiseCopyable {
  /// Why a row can not be used as it stands.
  @usableFromInline
  package enum Defect: UInt8, Sendable, BitwiseCopyable {
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
  }

  /// Index of its first field in the batch.
  @usableFromInline package var firstField: UInt32
  /// How many fields it has.
  @usableFromInline package var fieldCount: UInt32
  /// Where its raw bytes stand in the batch (0 and 0 when the reader keeps none, as for XML).
  @usableFromInline package var start: UInt32
  /// Length of the raw bytes without the line end.
  @usableFromInline package var length: UInt32
  /// Lines between the batch's first line and this row's first line.
  @usableFromInline package var lineOffset: UInt32
  /// The column concerned by `defect`, from 0.
  @usableFromInline package var defectField: UInt16
  /// Whether the row can be used.
  @usableFromInline package var defect: Defect

  /// A row without defect.
  @inlinable @inline(__always)
  package init(firstField: Int, fieldCount: Int, start: Int, length: Int, lineOffset: Int) {
    self.firstField = UInt32(truncatingIfNeeded: firstField)
    self.fieldCount = UInt32(truncatingIfNeeded: fieldCount)
    self.start = UInt32(truncatingIfNeeded: start)
    self.length = UInt32(truncatingIfNeeded: length)
    self.lineOffset = UInt32(truncatingIfNeeded: lineOffset)
    defectField = 0
    defect = .none
  }
}

/// A fixed arena of whole rows: bytes, field slices and row heads; filled by a reader, emptied by the worker, used again.
///
/// A row's fields are `fields[firstField ..< firstField + fieldCount]`. CSV rows have the file's columns in the file's
/// order; XML rows have one field per path of the definition, in the definition's order, several matches of one path
/// joined by U+001F (which XML forbids in documents).
///
/// Invariant: exactly one thread owns a batch at a time; `BatchQueue` hands it over.
@usableFromInline
package final class RowBatch: @unchecked Sendable {
  /// Room for row bytes.
  @usableFromInline package let capacity: Int
  /// The most fields a batch holds.
  @usableFromInline package let maximumFields: Int
  /// The most rows a batch holds.
  @usableFromInline package let maximumRows: Int
  /// Bytes of the rows; the reader writes here.
  @usableFromInline package let bytes: UnsafeMutablePointer<UInt8>
  @usableFromInline let fields: UnsafeMutablePointer<FieldSlice>
  @usableFromInline let heads: UnsafeMutablePointer<RowHead>
  // exclusivity(unchecked): one thread owns a batch, and no method lends these to code that could call back. Other
  // modules read them through the computed properties, because the attribute does not reach across modules.
  @exclusivity(unchecked) @usableFromInline var usedFields = 0
  @exclusivity(unchecked) @usableFromInline var usedRows = 0
  /// Fields in use.
  @inlinable @inline(__always)
  package var fieldCount: Int { usedFields }
  /// Rows in use.
  @inlinable @inline(__always)
  package var rowCount: Int { usedRows }
  /// Line of the file (from 1) at which the batch starts; a row's line is this plus its `lineOffset`.
  package var firstLine = 1
  /// Share of the drop's raw bytes read once this batch was filled: for the progress line.
  package var rawBytesRead = 0
  /// True for the last batch of a drop.
  package var isLast = false

  /// A batch with room for `capacity` bytes.
  package init(capacity: Int = 1 << 20) {
    self.capacity = capacity
    maximumFields = max(capacity / 4, 1 << 16)
    maximumRows = max(capacity / 16, 1 << 12)
    bytes = .allocate(capacity: capacity + 64)
    fields = .allocate(capacity: maximumFields)
    heads = .allocate(capacity: maximumRows)
  }

  deinit {
    bytes.deallocate()
    fields.deallocate()
    heads.deallocate()
  }

  /// Forgets all rows.
  package func removeAll() {
    usedFields = 0
    usedRows = 0
    isLast = false
  }

  /// Adds a field of the row under construction; false when the batch has no room for another.
  @inlinable @inline(__always)
  package func appendField(_ slice: FieldSlice) -> Bool {
    guard usedFields < maximumFields else { return false }
    fields[usedFields] = slice
    usedFields &+= 1
    return true
  }

  /// Takes back the fields from `count` on: those of a row that was not finished.
  @inlinable @inline(__always)
  package func truncateFields(to count: Int) { usedFields = count }

  /// Adds a finished row; false when the batch has no room for another.
  @inlinable @inline(__always)
  package func appendRow(_ head: RowHead) -> Bool {
    guard usedRows < maximumRows else { return false }
    heads[usedRows] = head
    usedRows &+= 1
    return true
  }

  /// The head of row `index`.
  @inlinable @inline(__always)
  package func head(_ index: Int) -> RowHead {
    assert(index < usedRows)
    return heads[index]
  }

  /// Marks row `index` as unusable.
  package func mark(_ index: Int, _ defect: RowHead.Defect, field: Int) {
    heads[index].defect = defect
    heads[index].defectField = UInt16(clamping: field)
  }

  /// The slice of a field by its index in the batch.
  @inlinable @inline(__always)
  package func slice(_ index: Int) -> FieldSlice {
    assert(index < usedFields)
    return fields[index]
  }

  /// The bytes of a slice, without quotes, doubled quotes still doubled.
  @inlinable @inline(__always)
  package func view(_ slice: FieldSlice) -> ByteView { ByteView(base: bytes + slice.start, count: slice.count) }

  /// The raw bytes of a row without its line end.
  @inlinable
  package func rawView(_ head: RowHead) -> ByteView {
    ByteView(base: bytes + Int(head.start), count: Int(head.length))
  }
}
