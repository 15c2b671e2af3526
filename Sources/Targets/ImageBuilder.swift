import Records
import Streams

extension CompiledProgram {
  /// All of `programs`, compiled.
  public static func make(_ programs: [Program]) throws(SluiceError) -> [CompiledProgram] {
    var compiled: [CompiledProgram] = []
    for program in programs { compiled.append(try CompiledProgram(program)) }
    return compiled
  }

  /// `program` compiled, when there is one.
  public static func make(_ program: Program?) throws(SluiceError) -> CompiledProgram? {
    guard let program else { return nil }
    return try CompiledProgram(program)
  }
}

/// The state of one cell, as images keep it.
public enum CellState: UInt8, Sendable {
  /// Nothing to send.
  case null = 0
  /// Text, possibly empty.
  case value = 1
  /// An explicit wish to clear.
  case clear = 2
}

/// Builds the image of a record and the digests of its parts, without allocating.
public final class ImageBuilder {
  private let layout: ImageLayout
  private let programs: [CompiledProgram]
  /// Field of each program that is just a field, -1 for the others: those need no evaluator.
  private let plainFields: FixedBuffer<Int32>
  private let groups: [(slots: [Int], isWhole: Bool, key: DigestKey)]
  private let evaluator: Evaluator
  private let bytes = ByteArena(capacity: 1 << 16)
  private let gathered = ByteArena(capacity: 1 << 12)
  private let cells: CellTable

  /// A builder of images in `layout`, whose digests are keyed with `key`.
  public init(layout: ImageLayout, key: DigestKey, evaluator: Evaluator) throws(SluiceError) {
    self.layout = layout
    self.evaluator = evaluator
    programs = try CompiledProgram.make(layout.slots.map(\.program))
    groups = layout.groups.map { group in
      let seeded = group.seed.withView { RowDigest.digest($0, key: key) }
      return (
        group.slots, group.slots == Array(layout.slots.indices), DigestKey(first: seeded.first, second: seeded.second)
      )
    }
    plainFields = FixedBuffer(programs.map { Int32($0.plainField ?? -1) })
    cells = CellTable(count: layout.slots.count)
  }

  /// Evaluates all cells of `record`; false when an expression failed, which `evaluator.fault` then names.
  /// The image stays valid until the next call.
  public func build(_ record: Record, now: Value) -> Bool {
    bytes.removeAll()
    let values = record.values
    for index in 0..<plainFields.count {
      let field = Int(plainFields[index])
      let value =
        field >= 0
        ? values[field]
        : evaluator.evaluate(programs[index], fields: values, old: nil, now: now, scratch: record.scratch)
      let start = bytes.count
      let textStart = ImageCell.append(value, to: bytes)
      cells[index] = CellTable.Place(start: start, textStart: textStart, end: bytes.count)
    }
    return evaluator.fault == nil
  }

  /// The image built last.
  public var image: ByteView { bytes.view }

  /// The state of cell `slot` of the image built last.
  @inline(__always)
  public func state(_ slot: Int) -> CellState {
    CellState(rawValue: bytes.view(from: cells[slot].start, count: 1)[0] & 3) ?? .null
  }

  /// The text of cell `slot` of the image built last.
  @inline(__always)
  public func text(_ slot: Int) -> ByteView {
    bytes.view(from: cells[slot].textStart, count: cells[slot].end - cells[slot].textStart)
  }

  /// Appends the digests of all groups, 16 bytes each, to `arena`.
  public func appendDigests(to arena: ByteArena) {
    for group in groups {
      let digest: Digest128
      if group.isWhole {
        digest = RowDigest.digest(bytes.view, key: group.key)
      } else {
        gathered.removeAll()
        for slot in group.slots {
          let place = cells[slot]
          gathered.append(bytes.view(from: place.start, count: place.end - place.start))
        }
        digest = RowDigest.digest(gathered.view, key: group.key)
      }
      arena.append(raw: digest.first)
      arena.append(raw: digest.second)
    }
  }
}

/// Where the cells of the image under construction stand: a fixed table that never grows.
private final class CellTable {
  struct Place: BitwiseCopyable {
    var start = 0
    var textStart = 0
    var end = 0
  }

  private let places: UnsafeMutableBufferPointer<Place>

  init(count: Int) {
    places = .allocate(capacity: max(count, 1))
    places.initialize(repeating: Place())
  }

  deinit { places.deallocate() }

  subscript(index: Int) -> Place {
    @inline(__always) get { places[index] }
    @inline(__always) set { places[index] = newValue }
  }
}

/// The form of one cell in an image: header `length << 2 | state` as a little-endian base-128 number, then the text.
public enum ImageCell {
  /// Appends a value; returns where its text starts.
  @inline(__always)
  public static func append(_ value: Value, to arena: ByteArena) -> Int {
    switch value.kind {
    case .null:
      arena.append(CellState.null.rawValue)
      return arena.count
    case .clear:
      arena.append(CellState.clear.rawValue)
      return arena.count
    case .text:
      appendHeader(count: value.bytes.count, to: arena)
      arena.append(value.bytes)
      return arena.count - value.bytes.count
    default:
      // Every other kind has a text of less than 32 bytes, so that its header is one byte.
      let start = arena.count
      arena.append(0)
      ValueText.append(value, to: arena)
      arena.overwrite(raw: UInt8(truncatingIfNeeded: (arena.count - start - 1) << 2 | 1), at: start)
      return start + 1
    }
  }

  /// The state of a cell that no definition had when the image was made.
  static let untracked: UInt8 = 3

  /// Appends a cell of any state.
  static func append(state: UInt8, text: ByteView, to arena: ByteArena) {
    appendHeader(count: text.count, state: state, to: arena)
    arena.append(text)
  }

  /// Appends a cell that holds `text`.
  public static func append(text: ByteView, to arena: ByteArena) {
    append(state: CellState.value.rawValue, text: text, to: arena)
  }

  @inline(__always)
  private static func appendHeader(
    count: Int, state: UInt8 = CellState.value.rawValue, to arena: ByteArena
  ) {
    var rest = UInt64(count) << 2 | UInt64(state)
    while rest >= 0x80 {
      arena.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    arena.append(UInt8(truncatingIfNeeded: rest))
  }
}
