import Streams
import Tabular

/// Makes keys straight from a row's bytes, for feeds whose key fields are plain texts; the long way is `Validator` and
/// `KeyEncoder`, whose keys are the same.
///
/// A field is plain when it is read from a column as text without default, nulls, shape, lookup, pattern or least
/// length. A cell is
/// plain when it is not empty, holds no doubled quotes and neither separator, and is not too long. Whatever is not
/// plain takes the long way, which also knows what is wrong with it.
public final class KeyReader: Sendable {
  private struct Part: BitwiseCopyable {
    var column: Int32
    var longest: Int32
    var isFolded: Bool
  }

  private let parts: FixedBuffer<Part>

  /// A reader of the key fields (as `KeyEncoder` takes them) of what `validator` reads; nil when one is not plain.
  public init?(_ validator: Validator, parts: [(field: Int, isFolded: Bool)]) {
    var plain: [Part] = []
    for part in parts {
      let plan = validator.plans[part.field]
      guard plan.source == .column, plan.reading == .text, plan.minimumLength <= 1,
        plan.options.isDisjoint(with: [.hasDefault, .hasLookup, .hasPattern, .hasNulls, .hasShape])
      else { return nil }
      let longest = min(plan.maximumLength, Int32(KeyEncoder.maximumBytes / parts.count - 1))
      plain.append(Part(column: plan.column, longest: longest, isFolded: part.isFolded))
    }
    self.parts = FixedBuffer(plain)
  }

  /// Reads the key of a row without defect into `key`, and its spelling into `spelling` when that differs; both are
  /// empty before. False when the row has to take the long way.
  @inline(__always)
  public func read(_ batch: RowBatch, _ head: RowHead, into key: ByteArena, spelling: ByteArena) -> Bool {
    var isRespelled = false
    for index in 0..<parts.count {
      let part = parts[index]
      let slice = batch.slice(Int(head.firstField) &+ Int(part.column))
      guard part.column < head.fieldCount, slice.flags.isDisjoint(with: [.escaped, .absent]) else { return false }
      let text = batch.view(slice).trimmed
      guard text.count > 0, text.count <= Int(part.longest), KeyReader.isPlain(text) else { return false }
      if index > 0 { key.append(KeyEncoder.separator) }
      if part.isFolded {
        if TextCase.appendLower(text, to: key) { isRespelled = true }
      } else {
        key.append(text)
      }
    }
    guard isRespelled else { return true }
    for index in 0..<parts.count {
      if index > 0 { spelling.append(KeyEncoder.separator) }
      spelling.append(batch.view(batch.slice(Int(head.firstField) &+ Int(parts[index].column))).trimmed)
    }
    // Lower case may be longer.
    return key.count <= KeyEncoder.maximumBytes
  }

  /// Whether neither separator stands in the text: that of keys (0) or that of several values (1F).
  @inline(__always)
  private static func isPlain(_ text: ByteView) -> Bool {
    var index = 0
    while index &+ 8 <= text.count {
      let word = text.load(at: index, as: UInt64.self)
      if hasZero(word) || hasZero(word ^ (ones &* UInt64(listSeparator))) { return false }
      index &+= 8
    }
    while index < text.count {
      if text[index] == KeyEncoder.separator || text[index] == listSeparator { return false }
      index &+= 1
    }
    return true
  }

  private static let ones: UInt64 = 0x0101_0101_0101_0101

  /// Whether a byte of the word is zero.
  @inline(__always)
  private static func hasZero(_ word: UInt64) -> Bool { (word &- ones) & ~word & (ones &* 0x80) != 0 }
}
