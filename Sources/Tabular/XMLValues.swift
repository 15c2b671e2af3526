import Glibc
import Streams

/// The values found for the fields: those of the record under construction, and those that precede the records.
final class XMLValues {
  private struct Value {
    var field: Int
    var start: Int
    var count: Int
    /// The next value of the same field; -1: none.
    var next: Int
  }

  /// Header values are written out again with each record, so they must stay small.
  private static let headerLimit = 64 << 10

  private let tree: XMLPathTree
  private let limit: Int
  private let bytes = ByteArena(capacity: 64 << 10)
  private var list: [Value] = []
  private let first: UnsafeMutablePointer<Int>
  private let last: UnsafeMutablePointer<Int>
  /// For header fields: the joined values so far, nil while there is none.
  private var header: [[UInt8]?]
  /// Bytes of all header values.
  private(set) var headerBytes = 0
  /// Whether each field is a header field, and whether any is.
  private let isHeader: UnsafeMutablePointer<Bool>
  private let hasHeader: Bool

  init(_ tree: XMLPathTree, limit: Int) {
    self.tree = tree
    self.limit = limit
    let fields = tree.nodeOfField.count
    first = .allocate(capacity: fields + 1)
    last = .allocate(capacity: fields + 1)
    first.initialize(repeating: -1, count: fields + 1)
    last.initialize(repeating: -1, count: fields + 1)
    header = Array(repeating: nil, count: fields)
    isHeader = .allocate(capacity: fields + 1)
    for field in 0..<fields { (isHeader + field).initialize(to: tree.isHeader[field]) }
    hasHeader = tree.isHeader.contains(true)
    fieldCount = fields
    list.reserveCapacity(256)
  }

  deinit {
    first.deallocate()
    last.deallocate()
    isHeader.deallocate()
  }

  /// How many fields a row has.
  let fieldCount: Int

  /// Values of this record so far.
  @inline(__always)
  var count: Int { list.count }

  /// Forgets the record's values.
  func removeAll() {
    bytes.removeAll()
    list.removeAll(keepingCapacity: true)
    first.update(repeating: -1, count: fieldCount)
  }

  /// Forgets a header field.
  func forget(_ field: Int) {
    headerBytes -= header[field]?.count ?? 0
    header[field] = nil
  }

  /// Adds a value of `field`; false when there is too much.
  @inline(__always)
  func add(_ value: ByteView, to field: Int) -> Bool {
    if isHeader[field] { return addHeader(value, field) }
    guard bytes.count &+ value.count &+ list.count <= limit else { return false }
    let index = list.count
    list.append(Value(field: field, start: bytes.count, count: value.count, next: -1))
    bytes.append(value)
    if first[field] < 0 { first[field] = index } else { list[last[field]].next = index }
    last[field] = index
    return true
  }

  private func addHeader(_ value: ByteView, _ field: Int) -> Bool {
    let before = header[field]
    let joined = before.map { $0 + [0x1F] + value.array } ?? value.array
    headerBytes += joined.count - (before?.count ?? 0)
    header[field] = joined
    return headerBytes <= XMLValues.headerLimit
  }

  /// Takes back the values from `mark` on that stem from below `node`: its conditions were not met.
  func remove(from mark: Int, below node: Int) {
    let kept = list[mark...].filter { !tree.isNode(tree.nodeOfField[$0.field], in: node) }
    list.removeSubrange(mark...)
    list.append(contentsOf: kept)
    first.update(repeating: -1, count: fieldCount)
    for index in list.indices {
      let field = list[index].field
      list[index].next = -1
      if first[field] < 0 { first[field] = index } else { list[last[field]].next = index }
      last[field] = index
    }
  }

  /// Bytes that a row of these values takes.
  var rowBytes: Int {
    // Each value but a field's first brings a separator; counting one for each is close enough.
    bytes.count &+ list.count &+ headerBytes
  }

  /// Adds the row's fields to `batch`, their bytes from `position` on; returns the end of the bytes.
  func write(to batch: RowBatch, at position: Int) -> Int {
    var used = position
    for field in 0..<fieldCount {
      let start = used
      var index = first[field]
      var flags: FieldSlice.Flags = index < 0 ? .absent : []
      while index >= 0 {
        let value = list[index]
        memcpy(batch.bytes + used, bytes.view(from: value.start).base, value.count)
        used &+= value.count
        index = value.next
        if index >= 0 {
          batch.bytes[used] = 0x1F
          used &+= 1
        }
      }
      if hasHeader, isHeader[field], let value = header[field] {
        flags = []
        value.withView { _ = memcpy(batch.bytes + used, $0.base, $0.count) }
        used &+= value.count
      }
      _ = batch.appendField(FieldSlice(start: start, count: used &- start, flags: flags))
    }
    return used
  }
}
