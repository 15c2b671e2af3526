import Streams

/// What fills batches with rows: a drop's reader, or a test's.
public protocol RowReader: AnyObject {
  /// Fills `batch` with the next whole rows and sets its `isLast`, which may also be true of a batch without rows.
  /// Not to be called again after the last batch or an error.
  func fill(_ batch: RowBatch) throws(SluiceError)
}

/// What a reader takes before a drop counts as damaged.
public struct ReadLimits: Equatable, Sendable {
  /// The most bytes in a row, line end left out; a batch's capacity less two bounds it as well.
  public var rowBytes: Int
  /// The deepest nesting of XML elements.
  public var depth: Int
  /// What gzip may inflate to.
  public var inflate: InflateLimits

  /// Limits: rows of 1 MiB, XML of 256 levels.
  public init(rowBytes: Int = 1 << 20, depth: Int = 256, inflate: InflateLimits = InflateLimits()) {
    self.rowBytes = rowBytes
    self.depth = depth
    self.inflate = inflate
  }
}
