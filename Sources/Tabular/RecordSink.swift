import Glibc
import Streams

/// Where finished records go: into the batch at hand, and once that is full into batches of its own.
///
/// A parser can not be held up in the middle of a chunk, so what its callbacks deliver beyond the batch must stand
/// somewhere until the next batch comes. That is one chunk's records at most.
final class RecordSink {
  /// A batch with its bytes in use, of which a reader of XML keeps count.
  private struct Target {
    let batch: RowBatch
    var used = 0
  }

  private var current: Target?
  private var waiting: [Target] = []
  private var waitingRow = 0
  private var spare: [RowBatch] = []

  /// True while rows wait for the next batch.
  var hasWaiting: Bool { !waiting.isEmpty }

  /// Rows go into `batch` from now on, those that wait first.
  func begin(_ batch: RowBatch) {
    batch.removeAll()
    current = Target(batch: batch)
    while let next = waiting.first {
      while waitingRow < next.batch.rowCount {
        guard copy(row: waitingRow, of: next.batch) else { return }
        waitingRow += 1
      }
      waitingRow = 0
      spare.append(waiting.removeFirst().batch)
    }
  }

  /// Gives the batch away.
  func end() { current = nil }

  /// Writes one row; false when it does not fit into any batch.
  func write(_ values: XMLValues, line: Int, limit: Int) -> Bool {
    let needed = values.rowBytes
    guard let capacity = current?.batch.capacity, needed <= min(limit, capacity) else { return false }
    if waiting.isEmpty, var target = current, RecordSink.hasRoom(target, needed, values.fieldCount) {
      RecordSink.append(values, to: &target, line: line)
      current = target
      return true
    }
    if waiting.isEmpty || !RecordSink.hasRoom(waiting[waiting.count - 1], needed, values.fieldCount) {
      let fresh = spare.popLast() ?? RowBatch(capacity: max(capacity, 1 << 16))
      fresh.removeAll()
      waiting.append(Target(batch: fresh))
      guard RecordSink.hasRoom(waiting[waiting.count - 1], needed, values.fieldCount) else { return false }
    }
    RecordSink.append(values, to: &waiting[waiting.count - 1], line: line)
    return true
  }

  private static func hasRoom(_ target: Target, _ bytes: Int, _ fields: Int) -> Bool {
    target.used + bytes <= target.batch.capacity && target.batch.fieldCount + fields <= target.batch.maximumFields
      && target.batch.rowCount < target.batch.maximumRows
  }

  private static func append(_ values: XMLValues, to target: inout Target, line: Int) {
    let batch = target.batch
    if batch.rowCount == 0 { batch.firstLine = line }
    let firstField = batch.fieldCount
    target.used = values.write(to: batch, at: target.used)
    _ = batch.appendRow(
      RowHead(
        firstField: firstField, fieldCount: values.fieldCount, start: 0, length: 0,
        lineOffset: line - batch.firstLine))
  }

  /// Copies a row that waited into the current batch; false when that is full.
  private func copy(row: Int, of source: RowBatch) -> Bool {
    guard var target = current else { return false }
    let head = source.head(row)
    let fields = Int(head.fieldCount)
    var bytes = 0
    for index in 0..<fields { bytes += source.slice(Int(head.firstField) + index).count }
    guard RecordSink.hasRoom(target, bytes, fields) else { return false }
    let batch = target.batch
    let line = source.firstLine + Int(head.lineOffset)
    if batch.rowCount == 0 { batch.firstLine = line }
    let firstField = batch.fieldCount
    for index in 0..<fields {
      let slice = source.slice(Int(head.firstField) + index)
      memcpy(batch.bytes + target.used, source.bytes + slice.start, slice.count)
      _ = batch.appendField(FieldSlice(start: target.used, count: slice.count, flags: slice.flags))
      target.used += slice.count
    }
    _ = batch.appendRow(
      RowHead(firstField: firstField, fieldCount: fields, start: 0, length: 0, lineOffset: line - batch.firstLine))
    current = target
    return true
  }
}
