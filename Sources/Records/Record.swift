import Streams

/// The typed values of one row, with the space that they were made in. One for each thread, used again for every row.
///
/// Values borrow from the batch that the row stands in and from `scratch`: they are good until the next `validate`
/// or until the batch goes back to its reader, whichever is first.
public final class Record {
  /// Room for the texts made for one row.
  public static let scratchCapacity = 4 << 20

  /// The values, by field index. Fields that are not readable are null.
  public let values: ValueRow
  /// Texts made for this row; the mapping may add to it until the next row.
  public let scratch: ByteArena
  /// Runs expressions; its fault is nil at the start of each row.
  public let evaluator = Evaluator()
  /// Why the row is rejected; nil for a good one.
  public var reject: RowReject?
  private let unreadable: FixedBuffer<Bool>
  private var hasUnreadable = false

  /// A record of `fieldCount` fields.
  public init(fieldCount: Int, scratchCapacity: Int = Record.scratchCapacity) {
    values = ValueRow(count: fieldCount)
    scratch = ByteArena(capacity: scratchCapacity, fixed: true)
    unreadable = FixedBuffer(repeating: false, count: fieldCount)
  }

  /// Whether the value of `field` is good: present in the row and within all its rules, or rightly null. A rejected row
  /// whose key fields are readable counts as seen.
  @inline(__always)
  public func isReadable(_ field: Int) -> Bool { !hasUnreadable || !unreadable[field] }

  /// Whether any field is not readable.
  @inline(__always)
  var isDamaged: Bool { hasUnreadable }

  /// Forgets the row before.
  @inline(__always)
  func beginRow() {
    scratch.removeAll()
    reject = nil
    evaluator.fault = nil
    if hasUnreadable { forgetUnreadable() }
  }

  private func forgetUnreadable() {
    for field in 0..<unreadable.count { unreadable[field] = false }
    hasUnreadable = false
  }

  /// Marks `field` as not readable and makes it null.
  @inline(never)
  func lose(_ field: Int) {
    unreadable[field] = true
    hasUnreadable = true
    values[field] = .null
  }

  /// Keeps the first reject of the row.
  @inline(never)
  func refuse(_ reject: RowReject) {
    if self.reject == nil { self.reject = reject }
  }
}
