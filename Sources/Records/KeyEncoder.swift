import Streams

/// Makes the bytes that identify a record: the canonical texts of its key fields joined by NUL, in the order of the
/// definition. Byte order of encoded keys is the snapshot's order.
public final class KeyEncoder: Sendable {
  /// What joins the parts of a key; no part may hold it.
  public static let separator: UInt8 = 0

  /// The most bytes of a key, and of its spelling: what a snapshot has room for.
  public static let maximumBytes = 65_535

  private struct Part {
    var field: Int
    var isFolded: Bool
  }

  private let parts: FixedBuffer<Part>

  /// An encoder for key fields in order; folded parts are compared by simple Unicode lower case.
  public init(parts: [(field: Int, isFolded: Bool)]) {
    self.parts = FixedBuffer(parts.map { Part(field: $0.field, isFolded: $0.isFolded) })
  }

  /// Appends the key of `record` to `key`, and to `spelling` the key as it was written, but only when that differs.
  ///
  /// False when there is no key: a field of it is not readable, is null (`key-empty`) or holds NUL
  /// (`key-control-byte`), or it has more than `maximumBytes` (`key-too-long`). The record is rejected then, unless it
  /// already was; nothing is appended.
  public func encode(_ record: Record, into key: ByteArena, spelling: ByteArena) -> Bool {
    let start = key.count
    var isRespelled = false
    for index in 0..<parts.count {
      let part = parts[index]
      if index > 0 { key.append(Self.separator) }
      let partStart = key.count
      let value = record.values[part.field]
      guard record.isReadable(part.field), value.isPresent else {
        return refuse(.keyEmpty, part.field, ByteView(), record, key, start)
      }
      if part.isFolded, value.kind == .text {
        if TextCase.appendLower(value.bytes, to: key) { isRespelled = true }
      } else {
        ValueText.append(value, to: key)
      }
      guard !hasSeparator(key, from: partStart) else {
        return refuse(.keyControlByte, part.field, value.bytes, record, key, start)
      }
    }
    guard key.count - start <= Self.maximumBytes else {
      return refuse(.keyTooLong, parts[0].field, ByteView(), record, key, start)
    }
    guard isRespelled else { return true }
    let spellingStart = spelling.count
    spell(record, into: spelling)
    guard spelling.count - spellingStart <= Self.maximumBytes else {
      spelling.truncate(to: spellingStart)
      return refuse(.keyTooLong, parts[0].field, ByteView(), record, key, start)
    }
    return true
  }

  private func spell(_ record: Record, into spelling: ByteArena) {
    for index in 0..<parts.count {
      if index > 0 { spelling.append(Self.separator) }
      ValueText.append(record.values[parts[index].field], to: spelling)
    }
  }

  @inline(__always)
  private func hasSeparator(_ key: ByteArena, from start: Int) -> Bool {
    let part = key.view(from: start)
    var index = 0
    while index < part.count {
      if part[index] == Self.separator { return true }
      index &+= 1
    }
    return false
  }

  private func refuse(
    _ rule: RowReject.Rule, _ field: Int, _ value: ByteView, _ record: Record, _ key: ByteArena, _ start: Int
  ) -> Bool {
    key.truncate(to: start)
    record.refuse(RowReject(rule: rule, field: field, value: value))
    return false
  }
}
