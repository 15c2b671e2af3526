import Records
import Streams
import Tabular

/// A small generator with a seed, so that a failed property can be repeated (SplitMix64).
struct Dice: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

  mutating func text(from alphabet: [Character], longest: Int) -> String {
    String((0..<below(longest + 1)).map { _ in alphabet[below(alphabet.count)] })
  }
}

/// Lends the UTF-8 of `text` to `body`.
func withText<Result>(_ text: String, _ body: (ByteView) throws -> Result) rethrows -> Result {
  let bytes = Array(text.utf8)
  return try bytes.withUnsafeBufferPointer { buffer in
    guard let base = buffer.baseAddress else { return try body(ByteView()) }
    return try body(ByteView(base: base, count: buffer.count))
  }
}

/// What `body` appends to an empty arena, as text.
func written(_ body: (ByteArena) -> Void) -> String {
  let arena = ByteArena(capacity: 64)
  body(arena)
  return arena.view.text
}

/// The canonical text of a value, with null and clear told apart.
func shown(_ value: Value) -> String {
  switch value.kind {
  case .null: "null"
  case .clear: "clear"
  default: written { ValueText.append(value, to: $0) }
  }
}

/// Texts that live as long as the test's scope, for values made by hand.
final class Texts {
  private let arena = ByteArena(capacity: 1 << 16, fixed: true)

  func value(_ text: String) -> Value {
    let start = arena.count
    arena.append(text)
    return .text(arena.view(from: start))
  }
}

/// A cell of a batch made by hand.
struct Cell: ExpressibleByStringLiteral {
  var text: String
  var flags: FieldSlice.Flags = []

  init(_ text: String, _ flags: FieldSlice.Flags) {
    self.text = text
    self.flags = flags
  }
  init(stringLiteral text: String) { self.text = text }

  static let absent = Cell("", .absent)
}

extension RowBatch {
  /// A batch of one row.
  static func row(_ cells: [Cell], defect: RowHead.Defect = .none, field: Int = 0) -> RowBatch {
    let batch = RowBatch(capacity: max(1 << 16, 2 * cells.map(\.text.utf8.count).reduce(0, +)))
    var position = 0
    for cell in cells {
      for byte in cell.text.utf8 {
        batch.bytes[position] = byte
        position += 1
      }
      let count = cell.text.utf8.count
      _ = batch.appendField(FieldSlice(start: position - count, count: count, flags: cell.flags))
    }
    _ = batch.appendRow(RowHead(firstField: 0, fieldCount: cells.count, start: 0, length: position, lineOffset: 0))
    if defect != .none { batch.mark(0, defect, field: field) }
    return batch
  }
}
