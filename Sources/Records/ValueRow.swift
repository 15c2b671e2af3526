/// A fixed number of values: the fields of a record, or what they were when the key was last published.
///
/// Text values borrow from a batch or an arena; the row neither copies nor frees them. One thread owns a row.
public final class ValueRow: @unchecked Sendable {
  private let values: FixedBuffer<Value>

  /// A row of `count` nulls.
  public init(count: Int) { values = FixedBuffer(repeating: .null, count: count) }

  /// How many values there are.
  @inline(__always)
  public var count: Int { values.count }

  /// The value at `index`, which must lie in `0..<count`.
  @inline(__always)
  public subscript(index: Int) -> Value {
    get { values[index] }
    set { values[index] = newValue }
  }

  /// Makes every value null.
  public func removeAll() {
    for index in 0..<values.count { values[index] = .null }
  }
}
