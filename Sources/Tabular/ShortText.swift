import Streams

/// Up to eight bytes that are looked for: a delimiter, a line end, the beginning of a comment. Trivial, so that a
/// splitter that holds some counts no references.
public struct ShortText: BitwiseCopyable, Sendable {
  /// The most bytes.
  public static let maximumCount = 8

  private let word: UInt64
  /// How many bytes; 0 is found nowhere.
  let count: Int

  /// The first eight of these bytes.
  init(_ bytes: [UInt8]) {
    let bytes = bytes.prefix(ShortText.maximumCount)
    word = bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    count = bytes.count
  }

  /// Its first byte; above 255 when there is none.
  var first: UInt16 { count == 0 ? 0xFFFF : UInt16(word & 0xFF) }

  /// Whether it stands at `place` of `view`.
  @inline(__always)
  func stands(in view: ByteView, at place: Int) -> Bool {
    guard count > 0, place &+ count <= view.count else { return false }
    var rest = word
    for index in 0..<count {
      if view[place &+ index] != UInt8(truncatingIfNeeded: rest) { return false }
      rest >>= 8
    }
    return true
  }
}

/// Where the lines of a drop end.
struct LineEnds {
  /// What stands at a place of a text.
  enum Found {
    /// No line ends here.
    case none
    /// A line ends here; its end has so many bytes.
    case end(Int)
    /// The text ends too early to tell.
    case unknown
  }

  private enum Kind { case lineFeed, carriageReturn, any, text }

  private let kind: Kind
  private let text: ShortText
  /// The one or two bytes with which line ends begin; above 255 where there is only one.
  let starts: (UInt16, UInt16)
  /// What ends the last line of the input when nothing does.
  let closing: [UInt8]

  init(_ lineEnd: CSVDialect.LineEnd) {
    switch lineEnd {
    case .automatic: kind = .lineFeed
    case .carriageReturn: kind = .carriageReturn
    case .any: kind = .any
    case .text: kind = .text
    }
    if case .text(let bytes) = lineEnd { text = ShortText(bytes) } else { text = ShortText([]) }
    switch kind {
    case .lineFeed, .any:
      starts = (0x0A, 0x0D)
      closing = [0x0A]
    case .carriageReturn:
      starts = (0x0D, 0xFFFF)
      closing = [0x0D]
    case .text:
      starts = (text.first, 0xFFFF)
      if case .text(let bytes) = lineEnd { closing = bytes } else { closing = [] }
    }
  }

  /// What stands at `place`, which lies inside the text.
  @inline(__always)
  func look(in view: ByteView, at place: Int) -> Found {
    let byte = view[place]
    switch kind {
    case .lineFeed:
      if byte == 0x0A { return .end(1) }
      return byte == 0x0D && place &+ 1 < view.count && view[place &+ 1] == 0x0A ? .end(2) : .none
    case .carriageReturn: return byte == 0x0D ? .end(1) : .none
    case .any:
      if byte == 0x0A { return .end(1) }
      if byte != 0x0D { return .none }
      guard place &+ 1 < view.count else { return .unknown }
      return view[place &+ 1] == 0x0A ? .end(2) : .end(1)
    case .text: return text.stands(in: view, at: place) ? .end(text.count) : .none
    }
  }

  /// The first line end at or behind `start`: where the line's content ends, and where the next line starts. Nil when
  /// there is no whole one.
  func next(in view: ByteView, from start: Int) -> (end: Int, next: Int)? {
    var cursor = start
    while cursor < view.count {
      let byte = UInt16(view[cursor])
      if byte == starts.0 || byte == starts.1 {
        switch look(in: view, at: cursor) {
        case .end(let count): return (cursor, cursor &+ count)
        case .unknown: return nil
        case .none: break
        }
      }
      cursor &+= 1
    }
    return nil
  }

  /// How many lines end in a part of the text.
  func count(in view: ByteView) -> Int {
    var count = 0
    var cursor = 0
    while let (_, next) = next(in: view, from: cursor) {
      count &+= 1
      cursor = next
    }
    // A carriage return at the end of what is inside a cell ends a line, whatever follows the cell.
    if kind == .any, cursor < view.count, view[view.count &- 1] == 0x0D { count &+= 1 }
    return count
  }

  /// Whether the last of these bytes end a line.
  func closes(_ view: ByteView) -> Bool {
    guard let last = closing.last, view.count >= closing.count, view[view.count &- 1] == last else { return false }
    return kind != .text || text.stands(in: view, at: view.count &- text.count)
  }
}
