import Streams
import Tabular

/// Digests the bytes of a row from which a record is made, as they stand in the drop.
///
/// A record is a function of these bytes, of the definition, of which column each field is read from and of what the
/// file pattern captured for fields. As long as the latter are the same (the key of the digest sees to that), a row
/// with the digest of last time is the row of last time, and needs neither validation nor mapping. Columns that no
/// field reads do not count.
public final class SourceDigest {
  private let key: DigestKey
  /// Columns that count, ascending.
  private let columns: FixedBuffer<Int32>
  /// Neighbouring columns among them: first and last of each run.
  private let runs: FixedBuffer<SIMD2<Int32>>
  private let columnCount: Int
  private let gathered = ByteArena(capacity: 1 << 12)

  /// A digest of `columns` (indices of the reader's fields) out of `columnCount`.
  public init(columns: Set<Int>, columnCount: Int, key: DigestKey) {
    self.key = key
    self.columnCount = columnCount
    let sorted = columns.sorted()
    var runs: [SIMD2<Int32>] = []
    for column in sorted {
      if let last = runs.last, Int(last.y) + 1 == column {
        runs[runs.count - 1].y = Int32(column)
      } else {
        runs.append(SIMD2(Int32(column), Int32(column)))
      }
    }
    self.columns = FixedBuffer(sorted.map { Int32($0) })
    self.runs = FixedBuffer(runs)
  }

  /// The digest of a row without defect.
  @inline(__always)
  public func digest(_ batch: RowBatch, _ head: RowHead) -> Digest128 {
    if head.length > 0, runs.count == 1 { return RowDigest.digest(text(batch, head, runs[0]), key: key) }
    return gather(batch, head)
  }

  /// Digests all rows of a batch.
  public func digestRows(of batch: RowBatch) { batch.setSources { head in digest(batch, head) } }

  /// The text of a run of columns, quotes and delimiters included: with the dialect known, it says each value.
  @inline(__always)
  private func text(_ batch: RowBatch, _ head: RowHead, _ run: SIMD2<Int32>) -> ByteView {
    let first = batch.slice(Int(head.firstField) &+ Int(run.x))
    let last = batch.slice(Int(head.firstField) &+ Int(run.y))
    let start = first.start &- (first.flags.contains(.quoted) ? 1 : 0)
    let end = last.start &+ last.count &+ (last.flags.contains(.quoted) ? 1 : 0)
    return ByteView(base: batch.bytes + start, count: end &- start)
  }

  /// Lengths first, so that no two rows are joined to the same bytes.
  private func gather(_ batch: RowBatch, _ head: RowHead) -> Digest128 {
    gathered.removeAll()
    if head.length > 0 {
      for index in 0..<runs.count {
        let text = text(batch, head, runs[index])
        gathered.append(raw: UInt32(truncatingIfNeeded: text.count))
        gathered.append(text)
      }
    } else {
      for index in 0..<columns.count {
        let slice = batch.slice(Int(head.firstField) &+ Int(columns[index]))
        gathered.append(raw: UInt32(truncatingIfNeeded: slice.count << 4) | UInt32(slice.flags.rawValue))
        gathered.append(batch.view(slice))
      }
    }
    return RowDigest.digest(gathered.view, key: key)
  }
}
